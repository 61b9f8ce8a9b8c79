"""The contract of all adapters: what the world may do to them, and the cases that bring it about.

Each adapter has a module in `tests/adapters/cases/` that registers, for every condition, either a case
(how to bring it about) or why it cannot happen to that adapter. `test_contract.py` runs them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from penguintui.adapters.base import Adapter
from penguintui.adapters.failure import Reason
from penguintui.model.status import Status

from .servers import HOST, Handler, closed_port, dripping, flooding, saying, serving, silent


class Condition(enum.StrEnum):
    REFUSED = "refused"
    TIMEOUT = "timed-out"
    CLOSED = "closed-half-way"
    GARBAGE = "garbage"
    HUGE = "huge"
    DRIP = "slow-drip"
    CREDENTIALS = "wrong-credentials"
    CANCELLED = "cancelled"


SERVES_NOT = {Condition.REFUSED, Condition.TIMEOUT, Condition.CLOSED, Condition.DRIP}
"""Conditions in which the target is down, where the probe exists to tell that."""

WAITS = {Condition.TIMEOUT, Condition.DRIP}
"""Conditions that only the deadline ends."""

REASONS = {
    Condition.REFUSED: Reason.REFUSED,
    Condition.TIMEOUT: Reason.TIMEOUT,
    Condition.CLOSED: Reason.CLOSED,
    Condition.GARBAGE: Reason.GARBLED,
    Condition.HUGE: Reason.TOO_LARGE,
    Condition.DRIP: Reason.TIMEOUT,
    Condition.CREDENTIALS: Reason.DENIED,
}
"""What each condition is called in the finding's evidence, unless a trial says otherwise."""


@dataclass
class Trial:
    """An adapter in front of a world that misbehaves.

    place: what the finding's sentence must name.
    check: the finding that must carry the failure.
    unreachable: its status when the target does not serve; UNKNOWN for probes that do not judge that.
    begun: set once the asking is under way, so that it can be cancelled in its middle.
    secret: text that must not be shown.
    seconds, reason: how long the asking may take, and what its failure is called; by the condition when left out.
    """

    adapter: Adapter
    place: str
    check: str
    unreachable: Status = Status.UNKNOWN
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    secret: str | None = None
    seconds: float | None = None
    reason: Reason | None = None


Bring = Callable[[Path], AbstractAsyncContextManager[Trial]]
"""Brings the condition about, using a temporary folder; yields the trial; cleans up, but leaves `close` to the test."""

CASES: dict[tuple[str, Condition], Bring] = {}
EXEMPT: dict[tuple[str, Condition], str] = {}


def case(probe_type: str, condition: Condition) -> Callable[[Bring], Bring]:
    """Register a function as the way to bring a condition about for one type of probe."""

    def register(bring: Bring) -> Bring:
        assert (probe_type, condition) not in CASES
        CASES[probe_type, condition] = bring
        return bring

    return register


def exempt(probe_type: str, condition: Condition, why: str) -> None:
    """Say why a condition cannot happen to one type of probe."""
    EXEMPT[probe_type, condition] = why


Make = Callable[[str, int, Path], Adapter]
"""An adapter for a host, a port, and a temporary folder."""


def over_tcp(
    probe_type: str,
    make: Make,
    *,
    check: str,
    unreachable: Status,
    half: Handler | bytes,
    garbage: Handler | bytes,
    flood: Handler | tuple[bytes, bytes] | None,
    drip: Handler | bytes,
) -> None:
    """Register the usual cases of a probe that speaks over one TCP connection.

    half: the beginning of a good answer, after which the server closes. garbage: no answer at all.
    flood: beginning and the piece that follows without end; None when the protocol knows no size.
    drip: the beginning before single bytes follow.
    """
    handlers: dict[Condition, Handler | None] = {
        Condition.REFUSED: None,
        Condition.TIMEOUT: silent,
        Condition.CANCELLED: silent,
        Condition.CLOSED: saying(half) if isinstance(half, bytes) else half,
        Condition.GARBAGE: saying(garbage) if isinstance(garbage, bytes) else garbage,
        Condition.DRIP: dripping(drip) if isinstance(drip, bytes) else drip,
    }
    if flood is not None:
        handlers[Condition.HUGE] = flooding(*flood) if isinstance(flood, tuple) else flood
    for condition, handler in handlers.items():
        case(probe_type, condition)(_bring(make, check, unreachable, handler))


def _bring(make: Make, check: str, unreachable: Status, handler: Handler | None) -> Bring:
    @contextlib.asynccontextmanager
    async def bring(folder: Path) -> AsyncIterator[Trial]:
        if handler is None:
            with closed_port() as port:
                yield Trial(make(HOST, port, folder), f"{HOST}:{port}", check, unreachable)
            return
        async with serving(handler) as server:
            adapter = make(HOST, server.port, folder)
            yield Trial(adapter, f"{HOST}:{server.port}", check, unreachable, server.contacted)

    return bring
