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
class Business:
    """Figures of today, counts by state, and charts; `needs` says what will stand here and what it needs."""

    figures: tuple[BusinessLine, ...]
    counts: tuple[CountLine, ...]
    charts: tuple[Chart, ...]
    needs: tuple[Need, ...] = ()
