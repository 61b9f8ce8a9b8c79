"""Our engine beside Debian's Prometheus 2 on random expressions: the same answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from penguintui.query.engine import Engine
from penguintui.query.errors import QueryError
from tests.query.expressions import BASE, expressions, held_series
from tests.query.listed import Samples
from tests.query.prometheus import serve

pytestmark = [pytest.mark.needs("prometheus", "prometheus"), pytest.mark.needs("promtool", "prometheus")]

AT = BASE + 1507


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A Prometheus that holds the same samples as we do."""
    with serve(tmp_path_factory.mktemp("prometheus"), held_series()) as client:
        yield client


Table = dict[tuple[tuple[str, str], ...], dict[float, float]]


def _table(data: dict[str, Any]) -> Table:
    """An answer's values by series and time, from the `data` of the HTTP API."""
    if data["resultType"] == "scalar":
        data = {"result": [{"metric": {}, "value": data["result"]}]}
    return {
        tuple(sorted(one["metric"].items())): {
            round(t, 3): float(v) for t, v in (one["values"] if "values" in one else [one["value"]])
        }
        for one in data["result"]
    }


def _same(ours: Table, theirs: Table) -> bool:
    return ours.keys() == theirs.keys() and all(
        ours[k].keys() == theirs[k].keys() and all(_close(ours[k][t], theirs[k][t]) for t in ours[k]) for k in ours
    )


def _close(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


ENGINE = Engine(Samples(held_series()), semantics=2)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(expr=expressions())
def test_same_answers(prometheus: httpx.Client, expr: str) -> None:
    for path, params in (
        ("query", {"query": expr, "time": str(AT)}),
        ("query_range", {"query": expr, "start": str(BASE + 60), "end": str(BASE + 3000), "step": "147"}),
    ):
        answer = prometheus.post(f"/api/v1/{path}", data=params).json()
        try:
            ours = ENGINE.instant(expr, AT) if path == "query" else ENGINE.range(expr, BASE + 60, BASE + 3000, 147)
        except QueryError as error:
            assert answer["status"] == "error", f"we refuse {expr}: {error}"
            continue
        if "same labelset" in answer.get("error", ""):
            continue  # Prometheus 2 drops names at once and stumbles; Prometheus 3 and we merge what does not overlap.
        assert answer["status"] == "success", f"Prometheus refuses {expr}: {answer.get('error')}"
        found, wanted = _table(ours.data()), _table(answer["data"])
        assert _same(found, wanted), f"{path} {expr}\nours   {found}\ntheirs {wanted}"
