"""Gates: what passes, and what never does."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.actions import gates
from penguintui.actions.failing import StepFailed
from penguintui.actions.gates import compare, measure_finding, measure_metric, stand
from penguintui.config.actions import GateFinding, GateMetric, GateStep
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.agent.proxying import TwoColours
from tests.conftest import FrozenClock

API = Target("api", Kind.SERVICE, "production")


@pytest.fixture
def seen(tmp_path: Path, clock: FrozenClock):
    """A store, and a way to put an observation into it."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    writer, ingest = Writer(url), Ingest()

    def put(*findings: Finding, **values: float) -> Store:
        samples = tuple(Sample(name, value) for name, value in values.items())
        reported = Reported(API, "p", "j", Observation(clock.now(), 10, True, samples, findings))
        writer.submit(lambda c: ingest.record(c, [reported])).result(5)
        return Store(url, clock)

    yield put
    writer.close()


@given(st.floats(allow_nan=True), st.floats(-1e6, 1e6), st.sampled_from(["<=", ">=", "<", ">", "==", "!="]))
def test_a_comparison_is_pythons_own_and_nan_satisfies_none(value: float, limit: float, sign: str) -> None:
    expected = not math.isnan(value) and {
        "<=": value <= limit, ">=": value >= limit, "<": value < limit,
        ">": value > limit, "==": value == limit, "!=": value != limit,
    }[sign]  # fmt: skip
    assert compare(value, f" {sign} {limit!r} ") is expected


def test_no_data_never_passes(seen, clock: FrozenClock) -> None:
    store = seen(Finding("http.status", Status.OK, "200"), m=0.1)
    assert measure_metric(GateMetric(query="absent_metric", holds="<= 1"), store).words == "no data: absent_metric"
    assert not measure_metric(GateMetric(query="m / 0 * 0", holds="<= 1"), store).held
    assert not measure_metric(GateMetric(query="sum(", holds="<= 1"), store).held
    assert not measure_finding(GateFinding(target="nobody"), store).held
    assert measure_metric(GateMetric(query="m", holds="<= 1"), store).held
    assert measure_finding(GateFinding(target="api"), store).held
    clock.advance(11)
    assert "stale" in measure_finding(GateFinding(target="api"), store).words
    assert not measure_metric(GateMetric(query="m", holds="<= 1"), store).held


def test_a_finding_is_measured_against_what_is_allowed(seen) -> None:
    store = seen(Finding("a", Status.WARNING, "a bit"), Finding("b", Status.OK, "fine"))
    assert not measure_finding(GateFinding(target="api"), store).held
    assert measure_finding(GateFinding(target="api", at_most="warning"), store).held
    assert measure_finding(GateFinding(target="api", check="b"), store).held


def step(**words: object) -> GateStep:
    return GateStep.model_validate({"type": "gate", "name": "g", "timeout": "1s", "interval": "20ms", **words})


async def test_a_gate_waits_for_health_but_a_measured_difference_decides_at_once(seen) -> None:
    async with TwoColours() as two:
        two.slow.add("green")
        health = step(http={"url": f"{two.url}/green/health", "requests": 2})
        asked = 0

        def say(_stream: str, _text: str) -> None:
            nonlocal asked
            asked += 1
            two.slow.clear()

        assert "0 % errors" in await stand(health, seen(), say)
        assert asked == 2
        two.slow.add("green")
        compared = step(http={"url": f"{two.url}/green/health", "against": f"{two.url}/blue/health", "requests": 2})
        with pytest.raises(StepFailed, match=r"100 % errors: status 503"):
            await stand(compared, seen(), lambda *_: None)


async def test_a_gate_that_must_go_on_holding_fails_when_it_stops(seen) -> None:
    store = seen(m=1.0)
    verdicts = iter([True, True, False])
    original = gates.measure_metric

    def measure(*_: object) -> gates.Verdict:
        return gates.Verdict(next(verdicts), "m is as it is")

    gates.measure_metric = measure
    try:
        with pytest.raises(StepFailed, match="m is as it is"):
            await stand(step(metric={"query": "m", "holds": "<= 1"}, **{"for": "10s"}), store, lambda *_: None)
    finally:
        gates.measure_metric = original


async def test_time_without_data_does_not_count_as_holding(seen, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing, fine = gates.Verdict(False, "no data: m", measured=False), gates.Verdict(True, "m is 1")
    verdicts = [nothing, nothing, fine, nothing, fine]
    asked: list[gates.Verdict] = []

    def measure(*_: object) -> gates.Verdict:
        asked.append(verdicts[len(asked)] if len(asked) < len(verdicts) else fine)
        return asked[-1]

    monkeypatch.setattr(gates, "measure_metric", measure)
    gate = step(metric={"query": "m", "holds": "<= 1"}, timeout="20s", **{"for": "100ms"})
    await stand(gate, seen(m=1.0), lambda *_: None)
    assert len(asked) >= len(verdicts) + 100 // 20 - 1, "it begins to count again after there was no data"


async def test_a_gate_gives_up_in_words(seen) -> None:
    with pytest.raises(StepFailed, match=r"did not hold within 0\.1 s: no data: nothing"):
        await stand(step(metric={"query": "nothing", "holds": "<= 1"}, timeout="100ms"), seen(m=1.0), lambda *_: None)
