"""From samples to alerts and recorded series: which labels and annotations they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from penguintui.alerting.machine import Alert, Instance
from penguintui.alerting.rulefiles import AlertingRule, RecordingRule
from penguintui.alerting.templates import Ask, Subject, expand

NAME, ALERTNAME, ALERTSTATE = "__name__", "alertname", "alertstate"
ALERTS, ALERTS_FOR_STATE = "ALERTS", "ALERTS_FOR_STATE"
"""The series that every alerting rule leaves: 1 while an alert is pending or firing, and since when it is active."""


@dataclass(frozen=True, slots=True)
class External:
    """Whose rules these are: labels and address for the outside, which templates can name."""

    labels: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


def instance(
    rule: AlertingRule, origin: Mapping[str, str], value: float, external: External, ask: Ask | None = None
) -> Instance:
    """One result of a rule's query, as the alert that it is."""
    labels = {name: text for name, text in origin.items() if name != NAME}
    for name, template in rule.labels.items():
        text = template
        if "{{" in template:
            subject = Subject(origin, value, external.labels, external.url)
            text = expand(template, subject, ask, f"__alert_{rule.name}")
        _set(labels, name, text)
    labels[ALERTNAME] = rule.name
    return Instance(tuple(sorted(labels.items())), labels, value, origin)


def annotated(rule: AlertingRule, alert: Alert, external: External, ask: Ask | None = None) -> dict[str, str]:
    """The alert's annotations, of its last result."""
    subject = Subject(alert.origin, alert.value, external.labels, external.url)
    name = f"__alert_{rule.name}"
    return {key: expand(template, subject, ask, name) for key, template in rule.annotations.items()}


def recorded(rule: RecordingRule, origin: Mapping[str, str]) -> dict[str, str]:
    """The labels under which a recording rule keeps a sample, without the name."""
    labels = {name: value for name, value in origin.items() if name != NAME}
    for name, value in rule.labels.items():
        _set(labels, name, value)
    return labels


def alerts_series(alert: Alert) -> dict[str, str]:
    """The labels of the alert in ALERTS; in ALERTS_FOR_STATE it has its own."""
    return {**alert.labels, ALERTSTATE: str(alert.state)}


def _set(labels: dict[str, str], name: str, value: str) -> None:
    """An empty label is no label."""
    if value:
        labels[name] = value
    else:
        labels.pop(name, None)
