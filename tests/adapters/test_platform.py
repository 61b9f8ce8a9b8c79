"""The platform's system API, as its documentation draws it and as it may really answer."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.platform import answers
from penguintui.adapters.platform.probe import PlatformAdapter
from penguintui.adapters.web import error_words
from penguintui.clock import SystemClock
from penguintui.config.probes import PlatformProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from tests.adapters.conftest import ask, found, measured

QUEUES = [
    {"name": "queue:email:high", "priority": "high", "active_jobs": 4, "waiting_jobs": 12, "failed_jobs": 0}
    | {"completed_last_hour": 900, "status": "healthy"},
    {"name": "queue:bounce:process", "waiting_jobs": 2500, "failed_jobs": 11, "status": "warning"},
]
SERVICES = [
    {"name": "API", "status": "healthy", "response_time_ms": {"avg": 80, "p95": 140, "p99": 300}}
    | {"error_rate_percent": 0.2},
    {"name": "SMTP", "status": "degraded", "queue_backlog": 2500, "reason": "many deferred"},
    {"name": "OLTP", "status": "down", "connection_pool_usage_percent": 97, "query_latency_ms": 41},
    {"name": "Cache", "status": "resting"},
]
ADDRESSES = [
    {"ip_address": "192.0.2.10", "provider": "hostwinds", "reputation_score": 95, "blacklists": []},
    {"ip_address": "192.0.2.11", "provider": "hostwinds", "reputation_score": 92, "blacklists": ["zen.spamhaus.org"]},
    {"ip_address": "192.0.2.12", "reputation_score": 80, "blacklists": [], "daily_volume": 900},
    {"ip_address": "192.0.2.13", "reputation_score": 99},
]
PATHS = {
    "queues": "/api/v1/platform/system/queues",
    "services": "/api/v1/platform/system/infrastructure/health",
    "ips": "/api/v1/platform/system/infrastructure/ip-reputation",
}


@dataclass
class Platform:
    """A system API whose answers a test may change."""

    answers: dict[str, Any] = field(
        default_factory=lambda: {
            "queues": {"success": True, "data": {"queues": QUEUES}},
            "services": {"success": True, "data": {"services": SERVICES}},
            "ips": {"success": True, "data": {"ips": ADDRESSES}},
        }
    )
    statuses: dict[str, int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        name = next(name for name, path in PATHS.items() if path == request.path)
        self.asked.append((name, request.headers.get("Authorization")))
        answer = self.answers[name]
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(body=body, status=self.statuses.get(name, 200), headers=self.headers)

    def adapter(self, **more: Any) -> PlatformAdapter:
        return PlatformAdapter(
            PlatformProbe(type="platform", url=self.url, token=Secret("pm_live_7"), **more), SystemClock()
        )

    async def ask(self, **more: Any) -> Observation:
        return await ask(self.adapter(**more))


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Platform]:
    platform = Platform()
    application = web.Application()
    for path in PATHS.values():
        application.router.add_get(path, platform.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        platform.url = f"http://127.0.0.1:{port}/api/v1"
        yield platform
    finally:
        await runner.cleanup()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with running() as platform:
        yield platform


async def test_queues_are_judged_by_our_levels(platform: Platform) -> None:
    observation = await platform.ask()
    assert observation.up and observation.complete
    high = found(observation, "queue.waiting", "queue:email:high")
    assert (high.status, high.summary) == (Status.OK, "queue:email:high has 12 jobs waiting")
    bounces = found(observation, "queue.waiting", "queue:bounce:process")
    assert bounces.status is Status.CRITICAL and bounces.evidence["platform's status"] == "warning"
    assert found(observation, "queue.failed", "queue:bounce:process").status is Status.CRITICAL
    assert measured(observation, "penguinmails_queue_waiting", queue="queue:bounce:process") == 2500
    assert measured(observation, "penguinmails_queue_completed_last_hour", queue="queue:email:high") == 900


async def test_services_say_how_they_are(platform: Platform) -> None:
    observation = await platform.ask()
    status = {f.subject: f.status for f in observation.findings if f.check == "platform.service"}
    assert status == {
        "API": Status.OK,
        "SMTP": Status.WARNING,
        "OLTP": Status.CRITICAL,
        "Cache": Status.UNKNOWN,
    }
    assert found(observation, "platform.service", "SMTP").summary == "SMTP is degraded: many deferred"
    assert measured(observation, "penguinmails_service_response_seconds", service="API", quantile="0.95") == 0.14
    assert measured(observation, "penguinmails_service_error_ratio", service="API") == pytest.approx(0.002)
    assert measured(observation, "penguinmails_service_backlog", service="SMTP") == 2500
    assert measured(observation, "penguinmails_db_pool_ratio", service="OLTP") == pytest.approx(0.97)
    assert measured(observation, "penguinmails_db_query_seconds", service="OLTP") == pytest.approx(0.041)
    assert measured(observation, "penguinmails_service_status", service="OLTP") == 2


async def test_a_listing_outweighs_the_score(platform: Platform) -> None:
    observation = await platform.ask()
    assert found(observation, "platform.reputation", "192.0.2.10").status is Status.OK
    listed = found(observation, "platform.reputation", "192.0.2.11")
    assert listed.status is Status.CRITICAL
    assert listed.summary == "192.0.2.11 is listed by zen.spamhaus.org; has a score of 92"
    assert found(observation, "platform.reputation", "192.0.2.12").status is Status.WARNING
    unsaid = found(observation, "platform.reputation", "192.0.2.13")
    assert unsaid.status is Status.UNKNOWN and "nothing is said of blocklists" in unsaid.summary
    assert measured(observation, "penguinmails_ip_listings", ip="192.0.2.11", provider="hostwinds") == 1


async def test_the_token_is_sent_and_never_shown(platform: Platform) -> None:
    platform.statuses["queues"] = 403
    observation = await platform.ask()
    assert {token for _, token in platform.asked} == {"Bearer pm_live_7"}
    assert "pm_live_7" not in repr(observation)


@pytest.mark.parametrize("wrap", [lambda q: {"data": q}, lambda q: {"queues": q}, lambda q: q])
async def test_every_documented_wrapping_is_taken(platform: Platform, wrap: Any) -> None:
    platform.answers["queues"] = wrap(QUEUES)
    observation = await platform.ask(read=("queues",))
    assert [name for name, _ in platform.asked] == ["queues"]
    assert found(observation, "queue.waiting", "queue:email:high").status is Status.OK


async def test_one_part_that_fails_is_one_unknown_finding(platform: Platform) -> None:
    platform.statuses["services"] = 503
    platform.answers["services"] = {
        "success": False,
        "error": {"code": "SERVICE_UNAVAILABLE", "message": "maintenance", "request_id": "req_81"},
    }
    observation = await platform.ask()
    assert observation.up and not observation.complete
    (finding,) = [f for f in observation.findings if f.check == "platform.service"]
    assert finding.status is Status.UNKNOWN
    assert finding.summary.endswith("answered 503: SERVICE_UNAVAILABLE: maintenance (request req_81)")
    assert found(observation, "platform.reputation", "192.0.2.10").status is Status.OK


async def test_an_error_with_status_200_is_an_error(platform: Platform) -> None:
    platform.answers["queues"] = {"success": False, "error": {"code": "PARTIAL_DATA_UNAVAILABLE"}}
    observation = await platform.ask(read=("queues",))
    assert not observation.up and "PARTIAL_DATA_UNAVAILABLE" in observation.findings[0].summary


async def test_a_rate_limit_is_obeyed(platform: Platform) -> None:
    platform.statuses = dict.fromkeys(PATHS, 429)
    platform.headers = {"Retry-After": "120"}
    adapter = platform.adapter()
    for _ in range(2):
        observation = await adapter.probe(None, SystemClock().monotonic() + 10)  # type: ignore[arg-type]
        assert observation.findings[0].status is Status.UNKNOWN
        assert "too often" in observation.findings[0].summary and "120 s" in observation.findings[0].summary
    await adapter.close()
    assert len(platform.asked) == 3, "the second time nothing was asked"


@pytest.mark.parametrize("answer", [b"{", b"[" * 100_000, b"7", b'{"data": {"queues": 3}}', b"\xff"])
async def test_an_answer_without_the_list_is_garbled(platform: Platform, answer: bytes) -> None:
    platform.answers["queues"] = answer
    observation = await platform.ask()
    (finding,) = [f for f in observation.findings if f.check == "queue.waiting"]
    assert finding.status is Status.UNKNOWN and finding.evidence["reason"] == "garbled"


async def test_a_platform_that_names_nothing_is_unknown(platform: Platform) -> None:
    platform.answers["ips"] = []
    observation = await platform.ask(read=("ip-reputation",))
    assert [f.status for f in observation.findings] == [Status.UNKNOWN]
    assert observation.up


values = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
json_values = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
FIELDS = ["name", "ip_address", "waiting_jobs", "failed_jobs", "status", "reason", "response_time_ms", "blacklists"]
rows = st.lists(st.dictionaries(st.sampled_from([*FIELDS, "reputation_score", "provider"]), json_values), max_size=4)


@given(rows)
def test_rows_of_any_content_are_judged_without_an_error(rows: list[dict[str, Any]]) -> None:
    settings = PlatformProbe(type="platform", url="http://127.0.0.1")
    for judge in (answers.queues, answers.health, answers.reputation):
        answer = judge(rows, settings)
        keys = [finding.key for finding in answer.findings]
        assert len(keys) == len(set(keys))
        assert all(math.isfinite(sample.value) for sample in answer.samples)


@given(json_values)
def test_documents_of_any_shape_have_a_list_or_a_reason(document: Any) -> None:
    error_words(document)
    with contextlib.suppress(ValueError):
        assert isinstance(answers.rows_of(document, "queues"), list)
