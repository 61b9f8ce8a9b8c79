"""While nobody sees the platform nothing is fine: no page, no count and no line says so."""

from __future__ import annotations

from typing import Any

import pytest

from penguintui.model.moment import Moment
from penguintui.model.status import Status
from penguintui.views import frame, plain
from penguintui.views.models.frame import FrameView
from penguintui.views.models.question import READABLE, Question
from penguintui.views.reading import Reading
from penguintui.views.sight import unseen
from tests.views.making import NOW, World

HAPPENED = ("History:", "Changes:", "Changed near it:", "Lately:", "Incidents:", "Record:")
"""Parts that tell what was, which stays as it was."""


def read(world: World, screen: str, now: float = NOW, moment: float | None = None) -> tuple[FrameView, Any]:
    asked = Question(screen) if moment is None else Question(screen, Moment(moment))
    return Reading(world.store).read(asked, now)


def claims(model: Any) -> list[str]:
    """The lines that say how something stands, without those that tell what happened."""
    found, happened = [], False
    for line in plain.lines(model):
        happened = line in HAPPENED or (happened and not line.endswith(":"))
        found += [] if happened else [line]
    return found


@pytest.mark.parametrize("screen", [one for one in READABLE if one not in ("actions", "business", "diff", "incidents")])
def test_nothing_is_fine_while_the_agent_is_silent(calm: World, screen: str) -> None:
    assert any(line.startswith("OK") for line in claims(read(calm, screen)[1]))
    assert [line for line in claims(read(calm, screen, NOW + 60)[1]) if line.startswith("OK")] == []


def test_the_header_counts_nothing_as_fine_while_the_agent_is_silent(calm: World) -> None:
    seen, silent = read(calm, "executive")[0].counts, read(calm, "executive", NOW + 60)[0].counts
    assert seen.ok == seen.total
    assert (silent.ok, silent.unknown, silent.total) == (0, seen.total, seen.total)


def test_what_is_critical_stays_critical_while_the_agent_is_silent(trouble: World) -> None:
    seen, silent = read(trouble, "technical")[0].counts, read(trouble, "technical", NOW + 60)[0].counts
    assert (silent.critical, silent.warning) == (seen.critical, seen.warning) != (0, 0)


@pytest.mark.parametrize(("screen", "begins"), [
    ("executive", "UNKNOWN Production is out of sight since 14:15: the agent is silent."),
    ("deliverability", "UNKNOWN Out of sight since 14:15: the agent is silent. What is shown was true then."),
    ("security", "UNKNOWN Out of sight since 14:15: the agent is silent. What is shown was true then."),
])  # fmt: skip
def test_a_page_says_first_that_nobody_sees(calm: World, screen: str, begins: str) -> None:
    assert plain.lines(read(calm, screen, NOW + 60)[1])[0].startswith(begins)


def test_runs_that_succeeded_have_succeeded_all_the_same(calm: World) -> None:
    lines = plain.lines(read(calm, "actions", NOW + 60)[1])
    assert any(line.startswith("OK run 1 ") for line in lines)


def test_a_past_moment_is_what_it_was_although_the_agent_is_silent_now(calm: World) -> None:
    view, model = read(calm, "executive", NOW + 3600, moment=NOW - 1)
    assert view.agent.blind
    assert view.counts.ok > 0
    assert plain.lines(model)[0].startswith("OK Production is fine.")


def test_a_store_that_cannot_be_read_makes_the_page_that_stands_there_unknown(calm: World) -> None:
    view, model = read(calm, "executive")
    later = frame.unread(view, NOW, NOW + 20)
    assert (later.agent.blind, later.agent.status) == ("BLIND since 14:15:09Z", Status.CRITICAL)
    assert (later.counts.ok, later.counts.unknown) == (0, view.counts.total)
    said = plain.lines(unseen(model, later))[0]
    assert said.startswith("UNKNOWN Production is out of sight since 14:15: the store cannot be read.")
    assert frame.unread(later, NOW, NOW + 30).agent.age == "30s"


def test_a_store_that_was_just_read_is_seen(calm: World) -> None:
    view, model = read(calm, "executive")
    assert frame.unread(view, NOW, NOW + 2) is view
    assert unseen(model, view) is model
