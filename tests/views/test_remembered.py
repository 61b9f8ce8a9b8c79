"""What is remembered between readings is what would be read anew: after any changes, in any order."""

from __future__ import annotations

import random
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from penguintui.model.moment import Moment
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store import keeping
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views.ask import Memory, asking
from penguintui.views.figures import Figures
from penguintui.views.models.chart import Chart
from penguintui.views.models.question import SCREENS, Question
from penguintui.views.models.technical import TargetRows
from penguintui.views.models.what import Trend
from penguintui.views.reading import Reading
from penguintui.views.remembered import STANDS
from penguintui.views.standing import Standing, Standings, effective, stand
from tests.conftest import FrozenClock

_CHECKS = {
    Kind.SERVICE: ("http.reach", "http.status", "http.time"),
    Kind.DOMAIN: ("dns.mx", "dns.spf", "tls.certificate"),
}
_SOME = ("http.time", "dns.mx")


class Platform:
    """Targets to which random things happen."""

    def __init__(self, folder: Path, clock: FrozenClock, seed: int) -> None:
        self.url, self.clock, self.chance = f"sqlite:///{folder / 'store.db'}", clock, random.Random(seed)
        self.writer, self.ingest = Writer(self.url), Ingest()
        self.watched = [
            Target(f"t{i}", Kind.DOMAIN if i > 3 else Kind.SERVICE, "production", {"region": f"r{i % 2}"})
            for i in range(6)
        ]
        self._watch()

    def happen(self) -> None:
        """One of: an observation, one that is late, a target that comes or goes, time, a new agent, nothing."""
        what = self.chance.choice(["observe"] * 6 + ["late", "come", "go", "wait", "agent", "forget"])
        if what == "observe":
            self._observe(self.clock.now())
        elif what == "late":
            self._observe(self.clock.now() - self.chance.uniform(1, 40))
        elif what == "come":
            self.watched.append(Target(f"n{self.chance.randrange(99)}", Kind.SERVICE, "production", {}))
            self.watched = list({target.name: target for target in self.watched}.values())
            self._watch()
        elif what == "go" and self.watched:
            self.watched.remove(self.chance.choice(self.watched))
            self._watch()
        elif what == "wait":
            self.clock.advance(self.chance.choice([0.5, 3, 11, 40]))
        elif what == "agent":
            self.writer.close()
            self.writer, self.ingest = Writer(self.url), Ingest()
        elif what == "forget":
            limits = keeping.Limits(*[self.clock.now() - 30] * 4)
            self.writer.submit(lambda c: keeping.let_go(c, limits)).result(5)

    def _watch(self) -> None:
        now = self.clock.now()
        probes = (keeping.WatchedProbe("http", "http", "http", 5.0, 10.0),)
        watched = [keeping.Watched(target, probes) for target in self.watched]
        names = {(target.name, "http") for target in self.watched}
        self.writer.submit(lambda c: keeping.keep_targets(c, watched, now)).result(5)
        self.writer.submit(lambda c: self.ingest.keep_only(c, names, now)).result(5)

    def _observe(self, time: float) -> None:
        chosen = self.chance.sample(self.watched, k=min(len(self.watched), self.chance.randint(1, 3)))
        batch = [Reported(target, "http", "http", self._observation(target.kind, time)) for target in chosen]
        self.writer.submit(lambda c: self.ingest.record(c, batch)).result(5)

    def _observation(self, kind: Kind, time: float) -> Observation:
        chance = self.chance
        findings = tuple(
            Finding(check, chance.choice(list(Status)), f"{check} {chance.randrange(3)}", evidence={"n": "1"})
            for check in _CHECKS[kind]
            if chance.random() < 0.7
        )
        samples = (Sample("probe_duration_seconds", chance.random()),)
        return Observation(time, 10.0, True, samples, findings, complete=chance.random() < 0.8)


def without_past(model: Any) -> Any:
    """A model without trends and charts: what came late shows in them at their next step only."""
    if isinstance(model, Trend | Chart):
        return None
    if isinstance(model, tuple | TargetRows):
        return tuple(without_past(one) for one in model)
    if is_dataclass(model):
        return {field.name: without_past(getattr(model, field.name)) for field in fields(model)}
    return model


def found(standing: Standing) -> list[tuple[str, str, Status]]:
    """How it stands with some checks, looked for by their names."""
    standing = standing.looking_at(standing.names_found_by(_SOME.__contains__))
    return sorted((f.target, f.check, effective(f, standing.at)) for f in standing.found_by(_SOME.__contains__))


@pytest.mark.parametrize("seed", range(4))
def test_what_stands_is_what_is_read_anew(tmp_path: Path, clock: FrozenClock, seed: int) -> None:
    platform = Platform(tmp_path, clock, seed)
    kept, standings = Store(platform.url, clock), Standings()
    for _ in range(60):
        platform.happen()
        reader, fresh = kept.reader(), Store(platform.url, clock)
        anew = fresh.reader()
        assert sorted(reader.targets(), key=str) == sorted(anew.targets(), key=str)
        assert sorted(reader.findings(), key=str) == sorted(anew.findings(), key=str)
        assert found(standings.stand(reader)) == found(stand(anew))
        assert reader.store.series.by_metric(kept) == anew.store.series.by_metric(fresh)
        fresh.close()
    platform.writer.close()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_what_it_would_be_anew(tmp_path: Path, clock: FrozenClock, seed: int, screen: str) -> None:
    platform = Platform(tmp_path, clock, seed)
    store, clock_start = Store(platform.url, clock), clock.now()
    reading = Reading(store)
    for step in range(20):
        platform.happen()
        clock.advance(STANDS)  # beyond it numbers are asked anew; findings and targets never wait
        past = Moment(clock_start + 1.0) if step % 5 == 4 else Moment()
        question = Question(screen, past, selected="t1")
        anew = Reading(Store(platform.url, clock)).read(question, clock.now())
        assert without_past(reading.read(question, clock.now())) == without_past(anew)
    platform.writer.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_signal_is_asked_again_when_a_sample_arrived(tmp_path: Path, clock: FrozenClock, seed: int) -> None:
    platform = Platform(tmp_path, clock, seed)
    store, figures, compared = Store(platform.url, clock), Figures(), 0
    for _ in range(40):
        platform.happen()
        clock.advance(0.1)
        kinds = {Kind.SERVICE: [target.name for target in platform.watched]}
        kept = figures.words(asking(store.reader()), kinds)
        anew = Figures().words(asking(Store(platform.url, clock).reader()), kinds)
        assert kept is not None
        assert anew is not None
        for name, words in anew.items():  # what is too old now may be said for some seconds more
            assert not words or kept[name][0] == words[0]
            compared += len(words)
    assert compared
    platform.writer.close()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "expr", ["up", "avg(probe_duration_seconds)", "max by (instance) (probe_duration_seconds) > 0.3"]
)
def test_a_line_that_goes_on_is_what_it_would_be_anew(tmp_path: Path, clock: FrozenClock, seed: int, expr: str) -> None:
    """At each step some points are asked, not all; what came late, up to a minute, is in them."""
    platform, memory, points = Platform(tmp_path, clock, seed), Memory(), 0
    store = Store(platform.url, clock)
    for _ in range(50):
        platform.happen()
        clock.advance(15)  # a step
        kept = asking(store.reader(), memory).past(expr, 600, 40)
        assert kept == asking(Store(platform.url, clock).reader()).past(expr, 600, 40)
        points += sum(len(one.times) for one in kept.series)
    assert points
    platform.writer.close()


def test_a_past_that_arrives_where_nothing_was_is_seen_soon(tmp_path: Path, clock: FrozenClock) -> None:
    platform, memory, expr = Platform(tmp_path, clock, 1), Memory(), "max by (instance) (probe_duration_seconds)"
    store = Store(platform.url, clock)
    assert not asking(store.reader(), memory).past(expr, 3600, 240).series
    platform._observe(clock.now() // 15 * 15 - 900)
    clock.advance(STANDS)
    assert asking(store.reader(), memory).past(expr, 3600, 240).series
    platform.writer.close()


def test_an_answer_stands_until_a_sample_of_its_metric_arrives(tmp_path: Path, clock: FrozenClock) -> None:
    platform = Platform(tmp_path, clock, 0)
    reading, question = Reading(Store(platform.url, clock)), Question("technical")

    def seen(name: str) -> str:
        return next(row.matters for row in reading.read(question, clock.now())[1].rows if row.name == name)

    def put(metric: str, value: float) -> None:
        observed = Observation(clock.now(), 10.0, True, (Sample(metric, value),), (Finding("c", Status.OK, "fine"),))
        reported = Reported(platform.watched[0], "http", "http", observed)
        platform.writer.submit(lambda c: platform.ingest.record(c, [reported])).result(5)
        clock.advance(0.1)

    put("probe_duration_seconds", 0.5)
    assert "500 ms" in seen("t0")
    put("probe_duration_seconds", 0.25)
    assert "250 ms" in seen("t0")
    put("other", 1.0)
    assert "250 ms" in seen("t0")
    clock.advance(10)
    assert "250 ms" not in seen("t0")
    platform.writer.close()
