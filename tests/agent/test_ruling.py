"""Rules that the agent evaluates: over a real store, in its own thread and step by step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penguintui.agent.rulebook import SHIPPED, Rulebook
from penguintui.agent.ruling import Ruling
from penguintui.clock import SystemClock
from penguintui.config.rules import RuleSettings
from penguintui.config.settings import Configuration
from penguintui.model.moment import Moment
from penguintui.model.observation import Sample
from penguintui.model.status import Status
from penguintui.query.engine import Engine
from penguintui.query.language.metrics import newest_only
from penguintui.query.results import Vector
from penguintui.query.samples.stored import StoredSamples
from penguintui.store.alerts import AlertRecord, alerts
from penguintui.store.errors import StoreError
from penguintui.store.ingest import Ingest
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

RULES = """
groups:
- name: mail
  rules:
  - {record: 'queue:age:max', expr: max by (queue) (age)}
  - alert: Old
    expr: queue:age:max > 100
    for: 30m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.queue }} in {{ $externalLabels.environment }} is {{ $value }} s old'}
  - {alert: Now, expr: queue:age:max > 100}
"""


class House:
    """A store and what evaluates rules over it, driven by hand."""

    def __init__(self, tmp_path: Path, clock: FrozenClock, rules: str = RULES) -> None:
        self.tmp_path, self.clock = tmp_path, clock
        self.url = f"sqlite:///{tmp_path / 'store.db'}"
        self.writer, self.ingest = Writer(self.url), Ingest()
        self.file = tmp_path / "rules.yaml"
        self.file.write_text(rules, encoding="utf-8")
        self.configuration = Configuration.model_validate(
            {"environment": "staging", "rules": {"files": ["*.yaml"], "shipped": False}}
        )
        self.store = Store(self.url, clock)
        self.begin()

    def begin(self) -> None:
        self.ruling = Ruling(self.writer, self.ingest, self.url, self.clock, self.tmp_path)

    def measure(self, value: float, queue: str = "a") -> None:
        rows = [(Sample("age", value, {"queue": queue}), self.clock.now())]
        self.writer.submit(lambda connection: self.ingest.samples(connection, {}, rows, 60.0)).result(5)

    def turn(self) -> None:
        """Look at the files and evaluate every group now."""
        self.ruling.take_now(self.configuration, self.store)
        for identity in self.ruling.groups:
            self.ruling.evaluate(self.store, identity, self.clock.now())
        self.settle()

    def settle(self) -> None:
        self.writer.submit(lambda connection: None).result(5)

    def states(self) -> dict[str, str]:
        return {record.rule: record.state for record in self.live()}

    def live(self) -> list[AlertRecord]:
        return alerts(self.store.reader())

    def ask(self, expr: str) -> list[tuple[dict[str, str], float]]:
        engine = Engine(StoredSamples(self.store.reader(Moment(self.clock.now()))))
        result = engine.instant(expr, self.clock.now())
        assert isinstance(result, Vector)
        return [(dict(one.labels), one.value) for one in result.samples]

    def events(self) -> list[Any]:
        return self.store.reader().events()

    def close(self) -> None:
        self.store.close()
        self.writer.close()


@pytest.fixture
def house(tmp_path: Path, clock: FrozenClock) -> Iterator[House]:
    made = House(tmp_path, clock)
    yield made
    made.close()


def test_recorded_at_once_and_alerts_kept(house: House) -> None:
    house.measure(500)
    house.turn()
    assert house.ask("queue:age:max") == [({"__name__": "queue:age:max", "queue": "a"}, 500)]
    assert house.states() == {"Old": "pending", "Now": "firing"}
    old = next(record for record in house.live() if record.rule == "Old")
    assert old.labels == {"alertname": "Old", "queue": "a", "severity": "page"}
    assert old.annotations == {"summary": "a in staging is 500 s old"}
    assert house.ask('ALERTS{alertname="Now"}') == [
        ({"__name__": "ALERTS", "alertname": "Now", "alertstate": "firing", "queue": "a"}, 1)
    ]
    assert house.ask('ALERTS_FOR_STATE{alertname="Old"}')[0][1] == house.clock.now()


def test_resolved_alerts_end_and_are_still_seen_then(house: House) -> None:
    house.measure(500)
    house.turn()
    then = house.clock.now()
    house.clock.advance(15)
    house.measure(1)
    house.turn()
    assert house.states() == {}
    assert {r.rule for r in alerts(house.store.reader(Moment(then + 1)))} == {"Old", "Now"}


def test_fires_when_its_time_has_come(house: House) -> None:
    for _ in range(2 * 31):
        house.measure(500)
        house.turn()
        house.clock.advance(30)
    assert house.states() == {"Old": "firing", "Now": "firing"}


@pytest.mark.parametrize(("outage", "waited", "wanted"), [(120, 900, 900), (120, 1500, 600), (7200, 900, 1800)])
def test_time_waited_survives_a_restart(house: House, outage: float, waited: float, wanted: float) -> None:
    """15 of 30 minutes waited: 15 are left. 25 waited: the grace of 10 is left. After a long outage: anew."""
    house.measure(500)
    house.turn()
    for _ in range(int(waited // 30)):
        house.clock.advance(30)
        house.measure(500)
        house.turn()
    house.clock.advance(outage)
    house.measure(500)
    house.begin()
    house.turn()
    old = next(record for record in house.live() if record.rule == "Old")
    now = house.clock.now()
    assert old.state == "pending"
    left = old.active_at + 1800 - now
    assert left == wanted


def test_firing_alert_goes_on_over_a_restart(house: House) -> None:
    house.measure(500)
    house.turn()
    fired = next(record for record in house.live() if record.rule == "Now").fired_at
    house.clock.advance(60)
    house.measure(500)
    house.begin()
    house.turn()
    now = next(record for record in house.live() if record.rule == "Now")
    assert (now.state, now.fired_at) == ("firing", fired)


def test_changed_rules_are_told_and_moved_ones_not(house: House) -> None:
    house.turn()
    house.file.write_text("# a line more\n" + RULES, encoding="utf-8")
    house.clock.advance(15)
    house.turn()
    assert house.events() == [], "they stand elsewhere in the file, that is all"
    house.file.write_text(
        RULES.replace("alert: Now", "alert: Soon").replace("age:max", "age:most", 1), encoding="utf-8"
    )
    house.turn()
    told = house.events()
    assert [(event.kind, event.severity) for event in told] == [("rules.changed", Status.OK)]
    assert told[0].summary == "rules changed; new: Soon, queue:age:most; gone: Now, queue:age:max"


def test_a_broken_file_is_refused_and_the_rules_go_on(house: House) -> None:
    house.measure(500)
    house.turn()
    house.file.write_text(RULES.replace("max by (queue) (age)", "max by (queue) (age"), encoding="utf-8")
    house.clock.advance(15)
    house.measure(500)
    house.turn()
    assert f"{house.file}:5:" in house.ruling.message
    assert "the rules that ran go on" in house.ruling.message
    assert house.states() == {"Old": "pending", "Now": "firing"}
    assert [event.kind for event in house.events()] == ["rules.refused"]
    house.file.write_text(RULES, encoding="utf-8")
    house.turn()
    assert house.ruling.message == ""


def test_a_changed_file_keeps_the_alerts_it_can(house: House) -> None:
    house.measure(500)
    house.turn()
    began = house.clock.now()
    house.file.write_text(RULES.replace("> 100", "> 200").replace("for: 30m", "for: 1h"), encoding="utf-8")
    house.clock.advance(15)
    house.measure(500)
    house.turn()
    assert {record.rule: record.active_at for record in house.live()} == {"Old": began, "Now": began}


def test_rules_that_are_gone_end_their_alerts(house: House) -> None:
    house.measure(500)
    house.turn()
    house.file.unlink()
    house.turn()
    assert house.states() == {}
    assert "no file matches *.yaml" in house.ruling.message


def test_every_group_is_evaluated_although_the_writer_is_behind(tmp_path: Path, clock: FrozenClock) -> None:
    groups = "".join(f"- {{name: g{i}, rules: [{{alert: A{i}, expr: age > 1}}]}}\n" for i in range(5))
    house = House(tmp_path, clock, "groups:\n" + groups)
    house.measure(5)
    busy = threading.Event()
    submit = house.writer.submit
    house.writer.submit = lambda work: submit(lambda connection: (busy.wait(0.02), work(connection))[1])  # type: ignore[method-assign]
    house.turn()
    assert house.states() == {f"A{i}": "firing" for i in range(5)}
    house.close()


def test_a_rule_that_fails_says_so_once_and_leaves_its_alerts(tmp_path: Path, clock: FrozenClock) -> None:
    rules = "groups: [{name: a, rules: [{alert: A, expr: 'age + on () other'}]}]"
    house = House(tmp_path, clock, rules)
    try:
        rows = [(Sample("other", 1.0), clock.now())]
        house.writer.submit(lambda connection: house.ingest.samples(connection, {}, rows, 600.0)).result(5)
        house.measure(1)
        house.turn()
        assert house.states() == {"A": "firing"}
        house.measure(1, queue="b")
        for _ in range(2):
            clock.advance(15)
            house.turn()
        assert house.states() == {"A": "firing"}
        assert "A: " in house.ruling.message
        assert [event.kind for event in house.events()] == ["rules.failed"]
    finally:
        house.close()


def test_a_store_that_cannot_be_read_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    groups = "".join(f"- {{name: g{i}, interval: 20ms, rules: [{{alert: A{i}, expr: age > 1}}]}}\n" for i in range(3))
    house = House(tmp_path, FrozenClock(SystemClock().now()), "groups:\n" + groups)
    ruling = Ruling(house.writer, house.ingest, house.url, SystemClock(), tmp_path)
    asked, often = [0], threading.Event()

    def unreadable(_store: Store, _identity: str, _now: float) -> None:
        asked[0] += 1
        if asked[0] == 7:
            often.set()
        raise StoreError("the store is malformed")

    ruling.evaluate = unreadable  # type: ignore[method-assign]
    try:
        with caplog.at_level("WARNING"):
            ruling.apply(house.configuration)
            assert often.wait(20)
            assert ruling.message == "rules are not evaluated: the store is malformed"
    finally:
        ruling.stop(10)
        house.close()
    assert [record.getMessage() for record in caplog.records] == ["rules are not evaluated: the store is malformed"]


def test_files(tmp_path: Path) -> None:
    book = Rulebook()
    found = book.look(RuleSettings(), tmp_path)
    assert found is not None
    assert not found.problems
    assert len(found.groups) == len(list(SHIPPED.glob("*.yaml")))
    assert "shipped/host.yaml;host" in found.groups
    assert book.look(RuleSettings(), tmp_path) is None
    assert book.look(RuleSettings(shipped=False), tmp_path) is not None


def test_in_its_thread(tmp_path: Path) -> None:
    """The thread begins with apply, evaluates, and ends with stop."""
    house = House(tmp_path, FrozenClock(SystemClock().now()))
    ruling = Ruling(house.writer, house.ingest, house.url, SystemClock(), tmp_path)
    evaluated = threading.Event()
    evaluate = ruling.evaluate

    def watched(store: Store, identity: str, now: float) -> None:
        evaluate(store, identity, now)
        evaluated.set()

    ruling.evaluate = watched  # type: ignore[method-assign]
    try:
        house.measure(500)
        ruling.apply(house.configuration)
        assert evaluated.wait(20)
        house.settle()
        assert house.states()["Now"] == "firing"
    finally:
        ruling.stop(10)
        assert ruling._thread is not None
        assert not ruling._thread.is_alive()
        house.close()


@pytest.mark.parametrize(
    "expr", ["age", "age offset 1m", "sum(age) + on () count(other)", "timestamp(other)", "absent(age)"]
)
def test_the_newest_samples_alone_tell_the_same(house: House, expr: str) -> None:
    """For expressions without ranges nothing is lost by reading the newest sample of each series only."""
    assert newest_only(expr)
    for turn in range(12):
        if turn not in (4, 5, 6, 7):
            house.measure(turn)
        if turn in (0, 7):
            rows = [(Sample("other", float(turn)), house.clock.now())]
            house.writer.submit(lambda connection, rows=rows: house.ingest.samples(connection, {}, rows, 600.0)).result(
                5
            )
        house.clock.advance(20)
        reader = house.store.reader(Moment(house.clock.now()))
        for at in (house.clock.now(), house.clock.now() - 50, house.clock.now() - 400):
            both = [Engine(StoredSamples(reader, newest_only=n)).instant(expr, at) for n in (False, True)]
            assert both[0] == both[1]
