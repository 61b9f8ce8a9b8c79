"""Mailbox providers: how much they take from us, how fast, and what they do with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.ask import Answer, Ask
from penguintui.views.freshness import Freshness
from penguintui.views.models.deliverability import ProviderRow
from penguintui.views.models.what import Trend, Value
from penguintui.views.settings import Settings

_QUERIES = {
    "sent": ("volume", "count"),
    "delivery_p50": ("delivery_p50", "seconds"),
    "delivery_p95": ("delivery_p95", "seconds"),
    "deferred": ("deferred", "ratio"),
    "bounced": ("bounced", "ratio"),
    "complained": ("complained", "ratio"),
    "placed": ("placed", "ratio"),
}
"""Setting, the column that it fills, and its unit."""
_FAR = 2.0
"""A number that is so many times beyond its limit is critical."""
_NEAR = 0.1
"""A share that is at most so much below its limit is a warning, not critical."""
_FEWEST = 30
"""Seed mails below which a share is no verdict."""


@record
class Limits:
    """By what providers are judged; see `deliverability:` in the configuration."""

    delivery: float
    bounced: float
    complained: float
    placed: float

    @property
    def words(self) -> str:
        return (
            f"95 % within {say.seconds(self.delivery)}, bounced <= {say.quantity(self.bounced, 'ratio')}, "
            f"complained <= {say.quantity(self.complained, 'ratio')}, placed >= {say.quantity(self.placed, 'ratio')}"
        )


def limits(known: Settings) -> Limits:
    """The configured limits. The defaults are those of the configuration."""
    section = known.section("deliverability")
    return Limits(
        float(section.get("delivery_limit", 60.0)),
        float(section.get("bounce_limit", 0.02)),
        float(section.get("complaint_limit", 0.001)),
        float(section.get("placed_limit", 0.95)),
    )


def rows(known: Settings, limit: Limits, ask: Ask) -> tuple[ProviderRow, ...]:
    """A row for each configured provider, the worst first. One query for each column."""
    section = known.section("deliverability")
    configured = section.get("providers") or ()
    if not configured:
        return ()
    queries = {name: str(section[name]) for name in (*_QUERIES, "placed_count") if section.get(name)}
    freshness = Freshness(ask, queries.values())
    answers = {name: ask.instant(query) for name, query in queries.items()}
    trends = ask.trends(queries["delivery_p95"], say.DAY, "1d", by="provider") if "delivery_p95" in queries else {}
    found = [
        _row(str(one["name"]), str(one["label"]), answers, freshness, limit, trends.get(str(one["label"])))
        for one in configured
    ]
    return tuple(sorted(found, key=lambda row: -row.status))


def _row(
    name: str,
    label: str,
    answers: Mapping[str, Answer],
    freshness: Freshness,
    limit: Limits,
    trend: Trend | None,
) -> ProviderRow:
    columns = {
        column: _value(answers.get(setting), label, unit, freshness) for setting, (column, unit) in _QUERIES.items()
    }
    columns["delivery_p95"] = _at_most(columns["delivery_p95"], limit.delivery)
    columns["bounced"] = _at_most(columns["bounced"], limit.bounced)
    columns["complained"] = _at_most(columns["complained"], limit.complained)
    counts = answers.get("placed_count")
    columns["placed"] = judge_placed(columns["placed"], counts, label, limit.placed)
    seeds = None if counts is None or columns["placed"].number is None else _counted(counts, label)
    judged = [v for v in columns.values() if v.status is not None]
    status = max((v.status for v in judged if v.status is not None), default=Status.UNKNOWN)
    reasons = [f"{title.replace('_', ' ')} {v.text}: {v.reason}" for title, v in columns.items() if _worries(v, status)]
    return ProviderRow(
        name=name, status=status, trend=trend or Trend(label="1d"), reason="; ".join(reasons), seeds=seeds, **columns
    )


def _worries(value: Value, status: Status) -> bool:
    return value.status is status and status is not Status.OK


def _value(answer: Answer | None, label: str, unit: str, freshness: Freshness) -> Value:
    if answer is None:
        return Value(say.NO_DATA, Status.UNKNOWN, unit=unit, reason="no query is configured for it")
    return freshness.dated(answer.value(unit, "provider", label))


def _at_most(value: Value, limit: float) -> Value:
    """The value judged by the most that it may be."""
    if value.number is None:
        return value
    words = f"limit {say.quantity(limit, value.unit)}"
    if value.number <= limit:
        return replace(value, status=Status.OK, reason=words)
    return replace(value, status=Status.CRITICAL if value.number >= _FAR * limit else Status.WARNING, reason=words)


def judge_placed(value: Value, counts: Answer | None, label: str, limit: float) -> Value:
    """The share that reached the inbox, with what it rests on: with few seed mails it is no verdict."""
    if value.number is None or counts is None:
        return value
    share, count = value.number, _counted(counts, label)
    if count is None:
        return replace(value, status=Status.UNKNOWN, reason="how many seed mails it rests on is not known")
    low, high = wilson(share, count)
    words = f"n = {count}, limit {say.quantity(limit, 'ratio')}"
    told = replace(value, text=f"{value.text} ±{say.digits(50 * (high - low), 2)}", reason=words)
    if count < _FEWEST:
        return replace(told, status=Status.UNKNOWN, reason=f"{words}: fewer than {_FEWEST} say nothing")
    if share >= limit:
        return replace(told, status=Status.OK)
    if high >= limit:
        return replace(told, status=Status.UNKNOWN, reason=f"{words}: too few to tell it from the limit")
    return replace(told, status=Status.WARNING if share >= limit - _NEAR else Status.CRITICAL)


def _counted(counts: Answer, label: str) -> int | None:
    """Seed mails of a provider; None where they are not known."""
    n = counts.by("provider").get(label)
    return None if n is None or not math.isfinite(n) or n < 1 else round(n)


def wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval (95 %) for a share of n: between which the true share may lie."""
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (middle - half) / scale, (middle + half) / scale
