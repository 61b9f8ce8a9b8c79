"""The promises as cards: now, target, error budget left, burn rate, trend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from penguintui.analysis import slo
from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.ask import Ask, Past
from penguintui.views.freshness import Freshness
from penguintui.views.models.executive import PromiseCard
from penguintui.views.models.what import Trend, Value

_HOUR = 3600.0
_WINDOW_POINTS = 1500
_RECENT_POINTS = 30
_TREND_POINTS = 60
_ENOUGH = 0.9
"""Share of the window for which there must be data before a budget is shown without a word on it."""


@record
class _Promise:
    name: str
    query: str
    unit: str
    target: slo.Comparison
    objective: float
    window: float
    mean: bool


def cards(configured: Sequence[Mapping[str, Any]], ask: Ask, freshness: Freshness) -> tuple[PromiseCard, ...]:
    """A card for each promise, in the order of the configuration. Three queries each, two of them remembered."""
    return tuple(_card(_read(section), ask, freshness) for section in configured)


def _read(section: Mapping[str, Any]) -> _Promise:
    return _Promise(
        name=str(section["name"]),
        query=str(section["query"]),
        unit=str(section.get("unit", "")),
        target=slo.parse_comparison(str(section["target"])),
        objective=float(section.get("objective", 99.0)),
        window=float(section.get("window", 30 * say.DAY)),
        mean=bool(section.get("mean", False)),
    )


def _card(promise: _Promise, ask: Ask, freshness: Freshness) -> PromiseCard:
    window = ask.past(promise.query, promise.window, _WINDOW_POINTS)
    recent = ask.past(promise.query, _HOUR, _RECENT_POINTS)
    budget = _budget(promise, window, recent)
    now = freshness.dated(ask.instant(promise.query).value(promise.unit))
    if promise.mean:
        now = _mean(promise, now, budget)
    kept = None if now.number is None else promise.target.holds(now.number)
    status = slo.judge(kept, budget)
    return PromiseCard(
        name=promise.name,
        status=status,
        now=replace(now, status=status),
        target=f"of {_limit(promise)}",
        budget_left=None if budget is None else min(max(budget.left, 0.0), 1.0),
        budget_text=_budget_text(budget),
        burn_rate=budget.burn if budget else None,
        burn_text=_burn_text(budget),
        burn_status=_burn_status(budget),
        window=say.span(promise.window),
        trend=_trend(promise, window),
        note=_note(promise, now, kept, budget),
        broken_since=_broken_since(promise, recent, ask.at) if kept is False else None,
    )


def _limit(promise: _Promise) -> str:
    return say.quantity(promise.target.limit, promise.unit)


def _budget(promise: _Promise, window: Past, recent: Past) -> slo.Budget | None:
    """The budget; None without data, and for a mean of something that has no best possible value."""
    target = promise.target
    if promise.mean:
        best = slo.best_of(target, promise.unit)
        if best is None:
            return None
        spent, allowed = slo.per_shortfall(target, best), abs(best - target.limit)
    else:
        spent, allowed = slo.per_breach(target), 1.0 - promise.objective / 100.0
    times, values = _only(window)
    return slo.budget(
        times,
        values,
        spent=spent,
        allowed=allowed,
        window=promise.window,
        step=window.step,
        recent=_only(recent)[1],
    )


def _only(past: Past) -> tuple[Sequence[float], Sequence[float]]:
    """The one series of an answer; nothing when there are none or several."""
    return (past.series[0].times, past.series[0].values) if len(past.series) == 1 else ((), ())


def _mean(promise: _Promise, now: Value, budget: slo.Budget | None) -> Value:
    """The mean over the window in the place of the newest value."""
    if budget is None:
        return now
    return replace(now, text=say.quantity(budget.mean, promise.unit), status=None, number=budget.mean, reason="")


def _budget_text(budget: slo.Budget | None) -> str:
    if budget is None:
        return say.NO_DATA
    if budget.left <= 0:
        return "spent"
    return f"{round(budget.left * 100)}%"


def _burn_text(budget: slo.Budget | None) -> str:
    if budget is None or budget.burn is None:
        return "burn unknown"
    return f"burn {say.digits(budget.burn, 2)}×"


def _burn_status(budget: slo.Budget | None) -> Status:
    if budget is None or budget.burn is None:
        return Status.UNKNOWN
    if budget.burn >= slo.PAGE:
        return Status.CRITICAL
    return Status.WARNING if budget.burn > 1 else Status.OK


def _note(promise: _Promise, now: Value, kept: bool | None, budget: slo.Budget | None) -> str:
    if kept is None:
        return now.reason
    if budget is None:
        return "no history yet: no budget can be told"
    words = []
    if budget.left <= 0:
        words.append(f"more failed than {say.span(promise.window)} allow")
    if budget.known < _ENOUGH:
        words.append(f"history of {say.span(budget.known * promise.window)} in {say.span(promise.window)}")
    return "; ".join(words)


def _broken_since(promise: _Promise, recent: Past, at: Time) -> Time:
    """Since when the target is missed without a break, to a minute; at most the last hour is looked at."""
    since = at
    times, values = _only(recent)
    for time, value in zip(reversed(times), reversed(values), strict=True):
        if math.isnan(value) or promise.target.holds(value):
            break
        since = time
    return since


def _trend(promise: _Promise, window: Past) -> Trend:
    """The window in few points, each the worst of its part: half an hour of trouble shows in thirty days."""
    worse = max if promise.target.small_is_good else min
    parts: list[list[float]] = [[] for _ in range(_TREND_POINTS)]
    length = max(window.end - window.start, 1.0)
    for time, value in zip(*_only(window), strict=True):
        if not math.isnan(value):
            parts[min(int((time - window.start) / length * _TREND_POINTS), _TREND_POINTS - 1)].append(value)
    points = tuple(worse(part) if part else None for part in parts)
    return Trend(points, window.start, window.end, say.span(promise.window), promise.target.limit)
