"""The IMAP adapter against Debian's Dovecot."""

from __future__ import annotations

import time
from typing import Any

import pytest

from penguintui.adapters.imap.probe import ImapAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import ImapProbe
from penguintui.model.observation import Observation
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from tests.mail.test_bounce import dsn
from tests.mail.test_dmarc_reports import mailed, xml

from .authority import Authority
from .conftest import TARGET, ask, found, measured
from .dovecot import PASSWORD, USER, Dovecot, dovecot
from .servers import HOST

pytestmark = pytest.mark.needs("dovecot", "dovecot-imapd")

_BOUNCE = dsn(
    "Final-Recipient: rfc822; {}@d.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no user"
)


def adapter(server: Dovecot, authority: Authority, **settings: Any) -> ImapAdapter:
    asked = {
        "port": server.tls, "user": USER, "password": Secret(PASSWORD), "ca_file": authority.ca_file,
        "read_from": "start", **settings,
    }  # fmt: skip
    return ImapAdapter(ImapProbe(type="imap", host=HOST, **asked), SystemClock())


async def again(one: ImapAdapter) -> Observation:
    return await one.probe(TARGET, time.monotonic() + 30)


async def test_three_ways_in(authority: Authority) -> None:
    async with dovecot(authority) as server:
        implicit = await ask(adapter(server, authority))
        upgraded = await ask(adapter(server, authority, port=server.plain, tls="starttls"))
        plain = await ask(adapter(server, authority, port=server.plain, tls="none", user=None))
        denied = await ask(adapter(server, authority, password=Secret("hunter2")))
        untrusted = await ask(adapter(server, authority, ca_file=None))
        absent = await ask(adapter(server, authority, mailbox='no "such'))
    for seen in (implicit, upgraded):
        assert {f.check: f.status for f in seen.findings} == {"imap.reach": Status.OK, "tls.certificate": Status.OK}
        assert measured(seen, "penguintui_mailbox_messages", mailbox="INBOX") == 0
        assert measured(seen, "probe_imap_duration_seconds", phase="login") > 0
    assert [f.check for f in plain.findings] == ["imap.reach"]
    assert found(denied, "imap.reach").evidence["reason"] == "denied"
    assert "hunter2" not in repr(denied)
    assert found(untrusted, "imap.reach").evidence["reason"] == "untrusted"
    assert 'no "such' in found(absent, "imap.reach").summary or "EXAMINE" in found(absent, "imap.reach").summary


async def test_each_bounce_once_and_left_as_it_was(authority: Authority) -> None:
    async with dovecot(authority) as server:
        one = adapter(server, authority, read="bounces")
        for name in (b"a", b"b"):
            server.deliver(_BOUNCE.replace(b"{}", name))
        first = await again(one)
        nothing = await again(one)
        server.deliver(b"Subject: hello\n\nhi")
        third = await again(one)
        left = sorted(path.parent.name for path in (server.folder / "mail").glob("*/*") if path.parent.name != "tmp")
        flags = {path.name.partition(":2,")[2] for path in (server.folder / "mail/cur").iterdir()}
    assert {event.attributes["recipient"] for event in first.events} == {"a@d.example", "b@d.example"}
    assert all(event.kind == "mail.bounced" and event.attributes["suppress"] == "yes" for event in first.events)
    notices = "penguintui_mail_notices_total"
    assert measured(first, notices, kind="bounce", reason="userunknown", lasting="hard") == 2
    assert not nothing.events
    assert measured(nothing, notices, kind="bounce") == 2
    assert measured(third, notices, kind="other") == 1
    assert found(third, "mailbox.read").summary.endswith("1 new mails, 3 since it is watched")
    assert len(left) >= 3, "every mail is still there"
    assert flags <= {""}, "none was marked as read"


async def test_reports_once_and_a_broken_one_stops_none(authority: Authority) -> None:
    report = mailed(xml([(3, "pass", "fail"), (2, "fail", "fail")]))
    async with dovecot(authority) as server:
        for mail in (mailed(b"<feedback><broken"), report, report):
            server.deliver(mail)
        seen = await ask(adapter(server, authority, read="reports"))
    assert measured(seen, "penguintui_dmarc_messages_total", domain="x.example", aligned="yes") == 3
    assert measured(seen, "penguintui_dmarc_messages_total", domain="x.example", aligned="no") == 2
    read = found(seen, "mailbox.read")
    assert read.status is Status.WARNING
    assert "no XML" in read.summary
    assert "1 reports came more than once" in read.evidence["copies"]
    assert [event.kind for event in seen.events] == ["mail.report"]


async def test_sources_are_counted_over_restarts(authority: Authority) -> None:
    now = time.time()
    dated = xml([(300, "pass", "fail"), (200, "fail", "fail")]).replace(b"1700000000", b"%d" % (now - 90_000))
    dated = dated.replace(b"1700086399", b"%d" % (now - 3600))
    async with dovecot(authority) as server:
        server.deliver(mailed(dated))
        first = await again(adapter(server, authority, read="reports"))
        server.deliver(mailed(dated.replace(b">7</report_id>", b">8</report_id>")))
        later = adapter(server, authority, read="reports")
        later.go_on(marks(first))
        second = await again(later)
        unread = await ask(adapter(server, authority, read="reports", mailbox="Other"))
    for seen, times in ((first, 1), (second, 2)):
        assert measured(seen, "penguintui_dmarc_source_messages", aligned="dkim", source="192.0.2.0/24") == 300 * times
        assert found(seen, "dmarc.alignment").status is Status.CRITICAL
        assert found(seen, "dmarc.alignment").summary.startswith(
            f"40.0 % of {500 * times} mails in the name of x.example"
        )
        assert measured(seen, "penguintui_dmarc_source_first_seen_seconds", new="no") == int(now - 90_000)
    assert not any(finding.check.startswith("dmarc.") for finding in unread.findings), "the mailbox was not read"


async def test_what_was_there_before_is_left_alone_when_told(authority: Authority) -> None:
    async with dovecot(authority) as server:
        server.deliver(_BOUNCE)
        one = adapter(server, authority, read="bounces", read_from="end")
        assert not (await again(one)).events
        server.deliver(_BOUNCE)
        assert len((await again(one)).events) == 1


def marks(seen: Observation) -> dict[str, str]:
    return {bookmark.place: bookmark.mark for bookmark in seen.bookmarks}


async def test_another_adapter_goes_on_where_one_stopped(authority: Authority) -> None:
    async with dovecot(authority) as server:
        for name in (b"a", b"b"):
            server.deliver(_BOUNCE.replace(b"{}", name))
        first = await again(adapter(server, authority, read="bounces"))
        server.deliver(_BOUNCE.replace(b"{}", b"c"))
        later = adapter(server, authority, read="bounces", read_from="end")
        later.go_on(marks(first))
        second = await again(later)
        reports = adapter(server, authority, read="reports")
        reports.go_on(marks(first))
        other = await again(reports)
    assert [event.attributes["recipient"] for event in second.events] == ["c@d.example"]
    assert "3 new mails" in found(other, "mailbox.read").summary, "it was not read for reports"
    assert not any(bookmark.here for bookmark in first.bookmarks), "another host sees the same mailbox"


async def test_a_copy_of_a_report_counts_once_over_restarts(authority: Authority) -> None:
    report = mailed(xml([(3, "pass", "fail")]))
    async with dovecot(authority) as server:
        server.deliver(report)
        first = await again(adapter(server, authority, read="reports"))
        server.deliver(report)
        later = adapter(server, authority, read="reports")
        later.go_on(marks(first))
        second = await again(later)
    assert measured(first, "penguintui_dmarc_messages_total", domain="x.example", aligned="yes") == 3
    assert not second.events
    assert "1 reports came more than once" in found(second, "mailbox.read").evidence["copies"]


async def test_a_mailbox_made_anew_is_read_from_its_beginning(authority: Authority) -> None:
    async with dovecot(authority) as server:
        for name in (b"a", b"b"):
            server.deliver(_BOUNCE.replace(b"{}", name))
        first = await again(adapter(server, authority, read="bounces"))
        ((place, mark),) = marks(first).items()
        validity, _, following = mark.partition(" ")
        later = adapter(server, authority, read="bounces")
        later.go_on({place: f"{int(validity) - 1} {following}"})
        second = await again(later)
    assert {event.attributes["recipient"] for event in second.events} == {"a@d.example", "b@d.example"}
    assert marks(second) == {place: mark}


@pytest.mark.parametrize("mark", ["", "x", "7", "7 x", "-1 -1", "1.5 2"])
def test_a_mark_of_nonsense_is_none(mark: str) -> None:
    one = ImapAdapter(ImapProbe(type="imap", host=HOST, user="u", password=Secret("p"), read="bounces"), SystemClock())
    one.go_on({f"bounces in INBOX of u at {HOST}:993": mark})
    assert one._validity is None
