"""The lab's mail server: SMTP with STARTTLS. What it accepts it counts and forgets."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Container
from pathlib import Path
from typing import Any

from penguintui.lab.ports import LOOPBACK, ReservedPort

HOSTNAME = "mx1.penguinmails.test"


class _Mailbox:
    """Takes every message for the lab's domains."""

    def __init__(self) -> None:
        self.accepted = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.accepted += 1
        return f"250 2.0.0 queued as {self.accepted:X}"


class MailServer:
    """Comes and goes on one reserved port."""

    def __init__(self, certificate: Path, faults: Container[str]) -> None:
        self._port = ReservedPort()
        self.port = self._port.number
        self._faults = faults
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._mailbox = _Mailbox()
        self._server: asyncio.Server | None = None

    @property
    def accepted(self) -> int:
        """Messages taken so far."""
        return self._mailbox.accepted

    def _session(self) -> asyncio.BaseProtocol:
        from aiosmtpd.smtp import SMTP

        session: asyncio.BaseProtocol = SMTP(
            self._mailbox,
            hostname=HOSTNAME,
            ident="ESMTP PenguinMails",
            tls_context=None if "smtp-no-tls" in self._faults else self._tls,
            timeout=30,
        )
        return session

    async def start(self) -> None:
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._session, LOOPBACK, self.port, reuse_port=True)

    async def stop(self) -> None:
        """Stop listening: connections are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def close(self) -> None:
        await self.stop()
        self._port.close()
