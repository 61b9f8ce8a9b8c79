"""The lint of a whole domain."""

from __future__ import annotations

import asyncio

from penguintui.mail.domain import DomainLint, lint_domain
from penguintui.mail.resolver import Answer, Outcome
from penguintui.mail.signer import record_for
from penguintui.model.status import Status
from tests.mail.test_keys import _RSA, pem
from tests.mail.zone import FakeZone

_GOOD: dict[str, dict[str, list[str]] | Outcome] = {
    "d.example": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mx.d.example"]},
    "mx.d.example": {"A": ["192.0.2.1"]},
    "_dmarc.d.example": {"TXT": ["v=DMARC1; p=reject; rua=mailto:r@d.example"]},
    "s._domainkey.d.example": {"TXT": [record_for(pem(_RSA))]},
    "_mta-sts.d.example": {"TXT": ["v=STSv1; id=1"]},
}


def told(found: DomainLint) -> dict[tuple[str, str], Status]:
    return {finding.key: finding.status for finding in found.findings}


async def test_all_is_well() -> None:
    found = await lint_domain(FakeZone(_GOOD), "D.example.", ["s"])
    assert found.status is Status.OK, found.findings
    assert {check for check, _ in told(found)} == {"dns.spf", "dns.dmarc", "dns.mx", "dns.dkim", "dns.mta-sts"}


async def test_nothing_is_there() -> None:
    found = told(await lint_domain(FakeZone({}), "d.example", ["s"]))
    assert found == {
        ("dns.spf", "d.example"): Status.CRITICAL,
        ("dns.dmarc", "d.example"): Status.CRITICAL,
        ("dns.mx", "d.example"): Status.CRITICAL,
        ("dns.dkim", "s"): Status.CRITICAL,
    }


async def test_silence_is_unknown_everywhere() -> None:
    class Silent:
        async def query(self, name: str, type: str) -> Answer:
            return Answer(Outcome.TIMEOUT)

    found = await lint_domain(Silent(), "d.example", ["s"])
    assert {finding.status for finding in found.findings} == {Status.UNKNOWN}


async def test_without_selectors_keys_are_unknown_not_missing() -> None:
    assert told(await lint_domain(FakeZone(_GOOD), "d.example"))["dns.dkim", "d.example"] is Status.UNKNOWN


async def test_what_is_wrong_is_said() -> None:
    zone = _GOOD | {
        "d.example": {"TXT": ["v=spf1 +all"], "MX": ["10 mx.d.example", "20 gone.d.example"]},
        "_dmarc.d.example": {"TXT": ["v=DMARC1; p=none; rua=mailto:r@other.example"]},
        "_smtp._tls.d.example": {"TXT": ["v=TLSRPTv1; rua=nowhere"]},
    }
    found = await lint_domain(FakeZone(zone), "d.example", ["s"])
    statuses = told(found)
    assert statuses["dns.spf", "d.example"] is Status.CRITICAL
    assert statuses["dns.mx", "gone.d.example"] is Status.CRITICAL
    assert statuses["dns.dmarc", "d.example"] is Status.WARNING
    assert statuses["dns.dmarc", "mailto:r@other.example"] is Status.WARNING
    assert statuses["dns.tls-rpt", "d.example"] is Status.WARNING
    assert all(finding.remedy for finding in found.findings if finding.status is not Status.OK)
    assert found.findings[0].status is Status.CRITICAL


async def test_alias_of_a_mail_server() -> None:
    class Aliased(FakeZone):
        async def query(self, name: str, type: str) -> Answer:
            answer = await super().query(name, type)
            return Answer(answer.outcome, answer.records, "real.d.example") if name == "mx.d.example" else answer

    assert told(await lint_domain(Aliased(_GOOD), "d.example", ["s"]))["dns.mx", "mx.d.example"] is Status.WARNING


async def test_questions_are_asked_at_once() -> None:
    waves = 0
    waiting: list[asyncio.Event] = []

    class Slow(FakeZone):
        async def query(self, name: str, type: str) -> Answer:
            event = asyncio.Event()
            waiting.append(event)
            await event.wait()
            return await super().query(name, type)

    task = asyncio.create_task(lint_domain(Slow(_GOOD), "d.example", ["s"]))
    while not task.done():
        for _ in range(20):
            await asyncio.sleep(0)
        waves += bool(waiting)
        for event in waiting:
            event.set()
        waiting.clear()
    assert waves <= 4


async def test_mail_servers_that_are_one() -> None:
    servers = {
        "d.example": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mx.d.example", "20 mx.d.example", "30 two.d.example"]},
        "two.d.example": {"A": ["192.0.2.1"]},
    }
    found = await lint_domain(FakeZone(_GOOD | servers), "d.example", ["s"])
    words = [one.summary for one in found.findings if one.check == "dns.mx" and one.status is Status.WARNING]
    assert words == [
        "MX names mx.d.example 2 times",
        "the mail servers mx.d.example and two.d.example are the same one, 192.0.2.1",
    ]


async def test_a_logo_needs_a_policy() -> None:
    logo = {"default._bimi.d.example": {"TXT": ["v=BIMI1; l=https://d.example/l.svg"]}}
    none = logo | {"_dmarc.d.example": {"TXT": ["v=DMARC1; p=none"]}}
    assert told(await lint_domain(FakeZone(_GOOD | logo), "d.example", ["s"]))["dns.bimi", "d.example"] is Status.OK
    found = await lint_domain(FakeZone(_GOOD | none), "d.example", ["s"])
    assert told(found)["dns.bimi", "d.example"] is Status.WARNING
