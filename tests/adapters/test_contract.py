"""Every adapter keeps the contract: one sentence instead of an exception, by the deadline, nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import importlib
import pkgutil
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from penguintui.adapters.registry import ADAPTERS
from penguintui.model.observation import Observation
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target

from . import cases
from .contract import CASES, EXEMPT, REASONS, SERVES_NOT, WAITS, Bring, Condition, Trial

for _module in pkgutil.iter_modules(cases.__path__):
    importlib.import_module(f"{cases.__name__}.{_module.name}")

TARGET = Target("shop", Kind.SERVICE, "test")
GRACE = 10.0
"""Seconds after the deadline at which an asking is taken to hang; far from it, since machines may be slow."""

_FAILING = [pytest.param(c, b, id=f"{t}-{c}") for (t, c), b in CASES.items() if c is not Condition.CANCELLED]
_CANCELLED = [pytest.param(b, id=t) for (t, c), b in CASES.items() if c is Condition.CANCELLED]


def _held() -> set[str]:
    """Connections and child processes of this process."""
    this = psutil.Process()
    connections = {f"{c.fd} {c.laddr} {c.raddr}" for c in this.net_connections("all") if c.status != psutil.CONN_LISTEN}
    return connections | {f"process {child.pid}" for child in this.children(recursive=True)}


async def _all_let_go(before: set[str]) -> None:
    """Transports close on the loop's next turns: give them these, then nothing may be left."""
    until = time.monotonic() + GRACE
    while _held() - before and time.monotonic() < until:
        await asyncio.sleep(0.01)
    assert not _held() - before


@pytest.fixture(autouse=True)
def _closed_by_hand() -> Iterator[None]:
    """What the garbage collector had to close was left too: it warns of it."""
    gc.collect()  # others' rubbish is not this test's
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert not [str(warning.message) for warning in caught if warning.category is ResourceWarning]


async def _ask(trial: Trial, seconds: float) -> Observation:
    deadline = time.monotonic() + seconds
    async with asyncio.timeout(seconds + GRACE):
        return await trial.adapter.probe(TARGET, deadline)


@pytest.mark.parametrize(("condition", "bring"), _FAILING)
async def test_failure_becomes_one_sentence(condition: Condition, bring: Bring, tmp_path: Path) -> None:
    async with bring(tmp_path) as trial:
        before = _held()
        for _ in range(2):  # an adapter is asked again and again: the second time as the first
            observation = await _ask(trial, trial.seconds or (0.5 if condition in WAITS else 20.0))
            assert not observation.up
            assert not observation.complete, "earlier findings must grow stale, not vanish"
            assert len(observation.findings) == 1
            finding = observation.findings[0]
            assert finding.check == trial.check
            assert finding.status is (trial.unreachable if condition in SERVES_NOT else Status.UNKNOWN)
            assert finding.evidence["reason"] == (trial.reason or REASONS[condition])
            assert trial.place in finding.summary
            assert finding.remedy
            assert trial.secret is None or trial.secret not in repr(observation)
        await trial.adapter.close()
        await _all_let_go(before)  # while the other side still stands: it must not be what ends a connection


@pytest.mark.parametrize("bring", _CANCELLED)
async def test_cancellation_is_passed_on(bring: Bring, tmp_path: Path) -> None:
    async with bring(tmp_path) as trial:
        before = _held()
        asking = asyncio.create_task(trial.adapter.probe(TARGET, time.monotonic() + 60))
        async with asyncio.timeout(GRACE):
            await trial.begun.wait()
        asking.cancel()
        async with asyncio.timeout(GRACE):
            with pytest.raises(asyncio.CancelledError):
                await asking
        await trial.adapter.close()
        await _all_let_go(before)  # while the other side still stands: it must not be what ends a connection


@pytest.mark.parametrize("probe_type", sorted({probe_type for probe_type, _ in CASES} | ADAPTERS.keys()))
def test_every_condition_has_a_case_or_a_reason(probe_type: str) -> None:
    missing = [c.value for c in Condition if (probe_type, c) not in CASES and not EXEMPT.get((probe_type, c))]
    assert not missing, f"{probe_type} says nothing of {missing}"
