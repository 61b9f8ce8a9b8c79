"""Screen 5: what does the platform earn?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.executive import BusinessLine
    from penguintui.views.models.what import Need, Value


@dataclass(frozen=True, slots=True)
class CountLine:
    """How many there are of something in each state: campaigns, customers."""

    name: str
    counts: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Business:
    """Figures of today, counts by state, and charts; `needs` says what will stand here and what it needs."""

    figures: tuple[BusinessLine, ...]
    counts: tuple[CountLine, ...]
    charts: tuple[Chart, ...]
    needs: tuple[Need, ...] = ()
