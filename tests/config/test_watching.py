"""A changed file is read again; a broken one is refused and the old one stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from penguintui.config.problems import ConfigurationErrors
from penguintui.config.watching import Broken, Change, Changed, Unchanged, Watcher
from penguintui.model.secret import Secret

WITH_TOKEN = """\
targets:
- {name: a, kind: service, probes: [{type: platform, url: 'https://a.example', token: !file token}]}
"""


def _settled(watcher: Watcher) -> Change:
    """What is told once the change has rested for a poll."""
    assert watcher.poll() == Unchanged()
    return watcher.poll()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "c.yaml"
    path.write_text("region: one\n")
    return path


def test_nothing_happens(path: Path) -> None:
    watcher = Watcher(path, {})
    assert [watcher.poll() for _ in range(3)] == [Unchanged()] * 3


def test_broken_from_the_start(path: Path) -> None:
    path.write_text("regoin: one\n")
    with pytest.raises(ConfigurationErrors, match="did you mean 'region'"):
        Watcher(path, {})


def test_written_in_place(path: Path) -> None:
    watcher = Watcher(path, {})
    path.write_text("region: other\n")
    change = _settled(watcher)
    assert isinstance(change, Changed)
    assert change.configuration.region == watcher.configuration.region == "other"
    assert watcher.poll() == Unchanged()


def test_replaced_by_a_new_file_of_the_same_size_and_time(path: Path) -> None:
    watcher = Watcher(path, {})
    new = path.with_suffix(".new")
    new.write_text("region: two\n")
    import os

    status = path.stat()
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.replace(path)
    assert isinstance(_settled(watcher), Changed)
    assert watcher.configuration.region == "two"


def test_half_written_file_is_left_until_it_rests(path: Path) -> None:
    watcher = Watcher(path, {})
    path.write_text("reg")
    assert watcher.poll() == Unchanged()
    path.write_text("region: three and more\n")
    assert isinstance(_settled(watcher), Changed)


def test_broken_one_is_refused_and_told_once(path: Path) -> None:
    watcher = Watcher(path, {})
    path.write_text("region: {\n")
    change = _settled(watcher)
    assert isinstance(change, Broken)
    assert str(change.errors).startswith(f"{path}:2:1: ")
    assert watcher.configuration.region == "one"
    assert watcher.errors is change.errors
    assert watcher.poll() == Unchanged()


def test_mended_to_what_it_was_is_told(path: Path) -> None:
    watcher = Watcher(path, {})
    path.write_text("oops\n")
    assert isinstance(_settled(watcher), Broken)
    path.write_text("region: one\n")
    assert isinstance(_settled(watcher), Changed)
    assert watcher.errors is None


def test_same_content_written_again_is_no_change(path: Path) -> None:
    watcher = Watcher(path, {})
    path.write_text("region: one\n# a comment\n")
    assert _settled(watcher) == Unchanged()


def test_removed_file_is_refused(path: Path) -> None:
    watcher = Watcher(path, {})
    path.unlink()
    change = _settled(watcher)
    assert isinstance(change, Broken)
    assert "no such file" in str(change.errors)
    path.write_text("region: back\n")
    assert isinstance(_settled(watcher), Changed)


def test_secret_file_is_followed(path: Path) -> None:
    token = path.with_name("token")
    token.write_text("first")
    token.chmod(0o600)
    path.write_text(WITH_TOKEN)
    watcher = Watcher(path, {})
    token.write_text("second secret")
    change = _settled(watcher)
    assert isinstance(change, Changed)
    assert change.configuration.targets[0].probes[0].token == Secret("second secret")  # type: ignore[union-attr]
    token.unlink()
    assert isinstance(_settled(watcher), Broken)
    token.write_text("third")
    token.chmod(0o600)
    assert isinstance(_settled(watcher), Changed)
