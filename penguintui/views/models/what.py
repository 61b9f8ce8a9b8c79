"""The smallest things a screen shows: a number, a trend, a part of a sentence, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.status import Status


@record
class Value:
    """One number, with all that a person may ask of it.

    text: as it is drawn, unit included ("3m12s", "94.1 %", "$1,240", "no data"); right-aligned by whoever draws it.
    status: the verdict on it; None when nobody judges it (drawn neutral). A missing number is UNKNOWN, never OK.
    number: the number itself in `unit`, for bars; None when there is none.
    observed: when the world was asked; `age` is that in words, as of the moment shown ("4s").
    stale: whether it is older than it holds. Draw it dimmed, with its age.
    source: where it comes from: a query, or a probe.
    reason: why it is UNKNOWN or not fine, or what it rests on ("n = 12 of 200 wanted").
    """

    text: str
    status: Status | None = None
    number: float | None = None
    unit: str = ""
    observed: Time | None = None
    age: str = ""
    stale: bool = False
    source: str = ""
    reason: str = ""


@record
class Trend:
    """Points for a sparkline, evenly spaced from `start` to `end`; None is a gap (no data), not a zero.

    label: the span in words ("1h", "30d"). limit: the number that should not be crossed, in the points' unit.
    """

    points: tuple[float | None, ...] = ()
    start: Time = 0.0
    end: Time = 0.0
    label: str = ""
    limit: float | None = None


@record
class Part:
    """A part of a line of text. status: whose colour it takes; None is plain. key: the key that acts on it."""

    text: str
    status: Status | None = None
    strong: bool = False
    dim: bool = False
    key: str = ""


Sentence = tuple[Part, ...]
"""Parts that are drawn one after the other; spaces between them are in their texts."""


@record
class Need:
    """What a panel needs before it can show anything, in words. `remedy` names the command or the setting."""

    title: str
    text: str
    remedy: str


@record
class Change:
    """Something that changed: a finding's status, a release, an incident, a run, an event.

    time: as it is drawn ("13:31", "24 Nov 13:31"). kind: release, run, incident, finding or event.
    target: whose it is; empty for what concerns all.
    """

    at: Time
    time: str
    kind: str
    text: str
    status: Status | None = None
    target: str = ""


@record
class Source:
    """Where a number on a panel comes from: for `?`."""

    name: str
    text: str
    source: str
    age: str
    reason: str = ""
