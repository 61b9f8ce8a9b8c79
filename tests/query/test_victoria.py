"""VictoriaMetrics in the store's place: what a viewer asks it answers as the store does, of what was written to it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from penguintui.adapters.victoriametrics import VictoriaMetrics
from penguintui.config.history import VictoriaMetricsHistory
from penguintui.config.queries import PrometheusQueries
from penguintui.model.observation import Sample
from penguintui.query.asking import EmbeddedQueries, Queries
from penguintui.query.remote import RemoteQueries
from penguintui.query.results import Matrix, Result, Scalar, Vector
from penguintui.store.reader import Store
from penguintui.views.models.question import SCREENS, Question
from penguintui.views.reading import Reading
from tests.query.victoria import victoria
from tests.views.making import NOW, World
from tests.views.world import trouble

pytestmark = pytest.mark.needs("victoria-metrics", "victoria-metrics")

_BOUNDS = ("increase(", "rate(", "delta(")
"""What looks at the bounds of a window, where the two differ."""
Asked = tuple[str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return trouble(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def asked(world: World) -> list[Asked]:
    """Everything that the screens ask the store."""
    found: dict[Asked, None] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("instant", "range"):
            real = getattr(EmbeddedQueries, name)

            def noted(self: EmbeddedQueries, *given: Any, name: str = name, real: Any = real) -> Result:
                found[name, given] = None
                answer: Result = real(self, *given)
                return answer

            patch.setattr(EmbeddedQueries, name, noted)
        reading = Reading(world.store)
        for screen in SCREENS:
            for target in ("mx1", "api", "database", "mx1-queue"):
                reading.read(Question(screen, selected=target), NOW)
    return list(found)


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    with victoria(tmp_path_factory.mktemp("vm"), "-search.disableCache") as engine:
        VictoriaMetrics(VictoriaMetricsHistory(type="victoriametrics", url=engine.url)).write(everything(world.store))
        engine.get("/internal/force_flush")
        queries = RemoteQueries(PrometheusQueries(type="prometheus", url=engine.url))
        yield queries
        queries.close()


def everything(store: Store) -> Iterator[tuple[dict[str, str], list[tuple[Sample, float]]]]:
    """The samples of a store."""
    rows = (
        "SELECT metric, labels, time, value FROM samples JOIN series ON series.id = series_id ORDER BY series_id, time"
    )
    for metric, labels, time, value in store.driver_rows(rows, ()):
        yield json.loads(labels), [(Sample(metric, math.nan if value is None else value), time / 1000)]


def points(result: Result) -> dict[tuple[tuple[str, str], ...], dict[float, float]]:
    """Values by time, by labels."""
    match result:
        case Vector(samples=samples):
            return {tuple(sorted(one.labels.items())): {0.0: one.value} for one in samples}
        case Matrix(series=series):
            return {
                tuple(sorted(one.labels.items())): dict(zip(map(float, one.times), map(float, one.values), strict=True))
                for one in series
            }
        case Scalar(value=value):
            return {(): {0.0: value}}
    raise AssertionError(result)


def answers(queries: Queries, asked: Asked) -> dict[tuple[tuple[str, str], ...], dict[float, float]]:
    name, given = asked
    return points(getattr(queries, name)(*given))


def test_what_screens_ask_is_answered_alike(world: World, asked: list[Asked], server: Queries) -> None:
    own = EmbeddedQueries(world.reader())
    assert len(asked) > 50
    for one in asked:
        expected, found = answers(own, one), answers(server, one)
        assert found.keys() == expected.keys(), one
        for labels, values in expected.items():
            assert found[labels].keys() == values.keys(), one
            others = [t for t, value in values.items() if not math.isclose(value, found[labels][t], rel_tol=1e-9)]
            if any(word in one[1][0] for word in _BOUNDS):
                # They agree but for the few windows in which samples begin, or begin to lie closer together.
                others = [t for t in others if not math.isclose(values[t], found[labels][t], rel_tol=0.02)]
                assert len(others) <= 3, one
            else:
                assert not others, one


def test_its_names_and_labels_complete_what_is_typed(world: World, server: Queries) -> None:
    own = EmbeddedQueries(world.reader())
    assert server.label_values("__name__") == own.label_values("__name__")
    assert set(server.label_names()) == {*own.label_names(), "__name__"}
    metrics = ["node_load1", "probe_duration_seconds", "absent"]
    newest = server.newest(metrics, NOW)
    assert {name: at for name, (at, _) in newest.items()} == {
        name: at for name, (at, _) in own.newest(metrics, NOW).items()
    }
