"""A log is read on by another reader where one stopped, whatever log rotation did in between."""

from __future__ import annotations

import json
import os
import shutil
from itertools import count
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from penguintui.adapters.logs.follow import Follower, Reading
from penguintui.adapters.logs.mark import read_mark, rotated

_LONG = "x" * 80
"""Lines as long as real ones: shorter files are known by their inode alone."""


class Reader:
    """A follower, and the one that takes its place."""

    def __init__(self, path: Path) -> None:
        self.path, self.mark = path, ""
        self.follower = Follower(str(path), from_start=True)
        self.seen = Reading()

    def read(self) -> list[str]:
        self.seen = Reading()
        lines = list(self.follower.read(self.seen))
        self.mark = self.seen.mark
        return lines

    def restart(self) -> None:
        self.follower = Follower(str(self.path), from_start=False)
        self.follower.go_on(self.mark)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


@pytest.fixture
def reader(path: Path) -> Reader:
    path.write_text(f"first {_LONG}\n")
    reader = Reader(path)
    assert len(reader.read()) == 1
    return reader


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def age(path: Path, seconds: int) -> None:
    """Make a file older: two of them may be written within one tick of the file system's clock."""
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))


def test_goes_on_in_the_same_file(reader: Reader, path: Path) -> None:
    append(path, "second, of which only the beg")
    assert reader.read() == []
    reader.restart()
    append(path, "inning was there\nthird\n")
    assert reader.read() == ["second, of which only the beginning was there", "third"]
    assert not (reader.seen.lost or reader.seen.truncated or reader.seen.rotated)


def test_reads_what_was_added_before_a_rotation_while_away(reader: Reader, path: Path) -> None:
    append(path, "second\n")
    for number, name in enumerate(("mail.log.2", "mail.log.1")):
        path.rename(path.with_name(name))
        age(path.with_name(name), 100 - number)
        path.write_text(f"after {name}\n")
    path.with_name("mail.log.3.gz").write_text("no log")
    path.with_name("mail.log.bak").write_text("no log\n")
    reader.restart()
    assert reader.read() == ["second", "after mail.log.2", "after mail.log.1"]
    assert reader.seen.rotated
    assert not reader.seen.lost


def test_two_rotations_between_two_readings_lose_nothing(reader: Reader, path: Path) -> None:
    append(path, "second\n")
    for number, name in enumerate(("mail.log-20261123", "mail.log-20261124")):
        path.rename(path.with_name(name))
        age(path.with_name(name), 100 - number)
        path.write_text(f"after {name}\n")
    assert reader.read() == ["second", "after mail.log-20261123", "after mail.log-20261124"]


@pytest.mark.parametrize("away", [True, False])
def test_a_file_that_was_copied_and_truncated(reader: Reader, path: Path, away: bool) -> None:
    append(path, "second\n")
    shutil.copy(path, path.with_name("mail.log.1"))
    path.write_text("third\n")
    if away:
        reader.restart()
    assert reader.read() == ["second", "third"]


def test_a_file_that_was_truncated_is_read_from_its_start(reader: Reader, path: Path) -> None:
    path.write_text("second\n")
    reader.restart()
    assert reader.read() == ["second"]
    assert reader.seen.truncated
    assert not reader.seen.lost


def test_what_cannot_be_found_any_more_is_said(reader: Reader, path: Path) -> None:
    path.rename(path.with_name("mail.log.1.gz"))
    path.write_text("second\n")
    reader.restart()
    assert reader.read() == ["second"]
    assert reader.seen.lost


def test_a_log_that_is_just_being_rotated_is_waited_for(reader: Reader, path: Path) -> None:
    append(path, "second\n")
    path.rename(path.with_name("mail.log.1"))
    reader.restart()
    lines = reader.follower.read(Reading())
    assert next(lines) == "second"
    with pytest.raises(FileNotFoundError):
        next(lines)
    path.write_text("third\n")
    assert reader.read() == ["third"]


def test_the_rest_of_a_line_whose_beginning_was_not_seen_stays_left_out(path: Path) -> None:
    path.write_text("half a li")
    reader = Reader(path)
    reader.follower = Follower(str(path), from_start=False)
    assert reader.read() == []
    reader.restart()
    append(path, "ne\nnext\n")
    assert reader.read() == ["next"]


@pytest.mark.parametrize("mark", ["", "nonsense", "[]", "{}", '{"position": "x"}', "null", "7"])
def test_a_mark_of_nonsense_is_none(mark: str, path: Path) -> None:
    assert read_mark(mark) is None
    path.write_text("old\n")
    follower = Follower(str(path), from_start=False)
    follower.go_on(mark)
    assert list(follower.read(Reading())) == []


def test_a_mark_holds_nothing_of_the_log(reader: Reader) -> None:
    assert "first" not in reader.mark
    assert json.loads(reader.mark)["position"] == len(f"first {_LONG}\n")


def test_what_rotation_makes(tmp_path: Path) -> None:
    made = [
        "mail.log.1",
        "mail.log.0",
        "mail.log-20261124",
        "mail.log.2026-11-24_10",
        "mail-20261124.log",
        "mail.log.old",
    ]
    others = ["mail.log", "mail.log.1.gz", "mail.err", "mail.log.bak", "mail-errors.log", "mail.log.swp", "x.log.1"]
    for name in made + others:
        (tmp_path / name).touch()
    assert {Path(one).name for one in rotated(str(tmp_path / "mail.log"))} == set(made)


class Rotating(RuleBasedStateMachine):
    """Writing, rotating, reading and restarting in any order give every line once."""

    folder: Path
    runs = count()

    def __init__(self) -> None:
        super().__init__()
        self.path = self.folder / str(next(self.runs)) / "mail.log"
        self.path.parent.mkdir()
        self.path.write_text(f"head {_LONG}\n")
        self.reader, self.written, self.got, self.number = Reader(self.path), [f"head {_LONG}"], [], 0
        self.got += self.reader.read()

    @rule(times=st.integers(1, 3))
    def write(self, times: int) -> None:
        for _ in range(times):
            self.number += 1
            self.written.append(f"{self.number} {_LONG} {self.number}")
            append(self.path, f"{self.written[-1]}\n")

    def _aside(self) -> Path:
        self.number += 1
        return self.path.with_name(f"mail.log.{self.number}")

    def _settle(self, aside: Path) -> None:
        os.utime(aside, ns=(self.number, self.number))

    @rule()
    def rename(self) -> None:
        aside = self._aside()
        self.path.rename(aside)
        self._settle(aside)
        self.write(1)

    @precondition(lambda self: self.path.stat().st_size > 0)
    @rule()
    def copy_and_truncate(self) -> None:
        aside = self._aside()
        shutil.copy(self.path, aside)
        self._settle(aside)
        self.path.write_text("")
        self.write(1)

    @rule()
    def read(self) -> None:
        self.got += self.reader.read()
        assert not self.reader.seen.lost

    @rule()
    def restart(self) -> None:
        self.reader.restart()

    def teardown(self) -> None:
        self.got += self.reader.read()
        assert self.got == self.written


def test_every_line_once(tmp_path: Path) -> None:
    class Here(Rotating):
        folder = tmp_path

    run_state_machine_as_test(Here)
