"""`penguintui mail process`, `suppressed`, `release`: what is done per mail, printed, and never done twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_mail import mail
from tests.mail.test_suppression import complaint, failed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "bounces"
    place.mkdir()
    (place / "1.eml").write_bytes(failed("eva@d.example", "5.1.1", "550 5.1.1 no such user"))
    (place / "2.eml").write_bytes(failed("tom@d.example", "5.2.2", "552 5.2.2 mailbox full"))
    (place / "3.eml").write_bytes(complaint("abuse", "ann@d.example"))
    return place


def done(folder: Path, to: str, *more: str) -> list[dict[str, Any]]:
    ended = mail("process", "--from", str(folder), "--to", to, "--json", *more)
    assert ended.exit_code == 0, ended.output
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_each_mail_is_told_and_counts_once(folder: Path, tmp_path: Path) -> None:
    to, before = f"sqlite:///{tmp_path}/s.db", {file.name: file.read_bytes() for file in folder.iterdir()}
    tried = done(folder, to, "--dry-run")
    assert [one["recipients"][0]["suppress"] for one in tried] == [True, False, True]
    assert not (tmp_path / "s.db").exists(), "a trial leaves nothing behind"
    first = done(folder, to)
    assert [(one["recipients"][0]["recipient"], one["recipients"][0]["new"]) for one in first] == [
        ("eva@d.example", True),
        ("tom@d.example", False),
        ("ann@d.example", True),
    ]
    assert first[1]["recipients"][0]["why"] == "mailboxfull, 5.2.2: that says nothing against the address"
    assert all(one["processed_before"] for one in done(folder, to))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before, "the originals are kept"


def test_the_way_back(folder: Path, tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path}/s.db"
    text = mail("process", "--from", str(folder), "--to", to).stdout
    assert f"{folder}/1.eml: suppressed eva@d.example (userunknown, 5.1.1)" in text
    told = mail("suppressed", "EVA@d.example", "--to", to)
    assert told.exit_code == 0
    assert told.stdout.startswith("eva@d.example: userunknown 5.1.1 since 20")
    assert mail("release", "eva@d.example", "--to", to, "--reason", " ").exit_code == 64
    assert "1 reason taken back" in mail("release", "eva@d.example", "--to", to, "--reason", "phoned").stdout
    assert mail("suppressed", "eva@d.example", "--to", to).exit_code == 1
    assert all(one["processed_before"] for one in done(folder, to))
    assert mail("suppressed", "eva@d.example", "--to", to).exit_code == 1, "an old mail does not suppress again"


def test_a_pipe_and_only_ours(folder: Path, tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path}/s.db"
    data = (folder / "3.eml").read_bytes()
    foreign = mail("process", "--from", "-", "--to", to, "--ours", "else.example", "--dry-run", stdin=data)
    assert "nothing for ann@d.example (the mail that it returns is not ours" in foreign.stdout
    piped = mail("process", "--from", "-", "--to", to, "--ours", "ours.example", stdin=data)
    assert piped.stdout == "-: suppressed ann@d.example (complained (abuse))\n"


def test_what_cannot_be_done_is_said(folder: Path, tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path}/s.db"
    missing = mail("process", "--from", str(tmp_path / "no"), "--to", to)
    assert (missing.exit_code, "there is no such file" in missing.output) == (64, True)
    assert mail("process", "--from", str(folder), "--to", "nonsense").exit_code == 2
    unset = mail("process", "--from", str(folder), "--to", "http://127.0.0.1:1/", "--token-env", "NOT_SET_ANYWHERE")
    assert "the variable NOT_SET_ANYWHERE is not set" in unset.output
    assert mail("suppressed", "a@b.example", "--to", "https://api.example/").exit_code == 64
