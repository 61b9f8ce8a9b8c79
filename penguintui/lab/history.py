"""The generated 30 days: written through the store's writer before an agent starts, and marked as generated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from penguintui.agent.askings import Asked, asked
from penguintui.lab import past
from penguintui.lab.curves import Curves
from penguintui.lab.pastfindings import observations
from penguintui.lab.pastlogins import failures
from penguintui.lab.pastruns import keep_runs
from penguintui.lab.traffic import DAY, HOUR
from penguintui.model.clock import Time
from penguintui.model.observation import Event
from penguintui.model.status import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.config.settings import Configuration
    from penguintui.store.keeping import Era, Watched
    from penguintui.store.writer import Writer

SPARSE, DENSE = 1800, 120
"""Seconds between samples: of the whole past, and of its end. Both divide a day, as charts ask at round times."""
DENSE_SPAN = DAY + 2 * HOUR
"""Seconds: a chart of a day counts by the hour, and its first hours are not to look where samples are sparse."""
GENERATED = "history.generated"
"""The kind of the event that marks what is generated; its attributes `from` and `until` are seconds since 1970."""
_WRITE_SECONDS = 60.0


def write_history(writer: Writer, configuration: Configuration, source: str, *, began: Time, seed: int) -> None:
    """Fill an empty store with the 30 days before `began`, in one transaction.

    configuration, source: the demo's, and its path. began, seed: those of the lab (`lab.json`), so that counters go
    on where these end. Raises what the writer raises when the store cannot be written.
    """

    def keep(connection: Connection) -> None:
        from penguintui.config.document import digest, document
        from penguintui.store import keeping
        from penguintui.store.ingest import Ingest, record_events

        pairs = asked(configuration)
        start = past.beginning(began)
        keeping.keep_configuration(connection, digest(configuration), document(configuration), source, start)
        keeping.keep_targets(connection, _watched(configuration, pairs.values()), start)
        for era in eras(began):
            keeping.keep_era(connection, era)
        _keep_samples(connection, pairs, began, seed)
        Ingest().record(connection, observations(pairs, began))
        record_events(connection, "api", list(events(began)))
        record_events(connection, "mx1-logins", list(failures(began, seed, moments(began))))
        record_events(connection, "", [generated(began)])
        keep_runs(connection, configuration, began)

    writer.submit(keep).result(_WRITE_SECONDS)


def eras(began: Time) -> list[Era]:
    """For how long the samples of the past hold: until the next one."""
    from penguintui.store.keeping import Era

    dense_from = _dense_from(began)
    origin = "generated for the demo"
    return [Era(past.beginning(began), dense_from, SPARSE, origin), Era(dense_from, began, DENSE, origin)]


def _dense_from(began: Time) -> Time:
    return (began - DENSE_SPAN) // SPARSE * SPARSE


def moments(began: Time) -> list[Time]:
    """When the past was sampled, ascending."""
    first, dense_from = past.beginning(began), _dense_from(began)
    sparse = [first + SPARSE * number for number in range(int((dense_from - first) // SPARSE))]
    return sparse + [dense_from + DENSE * number for number in range(int((began - dense_from) // DENSE) + 1)]


def generated(began: Time) -> Event:
    """The mark: what lies before `until` did not happen."""
    start = past.beginning(began)
    summary = f"the {past.DAYS} days before this were generated for the demo; they did not happen"
    return Event(began, GENERATED, summary, Status.OK, {"from": f"{start:.0f}", "until": f"{began:.0f}"})


def events(began: Time) -> Iterator[Event]:
    """Three releases and the incident, oldest first."""
    for release in past.releases(began):
        attributes = {"release": release.name, "colour": release.colour, "previous": release.previous}
        yield Event(release.time, "release.deployed", f"release {release.name} by ben", Status.OK, attributes)
    bad = past.incident(began)
    attributes = {"incident": f"INC-{bad.number}", "severity": bad.severity, "lead": "ana"}
    yield Event(bad.start + 240, "incident.opened", bad.title, Status.CRITICAL, attributes)
    yield Event(
        bad.start + 3600,
        "incident.note",
        "the pool of database connections is full since release 2026.11.1; raised from 50 to 80",
        Status.OK,
        attributes,
    )
    yield Event(bad.end, "incident.resolved", f"{bad.title}: resolved", Status.OK, attributes)


def _keep_samples(connection: Connection, pairs: dict[tuple[str, str], Asked], began: Time, seed: int) -> None:
    from penguintui.store.past import keep_series

    times = moments(began)
    for course in Curves(began, seed).courses():
        one = pairs.get((course.target, course.probe))
        if one is None:
            raise KeyError(f"the demo's configuration has no probe {course.probe} on {course.target}")
        target = one.target
        labels = {**course.labels, **target.labels, "job": one.job, "instance": target.name}
        labels["environment"] = target.environment
        points = [(time, course.curve(time)) for time in times]
        keep_series(connection, course.metric, labels, points, one.settings.holds)


def _watched(configuration: Configuration, pairs: Iterable[Asked]) -> list[Watched]:
    """The targets as the agent will keep them, so that a past moment knows them too."""
    from penguintui.store.keeping import Watched, WatchedProbe

    runbooks = {target.name: target.runbook or "" for target in configuration.targets}
    probes: dict[str, list[WatchedProbe]] = {}
    targets = {}
    for one in pairs:
        settings = one.settings
        targets[one.target.name] = one.target
        probe = WatchedProbe(one.probe, one.job, settings.type, settings.interval, settings.holds)
        probes.setdefault(one.target.name, []).append(probe)
    return [Watched(targets[name], tuple(found), runbooks[name]) for name, found in probes.items()]
