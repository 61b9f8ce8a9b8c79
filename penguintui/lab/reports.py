"""DMARC reports as receivers send them: of each day of the week before the lab began, then every few seconds."""

from __future__ import annotations

import base64
import datetime
import gzip
import random
from collections.abc import Container, Iterable, Iterator
from xml.sax.saxutils import escape

from penguintui.lab.senders import SENDERS, SPOOFED, SPOOFER, Sender
from penguintui.lab.traffic import DAY
from penguintui.lab.zones import DOMAINS, PLATFORM
from penguintui.model.clock import Time

REPORTERS = ("google.com", "outlook.com", "yahoo.com")
EVERY = 15.0
"""Seconds between two rounds of reports. Real receivers take a day; nobody would wait for that."""
_DAYS = 8
_MAILS_A_REPORT = 4000.0


class Reporters:
    """Receivers that report on all domains, one after the other. Seeded."""

    def __init__(self, seed: int, faults: Container[str]) -> None:
        self._faults = faults
        self._chance = random.Random(seed + 7)  # noqa: S311 - a simulation
        self._round = 0
        self._last: Time | None = None

    def past(self, began: Time) -> Iterator[bytes]:
        """The reports of the days before the lab began, oldest first."""
        midnight = began // DAY * DAY
        for days in range(_DAYS, 0, -1):
            begin = midnight - days * DAY
            for reporter in REPORTERS:
                yield from (self._report(reporter, domain, begin, begin + DAY - 1) for domain in DOMAINS)

    def tick(self, now: Time) -> list[bytes]:
        """The next round, when it is time for one."""
        if self._last is not None and now - self._last < EVERY:
            return []
        return self.round(now)

    def round(self, now: Time) -> list[bytes]:
        """What one receiver saw of each domain since it was last its turn."""
        begin, self._last = (now - EVERY if self._last is None else self._last), now
        reporter = REPORTERS[self._round % len(REPORTERS)]
        self._round += 1
        return [self._report(reporter, domain, begin, now) for domain in DOMAINS]

    def _report(self, reporter: str, domain: str, begin: Time, end: Time) -> bytes:
        spoofed = domain == SPOOFED and "spoofed-source" in self._faults
        senders = (*SENDERS, SPOOFER) if spoofed else SENDERS
        mails = _MAILS_A_REPORT * self._chance.uniform(0.8, 1.2)
        return mailed(reporter, domain, begin, end, _rows(senders, mails))


def _rows(senders: Iterable[Sender], mails: float) -> Iterator[str]:
    for sender in senders:
        words = (("fail", "fail"), ("fail", "pass"), ("pass", "fail"), ("pass", "pass"))
        for (dkim, spf), count in zip(words, sender.counts(mails), strict=True):
            if count:
                yield (
                    f"<record><row><source_ip>{sender.address}</source_ip><count>{count}</count><policy_evaluated>"
                    f"<disposition>{'reject' if (dkim, spf) == ('fail', 'fail') else 'none'}</disposition>"
                    f"<dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row></record>"
                )


def mailed(reporter: str, domain: str, begin: Time, end: Time, rows: Iterable[str]) -> bytes:
    """A report (RFC 9990) as a mail."""
    name = f"{reporter}!{domain}!{begin:.0f}!{end:.0f}"
    report = (
        '<?xml version="1.0" encoding="UTF-8"?><feedback><report_metadata>'
        f"<org_name>{escape(reporter)}</org_name><email>dmarc@{escape(reporter)}</email>"
        f"<report_id>{escape(name)}</report_id><date_range><begin>{begin:.0f}</begin><end>{end:.0f}</end></date_range>"
        f"</report_metadata><policy_published><domain>{escape(domain)}</domain><p>reject</p></policy_published>"
        f"{''.join(rows)}</feedback>"
    )
    packed = base64.encodebytes(gzip.compress(report.encode(), mtime=0)).decode()
    date = datetime.datetime.fromtimestamp(end, datetime.UTC)
    headers = (
        f"From: dmarc@{reporter}",
        f"To: dmarc@{PLATFORM}",
        f"Date: {date:%a, %d %b %Y %H:%M:%S} +0000",
        f"Subject: Report Domain: {domain} Submitter: {reporter} Report-ID: <{name}>",
        f"Message-ID: <{name}@{reporter}>",
        f"Content-Type: application/gzip; name={name}.xml.gz",
        f"Content-Disposition: attachment; filename={name}.xml.gz",
        "Content-Transfer-Encoding: base64",
    )
    return "\r\n".join((*headers, "", packed.replace("\n", "\r\n"))).encode()
