"""The few words of SMTP that a probe needs: greeting, EHLO, STARTTLS, QUIT (RFC 5321, RFC 3207)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from penguintui.adapters.failure import NotAnswered, garbled, too_large

MAX_LINE = 4096
"""Bytes of one reply line; RFC 5321 4.5.3.1.5 allows 512, servers are known to go over it."""
MAX_LINES = 128
"""Lines of one reply."""

_REPLY = re.compile(r"([2-5][0-9]{2})(?:([ -])(.*))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: its code, and the text of each line."""

    code: int
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code} {' / '.join(self.lines)}".strip()[:300]

    @property
    def capabilities(self) -> Mapping[str, str]:
        """The extensions that a reply to EHLO names, in upper case, and their parameters (RFC 5321 4.1.1.1)."""
        words = (line.strip().partition(" ") for line in self.lines[1:])
        return {keyword.upper(): parameters.strip() for keyword, _, parameters in words if keyword}


class Dialogue:
    """One connection to an SMTP server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: str) -> None:
        self._reader, self._writer, self._place = reader, writer, place

    async def reply(self) -> Reply:
        """Read one reply of one or more lines. Raises NotAnswered when it is none, or has no end."""
        code, texts = "", list[str]()
        while True:
            line = await self._line()
            found = _REPLY.match(line)
            if found is None or (code and found[1] != code):
                raise NotAnswered(garbled(self._place, f"no SMTP reply ({line[:60]!r})"))
            code = found[1]
            texts.append(found[3] or "")
            if found[2] != "-":
                return Reply(int(code), tuple(texts))
            if len(texts) == MAX_LINES:
                raise NotAnswered(too_large(self._place, MAX_LINES * MAX_LINE))

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            raise NotAnswered(too_large(self._place, MAX_LINE)) from error
        return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")

    async def ask(self, command: str) -> Reply:
        self._writer.write(command.encode("ascii") + b"\r\n")
        await self._writer.drain()
        return await self.reply()

    async def send(self, mail: bytes) -> Reply:
        """The content after DATA: line ends as CRLF, lines that begin with a dot doubled (RFC 5321, 4.5.2)."""
        lines = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
        self._writer.writelines(b"." * line.startswith(b".") + line + b"\r\n" for line in lines)
        self._writer.write(b".\r\n")
        await self._writer.drain()
        return await self.reply()

    async def quit(self) -> None:
        """Part politely. A server that hangs up instead of answering has understood."""
        with contextlib.suppress(EOFError, ConnectionError):
            await self.ask("QUIT")

    async def upgrade(self, context: ssl.SSLContext, name: str) -> None:
        """The TLS handshake, after the server agreed to STARTTLS."""
        await self._writer.start_tls(context, server_hostname=name)

    @property
    def tls(self) -> ssl.SSLObject | None:
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found
