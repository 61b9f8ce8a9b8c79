"""The few words of spamd's protocol that a probe needs (SpamAssassin's spamd/PROTOCOL, version 1.5)."""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import dataclass

from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.failure import Failure, NotAnswered, Reason, garbled, too_large

MAX_LINE = 4096
MAX_HEADERS = 64

_STATUS = re.compile(r"SPAMD/(\d{1,3}\.\d{1,3}) (\d{1,4}) (.*)\Z")
_SPAM = re.compile(r"(True|False|Yes|No)\s*;\s*(-?\d+(?:\.\d+)?)\s*/\s*(-?\d+(?:\.\d+)?)\s*\Z", re.IGNORECASE)
_REMEDIES = {
    69: "See why in spamd's log: a command that is switched off, or a service that it needs.",
    76: "Something else than spamd may listen there.",
}


@dataclass(frozen=True, slots=True)
class Score:
    """What spamd thinks of a mail. rules: names of those that hit."""

    spam: bool
    points: float
    limit: float
    rules: tuple[str, ...]


class Dialogue:
    """One request and its answer; spamd closes after each."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: str) -> None:
        self._reader, self._writer, self._place = reader, writer, place

    async def ping(self) -> str:
        """The version of the protocol that it speaks. Raises NotAnswered when it says something else than PONG."""
        version, words = await self._ask("PING", {}, b"")
        if words.strip().upper() != "PONG":
            raise NotAnswered(garbled(self._place, f"no PONG ({words[:60]!r})"))
        return version

    async def score(self, mail: bytes, user: str | None) -> Score:
        """What it thinks of a mail. Raises NotAnswered."""
        headers = {"Content-length": str(len(mail))} | ({"User": user} if user else {})
        await self._ask("SYMBOLS", headers, mail)
        answered = await self._headers()
        found = _SPAM.match(answered.get("spam", "").strip())
        if found is None:
            raise NotAnswered(garbled(self._place, "an answer without a score"))
        points, limit = float(found[2]), float(found[3])
        if not math.isfinite(points) or not math.isfinite(limit):
            raise NotAnswered(garbled(self._place, "a score that is no number"))
        rules = (await self._body(answered)).decode("utf-8", "backslashreplace")
        names = tuple(name for name in re.split(r"[,\s]+", rules) if name)
        return Score(found[1].lower() in ("true", "yes"), points, limit, names)

    async def _ask(self, command: str, headers: dict[str, str], body: bytes) -> tuple[str, str]:
        lines = [f"{command} SPAMC/1.5", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._writer.write("\r\n".join(lines).encode() + body)
        await self._writer.drain()
        line = await self._line()
        found = _STATUS.match(line)
        if found is None:
            raise NotAnswered(garbled(self._place, f"no answer of spamd ({line[:60]!r})"))
        code = int(found[2])
        if code != 0:
            text = f"{self._place} answered {command} with {code}: {found[3][:200]}"
            reason = Reason.DENIED if code in (67, 68, 77) else Reason.GARBLED  # EX_NOUSER, EX_NOHOST, EX_NOPERM
            raise NotAnswered(Failure(reason, text, _REMEDIES.get(code, "Look into spamd's log.")))
        return found[1], found[3]

    async def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = await self._line()
            if not line:
                return headers
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        raise NotAnswered(too_large(self._place, MAX_HEADERS * MAX_LINE))

    async def _body(self, headers: dict[str, str]) -> bytes:
        """As long as its length says; of an answer without one, what comes until the end."""
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit():
            if len(length) > 9 or int(length) > MAX_ANSWER:
                raise NotAnswered(too_large(self._place))
            return await self._reader.readexactly(int(length))
        found = bytearray()
        while piece := await self._reader.read(65536):
            found += piece
            if len(found) > MAX_ANSWER:
                raise NotAnswered(too_large(self._place))
        return bytes(found)

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            raise NotAnswered(too_large(self._place, MAX_LINE)) from error
        return line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
