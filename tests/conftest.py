"""Shared by all tests: a clock that only moves when told, and tests that need a program of the system."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

from tests.adapters.postgres import postgres  # noqa: F401 - the fixture, for all tests

_SBIN = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/lib/postgresql/15/bin"]


def find_program(name: str) -> str | None:
    """The path of a program, also where only root's PATH leads."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *_SBIN]))


# Continuous integration tries the same examples every time; elsewhere each run looks for new ones. No example has a
# deadline of its own: the machine may be busy.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("default", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, by name, the tests whose program is missing; with CI set nothing may be missing."""
    for item in items:
        for mark in item.iter_markers("needs"):
            program, package = mark.args
            if find_program(program) is None and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason=f"{program} is missing: apt-get install {package}"))


class FrozenClock:
    """A clock for tests."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Move the wall clock only, as an administrator or NTP would."""
        self._now += seconds


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()
