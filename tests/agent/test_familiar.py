"""Whether a store in a file is told from its copies, and from one that somebody else works on."""

from __future__ import annotations

import shutil
from pathlib import Path

from penguintui.agent.familiar import Familiar
from penguintui.store.writer import Writer


class Host:
    """An agent's folder and what it knows of a store in a file."""

    def __init__(self, folder: Path, file: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.url = f"sqlite:///{file}"
        self.familiar = Familiar(self.url, folder)

    async def works(self, beats: int = 0) -> str:
        """Look, beat some times and leave. Returns the kind of event that the look brought."""
        writer = Writer(self.url)
        event = await self.familiar.look(writer, 1000.0)
        for _ in range(beats):
            self.familiar.heard(await writer.run(self.familiar.beat))
        writer.close()
        self.familiar.part()
        return event.kind if event is not None else ""


async def test_its_own_store_is_familiar(tmp_path: Path) -> None:
    one = Host(tmp_path / "a", tmp_path / "store.db")
    assert [await one.works(2) for _ in range(3)] == ["", "", ""]
    again = Host(tmp_path / "a", tmp_path / "store.db")
    assert await again.works() == ""


async def test_a_copy_of_some_heartbeats_ago_is_told(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    one = Host(tmp_path / "a", file)
    await one.works(2)
    shutil.copy(file, tmp_path / "copy.db")
    writer = Writer(one.url)
    one.familiar.heard(await writer.run(one.familiar.beat))
    writer.close()
    one.familiar.part()
    shutil.copy(tmp_path / "copy.db", file)
    assert await Host(tmp_path / "a", file).works() == "store.older"
    assert await Host(tmp_path / "a", file).works() == ""


async def test_another_store_is_told(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    await Host(tmp_path / "a", file).works()
    file.unlink()
    assert await Host(tmp_path / "a", file).works() == "store.another"


async def test_two_agents_on_one_store_or_on_a_copy_of_it_are_told_once(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    one, two = Host(tmp_path / "a", file), Host(tmp_path / "b", file)
    assert await one.works() == ""
    assert await two.works() == "", "whoever comes new may have been moved here"
    assert await one.works() == "store.shared"
    assert await two.works() == "store.shared"
    assert [await one.works(), await two.works()] == ["", ""]
