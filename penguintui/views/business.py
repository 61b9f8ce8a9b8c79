"""Screen 5: figures of today, counts by state, the funnel and the revenue of a day, both by the hour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from penguintui.model.metrics import METRICS
from penguintui.model.status import Status
from penguintui.views import charts
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.changes import lately
from penguintui.views.executive import REVENUE, business_lines, mails
from penguintui.views.freshness import Freshness
from penguintui.views.models.business import Business, CountLine, ShareLine
from penguintui.views.models.what import Need, Value
from penguintui.views.settings import Settings, need, settings

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

CAMPAIGNS = "sum by (status) (penguinmails_campaigns)"
CUSTOMERS = "sum by (state) (penguinmails_customers)"
_STAGES = {
    "sent": "penguinmails_mails_sent_total",
    "delivered": "penguinmails_mails_delivered_total",
    "opened": "penguinmails_opens_total",
    "replied": "penguinmails_replies_total",
}
_SOURCES = "sum by (source) (increase(penguinmails_revenue_dollars_total[1d]{}))"
_A_WEEK_AGO = " offset 1w"
_WORRYING = {"held": Status.WARNING, "affected": Status.CRITICAL, "failed": Status.CRITICAL}


def build(reader: Reader, ask: Ask) -> Business:
    """The business screen as of the reader's moment."""
    known = settings(reader)
    configured = known.list("business")
    freshness = Freshness(ask, [*(str(one["query"]) for one in configured), CAMPAIGNS, CUSTOMERS])
    changes = lately(reader, reader.at - say.DAY)
    revenue = ask.until_now(REVENUE, say.DAY, 72)
    counts = (
        _counts("Campaigns", CAMPAIGNS, "status", ask, freshness),
        _counts("Customers", CUSTOMERS, "state", ask, freshness),
    )
    funnel = _funnel(ask)
    return Business(
        figures=business_lines(configured, ask, freshness),
        counts=tuple(line for line in counts if line.counts),
        funnel=funnel,
        revenue=_sources(ask),
        charts=(mails(ask, changes), charts.chart("Revenue per hour", revenue, "dollars", ask.at)),
        needs=tuple(_needs(known, any(line.counts for line in counts), bool(funnel))),
    )


def _counts(name: str, query: str, label: str, ask: Ask, freshness: Freshness) -> CountLine:
    """How many in each state, most first."""
    found = sorted(ask.instant(query).by(label).items(), key=lambda pair: (-pair[1], pair[0]))
    return CountLine(name, tuple((state, _value(state, count, query, freshness)) for state, count in found))


def _value(state: str, count: float, query: str, freshness: Freshness) -> Value:
    status = _WORRYING.get(state) if count else None
    return freshness.dated(Value(say.number(count), status, count, "count", source=query))


def _funnel(ask: Ask) -> tuple[ShareLine, ...]:
    """How many mails of the last day came how far; stages that nobody counts are left out."""
    queries = {stage: f"sum(increase({metric}[1d]{{}}))" for stage, metric in _STAGES.items()}
    now = {stage: ask.instant(query.format("")).value("count").number for stage, query in queries.items()}
    before = {stage: ask.instant(query.format(_A_WEEK_AGO)).value("count").number for stage, query in queries.items()}
    return tuple(
        _share_line(stage, number, now["sent"], before[stage], "count", queries[stage].format(""))
        for stage, number in now.items()
        if number is not None
    )


def _sources(ask: Ask) -> tuple[ShareLine, ...]:
    """What the last day brought by each source, most first."""
    now, before = (ask.instant(_SOURCES.format(when)).by("source") for when in ("", _A_WEEK_AGO))
    ordered = sorted(now.items(), key=lambda pair: (-pair[1], pair[0]))
    whole, query = sum(now.values()), _SOURCES.format("")
    return tuple(_share_line(name or "all", each, whole, before.get(name), "dollars", query) for name, each in ordered)


def _share_line(
    name: str, number: float, whole: float | None, before: float | None, unit: str, query: str
) -> ShareLine:
    share = number / whole if whole else None
    value = Value(say.quantity(round(number), unit), None, number, unit, source=query)
    change = "" if not before else f"{100 * (number / before - 1):+.1f} %"
    return ShareLine(name, value, share, "" if share is None else say.percent(100 * share), change)


def _needs(known: Settings, counted: bool, funnelled: bool) -> Iterable[Need]:
    if not known.list("business"):
        yield need("Figures", "A figure is a query that gives one number of today, and its goal.", "business:")
    if not counted:
        text = f"They are counted by {' and '.join(name for name in METRICS if name in CAMPAIGNS + CUSTOMERS)}."
        yield need("Campaigns and customers", text, "a probe of type sql")
    if not funnelled:
        text = f"How far mails come is counted by {', '.join(_STAGES.values())}."
        yield need("Funnel", text, "a probe of type sql")
