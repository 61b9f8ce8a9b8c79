"""The gallery: a page for each widget, as snapshots in every form of terminal."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from penguintui.screens.gallery import Gallery
from penguintui.screens.specimens import SPECIMENS
from tests.screens.desk import FrozenClock
from tests.screens.driving import at_rest, text_of, until

TERMINALS = {
    "colour": {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
    "ascii": {"TERM": "linux", "LANG": "C"},
}
NAMES = [one.name for one in SPECIMENS]


def made(page: str = "table", kind: str = "colour") -> Gallery:
    return Gallery(FrozenClock(), page=page, environ=TERMINALS[kind])


async def rest(app: Gallery, pilot) -> str:  # type: ignore[no-untyped-def]
    """The page as text, once no chart waits for its picture and every widget has done what it was told."""
    await until(pilot, lambda: "drawing" not in text_of(app) and at_rest(app), lambda: text_of(app))
    return "\n".join(row.rstrip() for row in text_of(app).split("\n"))


@pytest.mark.parametrize(("size", "kind"), [((80, 24), "ascii"), ((120, 40), "colour")])
@pytest.mark.parametrize("page", NAMES)
async def test_every_page_is_as_it_was(
    page: str, size: tuple[int, int], kind: str, snapshot: SnapshotAssertion
) -> None:
    app = made(page, kind)
    async with app.run_test(size=size) as pilot:
        shown = await rest(app, pilot)
        assert kind != "ascii" or not {c for c in shown if ord(c) > 126}
        assert shown == snapshot


async def test_the_arrow_keys_turn_the_pages_all_round() -> None:
    app = made()
    async with app.run_test(size=(100, 30)) as pilot:
        for name in [*NAMES[1:], NAMES[0]]:
            await pilot.press("right")
            assert (await rest(app, pilot)).startswith(f" {name}  ")
        await pilot.press("left")
        assert f"{len(NAMES)} of {len(NAMES)}" in await rest(app, pilot)


async def test_a_table_is_moved_in_and_sorted() -> None:
    app = made()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("down", "down", "o", "o", "o")
        assert "in order by target, smallest first" in await rest(app, pilot)
        assert app.focused.selected == "redis/cache"  # type: ignore[union-attr]


async def test_every_theme_can_be_tried() -> None:
    app = made("status")
    async with app.run_test(size=(100, 30)) as pilot:
        for name in ("high-contrast", "light", "colour-blind", "dark"):
            await pilot.press("t")
            assert f"theme {name}: " in await rest(app, pilot)


@pytest.mark.parametrize("page", ["table", "digits"])
def test_pictures_in_colour(page: str, snap_compare) -> None:  # type: ignore[no-untyped-def]
    assert snap_compare(made(page), terminal_size=(80, 24))
