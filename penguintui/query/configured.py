"""The queries that a configuration holds, read as the agent will read them: one that is no PromQL is told before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from penguintui.config.placeholders import PLACEHOLDER
from penguintui.config.selecting import mapping, texts
from penguintui.config.tree import Fault
from penguintui.query.errors import QueryError, shorten
from penguintui.query.language.parse import parse

_QUERIES = (
    "promises.*.query",
    "business.*.query",
    "business.*.trend",
    "deliverability.*",
    "actions.*.steps.*.metric.query",
)
_LONGEST = 300
"""Characters of the parser's words that a line of the errors has room for."""


def check_queries(data: Any) -> Iterator[Fault]:
    """Queries that do not parse, among the plain values of a configuration.

    A server that answers instead of the store may know more than PromQL (VictoriaMetrics does): its queries are its own
    to refuse. So are those whose text a run completes first.
    """
    if mapping(data, "query").get("type", "store") != "store":
        return
    for pattern in _QUERIES:
        for trail, text in texts(data, pattern):
            if PLACEHOLDER.search(text):
                continue
            try:
                parse(text)
            except QueryError as error:
                words = shorten(" ".join(error.message.split()), _LONGEST)
                yield Fault(trail, f"this is no PromQL: {words}", "try it with `penguintui query`")
