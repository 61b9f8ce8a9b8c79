"""Lines of Postfix: what is counted, what is left, and lines of nonsense."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail import postfix
from penguintui.mail.postfix import deliveries, is_counted, read_entry, read_line

_SENT = (
    'AB12CD34: to=<"a, b"@d.example>, orig_to=<c@d.example>, relay=mx.d.example[192.0.2.1]:25, conn_use=3, delay=1.5, '
    "delays=0.1/0.2/0.5/0.7, tls=may:none, dsn=2.0.0, status=sent (250 2.0.0 Ok (queued) as X)"
)


def test_frame() -> None:
    line = read_line("2026-11-24T02:24:18.123456+01:00 mx1 postfix/submission/smtpd[42]: connect from x[192.0.2.1]\n")
    assert line == postfix.Line(
        "2026-11-24T02:24:18.123456+01:00", "mx1", "postfix/submission", "smtpd", 42, "connect from x[192.0.2.1]"
    )
    old = read_line("Nov  4 02:24:18 mx1 postfix-out/smtp[7]: x")
    assert old is not None
    assert (old.time, old.instance, old.service) == ("Nov  4 02:24:18", "postfix-out", "smtp")
    assert read_line("Nov 24 02:24:18 mx1 sshd[1]: Failed password") is None


@pytest.mark.parametrize(
    ("head", "time"),
    [
        ("<22>Jan  1 10:00:00 mx postfix/smtp[12]: ", "Jan  1 10:00:00"),
        ("Jan 01 10:00:00.123456 mx postfix/smtp[12]: ", "Jan 01 10:00:00.123456"),
        ("<22>1 2026-01-01T10:00:00.123Z mx postfix/smtp 12 - - ", "2026-01-01T10:00:00.123Z"),
        ("1 2026-01-01T10:00:00Z mx postfix/smtp 12 ID7 [a b=c] \ufeff", "2026-01-01T10:00:00Z"),
        ("2026-01-01 10:00:00 mx postfix/smtp[12]: ", "2026-01-01 10:00:00"),
        ("Jan  1 10:00:00 mx postfix/smtp[12]: [ID 197553 mail.info] ", "Jan  1 10:00:00"),
    ],
)
def test_heads_of_other_loggers(head: str, time: str) -> None:
    assert read_line(f"{head}{_SENT}\n") == postfix.Line(time, "mx", "postfix", "smtp", 12, _SENT)
    assert len(list(deliveries([head + _SENT]))) == 1


def test_tlsproxy_speaks_for_clients_and_servers() -> None:
    version = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
    out = read_entry("tlsproxy", f"Untrusted TLS connection established to mx.d.example[192.0.2.1]:25: {version}")
    back = read_entry("tlsproxy", f"Anonymous TLS connection established from [192.0.2.1]:4567 to mx.x: {version}")
    assert isinstance(out, postfix.TlsSession) and isinstance(back, postfix.TlsSession)
    assert (out.outgoing, out.peer, back.outgoing) == (True, "mx.d.example", False)
    fault = read_entry("tlsproxy", "certificate verification failed for mx.d.example[192.0.2.1]:25: untrusted issuer")
    assert isinstance(fault, postfix.ConnectionTrouble) and fault.certificate


def test_a_failed_login_without_a_word_of_why() -> None:
    found = read_entry("smtpd", "warning: unknown[192.0.2.1]: SASL LOGIN authentication failed:")
    assert found == postfix.LoginFailure("unknown", "192.0.2.1", "LOGIN", "")


def test_delivery() -> None:
    found = read_entry("smtp", _SENT)
    assert isinstance(found, postfix.Delivery)
    assert (found.recipient, found.original, found.relay, found.relay_ip, found.relay_port) == (
        '"a, b"@d.example',
        "c@d.example",
        "mx.d.example",
        "192.0.2.1",
        25,
    )
    assert (found.delay, found.before, found.queued, found.connecting, found.transmitting) == (1.5, 0.1, 0.2, 0.5, 0.7)
    assert (found.tls, found.dsn, found.status, found.answer) == (
        "may:none",
        "2.0.0",
        "sent",
        "250 2.0.0 Ok (queued) as X",
    )
    assert found.final


@pytest.mark.parametrize(
    ("relay", "status", "final"),
    [
        ("127.0.0.1[127.0.0.1]:10024", "sent", False),
        ("mx.d.example[2001:db8::1]:25", "sent", True),
        ("mx.d.example[192.0.2.1]:25", "deferred", False),
        ("local", "sent", True),
    ],
)
def test_a_content_filter_is_no_delivery(relay: str, status: str, final: bool) -> None:
    message = f"AB12CD34: to=<a@d.example>, relay={relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status={status} (x)"
    found = read_entry("smtp", message)
    assert isinstance(found, postfix.Delivery)
    assert found.final is final


@pytest.mark.parametrize(
    ("service", "message", "kind"),
    [
        (
            "smtpd",
            "NOQUEUE: reject: RCPT from x[192.0.2.1]: 450 4.7.1 no; from=<a@b.c> to=<d@e.f> proto=SMTP helo=<g>",
            postfix.Refusal,
        ),
        ("smtp", "AB12CD34: host mx[192.0.2.1] refused to talk to me: 554 no", postfix.ServerAnswer),
        ("smtp", "connect to mx[192.0.2.1]:25: Connection refused", postfix.ConnectionTrouble),
        (
            "smtp",
            "Trusted TLS connection established to mx[192.0.2.1]:25: TLSv1.3 with cipher X (256/256 bits)",
            postfix.TlsSession,
        ),
        ("qmgr", "4jYRTJ0Qw8zLq60: from=<a@b.c>, size=12, nrcpt=2 (queue active)", postfix.Queued),
        ("qmgr", "AB12CD34: from=<a@b.c>, status=expired, returned to sender", postfix.Expired),
        ("bounce", "AB12CD34: sender delay notification: AB12CD35", postfix.Notified),
        ("smtpd", "warning: x[192.0.2.1]: SASL PLAIN authentication failed: bad", postfix.LoginFailure),
        ("master", "fatal: no way", postfix.Problem),
        ("qmgr", "AB12CD34: removed", None),
        ("smtpd", "connect from x[192.0.2.1]", None),
        ("smtpd", "", None),
    ],
)
def test_kinds(service: str, message: str, kind: type | None) -> None:
    found = read_entry(service, message)
    assert (type(found) if found is not None else None) is kind
    assert kind is None or is_counted(message)


_CLIENT = "from=<a@d.example> to=<b@e.example> proto=ESMTP helo=<h.d.example>"


@pytest.mark.parametrize(
    ("service", "message", "told"),
    [
        (
            "cleanup",
            f"AB12CD34: reject: header Subject: buy now from mail.d.example[192.0.2.1]; {_CLIENT}: 5.7.1 no spam",
            ("AB12CD34", "reject", "header", "mail.d.example", "192.0.2.1", "", "5.7.1"),
        ),
        (
            "cleanup",
            "AB12CD34: hold: body <script from local; from=<a@d.example> to=<b@e.example>: odd",
            ("AB12CD34", "hold", "body", "", "", "", ""),
        ),
        (
            "cleanup",
            f"AB12CD34: reject: mime-error 8-bit data in message header: x from h[192.0.2.1]; {_CLIENT}",
            ("AB12CD34", "reject", "mime-error", "h", "192.0.2.1", "", ""),
        ),
        (
            "cleanup",
            f"AB12CD34: warning: header Subject: x from h[2001:db8::1]; {_CLIENT}",
            ("AB12CD34", "warning", "header", "h", "2001:db8::1", "", ""),
        ),
        (
            "smtpd",
            f"AB12CD34: proxy-reject: END-OF-MESSAGE: 554 5.7.1 spam; {_CLIENT}",
            ("AB12CD34", "proxy-reject", "END-OF-MESSAGE", "", "", "554", "5.7.1"),
        ),
        (
            "postscreen",
            "NOQUEUE: reject: CONNECT from [192.0.2.1]:41021: all server ports busy",
            ("NOQUEUE", "reject", "CONNECT", "", "192.0.2.1", "", ""),
        ),
        (
            "cleanup",
            f"4jYRTJ0V81zLq64: milter-hold: END-OF-MESSAGE from h[192.0.2.1]: milter triggers HOLD action; {_CLIENT}",
            ("4jYRTJ0V81zLq64", "milter-hold", "END-OF-MESSAGE", "h", "192.0.2.1", "", ""),
        ),
    ],
)
def test_refusals(service: str, message: str, told: tuple[str, ...]) -> None:
    found = read_entry(service, message)
    assert isinstance(found, postfix.Refusal)
    assert (
        found.queue_id,
        found.action,
        found.stage,
        found.client,
        found.client_ip,
        found.code,
        found.status,
    ) == told
    if "from=<a" in message:
        assert (found.sender, found.recipient) == ("a@d.example", "b@e.example")


def test_peers_without_a_name_and_names_that_differ() -> None:
    session = read_entry(
        "smtp", "Untrusted TLS connection established to [192.0.2.1]:25: TLSv1.2 with cipher X (256/256 bits)"
    )
    assert isinstance(session, postfix.TlsSession)
    assert (session.peer, session.peer_ip) == ("", "192.0.2.1")
    other = read_entry(
        "smtp", "certificate peer name verification failed for mx[192.0.2.1]:25: CommonName mis-match: x"
    )
    assert isinstance(other, postfix.ConnectionTrouble)
    assert other.certificate


def test_long_lines_are_cut() -> None:
    line = read_line("Nov 24 02:24:18 mx1 postfix/smtp[1]: " + "a" * 2_000_000)
    assert line is not None
    assert len(line.message) < postfix.LONGEST


def test_deliveries_among_other_lines() -> None:
    frame = "Nov 24 02:24:18 mx1 postfix/smtp[1]: "
    lines = [
        frame + _SENT + "\n",
        "Nov 24 02:24:18 mx1 kernel: x, status=y\n",
        "\n",
        frame + "connect to x[1]:25: no\n",
    ]
    assert [(line.service, found.status) for line, found in deliveries(lines)] == [("smtp", "sent")]


@given(st.sampled_from(["smtp", "smtpd", "qmgr", "bounce", "cleanup"]), st.text(max_size=200))
def test_any_message(service: str, message: str) -> None:
    found = read_entry(service, message)
    assert not isinstance(found, postfix.Delivery) or found.status in message
    line = read_line(message)
    assert line is None or line.message in message


@given(st.integers(0, len(_SENT)), st.text(max_size=5))
def test_any_damage(position: int, text: str) -> None:
    damaged = _SENT[:position] + text + _SENT[position:]
    found = read_entry("smtp", damaged)
    if isinstance(found, postfix.Delivery):
        assert re.search(r"status=" + re.escape(found.status), damaged)
