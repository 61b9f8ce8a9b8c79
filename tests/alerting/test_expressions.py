"""What expressions read, without evaluating them."""

from __future__ import annotations

import pytest

from penguintui.alerting.expressions import may_read, own_moment_only, with_subquery_step
from penguintui.query.language import nodes
from penguintui.query.language.metrics import newest_only
from penguintui.query.language.parse import parse


@pytest.mark.parametrize(
    ("expr", "metric", "wanted"),
    [
        ("a + b", "b", True),
        ("a + b", "c", False),
        ("sum(rate(a[5m])) / 2", "a", True),
        ("max_over_time((a > 1)[5m:])", "a", True),
        ("topk(scalar(b), a)", "b", True),
        ('{__name__=~"a|b"}', "b", True),
        ('{__name__!="a", x="y"}', "a", False),
        ('{job="x"}', "anything", True),
        ('label_replace(a, "x", "$1", "y", "(.*)")', "a", True),
    ],
)
def test_what_is_read(expr: str, metric: str, wanted: bool) -> None:
    assert may_read(expr, metric) is wanted


@pytest.mark.parametrize(
    "expr",
    ["a offset -1m", "a @ 100", "max_over_time(a[5m:] @ end())", "sum(-a offset -1m)", "rate(a[5m] offset -5m)"],
)
def test_what_looks_elsewhere(expr: str) -> None:
    assert not own_moment_only(expr)


def test_what_stays_at_its_moment() -> None:
    assert own_moment_only("rate(a[5m] offset 5m) > on (x) group_left () b")


def test_what_wants_the_newest_alone() -> None:
    assert newest_only("sum by (x) (a) > 1 and absent(b)")
    assert not newest_only("rate(a[5m])")
    assert not newest_only("max_over_time(a[5m:1m])")


def test_subqueries_without_a_step_get_one() -> None:
    node = with_subquery_step(parse("sum(max_over_time(rate(a[1m])[5m:])) + min_over_time(b[5m:10s])"), 15_000)
    assert isinstance(node, nodes.Binary)
    steps = [part.step for part in _subqueries(node)]
    assert steps == [15_000, 10_000]


def _subqueries(node: nodes.Node) -> list[nodes.Subquery]:
    from penguintui.alerting.expressions import parts

    return [part for part in parts(node) if isinstance(part, nodes.Subquery)]
