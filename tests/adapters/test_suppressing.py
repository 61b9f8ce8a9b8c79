"""The loop of bounces and complaints: Dovecot's mailbox into a list, once each, over restarts and failures."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from penguintui.adapters.imap.position import Position
from penguintui.adapters.suppression.probe import SuppressionAdapter
from penguintui.adapters.suppression.sql import SqlSuppressions
from penguintui.clock import SystemClock
from penguintui.config.mailprobes import SuppressionProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from tests.mail.test_suppression import complaint, failed, leaving

from .authority import Authority
from .conftest import TARGET, found, measured
from .dovecot import PASSWORD, USER, Dovecot, dovecot
from .mailrelay import IS_ROOT, relay
from .servers import HOST, closed_port, serving

BOUNCE = failed("eva@d.example", "5.1.1", "550 5.1.1 no such user")


def mailbox(server: Dovecot, authority: Authority) -> dict[str, Any]:
    login = {"user": USER, "password": Secret(PASSWORD)}
    return {"host": HOST, "port": server.tls, "ca_file": authority.ca_file, **login}


def adapter(place: Path, **settings: Any) -> SuppressionAdapter:
    asked = {"to": f"sqlite:///{place}/s.db", **settings}
    return SuppressionAdapter(SuppressionProbe(type="suppression", **asked), SystemClock())


async def asked(one: SuppressionAdapter, seconds: float = 30) -> Observation:
    return await one.probe(TARGET, time.monotonic() + seconds)


async def once(place: Path, **settings: Any) -> Observation:
    one = adapter(place, **settings)
    try:
        return await asked(one)
    finally:
        await one.close()


@pytest.mark.needs("dovecot", "dovecot-imapd")
async def test_each_mail_once_over_restarts(authority: Authority, tmp_path: Path) -> None:
    source = "INBOX of eva at {}"
    async with dovecot(authority) as server:
        box = mailbox(server, authority)
        for mail in (BOUNCE, complaint("abuse", "ann@d.example"), b"From: x@y.example\nSubject: hi\n\nhi\n"):
            server.deliver(mail)
        first = await once(tmp_path, mailbox=box)
        again = await once(tmp_path, mailbox=box)
        server.deliver(failed("tom@d.example", "5.1.1", "550 5.1.1 no such user"))
        third = await once(tmp_path, mailbox=box)
        suppressions = SqlSuppressions(f"sqlite:///{tmp_path}/s.db")
        place = source.format(f"{HOST}:{server.tls}")
        kept = suppressions.position(place)
        assert kept is not None
        suppressions.reached(place, Position(kept.validity + 1, 99))
        renumbered = await once(tmp_path, mailbox=box)
        flags = {path.name.partition(":2,")[2] for path in (server.folder / "mail/cur").iterdir()}
    assert {event.attributes["recipient"] for event in first.events} == {"eva@d.example", "ann@d.example"}
    assert {event.attributes["reason"] for event in first.events} == {"userunknown", "complaint"}
    assert {finding.check: finding.status for finding in first.findings} == {
        "suppression.read": Status.OK, "suppression.list": Status.OK,
    }  # fmt: skip
    assert "3 new mails, 2 addresses suppressed" in found(first, "suppression.read").summary
    assert measured(first, "penguintui_suppressions_total", reason="complaint") == 1
    assert measured(again, "penguintui_suppression_mails_total") == 0, "a restart reads nothing anew"
    assert [event.attributes["recipient"] for event in third.events] == ["tom@d.example"]
    assert measured(renumbered, "penguintui_suppression_mails_total") == 4, "another numbering: all is read"
    assert not renumbered.events, "and known by its bytes"
    assert suppressions.position(place) == Position(kept.validity, 5)
    assert flags <= {""}, "none was marked as read"


@pytest.mark.needs("dovecot", "dovecot-imapd")
async def test_a_mail_of_50_mib_is_read_in_part_and_kept(authority: Authority, tmp_path: Path) -> None:
    async with dovecot(authority) as server:
        large = BOUNCE + (b"\n" + b"x" * 79) * ((50 << 20) // 80)
        server.deliver(large)
        seen = await once(tmp_path, mailbox=mailbox(server, authority))
        (path,) = [path for name in ("new", "cur") for path in (server.folder / "mail" / name).iterdir()]
        assert path.stat().st_size == len(large)
    assert [event.attributes["recipient"] for event in seen.events] == ["eva@d.example"]


@pytest.mark.needs("dovecot", "dovecot-imapd")
async def test_what_the_list_cannot_take_waits(authority: Authority, tmp_path: Path) -> None:
    async with dovecot(authority) as server:
        box = mailbox(server, authority)
        server.deliver(BOUNCE)
        with closed_port() as port:
            memory = str(tmp_path / "s.db")
            failing = await once(tmp_path, mailbox=box, to=f"http://{HOST}:{port}/list", memory=memory)
        waiting = found(failing, "suppression.list")
        assert (waiting.status, "refused" in waiting.summary) == (Status.CRITICAL, True)
        assert not failing.events
        after = await once(tmp_path, mailbox=box)
    assert [event.attributes["recipient"] for event in after.events] == ["eva@d.example"], "nothing was lost"


@pytest.mark.needs("dovecot", "dovecot-imapd")
@pytest.mark.needs("postfix", "postfix")
@pytest.mark.skipif(not IS_ROOT, reason="Postfix is started by root only")
async def test_an_unsubscription_is_confirmed_once(authority: Authority, tmp_path: Path) -> None:
    to = "unsubscribe@news.example"
    path = "Return-Path: <eva@seed.example>\n"
    async with dovecot(authority) as server, relay(authority, server) as postfix:
        login = {"user": USER, "password": Secret(PASSWORD), "ca_file": authority.ca_file}
        answer = {"host": HOST, "port": postfix.port, "sender": to, **login}
        settings = {"mailbox": mailbox(server, authority), "unsubscribe": [to], "answer": answer}
        server.deliver(leaving(to, sender="eva@seed.example", more=path))
        server.deliver(leaving(to, sender="ann@seed.example", more="Return-Path: <>\n"))
        one = adapter(tmp_path, **settings)
        first = await asked(one)
        async with asyncio.timeout(30):
            while not (answers := _answers(server)):
                await asyncio.sleep(0.05)
        server.deliver(leaving(to, sender="eva@seed.example", more=path, subject="unsubscribe again"))
        second = await asked(one)
        third = await asked(one)
        await one.close()
        log = postfix.log()
        bad = {**answer, "password": Secret("hunter2")}
        server.deliver(leaving(to, sender="tom@seed.example", more="Return-Path: <tom@seed.example>\n"))
        denied = await once(tmp_path, **{**settings, "answer": bad})
    assert {event.attributes["reason"] for event in first.events} == {"unsubscribed"}
    assert found(first, "suppression.answer").status is Status.OK
    (mail,) = answers
    assert b"Auto-Submitted: auto-replied" in mail
    assert b"\nTo: <eva@seed.example>" in mail
    assert b"Return-Path: <>" in mail, "an answer cannot bounce"
    assert not second.events + third.events, "the answer in the mailbox suppresses nobody, nor does a second wish"
    assert log.count("status=sent") == 1, "one answer in a week"
    assert found(denied, "suppression.answer").status is Status.WARNING
    assert [event.attributes["recipient"] for event in denied.events] == ["tom@seed.example"]
    assert "hunter2" not in repr(denied)


def _answers(server: Dovecot) -> list[bytes]:
    files = [path for name in ("new", "cur") for path in (server.folder / "mail" / name).iterdir()]
    return [data for path in files if b"Auto-Submitted: auto-replied" in (data := path.read_bytes())]


async def test_temporary_failures_of_many_days_are_enough(tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    soft = {"count": 3, "within": 10 * 86_400}

    def bounce(days: float, number: int) -> None:
        date = f"Date: {formatdate(time.time() - days * 86_400)}\n".encode()
        (folder / f"{number}.eml").write_bytes(date + failed("eva@d.example", "4.2.2", "452 4.2.2 mailbox full"))

    one = adapter(tmp_path, folder=str(folder), soft=soft)
    for number, days in enumerate((2, 2.001, 1)):
        bounce(days, number)
        assert not (await asked(one)).events
    await one.close()
    one = adapter(tmp_path, folder=str(folder), soft=soft)
    bounce(0, 3)
    (event,) = (await asked(one)).events
    assert (event.attributes["recipient"], event.attributes["reason"]) == ("eva@d.example", "soft-bounces")
    suppressions = SqlSuppressions(f"sqlite:///{tmp_path}/s.db")
    (standing,) = suppressions.standing("eva@d.example")
    assert "on 3 days within 10 days, the last: mailboxfull" in standing.evidence
    assert suppressions.release("eva@d.example", "they cleaned up", time.time()) == 1
    bounce(0, 4)
    assert not (await asked(one)).events, "what was before the way back counts no more"
    await one.close()


class Vanishing:
    """An IMAP server whose second mail is gone when it is asked for, and which leaves at the third."""

    def __init__(self) -> None:
        self.leaves = True

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, command = line.split()[:2]
            answer = b""
            if command == b"AUTHENTICATE":
                writer.write(b"+ \r\n")
                await reader.readline()
            elif command == b"EXAMINE":
                answer = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n"
            elif b"RFC822.SIZE" in line:
                first = int(line.split()[3].partition(b":")[0])
                answer = b"".join(b"* %d FETCH (UID %d RFC822.SIZE 900)\r\n" % (uid, uid) for uid in range(first, 4))
            elif b"FETCH 1 " in line:
                answer = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (len(BOUNCE), BOUNCE)
            elif b"FETCH 3 " in line:
                if self.leaves:
                    writer.write(b"* BYE the mailbox was deleted\r\n")
                    return
                mail = complaint("abuse", "ann@d.example")
                answer = b"* 3 FETCH (UID 3 BODY[] {%d}\r\n%s)\r\n" % (len(mail), mail)
            writer.write(answer + tag + b" OK done\r\n")
            await writer.drain()


async def test_a_mailbox_that_vanishes_while_it_is_read(tmp_path: Path) -> None:
    world = Vanishing()
    async with serving(world) as server:
        box = {"host": HOST, "port": server.port, "tls": "none", "user": "x", "password": Secret("y")}
        one = adapter(tmp_path, mailbox=box)
        broken = await asked(one)
        read = found(broken, "suppression.read")
        assert (read.status, "closed the connection" in read.summary) == (Status.CRITICAL, True), read.summary
        assert [event.attributes["recipient"] for event in broken.events] == ["eva@d.example"]
        assert not broken.complete
        assert "vanished" in read.evidence[f"mail 2 in INBOX of x at {HOST}:{server.port}"]
        assert SqlSuppressions(f"sqlite:///{tmp_path}/s.db").standing("eva@d.example"), "what was read is kept"
        world.leaves = False
        whole = await asked(one)
        await one.close()
    assert [event.attributes["recipient"] for event in whole.events] == ["ann@d.example"]
    assert measured(whole, "penguintui_suppression_mails_total") == 2 + 1, "and only the rest is read again"
