"""Which authorities may issue, and what makes such records useless."""

from __future__ import annotations

import pytest

from penguintui.mail.caa import find_caa, judge_caa
from penguintui.mail.domain import lint_domain
from penguintui.mail.resolver import Answer, Outcome
from penguintui.model.status import Status
from tests.mail.zone import FakeZone


@pytest.mark.parametrize(
    ("records", "status", "words"),
    [
        (
            ['0 issue "ca.example"', '0 issue "other.example; account=1"'],
            Status.OK,
            "lets ca.example, other.example issue",
        ),
        (['0 issue ";"'], Status.OK, "lets nobody issue"),
        (['0 iodef "mailto:x@d.example"'], Status.OK, "leaves the authorities open"),
        (['0 iodef "nobody"'], Status.WARNING, "'nobody'"),
        (['128 newtag "x"'], Status.WARNING, "demands newtag"),
        (['128 issue "ca.example"'], Status.OK, "lets ca.example issue"),
        (["nonsense"], Status.WARNING, "broken"),
    ],
)
def test_records(records: list[str], status: Status, words: str) -> None:
    verdict = judge_caa("d.example", records)
    assert verdict is not None
    assert verdict.status is status
    assert words in verdict.summary
    assert bool(verdict.remedy) is (status is not Status.OK)


async def test_the_nearest_name_upwards_counts() -> None:
    zone = FakeZone({"d.example": {"CAA": ['0 issue "ca.example"']}, "a.b.d.example": {"A": ["192.0.2.1"]}})
    name, answer = await find_caa(zone, "a.b.d.example")
    assert (name, answer.records) == ("d.example", ('0 issue "ca.example"',))
    assert [asked for asked, _ in zone.asked] == ["a.b.d.example", "b.d.example", "d.example"]


async def test_silence_ends_the_climb() -> None:
    zone = FakeZone({"b.d.example": Outcome.TIMEOUT, "d.example": {"CAA": ['0 issue "ca.example"']}})
    assert (await find_caa(zone, "a.b.d.example"))[0] == "b.d.example"
    findings = {one.check: one for one in (await lint_domain(zone, "a.b.d.example")).findings}
    assert findings["dns.caa"].status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("validated", "signed", "status"),
    [(True, True, Status.OK), (False, True, Status.UNKNOWN), (False, False, None)],
)
async def test_dnssec_as_far_as_the_resolver_tells(validated: bool, signed: bool, status: Status | None) -> None:
    class Zone:
        async def query(self, name: str, type: str) -> Answer:
            if type == "SOA":
                return Answer(Outcome.RECORDS, ("…",), authenticated=validated)
            return Answer(Outcome.RECORDS, ("1 13 2 ab",)) if type == "DS" and signed else Answer(Outcome.NODATA)

    found = await lint_domain(Zone(), "d.example")
    assert next((one.status for one in found.findings if one.check == "dns.dnssec"), None) is status
