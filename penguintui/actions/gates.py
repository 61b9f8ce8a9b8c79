"""Gates: what must hold before a run goes on. No data, NaN or an error never passes."""

from __future__ import annotations

import asyncio
import math
import operator
import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penguintui.actions.failing import StepFailed
from penguintui.config.actions import GateFinding, GateHttp, GateMetric, GateStep
from penguintui.config.queries import STORE, QuerySettings
from penguintui.model.status import Status

if TYPE_CHECKING:
    from penguintui.store.reader import Store

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One measurement: whether it held, in words.

    measured: False when there was no data to measure. decided: waiting longer cannot change a failure.
    """

    held: bool
    words: str
    measured: bool = True
    decided: bool = False


def _no_data(of: str) -> Verdict:
    return Verdict(False, f"no data: {of}", measured=False)


async def stand(gate: GateStep, store: Store, say: Callable[[str, str], None], query: QuerySettings = STORE) -> str:
    """Measure until the gate holds, or, with `for`, for as long as it must. Raises StepFailed when it does not.

    query: who answers the gate's PromQL.
    """
    deadline = time.monotonic() + max(gate.timeout, gate.for_ + 2 * gate.interval)
    holding_since: float | None = None
    last = ""
    while True:
        verdicts = await _measure(gate, store, query)
        now = time.monotonic()
        words = "; ".join(verdict.words for verdict in verdicts)
        failing = [verdict for verdict in verdicts if not verdict.held]
        if words != last:
            say("note", ("does not hold: " if failing else "holds: ") + words)
            last = words
        if failing:
            # What must go on holding fails as soon as it is measured not to; having no data only begins the wait anew.
            if any(verdict.decided or (gate.for_ and verdict.measured) for verdict in failing):
                raise StepFailed(words)
            holding_since = None
        else:
            holding_since = now if holding_since is None else holding_since
            if now - holding_since >= gate.for_:
                return words
        if now + gate.interval > deadline:
            raise StepFailed(f"did not hold within {gate.timeout:g} s: {words}")
        await asyncio.sleep(gate.interval)


async def _measure(gate: GateStep, store: Store, query: QuerySettings) -> list[Verdict]:
    verdicts = []
    if gate.http is not None:
        verdicts.append(await measure_http(gate.http))
    if gate.finding is not None:
        verdicts.append(await asyncio.to_thread(measure_finding, gate.finding, store))
    if gate.metric is not None:
        verdicts.append(await asyncio.to_thread(measure_metric, gate.metric, store, query))
    return verdicts or [Verdict(False, "this gate asks for nothing", decided=True)]


def measure_finding(gate: GateFinding, store: Store) -> Verdict:
    """The worst fresh finding against what is allowed."""
    reader = store.reader()
    findings = [f for f in reader.findings(gate.target) if gate.check in (None, f.check)]
    fresh = [finding for finding in findings if not finding.stale(reader.at)]
    name = gate.check or "findings"
    if not fresh:
        return _no_data(f"{name} of {gate.target} {'is stale' if findings else 'is not there'}")
    worst = max(fresh, key=lambda finding: finding.status)
    held = worst.status <= Status[gate.at_most.upper()]
    return Verdict(held, f"{gate.target}: {worst.status.word} {worst.check}: {worst.summary}")


def measure_metric(gate: GateMetric, store: Store, query: QuerySettings = STORE) -> Verdict:
    """Every value of the expression against the comparison."""
    from penguintui.query.asking import open_queries
    from penguintui.query.errors import NotAnswered, QueryError
    from penguintui.query.results import Scalar, Vector

    title = gate.title or gate.query
    reader = store.reader()
    try:
        with closing(open_queries(query, reader)) as queries:
            result = queries.instant(gate.query, reader.at)
    except NotAnswered as error:
        return _no_data(f"{title}: {error}")
    except QueryError as error:
        return Verdict(False, f"{title} cannot be asked for: {error}", decided=True)
    if isinstance(result, Scalar):
        values = [result.value]
    else:
        values = [sample.value for sample in result.samples] if isinstance(result, Vector) else []
    if not values or any(math.isnan(value) for value in values):
        return _no_data(title)
    failing = [value for value in values if not compare(value, gate.holds)]
    shown = failing[0] if failing else values[0]
    return Verdict(not failing, f"{title} is {shown:.4g}, wanted {gate.holds.strip()}")


def compare(value: float, comparison: str) -> bool:
    """Whether a value satisfies a comparison such as `<= 0.2`; NaN satisfies none."""
    found = re.fullmatch(r"\s*(<=|>=|<|>|==|!=)\s*(-?[0-9.eE+-]+)\s*", comparison)
    if found is None or math.isnan(value):
        return False
    return _COMPARE[found.group(1)](value, float(found.group(2)))


async def measure_http(gate: GateHttp) -> Verdict:
    """Requests to the new address, in turn with as many to the one it is compared with."""
    import httpx

    new, old = _Answers(), _Answers()
    async with httpx.AsyncClient(trust_env=False, timeout=10.0) as client:
        for _ in range(gate.requests):
            await new.ask(client, gate.url, gate.expect_text)
            if gate.against:
                await old.ask(client, gate.against, None)
    return judge_http(gate, new, old)


class _Answers:
    """The times and failures of some requests."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failures: list[str] = []

    async def ask(self, client: object, url: str, expect_text: str | None) -> None:
        import httpx

        if not isinstance(client, httpx.AsyncClient):
            raise TypeError("an httpx client is wanted")
        begun = time.perf_counter()
        try:
            answer = await client.get(url)
        except httpx.HTTPError as error:
            self.failures.append(f"{type(error).__name__} {error}".strip())
            return
        self.seconds.append(time.perf_counter() - begun)
        if answer.status_code >= 400:
            self.failures.append(f"status {answer.status_code}")
        elif expect_text is not None and expect_text not in answer.text:
            self.failures.append(f"{expect_text!r} is not in the answer")

    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[max(0, math.ceil(0.95 * len(ordered)) - 1)]


def judge_http(gate: GateHttp, new: _Answers, old: _Answers) -> Verdict:
    """The verdict on two sets of answers."""
    if not new.seconds:
        return _no_data(f"{gate.url} does not answer: {new.failures[-1] if new.failures else ''}")
    share = len(new.failures) / gate.requests
    words = f"{gate.requests} requests, p95 {new.p95() * 1000:.0f} ms, {share * 100:.3g} % errors"
    if share > gate.max_error_share:
        return Verdict(False, f"{words}: {new.failures[0]}", decided=bool(gate.against))
    if gate.max_seconds is not None and new.p95() > gate.max_seconds:
        return Verdict(False, f"{words}, at most {gate.max_seconds * 1000:.0f} ms wanted", decided=True)
    if gate.against:
        if not old.seconds:
            return _no_data(f"{gate.against} does not answer, so there is nothing to compare with")
        words += f"; the other one p95 {old.p95() * 1000:.0f} ms"
        if new.p95() > old.p95() * gate.max_ratio and new.p95() - old.p95() > gate.slack:
            return Verdict(False, f"{words}; at most {gate.max_ratio:g} times that is allowed", decided=True)
    return Verdict(True, words)
