"""Looking up the names that expressions are made of, for completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.views.models.explore import Vocabulary

if TYPE_CHECKING:
    from penguintui.query.asking import Queries

_MOST_LABELS = 20
"""Labels whose values are looked up: a server answers for one label at a time."""
_MOST_VALUES = 500


def vocabulary(queries: Queries) -> Vocabulary:
    """What whoever answers knows. Where it cannot be asked, the language's own names remain."""
    from penguintui.query.errors import QueryError

    functions = _functions()
    try:
        metrics, labels = queries.label_values("__name__"), queries.label_names()
        shown = tuple(name for name in labels if not name.startswith("__"))
        values = {name: tuple(queries.label_values(name)[:_MOST_VALUES]) for name in shown[:_MOST_LABELS]}
    except QueryError:
        # The same trouble stands in the answer to the expression itself.
        return Vocabulary(functions=functions)
    return Vocabulary(tuple(metrics), shown, values, functions)


def _functions() -> tuple[str, ...]:
    from penguintui.query.functions.catalogue import FUNCTIONS
    from penguintui.query.operators.aggregation import REDUCERS
    from penguintui.query.operators.ranking import ORDERED

    return tuple(sorted({*FUNCTIONS, *REDUCERS, *ORDERED}))
