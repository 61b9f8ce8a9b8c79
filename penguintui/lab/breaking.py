"""How each fault is made and healed, where a standing condition alone is not enough."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from penguintui.lab.authlog import ATTACKER
from penguintui.lab.faults import FAULTS, Fault
from penguintui.lab.parts import Parts
from penguintui.lab.website import BAD_DAYS, GOOD_DAYS

Act = Callable[[], Awaitable[dict[str, str]]]
_OF_A_RELEASE = ("api-slow", "api-errors")


class Breaking:
    """Breaks and heals a world. Breaking what is broken, or healing what is whole, changes nothing."""

    def __init__(self, world: Parts) -> None:
        self._world = world
        self._turn = asyncio.Lock()
        self._breaks: dict[str, Act] = {
            "api-slow": self._name_active,
            "api-errors": self._name_active,
            "api-crash": self._crash,
            "blocklisted": self._list_address,
            "cert-expiring": lambda: self._certify(BAD_DAYS),
            "web-down": self._stop_website,
            "smtp-down": self._stop_mail,
            "db-down": self._lock_database,
            "brute-force": self._let_in,
        }
        self._heals: dict[str, Act] = {
            "api-crash": self._revive,
            "blocklisted": self._delist_address,
            "cert-expiring": lambda: self._certify(GOOD_DAYS),
            "web-down": self._start_website,
            "smtp-down": self._start_mail,
            "db-down": self._unlock_database,
        }

    def faults(self) -> list[Fault]:
        """The catalogue, each with since when it stands."""
        return [replace(fault, since=self._world.conditions.since(fault.name)) for fault in FAULTS.values()]

    async def break_(self, name: str) -> Fault:
        """Raises KeyError when there is no such fault."""
        fault = FAULTS[name]
        async with self._turn:
            if name not in self._world.conditions:
                act = self._breaks.get(name)
                detail = await act() if act else {}
                self._world.conditions.begin(name, self._world.clock.now(), detail)
                self._report_at_once(name)
        return replace(fault, since=self._world.conditions.since(name))

    async def heal(self, name: str) -> Fault:
        """Raises KeyError when there is no such fault."""
        fault = FAULTS[name]
        async with self._turn:
            if name in self._world.conditions:
                act = self._heals.get(name)
                if act:
                    await act()
                self._world.conditions.end(name)
                self._report_at_once(name)
        return fault

    def _report_at_once(self, name: str) -> None:
        """Receivers need not wait for their turn to tell of what has changed."""
        if name == "spoofed-source":
            self._world.report_now()

    async def settle(self) -> None:
        """End what came to its end by itself: a list forgot a silent address, a bad release runs nowhere."""
        if self._world.addresses.forgotten(self._world.clock.now()):
            await self.heal("blocklisted")
        for name in _OF_A_RELEASE:
            detail = self._world.conditions.detail(name)
            if detail and self._world.colours.release(detail["colour"]) != detail["release"]:
                await self.heal(name)

    async def _name_active(self) -> dict[str, str]:
        colour = self._world.proxy.active
        return {"colour": colour, "release": self._world.colours.release(colour) or ""}

    async def _crash(self) -> dict[str, str]:
        colour = self._world.proxy.active
        await self._world.colours.kill(colour)
        return {"colour": colour}

    async def _revive(self) -> dict[str, str]:
        await self._world.colours.revive(self._world.conditions.detail("api-crash")["colour"])
        return {}

    async def _list_address(self) -> dict[str, str]:
        return {"address": self._world.addresses.list_one(self._world.clock.now())}

    async def _delist_address(self) -> dict[str, str]:
        self._world.addresses.delist()
        return {}

    async def _certify(self, days: float) -> dict[str, str]:
        self._world.website.serve_certificate(self._world.web_certificate(days))
        return {}

    async def _stop_website(self) -> dict[str, str]:
        await self._world.website.stop()
        return {}

    async def _start_website(self) -> dict[str, str]:
        await self._world.website.start()
        return {}

    async def _stop_mail(self) -> dict[str, str]:
        await self._world.mail.stop()
        return {}

    async def _start_mail(self) -> dict[str, str]:
        await self._world.mail.start()
        return {}

    async def _lock_database(self) -> dict[str, str]:
        await asyncio.to_thread(self._world.database.lock)
        return {}

    async def _unlock_database(self) -> dict[str, str]:
        await asyncio.to_thread(self._world.database.unlock)
        return {}

    async def _let_in(self) -> dict[str, str]:
        self._world.log.blocked.discard(ATTACKER)
        return {"address": ATTACKER}
