"""Numbers that rest on damaged samples are not shown in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from penguintui.model.moment import Moment
from penguintui.store.compacting import Plan, compact
from penguintui.store.writer import Writer
from penguintui.views import plain
from penguintui.views.models.question import Question
from penguintui.views.reading import Reading
from tests.views import world
from tests.views.making import NOW, World


@pytest.fixture
def damaged(tmp_path: Path) -> World:
    """A world whose older samples are in chunks, and their checksums wrong."""
    made = world.calm(tmp_path)
    writer = Writer(made.url)
    plan, after, done = Plan(int((NOW - 3600) * 1000), 0), 0, False
    while not done:
        piece = writer.submit(lambda c, after=after: compact(c, after, plan)).result(20)
        after, done = piece.last, piece.done
    writer.submit(lambda c: c.exec_driver_sql("UPDATE chunks SET checksum = checksum + 1") and None).result(5)
    writer.close()
    return made


@pytest.mark.parametrize("moment", [Moment(None), Moment(NOW - 1800)])
def test_the_frame_says_which_samples_are_damaged(damaged: World, moment: Moment) -> None:
    reading = Reading(damaged.store)
    for _ in range(2):  # the second time answers are remembered
        view, _ = reading.read(Question("executive", moment), NOW)
        assert view.need.startswith("Numbers lack samples, and ")
        assert "is damaged and left out: its checksum is another one" in view.need
        assert any(line.startswith("Needs: Numbers lack samples") for line in plain.lines(view))


def test_a_store_without_damage_has_nothing_to_say(calm: World) -> None:
    assert Reading(calm.store).read(Question("executive"), NOW)[0].need == ""
