"""Publishing by dynamic update (RFC 2136), signed (TSIG, RFC 8945): done only if the server holds what was seen."""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING

from penguintui.adapters.dns import authority
from penguintui.adapters.dns.nameserver import from_dns
from penguintui.adapters.dns.publisher import ConflictError, PublishError
from penguintui.adapters.failure import NotAnswered
from penguintui.config.zones import Rfc2136
from penguintui.mail.changes import Change
from penguintui.mail.desired import Held, Key

if TYPE_CHECKING:
    from dns.rdataset import Rdataset
    from dns.update import UpdateMessage

_REFUSED = {
    "REFUSED": "it does not let this key update this record (see its update-policy or allow-update), "
    "or the record names a mail server without an address",
    "NOTAUTH": "it does not know the key, its clock differs by more than 300 s, or it is not the zone's primary",
    "NOTZONE": "the name is not in the zone",
    "NOTIMP": "it takes no dynamic updates",
    "SERVFAIL": "it could not write the zone: see its log",
}
"""What the answers to an update mean (RFC 2136, 2.2; RFC 8945, 5.2), and what to look at."""


class DynamicUpdate:
    """A zone at its primary."""

    def __init__(self, zone: str, settings: Rfc2136) -> None:
        self._zone, self._settings = zone, settings
        self.place = settings.server

    async def read(self, keys: Iterable[Key], seconds: float) -> dict[Key, Held]:
        """What the primary holds. Never raises: trouble is in what is held."""
        answers = await authority.observe(keys, [self._settings.server], seconds)
        return {key: held[self._settings.server] for key, held in answers.items()}

    async def publish(self, change: Change, seconds: float) -> str:
        """Make one change, all of it or none; says what was done. Raises PublishError, ConflictError among them."""
        place = f"the name server {self._settings.server}"
        try:
            async with asyncio.timeout(seconds):
                there, alias = await authority.ask(change.key, self._settings.server, seconds)
                values = () if there is None else tuple(authority.presented(record) for record in there)
                ttl = 0.0 if there is None else float(there.ttl)
                if set(values) == set(change.new) and (not values or ttl == change.new_ttl):
                    return f"{change.type} {change.name} is so already"
                if alias and change.type != "CNAME":
                    raise PublishError(f"{change.name} is an alias of {alias} at {self._settings.server}")
                if set(values) != set(change.old):
                    raise ConflictError(change, values, self._settings.server)
                await self._send(self._message(change, there), change, place)
        except TimeoutError:
            raise PublishError(f"{place} did not answer within {seconds:g} s; read what it holds now") from None
        except NotAnswered as error:
            raise PublishError(error.failure.text) from error
        except ValueError as error:
            raise PublishError(str(error)) from error
        return change.words

    def _message(self, change: Change, there: Rdataset | None) -> UpdateMessage:
        import dns.name
        import dns.tsig
        import dns.update

        settings = self._settings
        try:
            key = dns.tsig.Key(settings.key_name, settings.key.reveal(), settings.algorithm)
        except (binascii.Error, ValueError):
            raise PublishError(f"the key {settings.key_name} is no base64; copy it as tsig-keygen prints it") from None
        message = dns.update.UpdateMessage(self._zone, keyring=key)
        name = dns.name.from_text(change.name)
        if there is None:
            message.absent(name, change.type)
        else:
            message.present(name, *there)  # the whole set, with its values (RFC 2136, 2.4.2)
        message.delete(name, change.type)
        if change.new:
            message.add(name, authority.written(change.key, change.new, change.new_ttl))
        return message

    async def _send(self, message: UpdateMessage, change: Change, place: str) -> None:
        import dns.asyncquery
        import dns.exception
        import dns.rcode
        import dns.tsig

        host, port = await authority.located(self._settings.server, place)
        try:
            answer = await dns.asyncquery.tcp(message, host, port=port)
        except (dns.tsig.PeerError, dns.tsig.BadSignature) as error:
            why = {"PeerBadKey": "it does not know the key", "PeerBadTime": "the clocks differ by more than 300 s"}
            words = why.get(type(error).__name__, "the key is not the one it has")
            raise PublishError(f"{place} does not accept the key {self._settings.key_name}: {words}") from error
        except (dns.exception.DNSException, OSError, EOFError) as error:
            raise PublishError(from_dns(error, place).text) from error
        code = answer.rcode()
        if code in (dns.rcode.NXRRSET, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN):
            raise ConflictError(change, None, self._settings.server)
        if code != dns.rcode.NOERROR:
            said = dns.rcode.to_text(code)
            raise PublishError(f"{place} answered {said}: {_REFUSED.get(said, 'see its log')}")
