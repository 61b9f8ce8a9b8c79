"""One group of rules over time: evaluated again and again, it remembers its alerts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from penguintui.alerting.machine import (
    GRACE,
    OUTAGE_TOLERANCE,
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
from penguintui.alerting.raising import (
    ALERTS,
    ALERTS_FOR_STATE,
    External,
    alerts_series,
    annotated,
    instance,
    recorded,
)
from penguintui.alerting.rulefiles import AlertingRule, Group, RecordingRule
from penguintui.alerting.templates import Ask, asks
from penguintui.alerting.templatewords import QueriedSample
from penguintui.model.clock import Time
from penguintui.model.observation import Sample
from penguintui.query.errors import QueryError

Query = Callable[[str, Time], Sequence[QueriedSample]]
"""Evaluates an expression at a time; raises QueryError."""
Keep = Callable[[Sequence[Sample]], None]
"""Makes samples visible to the queries that follow."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that is pending or firing; `evaluated`: when its rule was last evaluated without error."""

    rule: AlertingRule
    alert: Alert
    annotations: Mapping[str, str]
    evaluated: Time


@dataclass(slots=True)
class _Watch:
    """An alerting rule and what is known of it."""

    rule: AlertingRule
    alerts: Mapping[Key, Alert] = field(default_factory=dict)
    words: dict[Key, tuple[float, Mapping[str, str]]] = field(default_factory=dict)
    remembered: Mapping[Key, Remembered] | None = None
    evaluated: Time | None = None

    @property
    def asks(self) -> bool:
        """Whether its annotations hold queries, which may answer otherwise each time."""
        return any(map(asks, self.rule.annotations.values()))


@dataclass(slots=True)
class Evaluation:
    """A group that is evaluated. `errors` says of the last evaluation which rules failed, and why."""

    group: Group
    external: External
    errors: dict[str, str] = field(default_factory=dict)
    _watches: dict[int, _Watch] = field(default_factory=dict)

    def remember(self, known: Mapping[tuple[str, Key], Remembered]) -> None:
        """What was known before a restart, by the rule's name and the alert's labels; used at the first evaluation."""
        for watch in self._all():
            watch.remembered = {key: one for (name, key), one in known.items() if name == watch.rule.name}

    def inherit(self, former: Evaluation) -> None:
        """Go on with the alerts of the group as it was before its file changed: rules are told by name and query."""
        left = list(former._watches.values())
        for watch in self._all():
            for one in left:
                if (one.rule.name, one.rule.labels) == (watch.rule.name, watch.rule.labels):
                    watch.alerts, watch.words, watch.remembered = one.alerts, one.words, one.remembered
                    watch.evaluated = one.evaluated
                    left.remove(one)
                    break

    def run(self, now: Time, query: Query, keep: Keep) -> list[Sample]:
        """Evaluate every rule, in order. What is recorded goes to `keep` at once; returns the samples of ALERTS."""
        self.errors = {}
        at = now - self.group.offset
        samples: list[Sample] = []
        for position, rule in enumerate(self.group.rules):
            try:
                found = query(rule.expr, at)
            except QueryError as error:
                self.errors[rule.name] = str(error)
                continue
            if isinstance(rule, RecordingRule):
                self._record(rule, found, keep)
            else:
                samples += self._alert(self._watch(position, rule), found, now, lambda expr: query(expr, at))
        return samples

    def standing(self) -> list[Standing]:
        """All alerts that are pending or firing."""
        return [
            Standing(watch.rule, alert, watch.words[alert.key][1], watch.evaluated)
            for watch in self._watches.values()
            if watch.evaluated is not None
            for alert in watch.alerts.values()
            if alert.state is not State.INACTIVE
        ]

    def unknown(self) -> list[str]:
        """The alerting rules that were never evaluated without error: how their alerts stand is not known."""
        return [watch.rule.name for watch in self._all() if watch.evaluated is None]

    def _record(self, rule: RecordingRule, found: Sequence[QueriedSample], keep: Keep) -> None:
        samples = [Sample(rule.name, one.value, recorded(rule, one.labels)) for one in found]
        if len({tuple(sorted(sample.labels.items())) for sample in samples}) < len(samples):
            self.errors[rule.name] = "vector contains metrics with the same labelset after applying rule labels"
        elif 0 < self.group.limit < len(samples):
            self.errors[rule.name] = f"exceeded limit of {self.group.limit} with {len(samples)} series"
        elif samples:
            keep(samples)

    def _alert(
        self,
        watch: _Watch,
        found: Sequence[QueriedSample],
        now: Time,
        ask: Ask,
    ) -> list[Sample]:
        rule = watch.rule
        result = [instance(rule, one.labels, one.value, self.external, ask) for one in found]
        outcome = self._advanced(watch, result, now)
        watch.alerts = outcome.alerts
        watch.words = {key: self._words(watch, alert, ask) for key, alert in outcome.alerts.items()}
        if outcome.error:
            self.errors[rule.name] = outcome.error
            return []
        watch.evaluated = now
        active = outcome.active
        samples = [Sample(ALERTS, 1.0, alerts_series(alert)) for alert in active]
        return samples + [Sample(ALERTS_FOR_STATE, alert.active_at, alert.labels) for alert in active]

    def _words(self, watch: _Watch, alert: Alert, ask: Ask) -> tuple[float, Mapping[str, str]]:
        """The alert's annotations with the value for which they were made: of the same value they say the same."""
        known = watch.words.get(alert.key)
        if known is not None and known[0] == alert.value and not watch.asks:
            return known
        return alert.value, annotated(watch.rule, alert, self.external, ask)

    def _advanced(self, watch: _Watch, result: Sequence[Instance] | Failure, now: Time) -> Outcome:
        """The next state; after a restart with what was known before it."""
        rule, known = watch.rule, watch.remembered
        outcome = advance(rule, watch.alerts, result, now, self.group.limit)
        if known is None or outcome.error:
            return outcome
        watch.remembered = None
        # An alert that fired before goes on firing also where `for` is short: nobody is to be told twice.
        alerts = restore(rule, outcome.alerts, known, now, grace=min(GRACE, rule.hold), tolerance=OUTAGE_TOLERANCE)
        again = advance(rule, alerts, result, now, self.group.limit)
        return replace(again, transitions=(*outcome.transitions, *again.transitions))

    def _watch(self, position: int, rule: AlertingRule) -> _Watch:
        return self._watches.setdefault(position, _Watch(rule))

    def _all(self) -> list[_Watch]:
        """The watches of all alerting rules, made where they are new."""
        rules = self.group.rules
        return [self._watch(i, rule) for i, rule in enumerate(rules) if isinstance(rule, AlertingRule)]
