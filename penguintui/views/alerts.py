"""Alerts as screens show them: like findings, since both say what is wrong, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.technical import FindingLine

if TYPE_CHECKING:
    from penguintui.store.alerts import AlertRecord
    from penguintui.store.reader import Reader

_CRITICAL = frozenset({"critical", "page", "emergency", "error", "high"})
_QUIET = frozenset({"info", "none", "ok"})


def firing(reader: Reader) -> tuple[FindingLine, ...]:
    """The alerts that fire at the reader's moment and are meant to worry, worst first, of equals the oldest first."""
    from penguintui.store.alerts import alerts

    lines = [
        alert_line(alert, reader.at)
        for alert in alerts(reader)
        if alert.firing and alert.labels.get("severity", "") not in _QUIET
    ]
    return tuple(sorted(lines, key=lambda line: (-line.status, line.since_at, line.target, line.title, line.subject)))


def alert_line(alert: AlertRecord, at: Time) -> FindingLine:
    """One alert. Of one whose rule was not evaluated in time nothing is known any more."""
    stale = alert.stale(at)
    summary = alert.annotations.get("summary") or alert.annotations.get("description") or alert.rule
    age = say.span(at - alert.observed)
    runbook = alert.annotations.get("runbook", "")
    began = alert.fired_at if alert.fired_at is not None else alert.active_at
    return FindingLine(
        target=alert.labels.get("instance", ""),
        check=f"alert.{alert.rule}",
        title=alert.rule,
        subject="",
        status=Status.UNKNOWN if stale else status_of(alert),
        summary=f"{summary} ({age} ago, not evaluated since)" if stale else summary,
        remedy=f"see the runbook {runbook}" if runbook else "",
        since=say.short(began, at),
        since_at=began,
        age=age,
        stale=stale,
        source=alert.group,
        evidence=alert.labels,
    )


def status_of(alert: AlertRecord) -> Status:
    """How much an alert worries, by its label severity; one without it is a warning."""
    return Status.CRITICAL if alert.labels.get("severity", "") in _CRITICAL else Status.WARNING


def untold(alerts: Iterable[FindingLine], known: Mapping[str, Status]) -> list[FindingLine]:
    """The alerts that no target's own state tells: of one that is as bad already, an alert is no news."""
    return [alert for alert in alerts if known.get(alert.target, Status.OK) < alert.status]
