"""Whole screens as text, so that a change of layout is seen in review. Renew them with --snapshot-update."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.screens.desk import FakeDesk
from tests.screens.driving import opened, press, settled, text_of, until


@pytest.mark.parametrize(
    ("screen", "size"),
    [("1", (120, 40)), ("1", (80, 24)), ("2", (120, 40)), ("3", (120, 40)), ("2", (40, 12))],
)
async def test_in_trouble(screen: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with opened(size=size) as (app, pilot, _):
        await press(app, pilot, screen)
        await drawn(app, pilot)
        assert text_of(app) == snapshot


async def test_calm_in_ascii(snapshot: SnapshotAssertion) -> None:
    desk = FakeDesk(trouble=False)
    async with opened(desk, (80, 24), environ={"TERM": "linux", "LANG": "C"}) as (app, pilot, _):
        await press(app, pilot, "2")
        await drawn(app, pilot)
        assert text_of(app) == snapshot


async def drawn(app, pilot) -> None:  # type: ignore[no-untyped-def]
    """Until no chart waits for the drawing thread."""
    await until(pilot, lambda: "drawing" not in text_of(app), lambda: f"a chart is not drawn:\n{text_of(app)}")
    await settled(app, pilot)
