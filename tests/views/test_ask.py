"""Questions never fail: what has no answer comes back as words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.status import Status
from penguintui.query.errors import QueryError
from penguintui.query.results import Scalar, Text, Vector, VectorSample
from penguintui.views.ask import Ask, Memory
from penguintui.views.freshness import names
from tests.views.making import NOW, World


@dataclass
class Said:
    """Queries with one answer to everything, and a memory of what was asked."""

    answer: Any
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def instant(self, expr: str, at: float) -> Any:
        self.asked.append((expr, at))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    range = instant


class Moving(Said):
    def range(self, expr: str, start: float, end: float, step: float) -> Any:  # type: ignore[override]
        return self.instant(expr, start)


def vector(*values: float) -> Vector:
    return Vector(tuple(VectorSample({"instance": f"api-{i}"}, value) for i, value in enumerate(values)), NOW)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (vector(), "no data yet, asked at 14:15:09Z"),
        (vector(1, 2), "the query gives 2 numbers, one is wanted"),
        (vector(float("nan")), "the query gives no number (NaN), asked at 14:15:09Z"),
        (Text("word", NOW), "the query gives no numbers; ask for a vector or a scalar"),
        (QueryError("unknown function foo", "foo(up)", 0), "unknown function foo at character 1, in: foo(up)"),
    ],
)
def test_what_is_no_number_is_unknown_and_says_why(answer: Any, reason: str) -> None:
    value = Ask(Said(answer), NOW).instant("up").value("seconds")
    assert (value.text, value.status, value.number, value.reason) == ("no data", Status.UNKNOWN, None, reason)


def test_a_number_is_text_in_its_unit() -> None:
    assert Ask(Said(vector(192)), NOW).instant("up").value("seconds").text == "3m12s"
    assert Ask(Said(Scalar(0.5, NOW)), NOW).instant("0.5").value("ratio").text == "50 %"


def test_the_past_is_asked_once_for_each_step(calm: World) -> None:
    memory = Memory()
    first = Ask(Moving(QueryError("down")), NOW, memory)
    assert first.past("up", 3600, 60).trouble == "down"
    ask = calm.ask()
    kept = Ask(ask._queries, NOW, memory)
    assert kept.past("up", 3600, 60).series
    silent = Ask(Moving(QueryError("down")), NOW + 20, memory)
    assert silent.past("up", 3600, 60).series
    assert silent.past("up", 3600, 30).trouble == "down"


def test_only_the_points_that_are_new_are_asked_again(calm: World) -> None:
    memory, asked = Memory(), []

    class Counted(Moving):
        def range(self, expr: str, start: float, end: float, step: float) -> Any:
            asked.append(round((end - start) / step) + 1)
            return calm.ask()._queries.range(expr, start, end, step)

    for after in (0, 60, 90, 120, 180):
        for expr in ("up", "up @ end()"):
            Ask(Counted(None), NOW + after, memory).past(expr, 3600, 60)
    assert asked[::2] == [61, 2, 61, 2]
    assert asked[1::2] == [61] * 4


def test_the_memory_forgets_the_oldest() -> None:
    memory = Memory(size=2)
    for key in ("a", "b", "c"):
        memory.keep((key,), key)
    assert [memory.get((key,)) for key in ("a", "b", "c")] == [None, "b", "c"]


def test_steps_are_round_and_points_few(calm: World) -> None:
    past = calm.ask().past("up", 30 * 86400, 1500)
    assert (past.step, past.end % past.step) == (1800, 0)
    assert (past.end - past.start) / past.step <= 1500


@given(st.floats(60, 90 * 86400), st.integers(2, 2000))
def test_the_end_of_the_past_is_near(span: float, points: int) -> None:
    past = Ask(Moving(QueryError("down")), NOW).past("up", span, points)
    assert 0 <= NOW - past.end < past.step
    assert past.start < past.end


def test_the_names_in_a_query_are_those_of_metrics() -> None:
    assert names('sum by (job) (up{job="node_load1"}) / rate(mails[5m])') == {"up", "mails"}
    assert names("sum(") == names('{__name__=~"node_.*"}') == frozenset()


def test_a_chart_of_a_day_reaches_to_the_last_minute(calm: World) -> None:
    ask = Ask(calm.ask()._queries, NOW, Memory())
    past, prolonged = ask.past("up", 86400, 72), ask.until_now("up", 86400, 72)
    minute = NOW // 60 * 60
    assert past.end < minute == prolonged.end
    assert {one.times[-1] for one in prolonged.series} == {minute}
    assert [one.times[:-1] for one in prolonged.series] == [one.times for one in past.series]
    assert ask.until_now("up", 3600, 60) == ask.past("up", 3600, 60)
