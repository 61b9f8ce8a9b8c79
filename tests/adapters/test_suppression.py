"""Suppressions kept in SQLite, in PostgreSQL, and handed to an API; and the folders that the mails come from."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from penguintui.adapters.suppression import mailfolder
from penguintui.adapters.suppression.api import ApiSuppressions
from penguintui.adapters.suppression.lists import opened
from penguintui.adapters.suppression.mailfolder import mails
from penguintui.adapters.suppression.sql import SqlSuppressions, SuppressionError
from penguintui.mail.suppression import process
from tests.mail.test_suppression import complaint, failed

from .postgres import Postgres
from .servers import HOST, closed_port, serving

NOW = 1_790_000_000.0
BOUNCE = process(failed("eva@d.example", "5.1.1", "550 5.1.1 no such user"), NOW)
COMPLAINT = process(complaint("abuse"), NOW)


def exercise(url: str) -> None:
    """The whole life of an address in a list."""
    suppressions = SqlSuppressions(url)
    assert not suppressions.known(BOUNCE.digest)
    assert suppressions.standing("eva@d.example") == []
    assert suppressions.keep(BOUNCE, NOW) == ["eva@d.example"]
    assert suppressions.known(BOUNCE.digest)
    assert suppressions.keep(BOUNCE, NOW + 1) is None, "never twice"
    assert suppressions.keep(COMPLAINT, NOW + 2) == ["eva@d.example"]
    assert {one.reason for one in suppressions.standing(" <EVA@d.example> ")} == {"userunknown", "complaint"}
    assert suppressions.release("Eva@D.example", "asked for it", NOW + 3) == 2
    assert suppressions.standing("eva@d.example") == []
    assert suppressions.keep(BOUNCE, NOW + 4) is None
    assert suppressions.standing("eva@d.example") == [], "an old mail does not suppress again"
    later = process(failed("eva@d.example", "5.1.1", "550 5.1.1 still no such user"), NOW + 5)
    assert suppressions.keep(later, NOW + 5) == ["eva@d.example"]
    assert suppressions.release("other@d.example", "x", NOW) == 0
    suppressions.close()


def test_sqlite(tmp_path: Path) -> None:
    exercise(f"sqlite:///{tmp_path}/s.db")


@pytest.mark.needs("initdb", "postgresql-15")
def test_postgresql(postgres: Postgres) -> None:
    postgres.run("CREATE DATABASE suppressing")
    exercise(postgres.url(database="suppressing"))


@pytest.mark.needs("initdb", "postgresql-15")
def test_two_processes_at_once_do_it_once(postgres: Postgres) -> None:
    postgres.run("CREATE DATABASE twice")
    url = postgres.url(database="twice")
    SqlSuppressions(url).keep(COMPLAINT, NOW)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: SqlSuppressions(url).keep(BOUNCE, NOW), range(8)))
    assert [one for one in done if one is not None] == [["eva@d.example"]]


def test_asking_makes_nothing(tmp_path: Path) -> None:
    assert not SqlSuppressions(f"sqlite:///{tmp_path}/s.db").known(BOUNCE.digest)
    assert not ApiSuppressions("http://127.0.0.1/", None, tmp_path / "m.db").known(BOUNCE.digest)
    assert list(tmp_path.iterdir()) == []


def test_trouble_is_a_sentence_without_the_password(tmp_path: Path) -> None:
    with closed_port() as port, pytest.raises(SuppressionError, match="the list at postgresql") as failure:
        SqlSuppressions(f"postgresql+psycopg://me:hunter2@{HOST}:{port}/x").keep(BOUNCE, NOW)
    assert "hunter2" not in str(failure.value)
    with pytest.raises(SuppressionError, match="names no list"):
        opened("nonsense")
    (tmp_path / "s.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(SuppressionError, match="not a database"):
        SqlSuppressions(f"sqlite:///{tmp_path}/s.db").keep(BOUNCE, NOW)


class Api:
    """Takes suppressions, as an API might; `status` is what it answers."""

    def __init__(self) -> None:
        self.status, self.taken = 201, list[tuple[str, dict[str, Any]]]()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        body = await reader.readexactly(int(headers["content-length"]))
        assert headers["authorization"] == "bearer t0ken"
        self.taken.append((headers["idempotency-key"], json.loads(body)))
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


async def test_an_api_is_told_once_and_again_after_a_failure(tmp_path: Path) -> None:
    api = Api()
    async with serving(api.handle) as server:
        suppressions = opened(f"http://{HOST}:{server.port}/suppressions", "t0ken", tmp_path / "m.db")
        api.status = 503
        with pytest.raises(SuppressionError, match="answered 503"):
            await asyncio.to_thread(suppressions.keep, BOUNCE, NOW)
        assert not suppressions.known(BOUNCE.digest)
        api.status = 201
        assert await asyncio.to_thread(suppressions.keep, BOUNCE, NOW) == ["eva@d.example"]
        assert await asyncio.to_thread(suppressions.keep, BOUNCE, NOW) is None
    (first, said), (second, _) = api.taken
    assert first == second, "a repetition can be told by its key"
    assert (said["address"], said["reason"], said["status"]) == ("eva@d.example", "userunknown", "5.1.1")
    with pytest.raises(SuppressionError, match=f"{HOST}:{server.port}"):
        await asyncio.to_thread(suppressions.keep, COMPLAINT, NOW)


def test_every_kind_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maildir = tmp_path / "Maildir"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
        (maildir / name / "1").write_bytes(name.encode())
    assert [found.data for found in mails(str(maildir))] == [b"cur", b"new"]
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "a.eml").write_bytes(b"one")
    (plain / ".hidden").write_bytes(b"x")
    (plain / "b.eml").symlink_to(tmp_path / "gone")
    (plain / "below").mkdir()
    assert [found.data for found in mails(str(plain))] == [b"one"]
    box = tmp_path / "mbox"
    box.write_bytes(b"From a@b Mon\nSubject: 1\n\ntext\nFrom here\n\n>From there\n>>From\n\nFrom c@d Tue\nSubject: 2\n")
    assert [found.data for found in mails(str(box))] == [
        b"Subject: 1\n\ntext\nFrom here\n\nFrom there\n>>From\n\n",
        b"Subject: 2\n",
    ]
    assert [found.name for found in mails(str(box))] == [f"{box}#1", f"{box}#2"]
    monkeypatch.setattr(mailfolder, "LARGEST", 4)
    (plain / "a.eml").write_bytes(b"large")
    (found,) = mails(str(plain))
    assert "it was not looked at" in found.trouble
    with pytest.raises(FileNotFoundError):
        list(mails(str(tmp_path / "nowhere")))


def test_a_mail_that_vanishes_stops_none(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    reading = mails(str(tmp_path))
    assert next(reading).data == b"x"
    (tmp_path / "b").unlink()
    assert "cannot be read" in next(reading).trouble
