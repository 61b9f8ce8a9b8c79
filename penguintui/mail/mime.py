"""Mails taken apart, bounded and forgiving: whatever the bytes are, there is a list of parts and no exception.

The standard library's parser recurses with the nesting of a mail and reads all of it; what arrives in a bounce
mailbox is chosen by strangers, so this one walks with a limit on size, depth and number of parts.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header

LARGEST = 4 * 1024 * 1024
"""Bytes of a mail that are looked at; what a report says stands before the mail that it returns."""
_LARGEST_HEADER = 256 * 1024
_MOST_PARTS = 64
_DEEPEST = 8

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r[ \t]*\r(?!\n)")
_PARAMETER = re.compile(r";\s*([\w-]+)\*?\s*=\s*(?:\"([^\"]*)\"|([^;\s]*))", re.ASCII)
_FOLD = re.compile(r"\r?\n[ \t]+|\r[ \t]+|(?<=;)\r?\n(?=boundary=)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order; names compare without case."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The first field of this name, decoded (RFC 2047); empty when there is none."""
        return next(self.all(name), "")

    def all(self, name: str) -> Iterator[str]:
        lower = name.lower()
        return (decode_words(value) for key, value in self.fields if key == lower)

    def __contains__(self, name: str) -> bool:
        return any(key == name.lower() for key, _ in self.fields)


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf: its media type in lower case, its headers, its content as it came, and its raw bytes decoded."""

    type: str
    headers: Headers
    content: bytes

    def text(self, limit: int = 256 * 1024) -> str:
        """The content as text, in its charset or, failing that, in the likeliest; at most `limit` bytes of it."""
        charset = parameters(self.headers.get("content-type")).get("charset", "")
        return decode_text(self.content[:limit], charset)

    @property
    def filename(self) -> str:
        for name, key in (("content-disposition", "filename"), ("content-type", "name")):
            value = parameters(self.headers.get(name)).get(key)
            if value:
                return value
        return ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: the headers, and the leaves of its MIME tree in their order. Mails inside it stay closed."""

    headers: Headers
    parts: tuple[Part, ...] = field(default=())

    def first(self, *types: str) -> Part | None:
        return next((part for part in self.parts if part.type in types), None)


def read_mail(data: bytes, largest: int = LARGEST) -> Mail:
    """Takes the first `largest` bytes of a mail apart. Never raises."""
    data = data[:largest].lstrip(b"\r\n")
    if data[:5] in (b"From ", b">From"):
        data = data.partition(b"\n")[2]
    headers, body = split_headers(data)
    parts: list[Part] = []
    todo = [(0, headers, body)]
    while todo and len(parts) < _MOST_PARTS:
        depth, part_headers, content = todo.pop()
        kind = media_type(part_headers)
        boundary = parameters(part_headers.get("content-type")).get("boundary", "")
        if kind.startswith("multipart/") and boundary and depth < _DEEPEST:
            pieces = _split(content, boundary)
            todo.extend((depth + 1, *split_headers(piece)) for piece in reversed(pieces))
            if pieces:
                continue
            kind = "text/plain"  # the boundary never comes: all of it is text
        parts.append(Part(kind, part_headers, _decoded(part_headers, content)))
    return Mail(headers, tuple(parts))


def split_headers(data: bytes) -> tuple[Headers, bytes]:
    """Headers and body. A body without headers before it begins with a blank line."""
    if data[:1] == b"\n" or data[:2] == b"\r\n":
        return Headers(), data.lstrip(b"\r\n")
    match = _BLANK_LINE.search(data, 0, _LARGEST_HEADER)
    head, body = (data[: match.start()], data[match.end() :]) if match else (data[:_LARGEST_HEADER], b"")
    return parse_headers(decode_text(head, "")), body


def parse_headers(text: str) -> Headers:
    """The fields of a header block; folded lines are joined, lines that are no fields left out."""
    fields = []
    for line in _FOLD.sub(" ", text).splitlines():
        name, colon, value = line.partition(":")
        if colon and name and " " not in name.strip():
            fields.append((name.strip().lower(), value.strip()))
    return Headers(tuple(fields))


def media_type(headers: Headers) -> str:
    """The media type in lower case; `text/plain` where none is named (RFC 2045, 5.2)."""
    return headers.get("content-type").partition(";")[0].strip().lower() or "text/plain"


def parameters(value: str) -> dict[str, str]:
    """The parameters of a field such as Content-Type."""
    return {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(value)}


def _split(body: bytes, boundary: str) -> list[bytes]:
    """The bodies between boundary lines (RFC 2046, 5.1); the last may lack its end."""
    mark = b"--" + boundary.encode("latin-1", "replace")
    lines = re.compile(rb"(?:^|\r\n|\n|\r)" + re.escape(mark) + rb"(--)?[ \t]*(?=\r|\n|$)")
    pieces: list[bytes] = []
    start: int | None = None
    for match in lines.finditer(body):
        if start is not None:
            pieces.append(_without_newline(body[start : match.start()]))
        start = None if match.group(1) else match.end()
        if start is None or len(pieces) >= _MOST_PARTS:
            break
    if start is not None:
        pieces.append(_without_newline(body[start:]))
    return pieces


def _without_newline(piece: bytes) -> bytes:
    """A piece without the line end that belongs to the boundary before it."""
    return piece[2:] if piece[:2] == b"\r\n" else piece[1:]


def _decoded(headers: Headers, content: bytes) -> bytes:
    encoding = headers.get("content-transfer-encoding").lower().strip()
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        try:
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _rest(letters))
        except binascii.Error:
            return content
    return content


def _rest(letters: bytes) -> bytes:
    """The last group of base64, padded; a single letter stands for nothing."""
    rest = letters[len(letters) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def decode_text(data: bytes, charset: str) -> str:
    """Bytes as text: in the named charset where that works, else UTF-8, ISO-2022-JP or Latin-1."""
    for name in (charset, "utf-8", "iso-2022-jp" if b"\x1b$" in data else ""):
        if not name:
            continue
        try:
            codec = codecs.lookup(name)
            if codec.name == "utf-8" and b"\x1b$" in data:
                continue
            return data.decode(codec.name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("latin-1")


def decode_words(value: str) -> str:
    """A header's encoded words as text (RFC 2047); as it came when they are broken."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        decode_text(piece, charset or "") if isinstance(piece, bytes) else str(piece) for piece, charset in pieces
    )
