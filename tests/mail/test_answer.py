"""To whom a machine may answer (RFC 3834), and what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.answer import compose, why_not
from penguintui.mail.mime import Headers, split_headers

_PERSON = (("from", "Eva <eva@d.example>"), ("return-path", "<eva@d.example>"), ("subject", "unsubscribe"))


def headers(*more: tuple[str, str], **instead: str) -> Headers:
    kept = tuple(field for field in _PERSON if field[0] not in {name.replace("_", "-") for name in instead})
    return Headers((*kept, *((name.replace("_", "-"), value) for name, value in instead.items()), *more))


def test_a_person_is_answered() -> None:
    assert why_not(headers()) == ""
    assert why_not(headers(("auto-submitted", "no"))) == ""


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (headers(("auto-submitted", "auto-replied")), "a machine"),
        (headers(("auto-submitted", "auto-generated; x=y")), "a machine"),
        (headers(return_path="<>"), "no envelope sender"),
        (headers(return_path=""), "no envelope sender"),
        (headers(return_path="<other@d.example>"), "another than its author"),
        (headers(("list-id", "<a.b>")), "mailing list"),
        (headers(("precedence", "Bulk")), "bulk mail"),
        (headers(return_path="<MAILER-DAEMON@d.example>", **{"from": "mailer-daemon@d.example"}), "nobody reads"),
        (headers(return_path="<owner-x@d.example>", **{"from": "owner-x@d.example"}), "nobody reads"),
        (headers(return_path="<x-request@d.example>", **{"from": "x-request@d.example"}), "nobody reads"),
    ],
)
def test_whom_no_machine_answers(mail: Headers, why: str) -> None:
    assert why in why_not(mail)


def test_an_answer_says_that_it_is_one() -> None:
    asked = headers(("message-id", "<1@d.example>"), ("references", "<0@d.example>"))
    mail = compose(asked, "list@ours.example", "tok", 1.8e9)
    found, body = split_headers(mail)
    assert found.get("auto-submitted") == "auto-replied"
    assert (found.get("to"), found.get("subject")) == ("<eva@d.example>", "Auto: unsubscribe")
    assert (found.get("in-reply-to"), found.get("references")) == ("<1@d.example>", "<0@d.example> <1@d.example>")
    assert b"eva@d.example" in body
    assert why_not(Headers((*found.fields, ("return-path", "<>")))), "an answer is never answered"


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_of_a_stranger_becomes_a_header(subject: str, message_id: str) -> None:
    mail = compose(headers(("message-id", message_id), subject=subject), "list@ours.example", "tok", 1.8e9)
    names = [line.partition(b":")[0] for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    assert set(names) <= {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"In-Reply-To", b"References",
        b"MIME-Version", b"Content-Type",
    }  # fmt: skip
    assert len(set(names)) == len(names)
