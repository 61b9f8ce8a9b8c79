"""What waits for the store and for a fleet's engine, and its form on disk: JSON, packed with zlib."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penguintui.model.clock import Time
from penguintui.model.observation import Bookmark, Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store.ingest import Reported, labels_of, samples_of


@dataclass(frozen=True, slots=True)
class Sampled:
    """Samples that no probe brought, each with its time: what rules record, what the agent counts of itself.

    labels: added to all of them. stored: whether they went into the store already.
    """

    labels: Mapping[str, str]
    rows: tuple[tuple[Sample, Time], ...]
    valid_for: float
    stored: bool


Item = Reported | Sampled


def time_of(item: Item) -> Time:
    """When it was observed."""
    return item.observation.time if isinstance(item, Reported) else max((time for _, time in item.rows), default=0.0)


def weight(item: Item) -> int:
    """How many samples it is, about."""
    return 1 + len(item.observation.samples if isinstance(item, Reported) else item.rows)


def samples(item: Item) -> tuple[Mapping[str, str], Sequence[tuple[Sample, Time]]]:
    """Every sample of it with its time, and the labels that are added to each sample's own."""
    if isinstance(item, Sampled):
        return item.labels, item.rows
    time = item.observation.time
    return labels_of(item), [(sample, time) for sample in samples_of(item.observation)]


def pack(item: Item) -> bytes:
    """As it lies on disk."""
    if isinstance(item, Sampled):
        rows = [[sample.metric, sample.value, dict(sample.labels), time] for sample, time in item.rows]
        said: Any = {"labels": dict(item.labels), "rows": rows, "valid_for": item.valid_for, "stored": item.stored}
    else:
        target = item.target
        said = {
            "target": [target.name, str(target.kind), target.environment, dict(target.labels)],
            "probe": item.probe,
            "job": item.job,
            "observation": _observation(item.observation),
        }
    return zlib.compress(json.dumps(said, separators=(",", ":")).encode(), 1)


def unpack(payload: bytes) -> Item:
    """What was packed. Raises ValueError for anything else."""
    try:
        said = json.loads(zlib.decompress(payload))
        if "rows" in said:
            rows = tuple((Sample(metric, value, labels), time) for metric, value, labels, time in said["rows"])
            return Sampled(said["labels"], rows, said["valid_for"], said["stored"])
        name, kind, environment, labels = said["target"]
        target = Target(name, Kind(kind), environment, labels)
        return Reported(target, said["probe"], said["job"], _read(said["observation"]))
    except (zlib.error, LookupError, TypeError) as error:
        raise ValueError(f"this is no observation of this version: {error!r}") from error


def _observation(observation: Observation) -> dict[str, Any]:
    return {
        "time": observation.time,
        "valid_for": observation.valid_for,
        "up": observation.up,
        "samples": [[one.metric, one.value, dict(one.labels)] for one in observation.samples],
        "findings": [
            [one.check, int(one.status), one.summary, one.subject, one.remedy, dict(one.evidence)]
            for one in observation.findings
        ],
        "events": [
            [one.time, one.kind, one.summary, int(one.severity), dict(one.attributes)] for one in observation.events
        ],
        "complete": observation.complete,
        "duration": observation.duration,
        "bookmarks": [[one.place, one.mark, one.here] for one in observation.bookmarks],
    }


def _read(said: dict[str, Any]) -> Observation:
    return Observation(
        time=said["time"],
        valid_for=said["valid_for"],
        up=said["up"],
        samples=tuple(Sample(*one) for one in said["samples"]),
        findings=tuple(Finding(check, Status(status), *rest) for check, status, *rest in said["findings"]),
        events=tuple(
            Event(time, kind, summary, Status(severity), more) for time, kind, summary, severity, more in said["events"]
        ),
        complete=said["complete"],
        duration=said["duration"],
        bookmarks=tuple(Bookmark(*one) for one in said["bookmarks"]),
    )
