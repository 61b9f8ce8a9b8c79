"""What strangers may send: zones of nonsense, circles, huge answers, names that are no text, mailboxes that vanish.

Each ends in a finding that says what and why; nothing raises, hangs, or comes out as fine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from penguintui.adapters.dns.nameserver import NameServer, opened
from penguintui.adapters.imap.probe import ImapAdapter
from penguintui.adapters.postfix.log import PostfixLogAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import ImapProbe, PostfixLogProbe
from penguintui.mail.domain import DomainLint, lint_domain
from penguintui.mail.spf import Result, check_host
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from .conftest import TARGET, found, measured
from .servers import HOST, serving
from .test_postfixlog import line
from .test_suppressing import Vanishing
from .zoneserver import Zone, zones

_D = "d.example"
_ABOUT = ("", "_dmarc.", "_mta-sts.", "_smtp._tls.", "default._bimi.", "pm._domainkey.")


async def put(zone: Zone, question: Callable[[NameServer], Awaitable[object]]) -> object:
    """A question to a server of this zone, which has ten seconds for all of its answers."""
    async with zones(zone) as server:
        return await question(await opened(f"{HOST}:{server.port}", "the server", 10.0, 1.0))


async def linted(zone: Zone) -> DomainLint:
    lint = await put(zone, lambda server: lint_domain(server, _D, ["pm"]))
    assert isinstance(lint, DomainLint)
    for finding in lint.findings:
        assert finding.summary
        assert finding.remedy or not finding.status
    return lint


async def checked(zone: Zone) -> Result:
    verdict = await put(zone, lambda server: check_host(server, "192.0.2.1", f"eva@{_D}", "mx.example"))
    return getattr(verdict, "result")  # noqa: B009 - of the question put


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\1\2\x1b[2J",
        "v=",
        "v=spf1 v=DMARC1; v=STSv1; v=TLSRPTv1; v=BIMI1; v=DKIM1;",
        "v=spf1 " + "a" * 250,
        "v=DMARC1; p=; p=; =; ;;;",
        "v=DKIM1; k=rsa; p=////",
        "\N{SNOWMAN}" * 100,
        "%{" * 200,
    ],
)
async def test_records_of_nonsense(text: str) -> None:
    """The same under every name at which a record with a meaning may stand."""
    zone: Zone = {f"{name}{_D}": [{"TXT": text}, {"MX": [0, "\x1b[31m.example"]}] for name in _ABOUT}
    lint = await linted(zone)
    for check in ("dns.spf", "dns.dmarc", "dns.dkim"):
        assert {finding.status for finding in lint.findings if finding.check == check} - {Status.OK}, check
    assert lint.status is Status.CRITICAL


async def test_records_that_are_no_utf_8_at_names_that_are_none() -> None:
    name = "\xff\xfe\x80.example"
    zone: Zone = {
        _D: [{"TXT": f"v=spf1 include:{name} exp={name} -all"}, {"MX": [10, name]}],
        name: [{"TXT": "v=spf1 ip4:192.0.2.9 -all"}, {"A": "192.0.2.2"}],
    }
    assert (await linted(zone)).status is Status.CRITICAL
    assert await checked(zone) in (Result.FAIL, Result.PERMERROR)


async def test_circles_of_includes_and_redirects() -> None:
    zone: Zone = {
        _D: [{"TXT": "v=spf1 include:b.example include:c.example -all"}],
        "b.example": [{"TXT": f"v=spf1 include:{_D} ?all"}],
        "c.example": [{"TXT": "v=spf1 redirect=c.example"}],
    }
    spf = next(finding for finding in (await linted(zone)).findings if finding.check == "dns.spf")
    assert spf.status is Status.CRITICAL
    assert "loop" in spf.evidence
    assert await checked(zone) is Result.PERMERROR


async def test_circles_of_aliases() -> None:
    zone: Zone = {
        _D: [{"TXT": "v=spf1 include:a.example -all"}, {"MX": [10, "a.example"]}],
        "a.example": [{"CNAME": "b.example"}],
        "b.example": [{"CNAME": "a.example"}],
        f"_dmarc.{_D}": [{"CNAME": f"_dmarc.{_D}"}],
    }
    lint = await linted(zone)
    dmarc = next(finding for finding in lint.findings if finding.check == "dns.dmarc")
    assert dmarc.status in (Status.UNKNOWN, Status.CRITICAL)
    assert await checked(zone) in (Result.TEMPERROR, Result.PERMERROR)


async def test_answers_of_64_kib() -> None:
    """As much as DNS can carry, over TCP: one long record, and very many."""
    long = "v=spf1 " + "ip4:192.0.2.7 " * 4300 + "-all"
    many = [{"TXT": f"x{number} {'y' * 200}"} for number in range(280)]
    begun = time.process_time()
    lint = await linted({_D: [{"TXT": long}], f"_dmarc.{_D}": [*many, {"TXT": "v=DMARC1; p=none"}]})
    spf = next(finding for finding in lint.findings if finding.check == "dns.spf")
    assert spf.status is not Status.OK
    assert str(len(long)) in repr(spf.evidence)
    assert time.process_time() - begun < 20, "bounded by what there is to read"
    assert await checked({_D: [{"TXT": long}]}) is Result.FAIL


async def test_log_lines_of_1_mib(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    good, huge = line("sent", "250 ok"), line("sent", "x" * (1 << 20))
    path.write_text(good + "y" * (1 << 20) + "\n" + huge + good)
    one = PostfixLogAdapter(PostfixLogProbe(type="postfix-log", path=str(path), read_from="start"), SystemClock())
    seen = await one.probe(TARGET, time.monotonic() + 30)
    await one.close()
    assert measured(seen, "postfix_smtp_messages_processed_total", provider="gmail", status="sent") == 3
    assert measured(seen, "penguintui_log_lines_total") == 4
    assert found(seen, "log.reach").evidence["cut"].startswith("2 lines")


def imap(port: int) -> ImapAdapter:
    settings = {"user": "x", "password": Secret("y"), "read": "bounces", "read_from": "start"}
    return ImapAdapter(ImapProbe(type="imap", host=HOST, port=port, tls="none", **settings), SystemClock())


async def test_a_mailbox_that_vanishes_while_it_is_read() -> None:
    world = Vanishing()
    async with serving(world) as server:
        one = imap(server.port)
        broken = await one.probe(TARGET, time.monotonic() + 10)
        assert found(broken, "imap.reach").status is not Status.OK
        assert not broken.bookmarks, "what was read is not recorded yet, so another would have to read it again"
        world.leaves = False
        whole = await one.probe(TARGET, time.monotonic() + 10)
    assert [event.attributes["recipient"] for event in whole.events] == ["eva@d.example", "ann@d.example"]
    read = found(whole, "mailbox.read")
    assert "vanished" in read.evidence
    assert [bookmark.mark for bookmark in whole.bookmarks] == ["7 4"]


async def test_a_mail_of_50_mib_in_a_mailbox() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while text := await reader.readline():
            tag, command = text.split()[:2]
            if command == b"AUTHENTICATE":
                writer.write(b"+ \r\n")
                await reader.readline()
            answer = {b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n"}.get(command, b"")
            if b"RFC822.SIZE" in text:
                answer = b"* 1 FETCH (UID 1 RFC822.SIZE %d)\r\n" % (50 << 20)
            writer.write(answer + tag + b" OK done\r\n")
            await writer.drain()

    async with serving(talk) as server:
        seen = await imap(server.port).probe(TARGET, time.monotonic() + 10)
    read = found(seen, "mailbox.read")
    assert read.status is Status.WARNING
    assert "were not read" in read.summary
    assert "still there" in read.remedy
