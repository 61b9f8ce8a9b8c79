"""Bounces, complaints and automatic answers, each in a mail of our own; and mails that must never be taken for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.bounce import REASONS, Kind, Notice, read
from penguintui.mail.bounce.code import DETAIL_OF_REASON, find_reply, find_status
from penguintui.mail.bounce.dsn import bare_address, read_deliveries
from penguintui.mail.bounce.reason import by_text, stage_of


def dsn(fields: str, human: str = "It did not work.") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nTo: me@x.example\nSubject: Undelivered Mail Returned to Sender\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain\n\n{human}\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\n\n{fields}\n--b\nContent-Type: message/rfc822\n\n"
        "To: other@d.example\nSubject: hi\n\n550 5.1.1 user unknown\n--b--\n"
    ).encode()


def plain(text: str, headers: str = "", sender: str = "MAILER-DAEMON@mx.example") -> bytes:
    return f"From: {sender}\nTo: me@x.example\nSubject: failure notice\n{headers}\n{text}".encode()


def only(data: bytes) -> Notice:
    (notice,) = read(data)
    return notice


def test_machine_readable_first() -> None:
    notice = only(
        dsn(
            "Final-Recipient: rfc822; <You@D.example>\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550 5.1.1\n no such user"
        )
    )
    assert (notice.kind, notice.recipient, notice.status, notice.reply) == (
        Kind.BOUNCE,
        "you@d.example",
        "5.1.1",
        "550",
    )
    assert (notice.reason, notice.hard, notice.derived, notice.suppress) == ("userunknown", True, False, True)


def test_many_recipients() -> None:
    groups = [f"Final-Recipient: rfc822; u{n}@d.example\nAction: failed\nStatus: 5.2.2\n" for n in range(3)]
    assert [notice.recipient for notice in read(dsn("\n".join(groups)))] == [f"u{n}@d.example" for n in range(3)]


def test_delays_are_never_hard() -> None:
    notice = only(
        dsn(
            "Final-Recipient: rfc822; a@d.example\nAction: delayed\nStatus: 4.1.1\n"
            "Diagnostic-Code: smtp; 450 4.1.1 user unknown"
        )
    )
    assert (notice.status, notice.hard) == ("4.1.1", False)


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_success_is_no_bounce(action: str) -> None:
    assert only(dsn(f"Final-Recipient: rfc822; a@d.example\nAction: {action}\nStatus: 2.0.0")).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("diagnosis", "reason"),
    [
        ("552 5.2.2 mailbox full", "mailboxfull"),
        ("550 5.7.1 rejected due to DMARC policy", "authfailure"),
        ("550 5.7.25 no PTR record", "requireptr"),
        ("554 5.7.1 blocked using zen.spamhaus.org", "blocked"),
        ("550 5.1.8 Sender address rejected: Domain not found", "rejected"),
        ("554 5.7.1 Relay access denied", "norelaying"),
        ("550 5.7.1 message is spam", "spamdetected"),
        ("550 5.7.1 user unknown", "filtered"),
        ("550 account disabled", "suspend"),
        ("550 gibberish", "onhold"),
    ],
)
def test_the_sender_s_fault_never_suppresses_the_recipient(diagnosis: str, reason: str) -> None:
    notice = only(
        dsn(f"Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; {diagnosis}")
    )
    assert (notice.reason, notice.hard, notice.suppress) == (reason, False, False)


def test_names_are_no_reasons() -> None:
    fields = "Final-Recipient: rfc822; virus-detected@spamhaus.example\nAction: failed\nStatus: 5.1.1\n"
    text = (
        "Diagnostic-Code: smtp; 550 5.1.1 <virus detected@spamhaus.example>: Recipient address rejected: User unknown"
    )
    assert only(dsn(fields + text)).reason == "userunknown"
    assert by_text("host mx.blocklist.example[192.0.2.1] said: 550 user unknown") == "userunknown"


def test_exim() -> None:
    text = (
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered\n\n"
        "  a@d.example\n    host mx.d.example [192.0.2.1]\n"
        "    SMTP error from remote mail server after RCPT TO:<a@d.example>:\n"
        "    550 no such user\n  b@d.example\n    retry timeout exceeded\n\n"
        "------ This is a copy of the message ------\n\nTo: c@d.example\n"
    )
    first, second = read(plain(text, "X-Failed-Recipients: a@d.example,\n b@d.example\n"))
    assert (first.recipient, first.status, first.hard, first.derived) == ("a@d.example", "5.0.911", True, True)
    assert (second.recipient, second.status, second.hard) == ("b@d.example", "4.0.947", False)


@pytest.mark.parametrize(
    ("text", "recipient"),
    [
        ("550 5.1.1 user unknown\n\n-- a@d.example\n", "a@d.example"),
        ("550 5.1.1 user unknown\n\n-- a@d.example\n-- b@d.example\n", ""),
        ("550 5.1.1 user unknown\n\nFor help ask desk@d.example\n", ""),
        ("550 5.1.1 user unknown\n\nQuestions? Contact desk@d.example\n", ""),
        ("550 5.1.1 user unknown\n\n-- a@d.example\nBei Fragen: desk@d.example\n", "a@d.example"),
        ("550 5.1.1 user unknown\n\n-- me@x.example postmaster@d.example\n", ""),
    ],
)
def test_the_only_address_of_a_report(text: str, recipient: str) -> None:
    notice = only(plain(f"Your mail was not delivered.\n{text}"))
    assert (notice.kind, notice.recipient) == (Kind.BOUNCE, recipient)
    assert notice.suppress is bool(recipient)


def test_qmail() -> None:
    text = (
        "Hi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message.\n\n<a@d.example>:\n"
        "192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 who?\nGiving up on 192.0.2.1.\n\n"
        "<b@d.example>:\nSorry, I couldn't find any host named d.example. (#5.1.2)\n\n"
        "--- Below this line is a copy of the message.\n\nTo: z@z.example\n"
    )
    assert [(n.recipient, n.status, n.hard) for n in read(plain(text))] == [
        ("a@d.example", "5.1.1", True),
        ("b@d.example", "5.1.2", True),
    ]


def test_a_group_of_google_in_any_language() -> None:
    notice = only(plain("Не існує", "X-Failed-Recipients: team@googlegroups.com\nReturn-Path: <>\n"))
    assert (notice.reason, notice.hard) == ("rejected", False)


def test_complaint() -> None:
    report = (
        b"From: fbl@isp.example\nSubject: report\n"
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        b"--b\n\nsomeone complained\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: Abuse\nVersion: 1\n"
        b"Original-Rcpt-To: <a@d.example>\nOriginal-Rcpt-To: b@d.example\n--b\n"
        b"Content-Type: message/rfc822\n\nTo: c@d.example\n\nx\n--b--\n"
    )
    notices = read(report)
    assert [(n.kind, n.recipient, n.feedback_type, n.suppress) for n in notices] == [
        (Kind.COMPLAINT, "a@d.example", "abuse", True),
        (Kind.COMPLAINT, "b@d.example", "abuse", True),
    ]
    assert not only(
        report.replace(b"Abuse", b"auth-failure").replace(b"Original-Rcpt-To: <a@d.example>\n", b"")
    ).suppress


def test_complaint_in_plain_text() -> None:
    report = (
        b"From: fbl@isp.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nFeedback-Type: is a header\n"
        b"--b\nContent-Type: text/plain\n\nVersion: 1\nUser-Agent: x\nFeedback-Type: abuse\n"
        b"Original-Rcpt-To: a@d.example\n\n--b--\n"
    )
    assert (only(report).kind, only(report).recipient) == (Kind.COMPLAINT, "a@d.example")
    assert only(report.replace(b"Version: 1", b"Hello,")).kind is Kind.OTHER


def test_rejected_by_a_mailbox_s_rule() -> None:
    notice = only(plain("Your message to <a@d.example> was automatically rejected:\nNot enough disk space"))
    assert (notice.recipient, notice.reason, notice.hard) == ("a@d.example", "mailboxfull", False)


def test_complaint_without_a_recipient_takes_the_returned_mail_s() -> None:
    report = (
        b"Content-Type: multipart/mixed; boundary=b\nSubject: complaint about message from 192.0.2.1\n"
        b"From: staff@hotmail.com\n\n"
        b"--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: a@hotmail.example\n"
        b"To: x@y.example\n\nx\n--b--\n"
    )
    assert (only(report).kind, only(report).recipient) == (Kind.COMPLAINT, "a@hotmail.example")


@pytest.mark.parametrize("wrapped", [True, False])
def test_amazon(wrapped: bool) -> None:
    bounce = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "A@d.example", "status": "5.1.1"}]}
    document = {"notificationType": "Bounce", "bounce": bounce}
    body = json.dumps({"Type": "Notification", "Message": json.dumps(document)} if wrapped else document)
    notice = only(f"From: no-reply@sns.amazonaws.com\nSubject: AWS\n\n{body}".encode())
    assert (notice.recipient, notice.status, notice.hard) == ("a@d.example", "5.1.1", True)


@pytest.mark.parametrize(
    "subject", ["OOO: hello", "[Auto-Reply] hello", "I'm out of the office", "Currently out of office"]
)
def test_automatic_answers_by_their_subject(subject: str) -> None:
    data = f"From: Ann <ann@d.example>\nSubject: {subject}\n\nno mailbox of mine: 550 user unknown\n"
    assert only(data.encode()).kind is Kind.AUTO_REPLY


def test_an_automatic_answer_may_speak_of_bounces() -> None:
    notice = only(
        b"From: Ann <ann@d.example>\nReturn-Path: <>\nSubject: My new address\nAuto-Submitted: auto-replied\n\n"
        b"Mail to <old@d.example> can not be delivered: user unknown"
    )
    assert (notice.kind, notice.suppress) == (Kind.AUTO_REPLY, False)


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-replied (vacation)\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n", ""],
)
def test_automatic_answers(headers: str) -> None:
    subject = "Re: hello" if headers else "Automatic reply: hello"
    data = f"From: Ann <ann@d.example>\nReturn-Path: <>\nSubject: {subject}\n{headers}\n"
    notice = only(f"{data}I am away, mail could not be delivered.\n".encode())
    assert (notice.kind, notice.recipient, notice.suppress) == (Kind.AUTO_REPLY, "ann@d.example", False)


@pytest.mark.parametrize(
    "data",
    [
        b"From: Ann <ann@d.example>\nSubject: Fwd: Undelivered Mail Returned to Sender\n\n"
        b"Your mail to <b@d.example> was not delivered: 550 5.1.1 user unknown",
        b"From: Ann <ann@d.example>\nSubject: question\n\nmy mail to <b@d.example> could not be delivered",
        b"From: Postmaster <postmaster@d.example>\nSubject: new servers\n\nWe move next week. Ask me@d.example.",
        b"From: Ann <ann@d.example>\nSubject: see\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
        b"\nlook\n--o\nContent-Type: message/rfc822\n\n"
        + dsn("Final-Recipient: rfc822; b@d.example\nAction: failed\nStatus: 5.1.1")
        + b"\n--o--\n",
        b"From: Parcels <no-reply@parcels.example>\nSubject: Delivery status\n\nYour parcel could not be delivered.",
        b"",
    ],
)
def test_mails_of_people_are_left_alone(data: bytes) -> None:
    assert [(n.kind, n.recipient, n.suppress) for n in read(data)] == [(Kind.OTHER, "", False)]


_ATTACHED = "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {}@d.example\nAction: failed\nStatus: 5.1.1\n"


def attached(type: str, *fields: str, sender: str = "MAILER-DAEMON@d.example") -> bytes:
    parts = "".join(f"--b\nContent-Type: {type}\n\n{one}\n" for one in fields)
    head = f"From: {sender}\nSubject: Undelivered Mail\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nno\n"
    return f"{head}{parts}--b--\n".encode()


def test_a_report_as_a_file_and_one_in_two_parts() -> None:
    file = attached("application/octet-stream; name=details.txt", _ATTACHED.format("a"))
    assert [(n.recipient, n.status) for n in read(file)] == [("a@d.example", "5.1.1")]
    both = attached("message/delivery-status", _ATTACHED.format("a"), _ATTACHED.format("b"))
    assert [n.recipient for n in read(both)] == ["a@d.example", "b@d.example"]
    person = attached("application/octet-stream", _ATTACHED.format("a"), sender="ann@d.example")
    assert only(person).kind is Kind.OTHER


def test_several_recipients_of_one_report_do_not_borrow_from_each_other() -> None:
    fields = "".join(f"Final-Recipient: rfc822; {name}@d.example\nAction: failed\nStatus: 5.0.0\n\n" for name in "ab")
    human = (
        "<a@d.example>: host mx said: 550 no such user (in reply to RCPT TO command)\n"
        "<b@d.example>: host mx said: 552 mailbox full\n"
    )
    assert [(n.reason, n.hard) for n in read(dsn(fields, human))] == [("userunknown", True), ("mailboxfull", False)]


def test_giving_up_under_the_heading_of_a_delay() -> None:
    human = "A message is delayed.\n\na@d.example: Envelope expired\n\nonly a temporary failure report"
    notice = only(dsn("Final-Recipient: rfc822; a@d.example\nAction: delayed\nStatus: 4.4.7", human))
    assert (notice.status, notice.reason, notice.hard) == ("5.0.947", "expired", False)


def test_every_reason_has_a_code() -> None:
    assert set(REASONS) <= DETAIL_OF_REASON.keys()


def test_codes() -> None:
    assert find_status("550-5.7.26 a 550 5.7.26 b") == "5.7.26"
    assert find_status("at 192.0.2.1 with 5.1.1.2") == ""
    assert find_status("(#5.1.2)") == "5.1.2"
    assert find_status("554 4.4.7 expired <421 4.4.2 timed out>") == "4.4.2"
    assert find_reply("host mx said: 550-no") == "550"
    assert find_reply("250 ok") == ""


def test_stages() -> None:
    assert stage_of("x (in reply to RCPT TO command)") == "rcpt"
    assert stage_of("did not like our final DATA:") == "data"
    assert stage_of("error delivering your mail to x") == ""
    assert stage_of("my name was rejected") == "helo"


def test_addresses_of_dsn() -> None:
    assert bare_address("rfc822;<a@d.example> (x)") == "a@d.example"
    assert bare_address('rfc822; "a b"@d.example (x)') == '"a b"@d.example'
    assert bare_address('rfc822; "Eva" <a@d.example>') == "a@d.example"
    assert bare_address("RFC822; @relay.example:a@d.example") == "a@d.example"
    assert [
        d.status
        for d in read_deliveries(
            "Final-Recipient: rfc822;a@b.c\nStatus: 5.1.1 (no)\nFinal-Recipient: rfc822;d@b.c\nStatus: 4.2.2"
        )
    ] == ["5.1.1", "4.2.2"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (r"utf-8; x\x{FC}@d.example", "xü@d.example"),
        (r"UTF-8;\x{1F427}@d.example", "\N{PENGUIN}@d.example"),
        (r"utf-8; a\x{D800}\x{0A}@d.example", r"a\x{D800}\x{0A}@d.example"),
        (r"rfc822; x\x{FC}@d.example", r"x\x{FC}@d.example"),
    ],
)
def test_addresses_beyond_ascii(text: str, address: str) -> None:
    assert bare_address(text) == address


_PER_MESSAGE = "Reporting-MTA: dns; mx.example\n"
_FIELDS = (
    "Final-Recipient: rfc822; a@d.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 unknown user\n"
)


@pytest.mark.parametrize(
    "fields",
    [
        _FIELDS,
        f"{_PER_MESSAGE}\n{_FIELDS}",
        f"{_PER_MESSAGE}{_FIELDS}",
        f"{_PER_MESSAGE}\n\n\n{_FIELDS}",
        _FIELDS.replace("Action", "\nAction"),
        _FIELDS.replace("Action: failed\n", ""),
        _FIELDS.replace("Action: failed", "ACTION: Failure"),
        _FIELDS.replace("Status: 5.1.1\n", ""),
        _FIELDS.replace("Status: 5.1.1", "Status: 5.1.1 (bad mailbox)"),
        _FIELDS.replace("Status: 5.1.1", "Status: 511"),
        _FIELDS.replace("Final-", "Original-"),
        _FIELDS.replace("Final-Recipient", "Final-Recipient: x400; /S=a/C=de/\nOriginal-Recipient"),
        _FIELDS.replace("smtp; ", "smtp;\n\t"),
        _FIELDS.lower(),
        _FIELDS.replace("\n", "\r\n"),
    ],
)
def test_fields_as_servers_write_them(fields: str) -> None:
    (delivery,) = read_deliveries(fields)
    assert delivery.recipient == "a@d.example"
    notice = only(dsn(fields))
    assert (notice.recipient, notice.status, notice.hard) == ("a@d.example", "5.1.1", True)


_PIECES = st.lists(
    st.sampled_from(
        [
            "From: mailer-daemon@x.example\n",
            "Subject: failure notice\n",
            "Return-Path: <>\n",
            "\n",
            "<a@d.example>:\n",
            "550 5.1.1 user unknown\n",
            ">>> DATA\n",
            "Content-Type: message/delivery-status\n",
            "Final-Recipient: rfc822; \n",
            "Action: failed\n",
            "Status: 9.9.9\n",
            "\x00\x1b$B",
            '{"notificationType": 3}',
            "X-Failed-Recipients: ,,\n",
        ]
    ),
    max_size=25,
)


@given(_PIECES)
def test_nonsense_is_read_without_raising(pieces: list[str]) -> None:
    for notice in read("".join(pieces).encode()):
        assert notice.hard <= (notice.kind is Kind.BOUNCE and notice.status.startswith("5"))
        assert (notice.status == "") == (notice.kind is not Kind.BOUNCE)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert read(data)
