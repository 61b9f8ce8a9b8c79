"""Readings as they come back, and what was held back meanwhile."""

from __future__ import annotations

import pytest

from penguintui.screens.link import low
from penguintui.screens.reading import Answer, Read
from tests.screens.driving import opened


async def test_one_that_found_nothing_new_does_not_stand_for_one_that_did() -> None:
    async with opened() as (app, _, _):
        assert app.frame is not None
        told = Answer(app.question(), 1, app.frame, None, None)
    assert not Read(told).can_replace(Read(None))
    assert Read(told).can_replace(Read(told))
    assert Read(None).can_replace(Read(None))


async def test_when_drawing_goes_on_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed while nothing was drawn asked for it in vain: a busy machine showed empty pages for ever."""
    asked: list[bool] = []
    async with opened() as (app, _, _):
        app.link = low()
        app._hold()
        monkeypatch.setattr(app, "draw_soon", lambda: asked.append(bool(app._batch_count)))
        app._let_go()
    assert asked == [False]
