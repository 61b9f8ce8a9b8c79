"""Shared by the tests of adapters: an authority, and the way to ask once."""

from __future__ import annotations

import asyncio
import time

import pytest

from penguintui.adapters.base import Adapter
from penguintui.model.observation import Finding, Observation
from penguintui.model.target import Kind, Target

from .authority import Authority

TARGET = Target("shop", Kind.SERVICE, "test")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


async def ask(adapter: Adapter, seconds: float = 20.0) -> Observation:
    """Ask once, and let go of the adapter."""
    try:
        async with asyncio.timeout(seconds + 10):
            return await adapter.probe(TARGET, time.monotonic() + seconds)
    finally:
        await adapter.close()


def found(observation: Observation, check: str, subject: str | None = None) -> Finding:
    """The one finding of this check (and subject)."""
    (one,) = [f for f in observation.findings if f.check == check and subject in (None, f.subject)]
    return one


def measured(observation: Observation, metric: str, **labels: str) -> float:
    """The value of the one sample of this metric with these labels."""
    (one,) = [s for s in observation.samples if s.metric == metric and labels.items() <= s.labels.items()]
    return one.value
