"""Screen 5, as far as it is known: figures of today, counts by state, mails and revenue by the hour."""

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
from penguintui.views.models.business import Business, CountLine
from penguintui.views.models.what import Need, Value
from penguintui.views.settings import Settings, need, settings

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

CAMPAIGNS = "sum by (status) (penguinmails_campaigns)"
CUSTOMERS = "sum by (state) (penguinmails_customers)"
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
    return Business(
        figures=business_lines(configured, ask, freshness),
        counts=tuple(line for line in counts if line.counts),
        charts=(mails(ask, changes), charts.chart("Revenue per hour", revenue, "dollars", ask.at)),
        needs=tuple(_needs(known, any(line.counts for line in counts))),
    )


def _counts(name: str, query: str, label: str, ask: Ask, freshness: Freshness) -> CountLine:
    """How many in each state, most first."""
    found = sorted(ask.instant(query).by(label).items(), key=lambda pair: (-pair[1], pair[0]))
    return CountLine(name, tuple((state, _value(state, count, query, freshness)) for state, count in found))


def _value(state: str, count: float, query: str, freshness: Freshness) -> Value:
    status = _WORRYING.get(state) if count else None
    return freshness.dated(Value(say.number(count), status, count, "count", source=query))


def _needs(known: Settings, counted: bool) -> Iterable[Need]:
    if not known.list("business"):
        yield need("Figures", "A figure is a query that gives one number of today, and its goal.", "business:")
    if not counted:
        text = f"They are counted by {' and '.join(name for name in METRICS if name in CAMPAIGNS + CUSTOMERS)}."
        yield need("Campaigns and customers", text, "a probe of type sql")
    yield Need(
        "Funnel, attribution, capacity",
        "Campaigns with their funnel, revenue by source, customers' health, capacity against growth.",
        "Nothing computes them yet.",
    )
