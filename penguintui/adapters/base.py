"""What every adapter is: a way of asking one target, that never raises into the agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from penguintui.model.observation import Observation
from penguintui.model.target import Target

MAX_ANSWER = 1 << 20
"""Bytes of an answer that are read at most; more is a finding that says so."""


class Adapter(Protocol):
    """One way of asking one target. Made once and asked again and again, so it may keep a connection."""

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Ask once. `deadline` is on the monotonic clock; every call made must end by it.

        Failures of the world are findings in the answer, never exceptions. Cancellation is passed on.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...


@runtime_checkable
class Continuing(Protocol):
    """An adapter that reads what grows, and leaves bookmarks in its observations."""

    def go_on(self, bookmarks: Mapping[str, str]) -> None:
        """Begin where an earlier one stopped: the mark of each place. Called once, before the first asking.

        A mark that makes no sense, or no longer fits, is as good as none.
        """
        ...
