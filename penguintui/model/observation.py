"""What one asking of one target brought: samples, findings, events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penguintui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penguintui.model.clock import Time


@dataclass(frozen=True, slots=True)
class Sample:
    """One number: `metric{labels} value`. Its time is the observation's.

    Labels here are the sample's own (`mountpoint`, `queue`). The agent adds `job`, `instance`,
    `environment` and the target's labels; an adapter never sets those.
    """

    metric: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A named check's verdict on a target.

    check: the check's name in the catalogue (`model.checks`), for example `http.status`.
    subject: the part of the target it speaks of (a mountpoint, a queue, a record); empty for the whole.
    summary: the reason in words, with the numbers: "answered 503 after 1.2 s, wanted 200".
    remedy: what to do about it, in the imperative; empty when fine.
    evidence: what was seen, by name.
    """

    check: str
    status: Status
    summary: str
    subject: str = ""
    remedy: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What tells this finding from the target's others."""
        return (self.check, self.subject)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, from a log or from ourselves. `kind` is dotted: `login.failed`."""

    time: Time
    kind: str
    summary: str
    severity: Status = Status.OK
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far something that grows had been read when its numbers were taken.

    It is kept with the observation that it came in, both or neither, so that an adapter that is made anew goes on
    where what is remembered ends.

    place: what is read, in words that stay; of each place the newest counts.
    mark: where in it, in the adapter's own words.
    here: whether only this host has the place (a file); an agent on another host then begins for itself.
    """

    place: str
    mark: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """All that one asking brought, at one time.

    time: when the world was asked.
    valid_for: seconds for which the answer holds; a check asked hourly holds for an hour. After it, STALE.
    up: whether the target answered at all (the metric `up`).
    complete: whether the findings are all there are. A complete observation closes earlier findings of
        the same probe that it does not repeat; one that could not ask leaves them to grow stale.
    duration: seconds that the asking took.
    bookmarks: how far that had been read of which this brings the news.
    """

    time: Time
    valid_for: float
    up: bool
    samples: tuple[Sample, ...] = ()
    findings: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
    complete: bool = True
    duration: float = 0.0
    bookmarks: tuple[Bookmark, ...] = ()
