"""The life of alerts: inactive, pending, firing, resolved.

Pure: what was, what a query found, and a time in; what is out.
The rules are Prometheus' (its `rules/alerting.go` and, for a restart, `rules/group.go`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from penguintui.alerting.rulefiles import AlertingRule
from penguintui.model.clock import Time

Key = tuple[tuple[str, str], ...]
"""An alert's labels, sorted: what tells it from the rule's others."""

RESOLVED_RETENTION = 900.0
"""Seconds for which a resolved alert is remembered."""
OUTAGE_TOLERANCE = 3600.0
"""Seconds without evaluations after which a restart begins anew."""
GRACE = 600.0
"""Seconds that an alert waits at least after a restart before it fires; rules with a shorter `for` begin anew."""


class State(enum.StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class Instance:
    """One result of an alerting rule's query: the alert's labels, the value, and the labels of the sample itself."""

    key: Key
    labels: Mapping[str, str]
    value: float
    origin: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of a rule. An inactive one was firing and is resolved.

    active_at: since when its query holds. value, origin: of the last result, at `seen`. kept_since: since when it fires
    only because of `keep_firing_for`.
    """

    key: Key
    labels: Mapping[str, str]
    origin: Mapping[str, str]
    state: State
    active_at: Time
    value: float
    seen: Time
    fired_at: Time | None = None
    kept_since: Time | None = None
    resolved_at: Time | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """An alert that changed its state; a pending one that ceased becomes inactive and is forgotten."""

    before: State
    after: State
    alert: Alert
    at: Time


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation left. `error` says why it failed; then the alerts are as they were, but for a limit's."""

    alerts: Mapping[Key, Alert]
    transitions: Sequence[Transition] = ()
    error: str = ""

    @property
    def active(self) -> list[Alert]:
        """Alerts that are pending or firing."""
        return [alert for alert in self.alerts.values() if alert.state is not State.INACTIVE]


@dataclass(frozen=True, slots=True)
class Failure:
    """An evaluation without a result, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of an alert from before a restart: since when it was active, and when that was last evaluated."""

    active_at: Time
    evaluated: Time


def advance(
    rule: AlertingRule, alerts: Mapping[Key, Alert], result: Sequence[Instance] | Failure, now: Time, limit: int = 0
) -> Outcome:
    """One evaluation. A failure, or two results with the same labels, leave every alert as it is.

    limit: most alerts that the rule may have; with more, all of them are dropped and the evaluation fails. Nothing is
    limited where it is not above 0.
    """
    if isinstance(result, Failure):
        return Outcome(alerts, error=result.reason)
    if not result and not alerts:
        return Outcome(alerts)
    found = {instance.key: instance for instance in result}
    if len(found) < len(result):
        return Outcome(alerts, error="the result has alerts with the same labels, after the rule's labels were applied")
    turn = _Turn(rule, now)
    for key, before in alerts.items():
        turn.known(before, found.get(key))
    for key, instance in found.items():
        if key not in alerts:
            turn.new(instance)
    if 0 < limit < turn.active:
        dropped = [a for a in alerts.values() if a.state is not State.INACTIVE]
        transitions = [Transition(a.state, State.INACTIVE, a, now) for a in dropped]
        return Outcome({}, transitions, f"exceeded limit of {limit} with {turn.active} alerts")
    return Outcome(turn.after, turn.transitions)


@dataclass(slots=True)
class _Turn:
    """One evaluation under way."""

    rule: AlertingRule
    now: Time
    after: dict[Key, Alert] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    active: int = 0

    def known(self, before: Alert, instance: Instance | None) -> None:
        """An alert that was there."""
        if instance is None:
            self._ceased(before)
        elif before.state is State.INACTIVE:
            self.new(instance)
        else:
            alert = Alert(
                before.key,
                before.labels,
                instance.origin,
                before.state,
                before.active_at,
                instance.value,
                self.now,
                before.fired_at,
            )
            self._settle(alert, before.state)

    def new(self, instance: Instance) -> None:
        """A result that no active alert stands for yet."""
        alert = Alert(
            instance.key,
            instance.labels,
            instance.origin,
            State.PENDING,
            self.now,
            instance.value,
            self.now,
        )
        self._settle(alert, State.INACTIVE)

    def _ceased(self, before: Alert) -> None:
        """An alert whose query does not hold now: kept firing for a while, forgotten, or resolved."""
        if before.state is State.FIRING and self.rule.keep > 0:
            since = self.now if before.kept_since is None else before.kept_since
            if self.now - since < self.rule.keep:
                self._settle(replace(before, kept_since=since), before.state)
                return
        if before.state is State.PENDING:
            self.transitions.append(Transition(before.state, State.INACTIVE, before, self.now))
        elif before.state is State.FIRING:
            resolved = replace(before, state=State.INACTIVE, resolved_at=self.now)
            self.after[before.key] = resolved
            self.transitions.append(Transition(before.state, State.INACTIVE, resolved, self.now))
        elif before.resolved_at is None or self.now - before.resolved_at <= RESOLVED_RETENTION:
            self.after[before.key] = before

    def _settle(self, alert: Alert, was: State) -> None:
        """Let an active alert fire when its time has come, or wait again when `for` was raised."""
        self.active += 1
        waited = self.now - alert.active_at
        if alert.state is State.PENDING and waited >= self.rule.hold:
            alert = replace(alert, state=State.FIRING, fired_at=self.now)
        elif alert.state is State.FIRING and waited < self.rule.hold:
            alert = replace(alert, state=State.PENDING, fired_at=None, kept_since=None)
        self.after[alert.key] = alert
        if alert.state is not was:
            self.transitions.append(Transition(was, alert.state, alert, self.now))


def restore(
    rule: AlertingRule,
    alerts: Mapping[Key, Alert],
    remembered: Mapping[Key, Remembered],
    now: Time,
    *,
    grace: float = GRACE,
    tolerance: float = OUTAGE_TOLERANCE,
) -> Mapping[Key, Alert]:
    """Alerts after the first evaluation since a restart, with the time that they had already waited.

    Time in which nothing was evaluated does not count. One that had less than `grace` left waits for `grace`; one that
    fired fires again at its next evaluation. Rules whose `for` is shorter than `grace`, and outages longer than
    `tolerance`, begin anew.
    """
    if rule.hold < grace:
        return alerts
    return {
        key: _restored(rule, alert, known, now, grace)
        if (known := remembered.get(key)) is not None
        and alert.state is not State.INACTIVE
        and now - known.evaluated <= tolerance
        else alert
        for key, alert in alerts.items()
    }


def _restored(rule: AlertingRule, alert: Alert, known: Remembered, now: Time, grace: float) -> Alert:
    remaining = rule.hold - (known.evaluated - known.active_at)
    if remaining <= 0:
        active_at = known.active_at
    elif remaining < grace:
        active_at = now + grace - rule.hold
    else:
        active_at = known.active_at + (now - known.evaluated)
    return replace(alert, active_at=active_at)
