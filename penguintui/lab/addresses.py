"""The platform's sending addresses: which are in rotation, and which a blocklist names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from penguintui.model.clock import Time

BLOCKLIST = "zen.dnsbl.test"
FORGETS_AFTER = 6.0
"""Seconds of silence after which the lab's blocklist forgets an address."""


@dataclass(slots=True)
class SendingAddress:
    """`state`: active (in rotation), warming (a spare), retired (taken out). `listed_since` is None when unlisted."""

    address: str
    host: str
    state: str
    reputation: int
    daily_volume: int
    listed_since: Time | None = None
    silent_since: Time | None = None


class AddressPool:
    """The addresses in documentation space (RFC 5737) from which the lab pretends to send."""

    def __init__(self) -> None:
        self._addresses = {
            row.address: row
            for row in (
                SendingAddress("203.0.113.11", "mx1", "active", 97, 4_900_000),
                SendingAddress("203.0.113.12", "mx2", "active", 95, 4_700_000),
                SendingAddress("203.0.113.13", "mx3", "warming", 92, 1_200),
            )
        }

    def __iter__(self) -> Iterator[SendingAddress]:
        return iter(self._addresses.values())

    @property
    def listed(self) -> tuple[SendingAddress, ...]:
        return tuple(row for row in self if row.listed_since is not None)

    @property
    def sending_while_listed(self) -> bool:
        """Whether mail suffers: a listed address is in rotation."""
        return any(row.state == "active" for row in self.listed)

    def list_one(self, now: Time) -> str:
        """A blocklist names the last active address. Returns it."""
        row = [row for row in self if row.state == "active"][-1]
        row.listed_since = now
        return row.address

    def delist(self) -> None:
        """No list names any address any more; what was taken out becomes a spare."""
        for row in self:
            row.listed_since = None
            row.silent_since = None
            if row.state == "retired":
                row.state = "warming"

    def rotate(self, address: str, now: Time) -> tuple[str, str]:
        """Take an address out of rotation and put the spare in. `listed` stands for the listed one.

        Returns both. Raises LookupError in words when there is nothing to take out or to put in.
        """
        out = self._to_take_out(address)
        spare = next((row for row in self if row.state == "warming" and row.listed_since is None), None)
        if spare is None:
            raise LookupError("no spare address is warm; wait until one is, or provision one")
        out.state, out.silent_since = "retired" if out.listed_since is not None else "warming", now
        spare.state = "active"
        out.daily_volume, spare.daily_volume = spare.daily_volume, out.daily_volume
        return out.address, spare.address

    def _to_take_out(self, address: str) -> SendingAddress:
        if address == "listed":
            for row in self.listed:
                if row.state == "active":
                    return row
            raise LookupError("no address in rotation is listed; name the address to take out")
        found = self._addresses.get(address)
        if found is None or found.state != "active":
            active = ", ".join(row.address for row in self if row.state == "active")
            raise LookupError(f"{address} is not in rotation; these are: {active}")
        return found

    def forgotten(self, now: Time) -> bool:
        """Whether every listed address has been silent long enough for the list to forget it."""
        listed = self.listed
        return bool(listed) and all(
            row.silent_since is not None and now - row.silent_since >= FORGETS_AFTER for row in listed
        )
