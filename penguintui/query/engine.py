"""The PromQL engine: an expression and a time, or a range of times, in; a result out.

The semantics are Prometheus 3's, with names dropped at the end of the evaluation (its `promql-delayed-name-removal`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from penguintui.query.errors import QueryError
from penguintui.query.limits import FARTHEST, Budget, Limits

if TYPE_CHECKING:
    from penguintui.query import results
    from penguintui.query.answers import Answered
    from penguintui.query.language.nodes import Node
    from penguintui.query.plain.steps import PastSource
    from penguintui.query.results import Scalar, Vector
    from penguintui.query.source import SampleSource


class Engine:
    """Evaluates PromQL over a source of samples.

    `semantics` is 3 or 2: Prometheus 2 includes the oldest moment of a range and of the look-back, 3 does not.
    `lookback` (seconds) is how old a sample may be to stand for the present. An engine keeps nothing between queries.
    plain: the same samples as `source` has, for plain questions: see `penguintui.query.plain.moment`.
    """

    def __init__(
        self,
        source: SampleSource,
        *,
        semantics: int = 3,
        lookback: float = 300.0,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        monotonic: Callable[[], float] = time.monotonic,
        plain: PastSource | None = None,
    ) -> None:
        if semantics not in (2, 3):
            raise ValueError(f"PromQL's semantics are those of Prometheus 2 or 3, not {semantics}")
        self._source = source
        self._plain = plain
        self._most = min(limits.series, limits.samples // 2)
        self._closed = semantics == 2
        self._lookback = round(lookback * 1000)
        self._limits = limits
        self._monotonic = monotonic

    def instant(self, expr: str, at: float) -> results.Result:
        """The expression's value at one moment (seconds since 1970). Raises `QueryError`."""
        from penguintui.query.language.parse import parse

        node = parse(expr)
        moment = _milliseconds(at, "the time", expr)
        return self._plainly(node, moment) or self._evaluate(expr, node, moment, moment, 0).instant()

    def _plainly(self, node: Node, moment: int) -> Vector | Scalar | None:
        """The answer to a plain question; None when it is not plain."""
        if self._plain is None:
            return None
        from penguintui.query.plain.moment import answer

        return answer(self._plain, node, moment, self._lookback, closed=self._closed, most=self._most)

    def range(self, expr: str, start: float, end: float, step: float) -> results.Matrix:
        """The expression's values from `start` to `end`, both included, every `step` seconds. Raises `QueryError`."""
        from penguintui.query.language.nodes import Kind, kind_of
        from penguintui.query.language.parse import parse

        node = parse(expr)
        kind = kind_of(node)
        if kind not in (Kind.VECTOR, Kind.SCALAR):
            raise QueryError(f"a range query needs a scalar or an instant vector, not a {kind.value}", expr)
        first, last = _milliseconds(start, "the start", expr), _milliseconds(end, "the end", expr)
        interval = _milliseconds(step, "the step", expr)
        if interval <= 0:
            raise QueryError(f"the step of a range query is at least a millisecond, not {step:g} s", expr)
        if last < first:
            raise QueryError("the end of a range query is not before its start", expr)
        return (
            self._plain_steps(node, first, last, interval) or self._evaluate(expr, node, first, last, interval).matrix()
        )

    def _plain_steps(self, node: Node, first: int, last: int, interval: int) -> results.Matrix | None:
        """The same at some steps in time (milliseconds)."""
        if self._plain is None:
            return None
        from penguintui.query.plain.steps import answer_steps

        steps = range(first, last + 1, interval)
        return answer_steps(self._plain, node, steps, self._lookback, closed=self._closed, most=self._most)

    def _evaluate(self, expr: str, node: Node, start: int, end: int, step: int) -> Answered:
        from penguintui.query.answers import answer

        budget = Budget(self._limits, self._monotonic)
        try:
            if step:
                budget.steps((end - start) // step + 1)
            return answer(self._source, node, (start, end, step), self._lookback, self._closed, budget)
        except QueryError as error:
            raise _placed(error, expr) from None
        except RecursionError:
            raise QueryError("the expression is nested too deep", expr) from None


def _milliseconds(seconds: float, what: str, expr: str) -> int:
    if not abs(seconds) <= FARTHEST:
        raise QueryError(f"{what} of a query is a time that a calendar knows, not {seconds:g} s", expr)
    return round(seconds * 1000)


def _placed(error: QueryError, expr: str) -> QueryError:
    """The error with the place of the offending part, where its text stands in the query exactly once."""
    if not error.expression:
        error.expression = expr
    if error.position is None and error.expression != expr and expr.count(error.expression) == 1:
        error.position = expr.index(error.expression)
    return error
