"""Explore: what an expression gives, as a chart and as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penguintui.views.models.chart import Chart
    from penguintui.views.models.what import Trend


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that expressions are made of, each kind sorted. values: of the labels that have few enough.

    functions: aggregations too.
    """

    metrics: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExploreRow:
    """One series at the moment. series: as it is selected. text: its value with all its digits."""

    series: str
    text: str
    number: float
    trend: Trend


@dataclass(frozen=True, slots=True)
class Explore:
    """An expression and its answer.

    place: who answered. said: the answer in a few words ("3 series"). trouble: why there is none, "" when there is.
    rows: at most a thousand. chart: None while nothing was asked.
    """

    expression: str
    place: str
    said: str = ""
    trouble: str = ""
    rows: tuple[ExploreRow, ...] = ()
    chart: Chart | None = None
    words: Vocabulary = field(default_factory=Vocabulary)
