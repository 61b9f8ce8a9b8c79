"""The platform's pools of sending addresses, as its documentation draws them and as they may really be."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.platform import poolsanswers
from penguintui.adapters.platform.pools import SmtpPoolsAdapter
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import SmtpPoolsProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from .conftest import ask, found, measured
from .webservice import saying, service

POOLS = [
    {"pool_id": "pool_shared_default", "name": "shared_default", "ip_count": 3, "status": "active"}
    | {"current_load_factor": 0.62},
    {"pool_id": "pool_premium", "name": "premium", "ip_count": 1, "status": "paused", "current_load_factor": 1.2},
]
WARMING = {"in_progress": True, "day": 9, "daily_limit": 400, "sent_today": 300}
ADDRESSES = [
    {"ip_id": "ip_1", "ip_address": "192.0.2.10", "status": "active", "pool": "shared_default"}
    | {"reputation_band": "good", "capacity_score": 0.8},
    {"ip_address": "192.0.2.11", "status": "active", "pool": "shared_default", "reputation_band": "watch"},
    {"ip_address": "192.0.2.12", "status": "warming", "pool": "shared_default", "warmup": WARMING},
    {"ip_address": "192.0.2.20", "status": "blocked", "pool": "premium", "reputation_band": "bad"}
    | {"blocked_reason": "listed by zen.spamhaus.org"},
    {"ip_address": "192.0.2.99", "status": "retired", "pool": "premium", "reputation_band": "bad"},
]


async def told(
    pools: object = POOLS, addresses: object = ADDRESSES, statuses: tuple[int, int] = (200, 200)
) -> Observation:
    answers = {"/api/v1/smtp/admin/pools": (pools, statuses[0]), "/api/v1/smtp/admin/ips": (addresses, statuses[1])}
    async with service({path: saying(answer, status) for path, (answer, status) in answers.items()}) as url:
        settings = SmtpPoolsProbe(type="smtp-pools", url=f"{url}/api/v1/smtp/admin", token=Secret("hunter2"))
        return await ask(SmtpPoolsAdapter(settings, SystemClock()))


async def test_pools_are_judged_by_their_load_and_the_platforms_word() -> None:
    seen = await told({"success": True, "data": POOLS})
    assert seen.up and seen.complete
    shared = found(seen, "pools.load", "shared_default")
    assert (shared.status, shared.summary) == (Status.OK, "the load factor of shared_default is 0.62")
    premium = found(seen, "pools.load", "premium")
    assert premium.status is Status.CRITICAL
    assert premium.summary == "the load factor of premium is 1.2, over the limit of 1"
    assert premium.evidence == {"platform's status": "paused", "addresses": "1"}
    assert measured(seen, "penguinmails_pool_load_ratio", pool="premium") == 1.2


async def test_addresses_say_how_they_are() -> None:
    seen = await told()
    status = {f.subject: f.status for f in seen.findings if f.check == "pools.address"}
    assert status == {
        "192.0.2.10": Status.OK,
        "192.0.2.11": Status.WARNING,
        "192.0.2.12": Status.OK,
        "192.0.2.20": Status.CRITICAL,
    }
    blocked = found(seen, "pools.address", "192.0.2.20")
    assert blocked.summary == "192.0.2.20 of premium is blocked, has the reputation bad: listed by zen.spamhaus.org"
    assert found(seen, "pools.addresses", "premium").status is Status.CRITICAL
    assert measured(seen, "penguinmails_pool_active_addresses", pool="shared_default") == 2
    assert measured(seen, "penguinmails_ip_warming", ip="192.0.2.12") == 1
    assert measured(seen, "penguinmails_ip_warmup_limit", ip="192.0.2.12") == 400


@pytest.mark.parametrize(
    ("sent", "status"), [(400, Status.OK), (401, Status.WARNING), (601, Status.CRITICAL), (None, Status.OK)]
)
async def test_warm_up_against_its_limit(sent: int | None, status: Status) -> None:
    row = {"ip_address": "192.0.2.12", "status": "warming", "pool": "p", "warmup": WARMING | {"sent_today": sent}}
    finding = found(await told(addresses=[row]), "pools.address", "192.0.2.12")
    assert finding.status is status
    assert ("warm-up allows today" in finding.summary) is (sent is not None)


async def test_words_that_nobody_knows_are_unknown() -> None:
    seen = await told(
        [{"name": "p", "status": "resting", "current_load_factor": 0.1}, {"name": "q", "status": "active"}],
        [{"ip_address": "192.0.2.1", "status": "active", "reputation_band": "superb"}, {"ip_address": "192.0.2.2"}],
    )
    assert found(seen, "pools.load", "p").status is Status.UNKNOWN
    assert found(seen, "pools.load", "q").summary == "the platform tells no load of q"
    assert found(seen, "pools.address", "192.0.2.1").status is Status.UNKNOWN
    assert found(seen, "pools.address", "192.0.2.2").status is Status.UNKNOWN


async def test_one_list_that_fails_is_one_unknown_finding() -> None:
    error = {"success": False, "error": {"code": "INTERNAL_SERVER_ERROR", "message": "broken", "request_id": "r1"}}
    seen = await told(addresses=error, statuses=(200, 500))
    assert seen.up and not seen.complete
    finding = found(seen, "pools.address")
    assert finding.status is Status.UNKNOWN
    assert finding.summary.endswith("/ips answered 500: INTERNAL_SERVER_ERROR: broken (request r1)")


async def test_a_platform_without_pools_says_so() -> None:
    seen = await told([], [])
    assert found(seen, "pools.load").status is found(seen, "pools.address").status is Status.UNKNOWN


values = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
words = st.sampled_from(["active", "warming", "blocked", "good", "bad", "192.0.2.1"])
FIELDS = ["name", "pool_id", "ip_address", "pool", "status", "reputation_band", "current_load_factor", "blocked_reason"]
warm_ups = st.dictionaries(st.sampled_from(["in_progress", "day", "daily_limit", "sent_today"]), values)
rows = st.lists(st.dictionaries(st.sampled_from([*FIELDS, "warmup"]), values | words | warm_ups), max_size=4)


@given(rows)
def test_rows_of_any_content_are_judged_without_an_error(rows: list[dict[str, Any]]) -> None:
    settings = SmtpPoolsProbe(type="smtp-pools", url="http://127.0.0.1")
    for judge in (poolsanswers.pools, poolsanswers.addresses):
        answer = judge(rows, settings)
        keys = [finding.key for finding in answer.findings]
        assert len(keys) == len(set(keys))
        assert all(math.isfinite(sample.value) for sample in answer.samples)
