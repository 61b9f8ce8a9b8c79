"""The mailbox to which receivers send their reports, by IMAP over TLS: as much of it as reading needs."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import ssl
from collections import deque
from pathlib import Path

from penguintui.lab.ports import LOOPBACK

USER = "dmarc"
_MOST_MAILS = 300
_VALIDITY = 1
_FETCH = re.compile(r"UID FETCH (\d{1,10})(?::(\d{1,10}))? \((?:UID )?(RFC822\.SIZE|BODY\.PEEK\[\])\)", re.IGNORECASE)


class Mailbox:
    """One mailbox of one user; of many mails the oldest are dropped."""

    def __init__(self, certificate: Path, password: str) -> None:
        self.port = 0
        self._password = password
        self._mails: deque[tuple[int, bytes]] = deque(maxlen=_MOST_MAILS)
        self._next = 1
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._server: asyncio.Server | None = None

    def deliver(self, mail: bytes) -> None:
        self._mails.append((self._next, mail))
        self._next += 1

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"* OK PenguinMails lab\r\n")
            known = False
            while line := (await reader.readline()).decode("ascii", "replace").rstrip("\r\n"):
                tag, _, command = line.partition(" ")
                if command.upper() == "AUTHENTICATE PLAIN":
                    writer.write(b"+ \r\n")
                    known = self._knows((await reader.readline()).strip())
                    writer.write(f"{tag} {'OK welcome' if known else 'NO wrong user or password'}\r\n".encode())
                else:
                    writer.write(self._answer(tag, command, known))
                await writer.drain()
        except (ConnectionError, ssl.SSLError, ValueError):
            pass  # the client has gone, or sends a line without end
        finally:
            writer.close()

    def _knows(self, secret: bytes) -> bool:
        try:
            return base64.b64decode(secret, validate=True) == f"\0{USER}\0{self._password}".encode()
        except binascii.Error:
            return False

    def _answer(self, tag: str, command: str, known: bool) -> bytes:
        name = command.partition(" ")[0].upper()
        done = f"{tag} OK done\r\n".encode()
        if name == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + done
        if name == "LOGOUT":
            return b"* BYE see you\r\n" + done
        if not known:
            return f"{tag} NO log in first\r\n".encode()
        if name == "EXAMINE":
            numbers = (
                f"{len(self._mails)} EXISTS",
                f"OK [UIDVALIDITY {_VALIDITY}] one",
                f"OK [UIDNEXT {self._next}] next",
            )
            return "".join(f"* {number}\r\n" for number in numbers).encode() + done
        fetch = _FETCH.fullmatch(command)
        if fetch is None:
            return f"{tag} BAD not of this server\r\n".encode()
        first, last = int(fetch[1]), int(fetch[2] or fetch[1])
        return b"".join((*self._fetched(first, last, fetch[3].upper() == "RFC822.SIZE"), done))

    def _fetched(self, first: int, last: int, size: bool) -> list[bytes]:
        found = [(uid, mail) for uid, mail in self._mails if first <= uid <= last]
        if size:
            return [f"* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)})\r\n".encode() for uid, mail in found]
        return [b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(mail), mail) for uid, mail in found]
