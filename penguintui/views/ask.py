"""Asking for numbers as of the moment shown. What cannot be answered comes back as words, never as an exception."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from penguintui.model.clock import Time
from penguintui.model.record import record
from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.what import Trend, Value
from penguintui.views.remembered import STANDS, Remembered

if TYPE_CHECKING:
    from penguintui.query.asking import EmbeddedQueries, Engines, Queries
    from penguintui.query.results import Result
    from penguintui.store.reader import Reader
    from penguintui.views.models.explore import Vocabulary

_Made = TypeVar("_Made")

_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Spaces between points, in seconds, that divide a day."""
_MINUTE = 60.0
_ARRIVES = 60.0
"""Seconds after which what was observed has arrived: a point of a time before is not asked again."""
_WHOLE = 120.0
"""Seconds after which all points are asked again, in case that something came later still."""


@record
class Point:
    labels: Mapping[str, str]
    value: float


@record
class Series:
    """One series' points; `times` ascend, in seconds."""

    labels: Mapping[str, str]
    times: tuple[float, ...]
    values: tuple[float, ...]


@record
class Answer:
    """Values at the moment. `trouble` says why there are none when the question itself failed.

    warnings: what they lack, such as samples that are damaged.
    """

    expr: str
    at: Time
    points: tuple[Point, ...] = ()
    trouble: str = ""
    warnings: tuple[str, ...] = ()

    def by(self, label: str) -> dict[str, float]:
        """Value by the value of a label; of points that lack it, by the empty text."""
        return {point.labels.get(label, ""): point.value for point in self.points}

    def value(self, unit: str, label: str | None = None, key: str = "") -> Value:
        """The number as a value: the only point, or the one whose label `label` is `key`."""
        found = [p.value for p in self.points if label is None or p.labels.get(label, "") == key]
        if len(found) != 1 or math.isnan(found[0]):
            return Value(say.NO_DATA, Status.UNKNOWN, unit=unit, source=self.expr, reason=self._why(len(found)))
        return Value(say.quantity(found[0], unit), None, found[0], unit, source=self.expr)

    def _why(self, count: int) -> str:
        if self.trouble:
            return self.trouble
        if count > 1:
            return f"the query gives {count} numbers, one is wanted"
        if count == 1:
            return f"the query gives no number (NaN), asked at {say.clock(self.at)}"
        return f"no data yet, asked at {say.clock(self.at)}"


@record
class Past:
    """Values over a span. `trouble` and `warnings` as in `Answer`."""

    expr: str
    start: Time
    end: Time
    step: float
    series: tuple[Series, ...] = ()
    trouble: str = ""
    warnings: tuple[str, ...] = ()


@record
class _Asked:
    """Values over a span as they were known at a time, and until when they may be gone on from."""

    past: Past
    at: Time
    until: Time


class Memory:
    """Answers about the past that need not be asked again: the past changes only at its end.

    Kept by whoever asks repeatedly, at most `size` of them, the oldest forgotten first.
    """

    def __init__(self, size: int = 128) -> None:
        self._size = size
        self._kept: dict[tuple[Any, ...], Any] = {}
        self.now = Remembered()

    def get(self, key: tuple[Any, ...]) -> Any:
        return self._kept.get(key)

    def keep(self, key: tuple[Any, ...], what: Any) -> None:
        self._kept.pop(key, None)
        while len(self._kept) >= self._size:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = what


class Ask:
    """Questions as of one moment."""

    def __init__(
        self,
        queries: Queries,
        at: Time,
        memory: Memory | None = None,
        changes: Mapping[str, int] | None = None,
        settled: bool = False,
        store: EmbeddedQueries | None = None,
    ) -> None:
        """changes: the batch that touched each metric last; None when nobody knows, so that no answer is kept.

        settled: nothing of the moment changes any more, so that every answer is kept. store: the queries where they
        are asked of our own store about now.
        """
        self.at = at
        self._settled = settled
        self._queries = queries
        self._memory = memory or Memory()
        self._changes = changes
        self._store = store
        self.warnings: dict[str, None] = {}
        """What the answers lack that were given so far, each said once."""

    def instant(self, expr: str) -> Answer:
        """The values of an expression at the moment."""
        from penguintui.query.errors import QueryError

        try:
            answer = self._answered(expr)
        except QueryError as error:
            return Answer(expr, self.at, trouble=str(error))
        self.warnings |= dict.fromkeys(answer.warnings)
        return answer

    def _answered(self, expr: str) -> Answer:
        """The answer, asked anew only where what is remembered holds no more."""
        if self._settled:
            return self._kept(expr)
        if self._changes is None:
            return self._instant(expr)
        answer = self._memory.now.standing(expr, self.at, self._changes)
        if answer is None:
            answer = self._instant(expr)
            self._memory.now.keep(answer, self._changes)
        return answer

    def marks(self, instances: Collection[str]) -> Mapping[str, int] | None:
        """For each instance a number that is another one once it was observed anew; None when nobody knows."""
        return None if self._store is None else self._store.marks(instances)

    def instant_of(self, instances: Collection[str], expr: str) -> Answer:
        """The values of an expression over the series of some instances alone, asked in any case.

        Only for those who have `marks`.
        """
        from penguintui.query.errors import QueryError

        assert self._store is not None  # noqa: S101  (who has no marks cannot ask)
        try:
            return _answer(expr, self.at, self._store.of(instances).instant(expr, self.at))
        except QueryError as error:
            return Answer(expr, self.at, trouble=str(error))

    def _kept(self, expr: str) -> Answer:
        """The answer as of a moment that is over: asked once."""
        key = ("instant", expr, self.at)
        known: Answer | None = self._memory.get(key)
        if known is None:
            known = self._instant(expr)
            self._memory.keep(key, known)
        return known

    def _instant(self, expr: str) -> Answer:
        return _answer(expr, self.at, self._queries.instant(expr, self.at))

    @property
    def place(self) -> str:
        """Who answers: "the store", or a server's address."""
        return self._queries.place

    def newest(self, metrics: Sequence[str]) -> dict[str, tuple[Time, float]]:
        """When each metric was last observed, and for how many seconds that holds; nothing where nobody answers."""
        from penguintui.query.errors import QueryError

        try:
            return self._queries.newest(metrics, self.at)
        except QueryError:
            # The same trouble stands in the answers themselves.
            return {}

    def vocabulary(self) -> Vocabulary:
        """The names that expressions are made of; looked up once a minute."""
        from penguintui.views.vocabulary import vocabulary

        key = ("vocabulary", self.place, self.at // 60)
        known: Vocabulary | None = self._memory.get(key)
        if known is None:
            known = vocabulary(self._queries)
            self._memory.keep(key, known)
        return known

    def past(self, expr: str, span: float, points: int) -> Past:
        """The values over the last `span` seconds, about `points` of them, at round times.

        Asked once for each step: within a step the answer is remembered, and at the next one only what is new is asked.
        """
        start, end, step = self._window(span, points)
        key = ("past", expr, start, end, step)
        known = self._memory.get(key)
        if known is None:
            known = self._followed(expr, start, end, step)
            if known.series:
                self._memory.keep(key, known)
        found: Past = known
        self.warnings |= dict.fromkeys(found.warnings)
        return found

    def until_now(self, expr: str, span: float, points: int) -> Past:
        """As `past`, and one point more at the last full minute: a chart of days shows what has just begun."""
        past = self.past(expr, span, points)
        minute = self.at // _MINUTE * _MINUTE
        if minute <= past.end or not past.series:
            return past
        key = ("until now", expr, past.start, past.end, past.step, minute)
        known: Past | None = self._memory.get(key)
        if known is None:
            known = _prolonged(past, self._past(expr, minute, minute, _MINUTE))
            self._memory.keep(key, known)
        return known

    def once(self, past: Past, what: Sequence[Hashable], make: Callable[[], _Made]) -> _Made:
        """What is made of values over a span, the same object while they and `what` it is are the same."""
        key = ("made", past.expr, past.start, past.end, past.step, *what)
        known: _Made | None = self._memory.get(key)
        if known is None:
            known = make()
            if past.series:
                self._memory.keep(key, known)
        return known

    def trends(self, expr: str, span: float, label: str, *, by: str = "instance", points: int = 60) -> dict[str, Trend]:
        """A trend for each value of the label `by`; `label` is what the span is called ("1h")."""
        past = self.past(expr, span, points)
        key = ("trends", expr, past.start, past.end, past.step, by)
        known: dict[str, Trend] | None = self._memory.get(key)
        if known is None:
            known = {s.labels.get(by, ""): trend(s, past, label) for s in past.series}
            if known:
                self._memory.keep(key, known)
        return known

    def trends_of(
        self, names: Sequence[str], expr: Callable[[Sequence[str]], str], span: float, label: str, *, points: int = 60
    ) -> dict[str, Trend]:
        """The trends of some instances by name; those that are known at this step are not asked again.

        expr: the expression that gives a value for each instance that it is given, of none for all.
        """
        start, end, step = self._window(span, points)
        key = ("trends of", expr(()), start, end, step)
        known: dict[str, Trend | None] = self._memory.get(key) or {}
        missing = [name for name in names if name not in known]
        if missing:
            if self._store is None:
                past = self._past(expr(missing), start, end, step)
            else:
                past = self._past(expr(()), start, end, step, self._store.of(missing))
            found = {s.labels.get("instance", ""): trend(s, past, label) for s in past.series}
            known = {**known, **{name: found.get(name) for name in missing}}
            if found:
                self._memory.keep(key, known)
        return {name: one for name in names if (one := known.get(name)) is not None}

    def _window(self, span: float, points: int) -> tuple[Time, Time, float]:
        """Start and end at round times, and the step between about so many points."""
        step = next((float(s) for s in _STEPS if s >= span / points), float(_STEPS[-1]))
        end = self.at // step * step
        return end - round(span / step) * step, end, step

    def _followed(self, expr: str, start: Time, end: Time, step: float) -> Past:
        """The values over a span; of points that were known before only those at which something may have arrived since
        are asked again."""
        key = ("asked", expr, end - start, step)
        before: _Asked | None = self._memory.get(key)
        # What is bound to the end of a question (`@ end()`) changes with it.
        if before is not None and before.at <= self.at < before.until and "@" not in expr:
            settled = min((before.at - _ARRIVES) // step * step, end - step)
            if settled >= start:
                more = self._past(expr, settled + step, end, step)
                if not more.trouble:
                    past = _joined(before.past, settled, more, start)
                    self._memory.keep(key, _Asked(past, self.at, before.until))
                    return past
        past = self._past(expr, start, end, step)
        if not past.trouble:
            self._memory.keep(key, _Asked(past, self.at, self.at + (_WHOLE if past.series else STANDS)))
        return past

    def _past(self, expr: str, start: Time, end: Time, step: float, queries: Queries | None = None) -> Past:
        from penguintui.query.errors import QueryError

        try:
            result = (queries or self._queries).range(expr, start, end, step)
        except QueryError as error:
            return Past(expr, start, end, step, trouble=str(error))
        series = tuple(Series(one.labels, tuple(one.times), tuple(one.values)) for one in result.series)
        self.warnings |= dict.fromkeys(result.warnings)
        return Past(expr, start, end, step, series, warnings=result.warnings)


def _answer(expr: str, at: Time, result: Result) -> Answer:
    """What was answered, as points."""
    samples = getattr(result, "samples", None)
    if samples is not None:
        points = tuple(Point(s.labels, float(s.value)) for s in samples)
        return Answer(expr, at, points, warnings=result.warnings)
    if isinstance(value := getattr(result, "value", None), float | int):
        return Answer(expr, at, (Point({}, float(value)),), warnings=result.warnings)
    return Answer(expr, at, trouble="the query gives no numbers; ask for a vector or a scalar")


def asking(reader: Reader, memory: Memory | None = None, engines: Engines | None = None) -> Ask:
    """Questions as of a reader's moment. engines: who answers them; as the store says it when left out."""
    from penguintui.query.asking import EmbeddedQueries, Engines

    queries = (engines or Engines()).of(reader)
    # Answers about now are kept while nothing arrives; those about a past moment would stand for another one.
    store = queries if reader.moment.live and isinstance(queries, EmbeddedQueries) else None
    changes = None if store is None else store.changes()
    return Ask(queries, reader.at, memory, changes, settled=reader.settled, store=store)


def _joined(past: Past, until: Time, more: Past, start: Time) -> Past:
    """The points of `past` from `start` until a time, and then those of `more`, as if all had been asked together."""
    found: dict[frozenset[tuple[str, str]], Series] = {}
    for one in past.series:
        low, high = bisect_left(one.times, start), bisect_right(one.times, until)
        if low < high:
            found[frozenset(one.labels.items())] = Series(one.labels, one.times[low:high], one.values[low:high])
    for one in more.series:
        known = found.get(key := frozenset(one.labels.items()))
        found[key] = one if known is None else Series(one.labels, known.times + one.times, known.values + one.values)
    series = tuple(sorted(found.values(), key=lambda one: sorted(one.labels.items())))
    return replace(more, start=start, series=series)


def _prolonged(past: Past, newest: Past) -> Past:
    """Each series with the newest point of the same labels behind its own."""
    none = Series({}, (), ())
    last = {frozenset(one.labels.items()): one for one in newest.series}
    found = ((one, last.get(frozenset(one.labels.items()), none)) for one in past.series)
    series = (Series(one.labels, one.times + more.times, one.values + more.values) for one, more in found)
    return replace(past, end=newest.end, series=tuple(series))


def trend(series: Series, past: Past, label: str) -> Trend:
    """A series' points at each step of the past; None where there is none."""
    count = round((past.end - past.start) / past.step) + 1
    points: list[float | None] = [None] * count
    for time, value in zip(series.times, series.values, strict=True):
        index = round((time - past.start) / past.step)
        if 0 <= index < count and not math.isnan(value):
            points[index] = value
    return Trend(tuple(points), past.start, past.end, label)


def why_empty(past: Past, at: Time) -> str:
    """Why a chart has nothing to draw; "" when it has."""
    if past.series:
        return ""
    return past.trouble or f"no data yet, asked at {say.clock(at)}"
