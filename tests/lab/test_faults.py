"""Each fault changes what the outside sees, and healing restores it; seen with ordinary clients."""

from __future__ import annotations

import datetime
import imaplib
import json
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Callable
from typing import Any

import dns.exception
import dns.resolver
import httpx
import pytest

from penguintui.adapters.platform.pools import SmtpPoolsAdapter
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import SmtpPoolsProbe
from penguintui.lab import control
from penguintui.lab.faults import FAULTS
from penguintui.lab.senders import SPOOFER
from penguintui.mail.dmarc import AggregateReport, read_reports
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from tests.lab.conftest import Outside, eventually

REQUIRED = {
    "api-slow", "api-errors", "spf-missing", "dkim-revoked", "dmarc-none", "cert-expiring", "queue-stuck",
    "blocklisted", "bounce-spike", "brute-force", "disk-full", "db-down",
}  # fmt: skip
See = Callable[[Outside], bool]


def ask_dns(lab: Outside, name: str, type: str = "TXT") -> list[str]:
    resolver = dns.resolver.Resolver(configure=False)
    host, port = str(lab.probe("penguinmails.test", "dns")["nameserver"]).split(":")
    resolver.nameservers, resolver.port, resolver.lifetime = [host], int(port), 1.0
    try:
        answer = resolver.resolve(name, type, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    return [row.to_text().replace('" "', "").strip('"') for row in answer]


def silent(lab: Outside) -> bool:
    try:
        ask_dns(lab, "penguinmails.test")
    except dns.exception.Timeout:
        return True
    return False


def query(lab: Outside, sql: str) -> list[Any]:
    connection = sqlite3.connect(lab.folder / "platform.db", timeout=0.2)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def locked(lab: Outside) -> bool:
    try:
        query(lab, "SELECT count(*) FROM tenants")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    return False


def beyond(sql: str, limit: float) -> See:
    """Whether a number of the database is over a limit; a moment at which the lab writes is asked again."""

    def see(lab: Outside) -> bool:
        rows = query(lab, sql)
        return bool(rows) and rows[0][0] > limit

    return see


def health(lab: Outside) -> httpx.Response:
    return httpx.get(f"{lab.api}/health", timeout=5)


def slow(lab: Outside) -> bool:
    begun = time.perf_counter()
    health(lab)
    return time.perf_counter() - begun > 1.5


def system(lab: Outside, path: str) -> Any:
    url = f"{lab.api}/api/v1/platform/system/{path}"
    return httpx.get(url, headers={"Authorization": f"Bearer {lab.token}"}, timeout=5).json()["data"]


def reputations(lab: Outside) -> Any:
    return system(lab, "infrastructure/ip-reputation")["ips"]


def days_left(lab: Outside) -> float:
    context = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    port = int(str(lab.probe("web", "tls")["port"]))
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="penguinmails.test") as secure,
    ):
        certificate = secure.getpeercert()
    assert certificate is not None
    return (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) / 86400


def refused(target: str, type: str = "smtp") -> See:
    def see(lab: Outside) -> bool:
        try:
            socket.create_connection(("127.0.0.1", int(str(lab.probe(target, type)["port"]))), 5).close()
        except ConnectionRefusedError:
            return True
        return False

    return see


def page_seconds(lab: Outside) -> float:
    context = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    begun = time.perf_counter()
    httpx.get(str(lab.probe("web", "http")["url"]), verify=context, timeout=8).raise_for_status()
    return time.perf_counter() - begun


def without_tls(lab: Outside) -> bool:
    with smtplib.SMTP("127.0.0.1", int(str(lab.probe("mx1-smtp", "smtp")["port"])), timeout=5) as session:
        session.ehlo()
        return not session.has_extn("starttls")


def queued(lab: Outside) -> list[dict[str, Any]]:
    command = lab.probe("mx1-queue", "postfix-queue")["command"]
    assert isinstance(command, list)
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def listed(lab: Outside) -> bool:
    return ask_dns(lab, "12.113.0.203.zen.dnsbl.test", "A") == ["127.0.0.2"]


def attacked(lab: Outside) -> bool:
    """Whether the attacker tried often within the last three seconds; right after a rotation nothing is known."""
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=3)
    lines = (line for line in (lab.folder / "auth.log").read_text().splitlines() if "198.51.100.77" in line)
    return sum(datetime.datetime.fromisoformat(line.split(" ")[0]) > since for line in lines) > 5


def reported(lab: Outside) -> list[str]:
    """The addresses that the mails in the lab's report mailbox name, the newest round's alone."""
    probe = lab.probe("dmarc-reports", "imap")
    context = ssl.create_default_context(cafile=lab.folder / "ca.pem")
    with imaplib.IMAP4_SSL("127.0.0.1", int(str(probe["port"])), ssl_context=context) as box:
        password = (lab.folder / "report-password").read_text()
        box.authenticate("PLAIN", lambda _: f"\0dmarc\0{password}".encode())
        box.select("INBOX", readonly=True)
        last = int(box.response("UIDNEXT")[1][0] or 0)
        mails = [box.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1] for uid in range(last - 3, last)]
    reports = [report for mail in mails for report in read_reports(mail)]
    return [address for report in reports if isinstance(report, AggregateReport) for address in report.sources]


BOUNCED = "SELECT max(bounce_ratio) FROM recent_mail"
LATE = "SELECT max(seconds) FROM recent_delivery WHERE quantile = '0.95'"
FULL = "SELECT max(1 - 1.0 * avail_bytes / size_bytes) FROM nodes WHERE name = 'mx2'"

SEEN: dict[str, See] = {
    "api-slow": slow,
    "api-errors": lambda lab: health(lab).status_code == 503,
    "api-crash": lambda lab: health(lab).status_code == 502,
    "spf-missing": lambda lab: not any(text.startswith("v=spf1") for text in ask_dns(lab, "penguinmails.test")),
    "dkim-revoked": lambda lab: ask_dns(lab, "pm._domainkey.acme-outreach.test")[0].endswith("p="),
    "dmarc-none": lambda lab: "p=none" in ask_dns(lab, "_dmarc.globex-mail.test")[0],
    "spoofed-source": lambda lab: SPOOFER.address in reported(lab),
    "dns-down": silent,
    "cert-expiring": lambda lab: days_left(lab) < 7,
    "web-down": refused("web", "tls"),
    "web-slow": lambda lab: page_seconds(lab) > 3,
    "smtp-down": refused("mx1-smtp"),
    "smtp-no-tls": without_tls,
    "slow-delivery": beyond(LATE, 60),
    "blocklisted": listed,
    "bounce-spike": beyond(BOUNCED, 0.05),
    "brute-force": attacked,
    "disk-full": beyond(FULL, 0.9),
    "db-down": locked,
    "queue-stuck": lambda lab: len(queued(lab)) > 300 and system(lab, "queues")["queues"][1]["waiting_jobs"] > 1000,
}


def seen(see: See, lab: Outside) -> bool:
    """A look that meets the lab while it writes is no look."""
    try:
        return see(lab)
    except sqlite3.OperationalError:
        return False


def test_the_catalogue_has_what_was_promised() -> None:
    assert set(FAULTS) >= REQUIRED
    assert set(SEEN) == set(FAULTS) - {"bad-release"}, "every fault needs a look from outside"


@pytest.mark.parametrize("name", SEEN)
def test_a_fault_shows_and_healing_restores(lab: Outside, name: str) -> None:
    see = SEEN[name]
    assert eventually(lambda: not seen(see, lab)), "it shows before it is broken"
    fault = control.break_(name, lab.lab)
    assert fault.since is not None
    assert eventually(lambda: seen(see, lab)), "it does not show"
    assert control.heal(name, lab.lab).since is None
    assert eventually(lambda: not seen(see, lab)), "it does not heal"


def test_breaking_twice_and_healing_twice_change_nothing(lab: Outside) -> None:
    since = control.break_("spf-missing", lab.lab).since
    assert control.break_("spf-missing", lab.lab).since == since
    control.heal("spf-missing", lab.lab)
    control.heal("spf-missing", lab.lab)
    assert all(fault.since is None for fault in control.faults(lab.lab))


def test_what_does_not_exist_is_refused_with_the_nearest_name(lab: Outside) -> None:
    with pytest.raises(control.LabError, match="did you mean api-slow"):
        control.break_("api-slo", lab.lab)


def test_the_release_that_is_slow_can_be_left(lab: Outside) -> None:
    control.break_("api-slow", lab.lab)
    proxy = str(lab.settings["proxies"]["api"]["url"])
    state = httpx.get(proxy, headers=lab.authorization).json()
    there, back = (
        {"active": state["previous"], "expected": state["active"]},
        {"active": state["active"], "expected": state["previous"]},
    )
    httpx.put(proxy, json=there, headers=lab.authorization).raise_for_status()
    assert not slow(lab), "traffic went to the other colour, whose release is not slow"
    httpx.put(proxy, json=back, headers=lab.authorization).raise_for_status()


async def test_the_pools_are_told_as_the_platform_would(lab: Outside) -> None:
    settings = SmtpPoolsProbe(
        type="smtp-pools", url=str(lab.probe("sending-addresses", "smtp-pools")["url"]), token=Secret(lab.token)
    )
    adapter = SmtpPoolsAdapter(settings, SystemClock())
    target = Target("sending-addresses", Kind.ADDRESS, "demo")
    observation = await adapter.probe(target, time.monotonic() + 20)
    refused = SmtpPoolsAdapter(settings.model_copy(update={"token": Secret("another")}), SystemClock())
    denied = await refused.probe(target, time.monotonic() + 20)
    await adapter.close()
    await refused.close()
    assert observation.complete and {finding.status for finding in observation.findings} == {Status.OK}
    assert {finding.check for finding in observation.findings} == {"pools.reach", "pools.load", "pools.address"}
    assert denied.findings[0].evidence["reason"] == "denied"


def test_the_listed_address_is_rotated_out_and_forgotten(lab: Outside) -> None:
    control.break_("blocklisted", lab.lab)
    assert eventually(lambda: any(row["blacklists"] for row in reputations(lab)))
    url = f"{lab.info.control}/addresses/rotate"
    answer = httpx.post(url, json={"address": "listed"}, headers=lab.authorization)
    assert answer.json() == {"out": "203.0.113.12", "in": "203.0.113.13"}
    assert eventually(lambda: not listed(lab)), "the list forgets a silent address"
    assert "blocklisted" not in control.state(lab.lab)["faults"]
    assert httpx.post(url, json={"address": "203.0.113.13"}, headers=lab.authorization).status_code == 200
    assert eventually(lambda: {row["ip_address"] for row in reputations(lab)} == {"203.0.113.11", "203.0.113.12"})
