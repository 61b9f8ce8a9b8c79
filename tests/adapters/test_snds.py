"""Microsoft SNDS, against a fake of its automated data access."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.asking import Answer
from penguintui.adapters.failure import NotAnswered
from penguintui.adapters.snds import answers
from penguintui.adapters.snds.probe import SndsAdapter
from penguintui.config.reputationprobes import MicrosoftSndsProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..conftest import FrozenClock
from .conftest import TARGET, found, measured
from .webservice import service

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
KEY = "snds-key-4711"


def line(
    ip: str, day: int = 22, result: str = "GREEN", rate: str = "< 0.1%", traps: str = "0", recipients: str = "8100"
) -> str:
    """A line as SNDS writes it."""
    span = f"11/{day}/2026 12:00 AM,11/{day}/2026 11:00 PM"
    return f"{ip},{span},8200,8000,{recipients},{result},{rate},,,{traps},mail.d.example,a@d.example,\r\n"


async def told(data: str, status: str = "", code: int = 200, **more: Any) -> Observation:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query.get("key"))
        return web.Response(text=data if request.path == "/data" else status, status=code)

    async with service({"/data": handler, "/status": handler}) as url:
        settings = {"data_url": f"{url}/data", "status_url": f"{url}/status", "key": Secret(KEY)} | more
        clock = FrozenClock(NOW)
        adapter = SndsAdapter(MicrosoftSndsProbe(type="microsoft-snds", **settings), clock)
        observation = await adapter.probe(TARGET, clock.monotonic() + 20)
        await adapter.close()
    assert KEY not in repr(observation)
    if "key" not in more:
        assert set(asked) == {KEY}
    return observation


async def test_addresses_say_how_outlook_takes_their_mail() -> None:
    text = line("192.0.2.10") + line("192.0.2.11", result="YELLOW", rate="0.2%", traps="3")
    seen = await told(text + line("192.0.2.12", result="RED", rate="1.2%", traps="40"))
    assert seen.up and seen.complete
    good = found(seen, "snds.address", "192.0.2.10")
    assert good.status is Status.OK
    assert good.summary == (
        "192.0.2.10 at Outlook.com until 2026-11-22: green (less than 10 % spam), under 0.1 % complaints, 0 trap hits"
    )
    middling = found(seen, "snds.address", "192.0.2.11")
    assert middling.status is Status.WARNING and "3 trap hits (over the limit of 0)" in middling.summary
    assert found(seen, "snds.address", "192.0.2.12").status is Status.CRITICAL
    assert measured(seen, "microsoft_snds_filter_result", ip="192.0.2.12") == 2
    assert measured(seen, "microsoft_snds_complaint_ratio", ip="192.0.2.11") == pytest.approx(0.002)
    assert measured(seen, "microsoft_snds_rcpt_commands", ip="192.0.2.10") == 8200
    assert measured(seen, "microsoft_snds_recipients", ip="192.0.2.10") == 8100
    assert measured(seen, "microsoft_snds_data_age_seconds", ip="192.0.2.10") == 37 * 3600


async def test_the_newest_line_of_an_address_counts_and_an_old_one_is_no_verdict() -> None:
    seen = await told(line("192.0.2.10", 22, "RED") + line("192.0.2.10", 21) + line("192.0.2.11", 15))
    assert found(seen, "snds.address", "192.0.2.10").status is Status.CRITICAL
    old = found(seen, "snds.address", "192.0.2.11")
    assert old.status is Status.UNKNOWN and "is 9 days old" in old.summary


async def test_nothing_is_not_fine() -> None:
    assert found(await told(""), "snds.address").status is Status.UNKNOWN
    seen = await told(line("192.0.2.10"), addresses=["192.0.2.10", "192.0.2.77"])
    missing = found(seen, "snds.address", "192.0.2.77")
    assert missing.status is Status.UNKNOWN and "it sent too little" in missing.summary
    strange = found(await told(line("192.0.2.10", result="BLUE", rate="?")), "snds.address")
    assert strange.status is Status.UNKNOWN and "no filter result (BLUE), no complaint rate" in strange.summary


async def test_columns_are_taken_by_their_names_where_there_are_some() -> None:
    head = "IP Address,Complaint rate,Filter result,Activity start,Activity end,Trap hits,New column\n"
    seen = await told(head + "192.0.2.10,0.4%,GREEN,2026-11-22T00:00:00,2026-11-22T23:00:00,0,x\n")
    assert found(seen, "snds.address", "192.0.2.10").status is Status.CRITICAL


async def test_blocked_addresses() -> None:
    status = "192.0.2.8,192.0.2.11,Yes,Blocked due to user complaints\r\n192.0.2.20,192.0.2.20,No,\r\n"
    seen = await told(line("192.0.2.10"), status, addresses=["192.0.2.10", "192.0.2.20"])
    blocked = found(seen, "snds.blocked")
    assert blocked.status is Status.CRITICAL
    assert blocked.summary == "Outlook.com blocks 192.0.2.8 to 192.0.2.11: Blocked due to user complaints"
    assert measured(seen, "microsoft_snds_blocked", ip="192.0.2.10") == 1
    assert measured(seen, "microsoft_snds_blocked", ip="192.0.2.20") == 0
    assert found(await told(line("192.0.2.10")), "snds.blocked").status is Status.OK


@pytest.mark.parametrize("code", [302, 401, 404, 410])
async def test_a_link_that_ended_is_said_and_is_not_zero_complaints(code: int) -> None:
    seen = await told("", code=code)
    finding = found(seen, "snds.reach")
    assert not seen.up and finding.status is Status.UNKNOWN and finding.evidence["reason"] == "denied"
    assert "end after 30 days" in finding.summary and "new link" in finding.remedy
    assert not [sample for sample in seen.samples if sample.metric.startswith("microsoft")]


async def test_a_page_for_people_is_no_data() -> None:
    assert found(await told("<html>sign in</html>", "<html>"), "snds.reach").evidence["reason"] == "garbled"
    assert found(await told("a,b\nc,d\n", "x,y,z\n"), "snds.reach").evidence["reason"] == "garbled"


PIECES = [",", "\n", '"', "192.0.2.1", "11/22/2026 12:00 AM", "GREEN", "Yes"]
SETTINGS = MicrosoftSndsProbe(type="microsoft-snds", addresses=["192.0.2.1"])


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_rows_or_a_reason(text: str) -> None:
    with contextlib.suppress(NotAnswered):
        _each_once(answers.numbers(answers.rows(text, "it"), SETTINGS, NOW))
    with contextlib.suppress(NotAnswered):
        _each_once(answers.blocked(answers.rows(text, "it"), SETTINGS, "it"))


def _each_once(answer: Answer) -> None:
    keys = [finding.key for finding in answer.findings]
    assert keys and len(keys) == len(set(keys))
