"""Rows of a query become samples and findings."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.sql.rows import Measured, fill, judge_rows, number, read_rows
from penguintui.config.probes import Levels, SqlQuery
from penguintui.model.status import Status

UTC = datetime.UTC


def query(**more: Any) -> SqlQuery:
    return SqlQuery(sql="SELECT 1", metric="shop_orders", **more)


def test_text_columns_are_labels_and_the_number_is_the_value() -> None:
    result = read_rows(query(), ["provider", "orders"], [("gmail", 3), ("yahoo", 4.5)])
    assert result.measured == (
        Measured("shop_orders", {"provider": "gmail"}, 3.0),
        Measured("shop_orders", {"provider": "yahoo"}, 4.5),
    )


def test_several_numbers_are_metrics_of_their_own() -> None:
    result = read_rows(query(), ["sent", "state", "lost mails"], [(3, "new", 1)])
    assert [(m.metric, m.value) for m in result.measured] == [("shop_orders_sent", 3), ("shop_orders_lost_mails", 1)]
    assert result.measured[0].subject == 'shop_orders_sent{state="new"}'


def test_null_is_no_sample_and_no_label() -> None:
    result = read_rows(query(), ["state", "orders"], [("new", None), (None, 2)])
    assert [(s.labels, s.value) for s in result.samples] == [({}, 2.0)]


def test_a_column_with_any_text_is_a_label() -> None:
    result = read_rows(query(), ["code", "orders"], [(7, 1), ("x", 2)])
    assert [m.labels for m in result.measured] == [{"code": "7"}, {"code": "x"}]


def test_rows_with_the_same_labels_are_kept_once() -> None:
    result = read_rows(query(), ["orders"], [(1,), (2,), (3,)])
    assert [m.value for m in result.measured] == [1.0] and result.repeated == 2


def test_labels_that_the_agent_gives_itself_are_renamed() -> None:
    (one,) = read_rows(query(), ["instance", "1 st", "é", "orders"], [("a", "b", "c", 1)]).measured
    assert one.labels == {"exported_instance": "a", "_1_st": "b", "column": "c"}


def test_cells_are_bounded_and_printable() -> None:
    (one,) = read_rows(query(), ["state", "orders"], [("\x1b" + "x" * 900, 1)]).measured
    assert len(one.labels["state"]) == 200 and one.labels["state"].isprintable()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (True, 1.0),
        (decimal.Decimal("2.50"), 2.5),
        (decimal.Decimal("NaN"), None),
        (decimal.Decimal("sNaN"), None),
        (math.inf, None),
        (10**400, None),
        (datetime.datetime(2026, 1, 1, tzinfo=UTC), 1767225600.0),
        (datetime.datetime(2026, 1, 1), 1767225600.0),
        (datetime.date(2026, 1, 1), 1767225600.0),
        (datetime.timedelta(minutes=2), 120.0),
        ("3", None),
        (None, None),
    ],
)
def test_numbers(cell: object, expected: float | None) -> None:
    assert number(cell) == expected


def test_levels_make_a_finding_of_each_number() -> None:
    asked = query(levels=Levels(warning=2, critical=5), summary="{state}: {value} orders", remedy="Ship them.")
    result = read_rows(asked, ["state", "orders"], [("new", 1), ("old", 3), ("lost", 9), ("odd", None)])
    findings = list(judge_rows(asked, result))
    assert [f.status for f in findings] == [Status.OK, Status.WARNING, Status.CRITICAL, Status.UNKNOWN]
    assert [f.check for f in findings] == ["sql.query"] * 4
    assert findings[1].subject == 'shop_orders{state="old"}'
    assert findings[1].summary == "old: 3 orders, over the limit of 2"
    assert (findings[0].remedy, findings[2].remedy) == ("", "Ship them.")
    assert next(judge_rows(query(check="orders", levels=Levels(critical=0)), result)).check == "orders"


def test_without_levels_there_are_no_findings_and_without_rows_nothing_is_fine() -> None:
    nothing = read_rows(query(), ["orders"], [])
    assert not list(judge_rows(query(), nothing))
    (finding,) = judge_rows(query(levels=Levels(critical=1)), nothing)
    assert finding.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{value} of {name}", "0.125 of eva"),
        ("{value:.1%}", "12.5%"),
        ("{value:.2f} {value:d}", "0.12 0"),
        ("{value.__class__} {name!r} {other} {0} {} {{", "{value.__class__} {name!r} {other} {0} {} {{"),
        ("{value:>1000000}", "{value:>1000000}"),
    ],
)
def test_templates_fill_in_names_and_nothing_else(template: str, expected: str) -> None:
    assert fill(template, 0.125, {"name": "eva"}) == expected


@given(st.text(alphabet="{}value:.%dfg,!_0123"), st.floats(allow_nan=False, allow_infinity=False))
def test_templates_never_raise(template: str, value: float) -> None:
    fill(template, value, {"name": "eva"})


cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.binary(max_size=4)
cells |= st.decimals() | st.datetimes() | st.dates() | st.timedeltas() | st.times() | st.uuids()


@given(st.lists(st.tuples(cells, cells, cells), max_size=6), st.lists(st.text(max_size=6), min_size=3, max_size=3))
def test_rows_of_any_content_give_finite_samples_with_keys_of_their_own(rows: list[Any], columns: list[str]) -> None:
    asked = query(levels=Levels(warning=1))
    result = read_rows(asked, columns, rows)
    assert all(math.isfinite(sample.value) for sample in result.samples)
    keys = [finding.key for finding in judge_rows(asked, result)]
    assert len(keys) == len(set(keys))
