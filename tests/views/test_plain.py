"""Every model as lines, as data and as sources; and what importing the views costs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from penguintui.model.status import Status
from penguintui.views import (
    actions,
    business,
    deliverability,
    executive,
    frame,
    incidents,
    plain,
    security,
    technical,
    wall,
)
from penguintui.views.document import document
from penguintui.views.models.chart import Chart, Line
from penguintui.views.models.what import Value
from penguintui.views.sources import sources
from tests.views.making import NOW, World
from tests.views.world import ARMED

BUILDERS: dict[str, Callable[[World], Any]] = {
    "frame": lambda w: frame.build(w.reader(), now=NOW, viewer=ARMED),
    "executive": lambda w: executive.build(w.reader(), w.ask()),
    "technical": lambda w: technical.build(w.reader(), w.ask(), selected="mx2", viewer=ARMED),
    "deliverability": lambda w: deliverability.build(w.reader(), w.ask()),
    "security": lambda w: security.build(w.reader(), w.ask()),
    "business": lambda w: business.build(w.reader(), w.ask()),
    "incidents": lambda w: incidents.build(w.reader()),
    "actions": lambda w: actions.build(w.reader(), viewer=ARMED, run=1),
    "wall": lambda w: wall.build(w.reader(), w.ask()),
}
ALL = pytest.mark.parametrize("screen", list(BUILDERS))
WORDS = (*(status.word for status in Status), "-")


@ALL
def test_lines_begin_with_the_status_word(trouble: World, screen: str) -> None:
    for line in plain.lines(BUILDERS[screen](trouble))[1:]:
        first = line.split(" ")[0]
        assert first in WORDS or ":" in line, line


@ALL
def test_there_is_no_drawing_in_them_and_ascii_can_be_had(trouble: World, screen: str) -> None:
    lines = plain.lines(BUILDERS[screen](trouble))
    assert lines
    for line in lines:
        assert "\n" not in line
        assert not any("─" <= sign <= "◿" for sign in line), line
        assert "?" not in plain.ascii_only(line), line


@ALL
def test_two_readings_of_one_moment_are_the_same(trouble: World, screen: str) -> None:
    assert plain.lines(BUILDERS[screen](trouble)) == plain.lines(BUILDERS[screen](trouble))


def test_placement_says_what_it_rests_on_also_where_it_is_fine(calm: World) -> None:
    gmail = next(line for line in plain.lines(BUILDERS["deliverability"](calm)) if "placed 9" in line)
    assert re.search(r"placed 9\d(\.\d)? % ±\S+ \(n = \d+, limit 95 %, \d+s old\)$", gmail), gmail


@ALL
def test_an_empty_store_fails_nothing(nothing: World, screen: str) -> None:
    assert all("OK " not in line for line in plain.lines(BUILDERS[screen](nothing)))


@ALL
def test_every_model_is_a_json_document(trouble: World, screen: str) -> None:
    text = json.dumps(document(BUILDERS[screen](trouble)), allow_nan=False)
    assert json.loads(text)


def test_the_executive_screen_line_by_line(trouble: World) -> None:
    lines = plain.lines(BUILDERS["executive"](trouble))
    assert lines[0].startswith("CRITICAL Production is degraded since 13:42. Delivery p95 is 3m12s, promised 60 s.")
    assert "OK API p95 111 ms of 200 ms, budget left 100%, burn 0×" in lines
    assert "- Mails today 6.41 M of 10 M" in lines


def test_the_wall_names_what_is_not_fine_worst_first(trouble: World) -> None:
    lines = plain.lines(BUILDERS["wall"](trouble))
    assert lines[0].startswith("CRITICAL the worst of all, since ")
    items = lines[lines.index("Not fine, worst first:") + 1 : lines.index("Promises:")]
    ranks = [Status[line.split(" ")[0]] for line in items]
    assert ranks == sorted(ranks, reverse=True)
    assert any(line.startswith("CRITICAL Delivery p95, 3m12s of 60 s") for line in items)


def test_every_part_of_a_screen_is_told(trouble: World) -> None:
    shown = plain.lines(BUILDERS["deliverability"](trouble))
    assert "X-ray, from the platform down:" in shown
    assert any(line.split(" ", 1)[1].count(" / ") for line in shown if " / " in line)
    assert "Groups:" in plain.lines(BUILDERS["technical"](trouble))


def test_why_mail_does_not_arrive_stands_before_everything_else(trouble: World) -> None:
    told = list(plain.lines(BUILDERS["deliverability"](trouble)))
    parts = [line for line in told if line.endswith(":")]
    assert parts[:2] == ["Reasons:", "Domains:"]


def test_an_action_says_on_what_it_acts_and_what_it_does(trouble: World) -> None:
    told = "\n".join(plain.lines(BUILDERS["actions"](trouble)))
    assert re.search(r"^- \S+: .+ \((safe|guarded|dangerous)\), on \S.*, .+, cannot be run: ", told, re.MULTILINE), told


def test_a_red_target_is_one_line(trouble: World) -> None:
    lines = plain.lines(BUILDERS["technical"](trouble))
    assert "CRITICAL mx2 (host), since 14:02, /var is 97 % full, cpu 22 %  mem 51.4 %  disk 97 %  load 0.9" in lines


def test_statuses_are_words_and_what_is_no_number_is_null() -> None:
    value = Value("no data", Status.UNKNOWN, float("nan"))
    assert document(value)["status"] == "UNKNOWN"
    assert document(value)["number"] is None
    chart = Chart("x", 0.0, 1.0, lines=(Line("a", (0.0, 1.0), (1.0, float("nan"))),))
    assert document(chart)["lines"][0]["values"] == [1.0, None]


def test_every_number_knows_where_it_comes_from(trouble: World) -> None:
    view = BUILDERS["executive"](trouble)
    told = {source.name: source for source in sources(view.promises)}
    assert told["Delivery p95"].source == 'max(penguinmails_delivery_seconds{quantile="0.95"})'
    assert told["Delivery p95"].age == "9s"
    rows = {source.name: source for source in sources(BUILDERS["deliverability"](trouble).providers)}
    assert rows["Outlook delivery p95"].reason == "limit 60 s"
    mx2 = BUILDERS["technical"](trouble).selected
    assert sources(mx2)[0].source == "probe host"


def test_importing_the_views_is_cheap() -> None:
    code = (
        "import importlib, pkgutil, sys, penguintui.views as views\n"
        "for found in pkgutil.walk_packages(views.__path__, 'penguintui.views.'):\n"
        "    importlib.import_module(found.name)\n"
        "heavy = ('numpy', 'sqlalchemy', 'pydantic', 'textual', 'plotext', 'promql_parser', 'yaml')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
