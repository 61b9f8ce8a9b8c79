"""What a name needs to be told from others it gets at every size, and a tiny terminal shows what is worst."""

from __future__ import annotations

from dataclasses import replace

import pytest

from penguintui.screens.desk import Question
from penguintui.views.models.actions import Actions
from penguintui.views.models.deliverability import Deliverability
from penguintui.views.models.frame import FrameView
from penguintui.views.models.technical import Technical
from tests.screens.desk import FakeDesk
from tests.screens.driving import opened, press, settled, text_of

_LONG = "Take a sending address out of its rotation"
_QUEUES = ("email:processing:high", "email:processing:low", "email:processing")


class LongNames(FakeDesk):
    """Names that begin alike, as long as they are at PenguinMails."""

    def read(self, question: Question) -> tuple[FrameView, object]:
        frame, model = super().read(question)
        if isinstance(model, Actions):
            model = replace(model, catalogue=tuple(replace(one, title=_LONG) for one in model.catalogue))
        elif isinstance(model, Technical) and model.selected is not None:
            choices = tuple(replace(one, title=_LONG) for one in model.selected.actions)
            besides = replace(model.selected.findings[0], target="", title="AddressListed", subject="")
            model = replace(model, selected=replace(model.selected, actions=choices), alerts=(besides,))
        elif isinstance(model, Deliverability):
            queues = tuple(replace(model.queues[0], queue=f"queue:{name}") for name in _QUEUES)
            model = replace(model, queues=queues, reasons=model.reasons * 3)
        return frame, model


@pytest.mark.parametrize("width", [120, 80])
async def test_names_that_begin_alike_stand_whole(width: int) -> None:
    async with opened(LongNames(), size=(width, 60)) as (app, pilot, _):
        await press(app, pilot, "7")
        assert text_of(app).count(_LONG) >= 3, text_of(app)
        await press(app, pilot, "2")
        if width >= 120:
            assert "│   its rotation " in text_of(app), text_of(app)
            assert "AddressListed" in text_of(app).partition("Alerts of no target")[2], text_of(app)
        await press(app, pilot, "3")
        if width >= 120:
            assert all(f"{name} " in text_of(app) for name in _QUEUES), text_of(app)


async def test_where_there_is_room_a_placement_has_what_it_rests_on_and_a_new_source_says_so() -> None:
    async with opened(size=(120, 60)) as (app, pilot, _):
        await press(app, pilot, "3")
        rows = [" ".join(row.split()) for row in text_of(app).splitlines()]
        assert any("Outlook" in row and "94.1 % 1200 4s" in row for row in rows), text_of(app)
        assert any("mail.acme.example 198.51.100.0/24 new 4,210 4,210" in row for row in rows), text_of(app)
        assert any("lists.university.example 192.0.2.0/24 341" in row for row in rows), text_of(app)


async def test_a_terminal_of_forty_rows_has_every_part_in_sight_also_in_trouble() -> None:
    async with opened(LongNames(), size=(120, 40)) as (app, pilot, _):
        await press(app, pilot, "3")
        shown = text_of(app)
        for title in ("Why", "Domains", "Providers", "DMARC sources", "Sending addresses", "Queues", "X-ray"):
            assert f"─ {title}" in shown, shown
        assert _QUEUES[1] in shown, shown


async def test_a_tiny_terminal_shows_why_and_one_table_with_its_worst_row() -> None:
    async with opened(size=(60, 20)) as (app, pilot, _):
        for size in ((60, 20), (40, 12)):
            await pilot.resize_terminal(*size)
            await settled(app, pilot)
            await press(app, pilot, "3")
            shown = text_of(app)
            assert "listed by Spamhaus" in shown, shown
            assert "mail.acme.example" in shown, shown
            assert "Providers" not in shown, shown
            assert "DMARC sources" not in shown, shown
