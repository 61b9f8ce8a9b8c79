"""What a mail server shows to another that wants to deliver: STARTTLS, and the certificates behind it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from penguintui.adapters.certificates import reading_only, shown_chain
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.failure import NotAnswered, denied, tls_words
from penguintui.adapters.smtp.dialogue import MAX_LINE, Dialogue
from penguintui.model.clock import Clock


@dataclass(frozen=True, slots=True)
class Shown:
    """chain: DER certificates, the server's own first; empty without TLS. trouble: why it is not to be trusted."""

    chain: tuple[bytes, ...] = ()
    version: str = ""
    trouble: str = ""


class MailServer:
    """One mail server as a sender meets it.

    address: where one connects; it is the caller who asked DNS. name: the host in MX, for which its certificate must
    be.
    """

    def __init__(self, name: str, address: str, port: int, helo: str, clock: Clock) -> None:
        self._name, self._address, self._port = name, address, port
        self._helo, self._clock = helo, clock
        self._place = f"{name} ({address}:{port})"

    async def shown(self, context: ssl.SSLContext) -> Shown:
        """What it shows, and whether `context` verifies it. Raises NotAnswered, OSError and EOFError."""
        try:
            return await self._talk(context)
        except ssl.SSLCertVerificationError as error:
            refused = await self._talk(reading_only())
            return Shown(refused.chain, refused.version, error.verify_message)

    async def _talk(self, context: ssl.SSLContext) -> Shown:
        async with connected(self._address, self._port, Phases(self._clock), limit=MAX_LINE) as (reader, writer):
            dialogue = Dialogue(reader, writer, self._place)
            greeting = await dialogue.reply()
            if greeting.code != 220:
                raise NotAnswered(denied(self._place, str(greeting)))
            hello = await dialogue.ask(f"EHLO {self._helo}")
            if hello.code != 250:
                raise NotAnswered(denied(self._place, str(hello)))
            if "STARTTLS" not in hello.capabilities:
                await dialogue.quit()
                return Shown(trouble="it does not offer STARTTLS")
            agreed = await dialogue.ask("STARTTLS")
            if agreed.code != 220:
                return Shown(trouble=f"it refuses STARTTLS: {agreed}")
            try:
                await dialogue.upgrade(context, self._name)
            except ssl.SSLCertVerificationError:
                raise
            except ssl.SSLError as error:
                return Shown(trouble=f"the handshake fails: {tls_words(error)}")
            tls = dialogue.tls
            shown = Shown(shown_chain(tls), (tls and tls.version()) or "unknown")
            await dialogue.quit()
            return shown
