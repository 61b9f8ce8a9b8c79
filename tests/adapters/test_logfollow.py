"""A file is followed across everything that log rotation does to it."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.logs import follow
from penguintui.adapters.logs.follow import MAX_LINE, Follower, Reading


def read(follower: Follower) -> list[str]:
    return list(follower.read(Reading()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auth.log"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_begins_at_the_end_or_at_the_start(path: Path) -> None:
    path.write_text("old\n")
    tail, whole = Follower(str(path), from_start=False), Follower(str(path), from_start=True)
    assert (read(tail), read(whole)) == ([], ["old"])
    append(path, "new\n")
    assert read(tail) == read(whole) == ["new"]


def test_a_line_whose_beginning_was_not_seen_is_left_out(path: Path) -> None:
    path.write_text("half a li")
    follower = Follower(str(path), from_start=False)
    assert read(follower) == []
    append(path, "ne\nnext\n")
    assert read(follower) == ["next"]


def test_a_line_is_given_once_it_is_whole(path: Path) -> None:
    path.write_text("first ha")
    follower = Follower(str(path), from_start=True)
    assert read(follower) == []
    append(path, "lf\nsecond")
    assert read(follower) == ["first half"]
    append(path, "\n")
    assert read(follower) == ["second"]


def test_rotation_by_renaming_loses_nothing(path: Path) -> None:
    path.write_text("1\n")
    follower = Follower(str(path), from_start=True)
    assert read(follower) == ["1"]
    append(path, "2\n3 without an end")
    path.rename(path.with_suffix(".1"))
    path.write_text("4\n")
    reading = Reading()
    assert list(follower.read(reading)) == ["2", "3 without an end", "4"]
    assert reading.rotated and not reading.truncated
    append(path, "5\n")
    assert read(follower) == ["5"]


def test_between_renaming_and_creating_the_file_is_missing(path: Path) -> None:
    path.write_text("1\n")
    follower = Follower(str(path), from_start=False)
    read(follower)
    append(path, "2\n")
    path.rename(path.with_suffix(".1"))
    lines = follower.read(Reading())
    assert next(lines) == "2"
    with pytest.raises(FileNotFoundError):
        next(lines)
    path.write_text("3\n")
    assert read(follower) == ["3"]


def test_truncation_starts_again(path: Path) -> None:
    path.write_text("a long line of before\n")
    follower = Follower(str(path), from_start=False)
    read(follower)
    path.write_text("new\n")
    reading = Reading()
    assert list(follower.read(reading)) == ["new"]
    assert reading.truncated


def test_truncation_is_seen_when_the_file_has_grown_past_the_position(path: Path) -> None:
    path.write_text("short\n")
    follower = Follower(str(path), from_start=False)
    read(follower)
    path.write_text("much longer than the short one\n")
    assert read(follower) == ["much longer than the short one"]


def test_a_hole_before_a_line_is_left_out(path: Path) -> None:
    path.write_bytes(b"\0" * 5000 + b"line\n")
    assert read(Follower(str(path), from_start=True)) == ["line"]


def test_a_file_that_comes_later_is_read_from_its_start(path: Path) -> None:
    follower = Follower(str(path), from_start=False)
    with pytest.raises(FileNotFoundError):
        read(follower)
    path.write_text("1\n")
    assert read(follower) == ["1"]


def test_long_lines_are_cut_and_counted(path: Path) -> None:
    path.write_text("x" * (3 * MAX_LINE) + "\n" + "y" * MAX_LINE + "\nz\n")
    reading = Reading()
    lines = list(Follower(str(path), from_start=True).read(reading))
    assert [len(line) for line in lines] == [MAX_LINE, MAX_LINE, 1]
    assert (reading.cut, reading.lines) == (1, 3)


@given(
    st.lists(st.integers(0, 9).flatmap(lambda n: st.text("ab\0", min_size=n, max_size=n)), max_size=12),
    st.integers(1, 20),
)
def test_only_the_lines_that_hold_something_are_given_and_all_are_counted(lines: list[str], piece: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow, "_CHUNK", piece)
        patch.setattr(follow, "MAX_LINE", 5)
        path = Path(folder, "log")
        path.write_text("".join(f"{line}\n" for line in lines))
        reading = Reading()
        given = list(Follower(str(path), from_start=True).read(reading, holding=b"ab"))
    assert [one for one in given if "ab" in one] == [line[:5].lstrip("\0") for line in lines if "ab" in line[:5]]
    assert len(given) <= sum("ab" in line or len(line) > 5 for line in lines), "of long ones only parts are held"
    assert (reading.lines, reading.cut) == (len(lines), sum(len(line) > 5 for line in lines))


def test_bytes_that_are_no_text_are_replaced(path: Path) -> None:
    path.write_bytes(b"a\xff\xfeb\n")
    assert read(Follower(str(path), from_start=True)) == ["a\ufffd\ufffdb"]


def test_one_reading_is_bounded_and_says_how_far_behind_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MAX_READ", 100)
    monkeypatch.setattr(follow, "_CHUNK", 50)
    path.write_text("0123456789\n" * 30)
    follower, reading = Follower(str(path), from_start=True), Reading()
    assert len(list(follower.read(reading))) == 9
    assert reading.behind == 230
    assert len(read(follower)) + len(read(follower)) == 18
    assert len(read(follower)) == 3


def test_reading_stops_when_told(path: Path) -> None:
    path.write_text("line\n")
    follower, reading = Follower(str(path), from_start=True), Reading()
    assert list(follower.read(reading, lambda: True)) == []
    assert reading.behind == 5
    assert read(follower) == ["line"]


def test_what_is_no_ordinary_file_is_refused_without_waiting(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(OSError, match="not an ordinary file"):
        read(Follower(str(path), from_start=True))


def test_no_line_is_lost_or_doubled_whatever_comes_between(path: Path) -> None:
    """Appending in pieces, renaming and reading in any order give every line once."""
    chance = random.Random(7)
    path.touch()
    follower, given, written, rest = Follower(str(path), from_start=True), [], [], ""
    for number in range(400):
        match chance.choice(["line", "piece", "rename", "read"]):
            case "line":
                append(path, f"{number}\n")
                written.append(f"{rest}{number}")
                rest = ""
            case "piece":
                append(path, f"{number},")
                rest += f"{number},"
            case "rename":
                given += read(follower)  # two renamings between two readings would lose a file
                append(path, "end\n")
                written.append(f"{rest}end")
                rest = ""
                path.rename(path.with_suffix(".1"))
                path.touch()
            case "read":
                given += read(follower)
    assert given + read(follower) == written
