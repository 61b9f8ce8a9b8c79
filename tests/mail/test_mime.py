"""Mails of any bytes come apart without an exception and within the limits."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.mime import LARGEST, decode_text, decode_words, parameters, read_mail


def test_parts_in_order_with_inner_mails_closed() -> None:
    mail = read_mail(
        b'From x\nSubject: =?utf-8?q?gr=C3=BCn?=\nContent-Type: multipart/mixed;\n boundary="a b"\n\nlost\n'
        b"--a b\n\nplain\n--a b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n"
        b"Content-Type: text/html\n\n<p>\n--c--\n"
        b"--a b\nContent-Type: message/rfc822\n\nSubject: inner\n"
        b"Content-Type: multipart/mixed; boundary=d\n\n--d\n\nx\n--d--\n--a b--\n"
    )
    assert mail.headers.get("SUBJECT") == "grün"
    assert [part.type for part in mail.parts] == ["text/plain", "text/html", "message/rfc822"]
    assert mail.parts[0].text() == "plain"


def test_transfer_encodings_even_when_broken() -> None:
    body = base64.encodebytes(b"hello there").replace(b"=", b"")
    assert read_mail(b"Content-Transfer-Encoding: base64\n\n" + body).parts[0].content == b"hello there"
    assert read_mail(b"Content-Transfer-Encoding: quoted-printable\n\na=3Db=\nc=ZZ").parts[0].content == b"a=bc=ZZ"


def test_a_boundary_that_never_comes_leaves_text() -> None:
    assert read_mail(b"Content-Type: multipart/report; boundary=x\n\nhello").parts[0].type == "text/plain"


def test_charsets() -> None:
    assert decode_text("日本".encode("iso-2022-jp"), "") == "日本"
    assert decode_text(b"\xe9", "no-such-charset") == "é"
    assert decode_text("ä".encode(), "utf-8") == "ä"
    assert decode_words("=?utf-8?b?!!!?= x") != ""
    assert parameters('text/plain; Charset="a;b"; name=c') == {"charset": "a;b", "name": "c"}


def test_bounds() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    assert len(read_mail(nested).parts) == 1
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000
    assert len(read_mail(many).parts) <= 64
    assert len(read_mail(b"\n" + b"a" * (LARGEST + 10)).parts[0].content) <= LARGEST


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    for part in read_mail(data).parts:
        part.text()


_LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=b",
            b"",
            b"--b",
            b"--b--",
            b"Content-Type: text/html",
            b"\xff\x00: =?x?b?",
            b"Content-Transfer-Encoding: base64",
            b"=====",
            b"\x1b$B",
        ]
    ),
    max_size=20,
)


@given(_LINES, st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_lines(lines: list[bytes], end: bytes) -> None:
    mail = read_mail(end.join(lines))
    assert mail.parts
    assert all(isinstance(part.text(), str) for part in mail.parts)
