"""The life of alerts, against a table of single steps and against a plain model."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from penguintui.alerting.machine import (
    RESOLVED_RETENTION,
    Alert,
    Failure,
    Instance,
    Key,
    Outcome,
    Remembered,
    State,
    advance,
    restore,
)
from penguintui.alerting.rulefiles import AlertingRule


def instance(name: str, value: float = 1.0) -> Instance:
    labels = {"alertname": "A", "x": name}
    return Instance(tuple(sorted(labels.items())), labels, value, {"x": name})


def run(alerting: AlertingRule, *steps: tuple[float, str | None], limit: int = 0) -> list[dict[str, str]]:
    """Evaluate at each time with these results (letters; None is a failure); the states after each."""
    alerts: Mapping[Key, Alert] = {}
    states = []
    for at, names in steps:
        result = Failure("broken") if names is None else [instance(n) for n in names]
        alerts = advance(alerting, alerts, result, at, limit).alerts
        states.append({a.labels["x"]: str(a.state) for a in alerts.values()})
    return states


def test_fires_at_once_without_for() -> None:
    assert run(AlertingRule("A", "m"), (0, "a")) == [{"a": "firing"}]


def test_waits_for_exactly_as_long_as_asked() -> None:
    states = run(AlertingRule("A", "m", hold=60), (0, "a"), (59, "a"), (60, "a"), (61, ""))
    assert [s["a"] for s in states] == ["pending", "pending", "firing", "inactive"]


def test_pending_is_forgotten_and_never_kept() -> None:
    assert run(AlertingRule("A", "m", hold=60, keep=600), (0, "a"), (30, "")) == [{"a": "pending"}, {}]


def test_keeps_firing_strictly_less_than_asked() -> None:
    states = run(AlertingRule("A", "m", keep=60), (0, "a"), (10, ""), (69, ""), (70, ""))
    assert [s["a"] for s in states] == ["firing", "firing", "firing", "inactive"]


def test_kept_alert_that_comes_back_is_the_same() -> None:
    alerting = AlertingRule("A", "m", keep=60)
    alerts: Mapping[Key, Alert] = {}
    for at, names in ((0, "a"), (10, ""), (20, "a"), (30, ""), (85, "")):
        alerts = advance(alerting, alerts, [instance(n) for n in names], at).alerts
    (alert,) = alerts.values()
    assert (alert.state, alert.active_at, alert.kept_since, alert.seen) == (State.FIRING, 0, 30, 20)


def test_error_leaves_everything() -> None:
    states = run(AlertingRule("A", "m", hold=60), (0, "a"), (30, None), (60, None), (90, "a"))
    assert [s["a"] for s in states] == ["pending", "pending", "pending", "firing"]


def test_same_labels_twice_is_an_error_that_leaves_everything() -> None:
    alerting = AlertingRule("A", "m")
    first = advance(alerting, {}, [instance("a")], 0)
    second = advance(alerting, first.alerts, [instance("b"), instance("b")], 1)
    assert second.alerts == first.alerts
    assert "same labels" in second.error


def test_resolved_is_remembered_for_a_while() -> None:
    states = run(
        AlertingRule("A", "m"), (0, "a"), (10, ""), (10 + RESOLVED_RETENTION, ""), (11 + RESOLVED_RETENTION, "")
    )
    assert states == [{"a": "firing"}, {"a": "inactive"}, {"a": "inactive"}, {}]


def test_resolved_that_comes_back_begins_anew() -> None:
    states = run(AlertingRule("A", "m", hold=20), (0, "a"), (20, "a"), (30, ""), (40, "a"), (60, "a"))
    assert [s["a"] for s in states] == ["pending", "firing", "inactive", "pending", "firing"]


def test_raised_for_makes_it_wait_again() -> None:
    firing = advance(AlertingRule("A", "m"), {}, [instance("a")], 0).alerts
    waiting = advance(AlertingRule("A", "m", hold=60), firing, [instance("a")], 30)
    (alert,) = waiting.alerts.values()
    assert (alert.state, alert.active_at, alert.fired_at) == (State.PENDING, 0, None)
    assert [(t.before, t.after) for t in waiting.transitions] == [(State.FIRING, State.PENDING)]
    (alert,) = advance(AlertingRule("A", "m", hold=60), waiting.alerts, [instance("a")], 60).alerts.values()
    assert (alert.state, alert.fired_at) == (State.FIRING, 60)


def test_too_many_drop_all() -> None:
    alerting = AlertingRule("A", "m")
    before = advance(alerting, {}, [instance("a")], 0, limit=2).alerts
    outcome = advance(alerting, before, [instance(n) for n in "abc"], 1, limit=2)
    assert outcome.alerts == {}
    assert outcome.error == "exceeded limit of 2 with 3 alerts"
    assert [(t.before, t.after) for t in outcome.transitions] == [(State.FIRING, State.INACTIVE)]
    assert run(alerting, (0, "ab"), limit=2) == [{"a": "firing", "b": "firing"}]
    assert run(alerting, (0, "ab"), limit=-1) == [{"a": "firing", "b": "firing"}]


HOLD = 1800.0


@pytest.mark.parametrize(
    ("hold", "active", "evaluated", "now", "wanted"),
    [
        (HOLD, 0, 1800, 2000, 0),  # had fired: fires again at the next evaluation
        (HOLD, 0, 1500, 2000, 2000 + 600 - HOLD),  # 300 s were left: waits for the grace
        (HOLD, 0, 600, 2000, 1400),  # the outage does not count
        (HOLD, 0, 600, 600 + 3600, 3600),  # as long as is tolerated
        (HOLD, 0, 600, 600 + 3601, 600 + 3601),  # longer: begins anew
        (300.0, 0, 300, 400, 400),  # a short `for` begins anew
    ],
)
def test_restart(hold: float, active: float, evaluated: float, now: float, wanted: float) -> None:
    alerting = AlertingRule("A", "m", hold=hold)
    alerts = advance(alerting, {}, [instance("a"), instance("new")], now).alerts
    known = {instance("a").key: Remembered(active, evaluated)}
    restored = restore(alerting, alerts, known, now)
    assert restored[instance("a").key].active_at == wanted
    assert restored[instance("new").key].active_at == now


class Life(RuleBasedStateMachine):
    """Evaluations at random times with random results, beside a model that keeps only what happened."""

    @initialize(hold=st.sampled_from([0.0, 30.0, 100.0]), keep=st.sampled_from([0.0, 40.0]))
    def begin(self, hold: float, keep: float) -> None:
        self.rule_under_test = AlertingRule("A", "m", hold=hold, keep=keep)
        self.now = 0.0
        self.outcome = Outcome({})
        self.since: dict[str, float] = {}  # unbroken in results
        self.firing_model: dict[str, tuple[float, float | None]] = {}  # active since, absent since

    @rule(wait=st.sampled_from([1.0, 15.0, 30.0, 41.0, 1000.0]), names=st.sets(st.sampled_from("abc")))
    def evaluate(self, wait: float, names: set[str]) -> None:
        self.now += wait
        self.outcome = advance(self.rule_under_test, self.outcome.alerts, [instance(n) for n in names], self.now)
        for name in "abc":
            if name in names:
                active = self.firing_model.get(name, (self.since.get(name, self.now), None))[0]
                self.since.setdefault(name, active)
                if self.now - self.since[name] >= self.rule_under_test.hold:
                    self.firing_model[name] = (self.since[name], None)
            elif name in self.firing_model:
                active, absent = self.firing_model[name]
                absent = self.now if absent is None else absent
                self.firing_model[name] = (active, absent)
                if self.now - absent >= self.rule_under_test.keep:
                    del self.firing_model[name]
                    self.since.pop(name, None)
            else:
                self.since.pop(name, None)

    @rule(wait=st.sampled_from([1.0, 50.0]))
    def fail(self, wait: float) -> None:
        self.now += wait
        before = self.outcome.alerts
        self.outcome = advance(self.rule_under_test, before, Failure("broken"), self.now)
        assert self.outcome.alerts == before
        assert self.outcome.error == "broken"

    @invariant()
    def firing_as_in_the_model(self) -> None:
        found = {a.labels["x"] for a in self.outcome.alerts.values() if a.state is State.FIRING}
        assert found == set(self.firing_model)

    @invariant()
    def pending_as_in_the_model(self) -> None:
        found = {a.labels["x"]: a.active_at for a in self.outcome.alerts.values() if a.state is State.PENDING}
        assert found == {n: at for n, at in self.since.items() if n not in self.firing_model}

    @invariant()
    def resolved_are_not_kept_too_long(self) -> None:
        for alert in self.outcome.alerts.values():
            assert (alert.state is State.INACTIVE) == (alert.resolved_at is not None)

    @invariant()
    def transitions_say_what_changed(self) -> None:
        for transition in self.outcome.transitions:
            assert transition.before is not transition.after
            after = self.outcome.alerts.get(transition.alert.key)
            assert (after.state if after else State.INACTIVE) is transition.after


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
