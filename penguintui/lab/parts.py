"""What a lab is made of, before anything listens: its folder, its services, its database, its faults."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

from penguintui.lab import past
from penguintui.lab.addresses import AddressPool
from penguintui.lab.authlog import AuthLog
from penguintui.lab.certificates import CertificateAuthority
from penguintui.lab.colours import Colours
from penguintui.lab.conditions import Conditions
from penguintui.lab.database import PlatformDatabase
from penguintui.lab.mailbox import Mailbox
from penguintui.lab.mailflow import MailFlow
from penguintui.lab.mailserver import HOSTNAME, MailServer
from penguintui.lab.nameserver import NameServer
from penguintui.lab.operations import Operations
from penguintui.lab.ports import LOOPBACK
from penguintui.lab.proxy import SwitchingProxy
from penguintui.lab.reports import Reporters
from penguintui.lab.spool import Spool
from penguintui.lab.website import GOOD_DAYS, Website
from penguintui.lab.zones import PLATFORM, build_zones
from penguintui.model.clock import Clock


class Parts:
    """One lab's parts; `World` starts them and keeps them moving."""

    def __init__(self, folder: Path, seed: int, clock: Clock) -> None:
        self.folder = folder
        self.seed = seed
        self.clock = clock
        self.began = clock.now()
        self.over = asyncio.Event()
        self.conditions = Conditions(folder / "conditions.json")
        self.addresses = AddressPool()
        self.colours = Colours(folder, seed)
        self.database = PlatformDatabase(folder / "platform.db")
        write_private(folder / "api-token", secrets.token_urlsafe(24))
        report_password = secrets.token_urlsafe(24)
        write_private(folder / "report-password", report_password)
        self.control_token = secrets.token_urlsafe(24)
        write_private(folder / "control-authorization", f"Bearer {self.control_token}")
        self._mailflow = MailFlow(seed, self.addresses, self.conditions)
        self._operations = Operations(seed, self.addresses, self.conditions)
        self._authority = CertificateAuthority(folder, self.began)
        releases = past.releases(self.began)
        self.running_release, self.previous_release = releases[-1], releases[-2]
        self.proxy = SwitchingProxy(self.colours, self.running_release.colour, self.previous_release.colour)
        self.spool = Spool(folder, seed, self.addresses, self.conditions)
        self.log = AuthLog(folder / "auth.log", seed, self.conditions)
        self.website = Website(seed, clock, self.conditions, self.web_certificate(GOOD_DAYS))
        mail_certificate = self._authority.issue(HOSTNAME, [HOSTNAME, "localhost"], self.began, GOOD_DAYS)
        self.mail = MailServer(mail_certificate, self.conditions)
        self.mailbox = Mailbox(mail_certificate, report_password)
        self._reporters = Reporters(seed, self.conditions)
        self._dkim_key = ""
        self.dns = NameServer(self._zones, self.conditions)

    @property
    def api_url(self) -> str:
        """The API as customers reach it, through the proxy."""
        return f"http://{LOOPBACK}:{self.proxy.port}"

    @property
    def web_url(self) -> str:
        return f"https://{LOOPBACK}:{self.website.port}"

    @property
    def ca_file(self) -> Path:
        return self._authority.file

    def web_certificate(self, days: float) -> Path:
        """A new certificate for the web page."""
        names = [PLATFORM, f"www.{PLATFORM}", "localhost"]
        return self._authority.issue(PLATFORM, names, self.clock.now(), days)

    def report_now(self) -> None:
        """Let the next round of DMARC reports come at once."""
        for report in self._reporters.round(self.clock.now()):
            self.mailbox.deliver(report)

    def _zones(self) -> dict[str, list[tuple[str, str]]]:
        return build_zones(self._dkim_key, self.addresses, self.conditions)

    def state(self) -> dict[str, object]:
        """What the control's `/state` answers."""
        return {
            "proxy": self.proxy.state,
            "faults": {name: self.conditions.since(name) for name in self.conditions},
            "addresses": {row.address: row.state for row in self.addresses},
            "queue": {"waiting": self.spool.waiting, "held": self.spool.held},
            "requests": self.proxy.requests,
            "mails_accepted": self.mail.accepted,
        }


def write_private(path: Path, text: str) -> None:
    """A file that only the owner reads."""
    path.touch(mode=0o600)
    path.write_text(text)
