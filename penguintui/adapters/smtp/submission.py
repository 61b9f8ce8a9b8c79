"""A mail handed in for delivery (RFC 6409): STARTTLS or TLS with a verified certificate, AUTH, one recipient each."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from penguintui.adapters.certificates import verifying
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.failure import Failure, NotAnswered, Reason, denied
from penguintui.adapters.smtp.dialogue import MAX_LINE, Dialogue, Reply
from penguintui.config.mailprobes import SubmissionSettings
from penguintui.mail.providers import explain
from penguintui.model.clock import Clock

_ADDRESS = re.compile(r"[!-;=?-~]{1,254}")
"""What may stand between < and >: visible ASCII without these two."""


def place_of(settings: SubmissionSettings) -> str:
    """The server as sentences name it."""
    return f"{settings.host}:{settings.port}"


async def submit(settings: SubmissionSettings, sender: str, recipient: str, mail: bytes, clock: Clock) -> str:
    """Hand in one mail; what the server said when it took it. Nobody knows more: it may still go astray.

    sender: of the envelope; empty for what must not be answered. Raises NotAnswered when it is not taken, and what
    connections and `ssl` raise.
    """
    place = place_of(settings)
    for address in filter(None, (sender, recipient)):
        if not _ADDRESS.fullmatch(address):
            raise NotAnswered(Failure(Reason.LOCAL, f"{address[:100]!r} is no address for {place}", "Correct it."))
    async with connected(settings.host, settings.port, Phases(clock), limit=MAX_LINE) as (reader, writer):
        dialogue = Dialogue(reader, writer, place)
        if settings.tls == "implicit":
            await dialogue.upgrade(verifying(place, settings.ca_file), settings.server_name or settings.host)
        _wanted(await dialogue.reply(), 220, place)
        hello = _wanted(await dialogue.ask(f"EHLO {settings.helo}"), 250, place)
        if settings.tls == "starttls":
            hello = await _upgraded(dialogue, settings, hello)
        if settings.user is not None:
            await _authenticate(dialogue, settings, hello)
        _taken(await dialogue.ask(f"MAIL FROM:<{sender}>"), place)
        _taken(await dialogue.ask(f"RCPT TO:<{recipient}>"), place)
        _wanted(await dialogue.ask("DATA"), 354, place)
        said = _taken(await dialogue.send(mail), place)
        await dialogue.quit()
        return str(said)


async def _upgraded(dialogue: Dialogue, settings: SubmissionSettings, hello: Reply) -> Reply:
    place = place_of(settings)
    if "STARTTLS" not in hello.capabilities:
        remedy = "Configure a certificate there, or see what hides STARTTLS on the way."
        raise NotAnswered(Failure(Reason.UNTRUSTED, f"{place} does not offer STARTTLS; nothing was sent", remedy))
    _wanted(await dialogue.ask("STARTTLS"), 220, place)
    await dialogue.upgrade(verifying(place, settings.ca_file), settings.server_name or settings.host)
    return _wanted(await dialogue.ask(f"EHLO {settings.helo}"), 250, place)


async def _authenticate(dialogue: Dialogue, settings: SubmissionSettings, hello: Reply) -> None:
    """PLAIN (RFC 4616), or LOGIN where there is nothing better."""
    place, user = place_of(settings), settings.user or ""
    password = settings.password.reveal() if settings.password else ""
    ways = hello.capabilities.get("AUTH", "").upper().split()
    if "PLAIN" in ways or not ways:
        reply = await dialogue.ask(f"AUTH PLAIN {_coded(chr(0) + user + chr(0) + password)}")
    elif "LOGIN" in ways:
        reply = await dialogue.ask("AUTH LOGIN")
        for word in (user, password):
            if reply.code == 334:
                reply = await dialogue.ask(_coded(word))
    else:
        raise NotAnswered(denied(place, f"it knows no way to log in but {' '.join(ways)}"))
    if reply.code != 235:
        raise NotAnswered(denied(place, str(reply)))


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _wanted(reply: Reply, code: int, place: str) -> Reply:
    return _checked(reply, lambda one: one.code == code, place)


def _taken(reply: Reply, place: str) -> Reply:
    return _checked(reply, lambda one: 200 <= one.code < 300, place)


def _checked(reply: Reply, fine: Callable[[Reply], bool], place: str) -> Reply:
    if fine(reply):
        return reply
    known = explain(str(reply), place.rpartition(":")[0])
    remedy = known.remedy if known else "See the mail server's log; the code and its text say what it has against it."
    meaning = f" ({known.meaning})" if known else ""
    raise NotAnswered(Failure(Reason.DENIED, f"{place} does not take the mail: {reply}{meaning}", remedy))
