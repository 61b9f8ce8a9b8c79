"""Screen 5: what does the platform earn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.executive import BusinessLine
    from penguintui.views.models.what import Need, Value


@record
class CountLine:
    """How many there are of something in each state: campaigns, customers."""

    name: str
    counts: tuple[tuple[str, Value], ...]


@record
class ShareLine:
    """A part of something over the last day: a stage of the funnel, a source of revenue.

    share: of the whole, 0..1; None where the whole is not known. share_text: "98.3 %". change: against the same day a
    week ago, "+3.1 %"; "" where nobody knows.
    """

    name: str
    value: Value
    share: float | None
    share_text: str
    change: str


@record
class Business:
    """Figures of today, counts by state, the last day's funnel and revenue by source, and charts.

    `needs` says what will stand here and what it needs.
    """

    figures: tuple[BusinessLine, ...]
    counts: tuple[CountLine, ...]
    funnel: tuple[ShareLine, ...]
    revenue: tuple[ShareLine, ...]
    charts: tuple[Chart, ...]
    needs: tuple[Need, ...] = ()
