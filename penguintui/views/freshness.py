"""How old a number is that a query made: as old as the oldest of the newest samples of the metrics it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.views import format as say
from penguintui.views.models.what import Value

if TYPE_CHECKING:
    from penguintui.views.ask import Ask


class Freshness:
    """The newest observation of every metric that some queries name; read with one question."""

    def __init__(self, ask: Ask, queries: Iterable[str]) -> None:
        self._at = ask.at
        named = sorted({name for query in queries for name in names(query)})
        self._newest = ask.newest(named) if named else {}

    def of(self, query: str) -> tuple[Time, bool] | None:
        """When what the query rests on was observed, and whether that holds no more. None for a query of nothing."""
        found = [self._newest[name] for name in names(query) if name in self._newest]
        if not found:
            return None
        observed, holds = min(found)
        return observed, self._at - observed > holds

    def dated(self, value: Value) -> Value:
        """The value with its age; its source is the query."""
        found = self.of(value.source)
        if found is None:
            return value
        observed, stale = found
        return replace(value, observed=observed, age=say.span(self._at - observed), stale=stale)


def names(query: str) -> frozenset[str]:
    """The metrics that a query names; none where it is wrong, or leaves them open."""
    from penguintui.query.errors import QueryError
    from penguintui.query.language.metrics import metrics_of

    try:
        return metrics_of(query) or frozenset()
    except QueryError:
        # What is wrong with it stands in its answer.
        return frozenset()
