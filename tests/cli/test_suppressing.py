"""`penguintui mail process`, `suppressed`, `release`: what is done per mail, printed, and never done twice."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.authority import Authority
from tests.adapters.dovecot import PASSWORD, USER, dovecot
from tests.cli.test_mail import mail
from tests.mail.test_suppression import complaint, failed, leaving


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
    assert (missing.exit_code, "there is no such file" in missing.output) == (2, True)
    assert mail("process", "--from", str(folder), "--to", "nonsense").exit_code == 64
    unset = mail("process", "--from", str(folder), "--to", "http://127.0.0.1:1/", "--token-env", "NOT_SET_ANYWHERE")
    assert "the variable NOT_SET_ANYWHERE is not set" in unset.output
    assert mail("suppressed", "a@b.example", "--to", "https://api.example/").exit_code == 64


@pytest.mark.needs("dovecot", "dovecot-imapd")
async def test_a_mailbox_by_imap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, to = Authority(tmp_path), f"sqlite:///{tmp_path}/s.db"
    monkeypatch.setenv("BOUNCES", PASSWORD)
    monkeypatch.setenv("WRONG", "hunter2")
    async with dovecot(authority) as server:
        server.deliver(failed("eva@d.example", "5.1.1", "550 5.1.1 no such user"))
        server.deliver(leaving("out@ours.example"))
        place = f"imaps://{USER}@127.0.0.1:{server.tls}"
        known = ["process", "--from", place, "--to", to, "--ca-file", authority.ca_file]
        right = [*known, "--password-env", "BOUNCES", "--unsubscribe", "out@ours.example"]

        async def run(*arguments: str) -> Any:
            return await asyncio.to_thread(mail, *arguments)

        tried = await run(*right, "--dry-run")
        assert "would suppress eva@d.example (userunknown, 5.1.1)" in tried.stdout
        assert not (tmp_path / "s.db").exists()
        first = await run(*right)
        assert first.exit_code == 0, first.output
        assert first.stdout.splitlines() == [
            f"mail 1 in INBOX of eva at 127.0.0.1:{server.tls}: suppressed eva@d.example (userunknown, 5.1.1)",
            f"mail 2 in INBOX of eva at 127.0.0.1:{server.tls}: suppressed eva@d.example (wants nothing more)",
        ]
        again = await run(*right)
        assert (again.exit_code, again.stdout) == (0, ""), "what was read is not read again"
        denied = await run(*known, "--password-env", "WRONG")
        assert (denied.exit_code, "denied access" in denied.output) == (2, True)
        assert "hunter2" not in denied.output
        assert (await run(*known[:1], "--from", "imaps://a:b@c.example", "--to", to)).exit_code == 64
        assert (await run(*known[:1], "--from", "pop://a@c.example", "--to", to)).exit_code == 64


def test_by_hand_and_by_many_days(tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path}/s.db"
    done_by_hand = mail("suppress", "Eva@D.example", "--to", to, "--reason", "by phone")
    assert (done_by_hand.exit_code, done_by_hand.stdout) == (0, "eva@d.example gets no more mail\n")
    assert "by-hand since 20" in mail("suppressed", "eva@d.example", "--to", to).stdout
    assert mail("suppress", "nobody", "--to", to, "--reason", "x").exit_code == 64
    assert mail("suppress", "a@b.example", "--to", to, "--reason", " ").exit_code == 64
    assert "1 reason taken back" in mail("release", "eva@d.example", "--to", to, "--reason", "phoned").stdout
    folder = tmp_path / "soft"
    folder.mkdir()
    for day in (1, 2):
        date = f"Date: Mon, {day:02d} Jun 2026 10:00:00 +0000\n".encode()
        (folder / f"{day}.eml").write_bytes(date + failed("tom@d.example", "4.2.2", "452 4.2.2 mailbox full"))
    assert not any(one["recipients"][0]["suppress"] for one in done(folder, f"sqlite:///{tmp_path}/none.db"))
    first, second = done(folder, to, "--soft", "2", "--within", "3650d")
    assert (first["recipients"][0]["suppress"], second["recipients"][0]["new"]) == (False, True)
    assert mail("process", "--from", str(folder), "--to", to, "--soft", "2", "--within", "x").exit_code == 64
