"""How old a number is that a query made: as old as the oldest of the newest samples of the metrics it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.views import format as say
from penguintui.views.models.what import Value

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')


class Freshness:
    """The newest observation of every metric that some queries name; read with one question."""

    def __init__(self, reader: Reader, queries: Iterable[str]) -> None:
        self._at = reader.at
        known = reader.store.series.by_metric(reader.store)
        named = sorted({name for query in queries for name in names(query) if name in known})
        self._newest = reader.newest(named) if named else {}

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


def names(query: str) -> set[str]:
    """The words of a query that may be names of metrics: all outside of quotes."""
    return set(_NAME.findall(_QUOTED.sub("", query)))
