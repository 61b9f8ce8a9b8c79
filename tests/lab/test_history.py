"""The generated past: it fits what the agent writes afterwards, and tells of one incident and three releases."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from penguintui.actions.gates import compare
from penguintui.adapters.registry import build
from penguintui.agent.askings import asked
from penguintui.clock import SystemClock
from penguintui.config.loading import load
from penguintui.config.settings import Configuration
from penguintui.lab import past
from penguintui.lab.addresses import AddressPool
from penguintui.lab.curves import Curves
from penguintui.lab.history import DENSE, DENSE_SPAN, GENERATED, SPARSE, moments, write_history
from penguintui.lab.mailflow import _ADD_ENGAGEMENT, MailFlow
from penguintui.lab.traffic import DAY, HOUR, PROVIDERS, hourly_mails
from penguintui.model.action import RunStatus
from penguintui.model.moment import Moment
from penguintui.model.status import Status
from penguintui.query.engine import Engine
from penguintui.query.results import Vector
from penguintui.query.samples.stored import StoredSamples
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views.ask import asking
from tests.conftest import FrozenClock
from tests.lab.conftest import Outside

COUNTERS = ("penguinmails_mails_sent_total", "penguinmails_revenue_dollars_total", "penguinmails_opens_total")
BEGAN = FrozenClock().now()


@pytest.fixture(scope="module")
def configuration(running: Outside) -> Configuration:
    return load(Path(running.info.configuration), {})


@pytest.fixture(scope="module")
def store(configuration: Configuration, tmp_path_factory: pytest.TempPathFactory) -> Store:
    url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'store.db'}"
    writer = Writer(url)
    write_history(writer, configuration, "demo", began=BEGAN, seed=7)
    writer.close()
    return Store(url, FrozenClock())


def test_every_series_is_one_that_the_agent_goes_on_with(lab: Outside, configuration: Configuration) -> None:
    httpx.get(f"{lab.api}/api/v1/campaigns").raise_for_status()  # so that the API has a latency to tell

    async def ask_everything() -> set[tuple[str, str, str, frozenset[tuple[str, str]]]]:
        found = set()
        for (target, probe), one in asked(configuration).items():
            if one.settings.type == "host":
                continue
            clock = SystemClock()
            adapter = build(one.settings, clock=clock)
            observation = await adapter.probe(one.target, clock.monotonic() + one.settings.timeout)
            await adapter.close()
            found.add((target, probe, "up", frozenset()))
            found |= {(target, probe, s.metric, frozenset(s.labels.items())) for s in observation.samples}
        return found

    brought = asyncio.run(ask_everything())
    for course in Curves(BEGAN, 7).courses():
        assert (course.target, course.probe, course.metric, frozenset(course.labels.items())) in brought


def test_counters_only_grow_and_end_where_the_database_begins() -> None:
    times = moments(BEGAN)
    for course in Curves(BEGAN, 7).courses():
        if course.metric in COUNTERS:
            values = [course.curve(time) for time in times]
            assert values == sorted(values), course
    totals = {c.labels["provider"]: c.curve(BEGAN) for c in Curves(BEGAN, 7).courses() if c.metric == COUNTERS[0]}

    for provider in PROVIDERS:
        seeded = sum(
            round(hourly_mails(int(start // HOUR), 7, provider) * seconds / HOUR)
            for start, seconds in past.hours(BEGAN)
        )
        assert totals[provider.name] == pytest.approx(seeded, abs=1)


def test_what_the_platform_counted_before_is_no_less_than_the_history_says() -> None:
    """Less would be taken for a restart of the counter, and all of it for new."""
    ends = {c.metric: c.curve(BEGAN) for c in Curves(BEGAN, 7).courses()}
    engaged = MailFlow(7, AddressPool(), ()).past(BEGAN).statements[_ADD_ENGAGEMENT]
    for column, metric in ((1, "penguinmails_opens_total"), (2, "penguinmails_replies_total")):
        assert ends[metric] <= sum(float(str(row[column])) for row in engaged) <= ends[metric] * 1.01


def test_samples_stand_at_round_times_and_close_together_lately() -> None:
    times = moments(BEGAN)
    assert times == sorted(set(times))
    assert all(time % SPARSE == 0 for time in times if time < BEGAN - DENSE_SPAN - SPARSE)
    recent = [time for time in times if time > BEGAN - DAY]
    assert all(later - earlier == DENSE for earlier, later in pairwise(recent))
    assert BEGAN - DENSE < times[-1] <= BEGAN
    assert BEGAN - times[0] >= 30 * DAY


def test_it_is_marked_as_generated(store: Store) -> None:
    (mark,) = store.reader().events(kinds=(GENERATED,))
    assert mark.time == BEGAN
    assert float(mark.attributes["until"]) == pytest.approx(BEGAN, abs=1)


def test_one_incident_came_and_went(store: Store) -> None:
    bad = past.incident(BEGAN)
    during = store.reader(Moment((bad.start + bad.end) / 2)).findings()
    assert {(f.target, f.check) for f in during if f.status is Status.CRITICAL} == {("api", "http.time")}
    for time in (bad.start - 60, bad.end + 60, BEGAN - 60):
        findings = store.reader(Moment(time)).findings()
        assert findings and all(f.status is Status.OK and not f.stale(time) for f in findings)
    kinds = [event.kind for event in store.reader().events(kinds=("incident.",))]
    assert kinds == ["incident.resolved", "incident.note", "incident.opened"]


def test_three_releases_were_deployed(store: Store) -> None:
    reader = store.reader()
    releases = [event.attributes["release"] for event in reader.events(kinds=("release.",))]
    assert releases == [release.name for release in reversed(past.releases(BEGAN))]
    deploys = [run for run in reader.runs() if run.action == "deploy"]
    assert [run.parameters["release"] for run in deploys] == releases
    assert all(run.status is RunStatus.SUCCEEDED and run.steps for run in reader.runs())
    numbered = sorted(reader.runs(), key=lambda run: run.id)
    assert [run.action for run in numbered] != sorted(run.action for run in numbered)
    assert [run.created for run in numbered] == sorted(run.created for run in numbered)


def test_a_past_moment_knows_its_targets(store: Store, configuration: Configuration) -> None:
    names = {watched.target.name for watched in store.reader(Moment(BEGAN - 20 * DAY)).targets()}
    assert names == {target.name for target in configuration.targets}


def test_a_past_moment_knows_of_each_sending_address_that_no_list_names_it(store: Store) -> None:
    at = BEGAN - 7200
    fine = Engine(StoredSamples(store.reader(Moment(at)))).instant("penguintui_blocklist_listed == 0", at)
    assert isinstance(fine, Vector)
    assert {sample.labels["ip"] for sample in fine.samples} == {row.address for row in AddressPool()}


@pytest.mark.parametrize("ago", [1234.5, 5 * 3600.0, 5.3 * DAY, 29 * DAY])
def test_every_promise_has_a_value_at_any_past_moment(store: Store, configuration: Configuration, ago: float) -> None:
    at = BEGAN - ago
    engine = Engine(StoredSamples(store.reader(Moment(at))))
    for promise in configuration.promises:
        (sample,) = engine.instant(promise.query, at).samples
        assert compare(sample.value, promise.target), f"{promise.name} is {sample.value}, wanted {promise.target}"


def test_the_incident_costs_budgets_and_breaks_none(store: Store, configuration: Configuration) -> None:
    ask = asking(store.reader(Moment(BEGAN)))
    for promise in configuration.promises:
        (series,) = ask.past(promise.query, 29.9 * DAY, 1500).series
        broken = sum(not compare(value, promise.target) for value in series.values) / len(series.values)
        if promise.mean:
            assert 0.999 < sum(series.values) / len(series.values) < 1
        else:
            assert 0 < broken < 0.01 or promise.name in ("Inbox placement", "Page load")


def test_the_same_seed_gives_the_same_past() -> None:
    def some(seed: int) -> list[float]:
        return [course.curve(BEGAN - 3600) for course in Curves(BEGAN, seed).courses()]

    assert some(7) == some(7)
    assert some(7) != some(8)


def test_the_day_before_counts_logins_by_the_hour_without_a_jump_and_tells_of_each(store: Store) -> None:
    times = [time for time in moments(BEGAN) if time >= BEGAN - DAY - HOUR]
    counter = next(one.curve for one in Curves(BEGAN, 7).courses() if one.labels.get("result") == "failed")
    counted = {time: counter(time) for time in moments(BEGAN)}
    failed = store.reader(Moment(BEGAN)).events(times[0], kinds=("login.failed", "login.invalid-user"), limit=10_000)
    told = [event.time for event in failed]
    assert all(after - before == DENSE for before, after in pairwise(times))
    for start in times[:: 3 * HOUR // DENSE]:
        end = start + HOUR
        if end in counted:
            assert sum(start < time <= end for time in told) == counted[end] - counted[start]
