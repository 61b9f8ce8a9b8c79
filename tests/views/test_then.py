"""A moment read live and the same moment read later give the same, whatever came after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from penguintui.model.moment import LIVE, Moment
from penguintui.views.document import document as as_data
from penguintui.views.models.question import SCREENS, Question
from penguintui.views.reading import Reading
from tests.views.scripted import BEGAN, LIVES, STEP, Deploy, Told, happen


def question(screen: str, moment: Moment, deploy: list[Deploy]) -> Question:
    selected = "redis" if screen == "technical" else ""
    since = BEGAN + 30 if screen == "diff" else ""
    expression = "sum by (instance) (node_load1)" if screen == "explore" else ""
    return Question(
        screen, moment, selected=selected, run=deploy[0].id if deploy else None, since=since, expression=expression
    )


@dataclass
class Seen:
    """What was seen live at each time, by screen; and the store as it was in the end."""

    told: Told
    deploy: list[Deploy]
    live: dict[tuple[float, str], Any]


ALL = (*SCREENS, "explore", "wall", "diff")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    told = Told(Path(tmp_path_factory.mktemp("history")))
    deploy: list[Deploy] = []
    live = {}
    for tick in range(40):
        after = tick * STEP
        told.clock.advance(BEGAN + after - told.clock.now())
        happen(told, after, deploy)
        told.beat()
        if after in LIVES:
            told.clock.advance(1.0)
            for screen in ALL:
                live[after, screen] = Reading(told.store).read(question(screen, LIVE, deploy), told.clock.now())
    yield Seen(told, deploy, live)
    told.store.close()
    told.writer.close()


NOT_COMPARED = frozenset({"can", "why_not", "locks", "lock", "heard", "words", "detail"})
"""Of now by intent: who may act, who holds a lock, the agent's last word, the names that can be asked for. And what a
step said before it was undone is not kept."""


def of_now(data: Any) -> Any:
    """Without what is meant to be of now, and what may differ: whether this viewer may act, and who holds a lock."""
    if isinstance(data, dict):
        return {name: of_now(value) for name, value in data.items() if name not in NOT_COMPARED}
    return [of_now(one) for one in data] if isinstance(data, list) else data


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two documents differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = dict.fromkeys((*one, *other))
        return [said for key in keys for said in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [said for i, (a, b) in pairs for said in differences(a, b, f"{path}[{i}]")]
    return [] if one == other else [f"{path}: {one!r} then, {other!r} later"]


@pytest.mark.parametrize("screen", ALL)
@pytest.mark.parametrize("after", LIVES)
def test_what_was_shown_then_is_shown_again(history: Seen, screen: str, after: float) -> None:
    at = BEGAN + after + 1.0
    frame, model = history.live[after, screen]
    later_frame, later = Reading(history.told.store).read(
        question(screen, Moment(at), history.deploy), history.told.clock.now()
    )
    assert differences(of_now(as_data(model)), of_now(as_data(later))) == []
    assert later_frame.counts == frame.counts
    assert (later_frame.environment, later_frame.at) == (frame.environment, at)
    assert later_frame.moment.startswith("as of ")
    assert later_frame.hands == "past: read-only"
