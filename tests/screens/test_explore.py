"""`:query`: Explore over a real store, with keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from penguintui.app import PenguinApp
from penguintui.screens.expressions import completions
from penguintui.views.models.explore import Vocabulary
from penguintui.views.reading import Reading
from penguintui.widgets.chart import ChartView
from penguintui.widgets.prompt import Prompt
from penguintui.widgets.table import Table
from tests.screens.desk import FakeDesk
from tests.screens.driving import TERMINAL, command, press, settled, text_of, until
from tests.views.making import NOW, World
from tests.views.world import trouble


class StoreDesk(FakeDesk):
    """Reads from a world's store."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._reading = Reading(world.store)

    def read(self, question: Any) -> Any:
        self.questions.append(question)
        return self._reading.read(question, NOW)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return trouble(Path(tmp_path_factory.mktemp("explore")))


@asynccontextmanager
async def opened(world: World, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[PenguinApp, Pilot[None]]]:
    app = PenguinApp(StoreDesk(world), world.clock, environ=TERMINAL)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_query_opens_explore_with_chart_and_table(world: World, size: tuple[int, int]) -> None:
    async with opened(world, size) as (app, pilot):
        await press(app, pilot, "2")
        await command(app, pilot, 'query node_load1{instance="mx1"}')
        shown = text_of(app)
        assert "node_load1" in shown and 'instance="mx1"' in shown
        table = app.query_one("#explore-values", Table)
        assert [row.key for row in table.rows] == [
            'node_load1{environment="production", host="mx1", instance="mx1", job="host"}'
        ]
        chart = app.query_one("#explore-chart", ChartView).chart
        assert chart is not None and len(chart.lines) == 1 and len(chart.lines[0].times) > 50
        await press(app, pilot, "escape")
        assert app.page_name == app.shown == "technical"


async def test_what_is_wrong_stands_under_the_line(world: World) -> None:
    async with opened(world) as (app, pilot):
        await command(app, pilot, "query 1 + teapot(up)")
        shown = text_of(app)
        assert "unknown function with name 'teapot'" in shown
        assert "no answer" in shown
        await command(app, pilot, "query absent_metric")
        assert "nothing matches" in text_of(app)
        assert "teapot" in text_of(app), "it stands among what was asked before"


async def test_what_was_asked_before_is_asked_again(world: World) -> None:
    async with opened(world) as (app, pilot):
        for expression in ("up", "count(up)", "max(node_load1)"):
            await command(app, pilot, f"query {expression}")
        history = app.query_one("#explore-history", Table)
        assert [row.key for row in history.rows] == ["max(node_load1)", "count(up)", "up"]
        history.focus()
        history.select("up")
        await press(app, pilot, "enter")
        assert app.page is not None and app.page.expression() == "up"
        assert [row.key for row in history.rows] == ["up", "max(node_load1)", "count(up)"]


async def test_explore_looks_back_and_refuses_screens_that_are_not_there(world: World) -> None:
    async with opened(world) as (app, pilot):
        await command(app, pilot, "query up")
        await press(app, pilot, "t", "less_than_sign")
        desk = app.desk
        assert isinstance(desk, StoreDesk)
        assert (desk.questions[-1].expression, desk.questions[-1].moment.at) == ("up", NOW - 3600)
        await press(app, pilot, "question_mark")
        await press(app, pilot, "escape")
        await press(app, pilot, "1")
        assert app.page_name == "executive"


async def test_tab_completes_names_before_anything_was_asked(world: World) -> None:
    async with opened(world) as (app, pilot):
        await press(app, pilot, "colon", *"query no")
        prompt = app.query_one("#prompt", Prompt)
        await until(pilot, lambda: bool(app.vocabulary and app.vocabulary.metrics), lambda: "no names were learnt")
        await pilot.press("d", "e", "underscore", "l", "tab")
        assert prompt.value == "query node_load1"
        await pilot.press(*"{inst", "tab")
        assert prompt.value == 'query node_load1{instance="'
        await pilot.press(*"mx1", "enter")
        await settled(app, pilot)
        assert app.page_name == "explore"


WORDS = Vocabulary(
    metrics=("node_load1", "node_load15", "up"),
    labels=("instance", "job"),
    values={"instance": ("mx1", "mx2"), "job": ("host",)},
    functions=("rate", "round", "sum"),
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("node_l", ["node_load1", "node_load15"]),
        ("su", ["sum("]),
        ("sum(ra", ["sum(rate("]),
        ("sum b", ["sum bool ", "sum by "]),
        ("sum by (in", ["sum by (instance"]),
        ("sum by (instance, ", ["sum by (instance, instance", "sum by (instance, job"]),
        ("up{", ['up{instance="', 'up{job="']),
        ('up{instance="mx1", j', ['up{instance="mx1", job="']),
        ('up{instance="', ['up{instance="mx1"', 'up{instance="mx2"']),
        ('up{instance=~"mx1', ['up{instance=~"mx1"']),
        ('up{instance="mx1"} / u', ['up{instance="mx1"} / unless ', 'up{instance="mx1"} / up']),
        ('label_replace(up, "ins', []),
        ("", []),
        ("1 + ", []),
    ],
)
def test_completions_fit_where_they_stand(text: str, wanted: list[str]) -> None:
    assert sorted(completions(text, WORDS)) == wanted


@given(st.text(alphabet='abcnodeupsumby_ (){}[]="~!,\\10'))
def test_completions_only_add(text: str) -> None:
    for found in completions(text, WORDS):
        assert found.startswith(text)
