"""The few words of IMAP that a probe needs (RFC 9051, RFC 3501): it looks at mailboxes and changes nothing in them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.failure import NotAnswered, denied, garbled, local, too_large
from penguintui.model.clock import Time

MAX_LINE = 1 << 16
MAX_MAIL = 32 << 20
"""Bytes of a mail that is fetched."""

_LITERAL = re.compile(rb"\{(\d{1,10})\}\Z")
_NUMBER = re.compile(r"\[(UIDVALIDITY|UIDNEXT) (\d{1,10})\]|\A\* (\d{1,10}) (EXISTS)\Z", re.IGNORECASE)
_ARRIVED = re.compile(r'INTERNALDATE " ?([^"]{1,40})"', re.IGNORECASE)
_LISTED = re.compile(r'\* LIST \(([^)]*)\) (?:NIL|"[^"]*") ?(?:"((?:[^"\\]|\\.)*)"|(\S+))?', re.IGNORECASE)
_SPAM_NAMES = ("junk", "spam", "junk email", "junk e-mail", "bulk mail", "bulk")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What a server says of a mailbox: how many mails, which numbering, the next number."""

    exists: int
    validity: int
    next: int


@dataclass(frozen=True, slots=True)
class Response:
    """One line of an answer, and the literals in it."""

    line: str
    literals: tuple[bytes, ...] = ()


class Dialogue:
    """One connection to an IMAP server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: str) -> None:
        self._reader, self._writer, self._place, self._tag = reader, writer, place, 0

    async def greeting(self) -> str:
        """The server's first line. Raises NotAnswered when it is no IMAP server, or takes nobody now."""
        line = (await self._response(MAX_ANSWER)).line
        if line.upper().startswith("* BYE"):
            raise NotAnswered(denied(self._place, line[6:200]))
        if not line.upper().startswith(("* OK", "* PREAUTH")):
            raise NotAnswered(garbled(self._place, f"no IMAP greeting ({line[:60]!r})"))
        return line[2:]

    async def ask(self, command: str, *, most: int = MAX_ANSWER) -> list[Response]:
        """The untagged answers to a command. Raises NotAnswered when it is refused, or answered at too great length."""
        self._tag += 1
        return await self._answers(
            f"A{self._tag}", f"A{self._tag} {command}\r\n".encode(), command.partition(" ")[0], most
        )

    async def login(self, user: str, password: str) -> None:
        """Log in (RFC 4616), whatever characters there are in user and password."""
        secret = base64.b64encode(f"\0{user}\0{password}".encode())
        self._tag += 1
        tag = f"A{self._tag}"
        self._writer.write(f"{tag} AUTHENTICATE PLAIN\r\n".encode())
        await self._writer.drain()
        line = (await self._response(MAX_ANSWER)).line
        if not line.startswith("+"):
            raise NotAnswered(denied(self._place, line.removeprefix(f"{tag} ")[:200]))
        await self._answers(tag, secret + b"\r\n", "login", MAX_ANSWER)

    async def examine(self, mailbox: str) -> Mailbox:
        """Open a mailbox so that nothing in it can change."""
        if not mailbox.isascii() or not mailbox.isprintable():
            remedy = "Write the mailbox's name as the server lists it (RFC 3501, 5.1.3)."
            raise NotAnswered(local(self._place, f"{mailbox!r} is no name of a mailbox", remedy))
        numbers = {"EXISTS": 0, "UIDVALIDITY": 0, "UIDNEXT": 1}
        for response in await self.ask(f"EXAMINE {quoted(mailbox)}"):
            for name, number, count, exists in _NUMBER.findall(response.line):
                numbers[(name or exists).upper()] = int(number or count)
        return Mailbox(numbers["EXISTS"], numbers["UIDVALIDITY"], numbers["UIDNEXT"])

    async def sizes(self, first: int, last: int) -> dict[int, int]:
        """Bytes of each mail that there is among these numbers."""
        found = {}
        for response in await self.ask(f"UID FETCH {first}:{last} (UID RFC822.SIZE)"):
            uid, size = (re.search(rf"\b{name} (\d+)", response.line) for name in ("UID", "RFC822\\.SIZE"))
            if uid and size and first <= int(uid.group(1)) <= last:
                found[int(uid.group(1))] = int(size.group(1))
        return found

    async def mail(self, uid: int) -> bytes | None:
        """A mail, which stays unread; None when it has gone in the meantime."""
        for response in await self.ask(f"UID FETCH {uid} (BODY.PEEK[])", most=MAX_MAIL + MAX_ANSWER):
            if response.literals:
                return response.literals[0]
        return None

    async def beginning(self, uid: int, most: int) -> tuple[bytes, Time] | None:
        """The first `most` bytes of a mail, and when it arrived; None when it has gone in the meantime."""
        for response in await self.ask(f"UID FETCH {uid} (INTERNALDATE BODY.PEEK[]<0.{most}>)", most=most + MAX_ANSWER):
            if response.literals:
                found = _ARRIVED.search(response.line)
                return response.literals[0], parsedate_to_datetime(found.group(1)).timestamp() if found else 0.0
        return None

    async def search(self, criteria: str) -> list[int]:
        """The numbers of the mails that meet criteria (RFC 9051, 6.4.4), which hold no secret and no line end."""
        found: list[int] = []
        for response in await self.ask(f"UID SEARCH {criteria}"):
            if response.line.upper().startswith("* SEARCH"):
                found += [int(word) for word in response.line.split()[2:] if word.isdigit()]
        return found

    async def junk(self) -> str:
        """The folder for spam: the one that the server marks so (RFC 6154), or is called so; empty for none."""
        named = ""
        for response in await self.ask('LIST "" "*"'):
            match = _LISTED.match(response.line)
            if match is None:
                continue
            flags, inner, bare = match.groups()
            name = response.literals[0].decode("ascii", "replace") if response.literals else _unquoted(inner, bare)
            if "\\junk" in flags.lower().split():
                return name
            if name.lower().rpartition(".")[2].rpartition("/")[2] in _SPAM_NAMES:
                named = named or name
        return named

    async def logout(self) -> None:
        """Part politely. A server that hangs up instead of answering has understood."""
        with contextlib.suppress(EOFError, ConnectionError):
            await self.ask("LOGOUT")

    async def upgrade(self, context: ssl.SSLContext, name: str) -> None:
        await self._writer.start_tls(context, server_hostname=name)

    @property
    def tls(self) -> ssl.SSLObject | None:
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found

    async def _answers(self, tag: str, command: bytes, what: str, most: int) -> list[Response]:
        self._writer.write(command)
        await self._writer.drain()
        answers: list[Response] = []
        left = most
        while True:
            response = await self._response(left)
            left -= len(response.line) + sum(map(len, response.literals)) + 2
            if left < 0:
                raise NotAnswered(too_large(self._place, most))
            if response.line.startswith("* "):
                answers.append(response)
            elif response.line.upper().startswith(f"{tag} OK"):
                return answers
            elif response.line.startswith(f"{tag} "):
                raise NotAnswered(denied(self._place, f"{what}: {response.line[len(tag) + 1 :][:200]}"))
            else:
                raise NotAnswered(garbled(self._place, f"no IMAP ({response.line[:60]!r})"))

    async def _response(self, most: int) -> Response:
        text, literals = b"", list[bytes]()
        while True:
            try:
                line = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                raise NotAnswered(too_large(self._place, MAX_LINE)) from error
            text += line.rstrip(b"\r\n")
            literal = _LITERAL.search(text)
            if literal is None:
                return Response(text.decode("utf-8", "backslashreplace"), tuple(literals))
            size = int(literal.group(1))
            if size > most or len(text) > MAX_LINE:
                raise NotAnswered(too_large(self._place, most))
            text = text[: literal.start()]
            literals.append(await self._reader.readexactly(size))
            most -= size


def quoted(text: str) -> str:
    """A string of one line as a server takes it."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _unquoted(text: str | None, bare: str | None) -> str:
    return re.sub(r"\\(.)", r"\1", text) if text is not None else bare or ""
