"""The lab's remote control on loopback: faults, colours, the proxy's state, and what an operator can do."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from penguintui.lab.authlog import ATTACKER
from penguintui.lab.breaking import Breaking
from penguintui.lab.colours import COLOURS, ColourError
from penguintui.lab.database import Batch
from penguintui.lab.parts import Parts
from penguintui.lab.ports import LOOPBACK
from penguintui.lab.proxy import SwitchError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RefusedError(Exception):
    """An answer other than 200, with its sentence."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class ControlServer:
    """Everyone who holds the token may do everything; the token lies in files that only the owner reads."""

    def __init__(self, world: Parts, breaking: Breaking, token: str) -> None:
        self._world, self._breaking = world, breaking
        self._token = token
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[guard])
        routes = app.router
        routes.add_get("/faults", self._faults)
        routes.add_put("/faults/{name}", self._break)
        routes.add_delete("/faults/{name}", self._heal)
        routes.add_get("/state", self._state)
        routes.add_post("/stop", self._stop)
        routes.add_get("/proxy", self._proxy)
        routes.add_put("/proxy", self._switch)
        routes.add_post("/colours/{colour}/start", self._start_colour)
        routes.add_post("/colours/{colour}/restore", self._restore_colour)
        routes.add_post("/colours/{colour}/stop", self._stop_colour)
        routes.add_post("/addresses/rotate", self._rotate)
        routes.add_post("/queue/{verb:hold|release|flush}", self._queue)
        routes.add_post("/campaigns/hold", self._hold_campaigns)
        routes.add_post("/firewall/block", self._block)
        routes.add_post("/nodes/{node}/clean", self._clean)
        routes.add_post("/certificate/renew", self._renew)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return web.json_response({"error": "the token of lab.json is wanted"}, status=401)
        try:
            return await handler(request)
        except (RefusedError, SwitchError) as refused:
            return web.json_response({"error": str(refused)}, status=refused.status)
        except ColourError as error:
            return web.json_response({"error": str(error)}, status=503)
        except web.HTTPException as error:
            return web.json_response({"error": f"{request.method} {request.path}: {error.reason}"}, status=error.status)

    async def _body(self, request: web.Request) -> dict[str, Any]:
        if not request.can_read_body:
            return {}
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise RefusedError(400, "the body is to be one JSON object")
        return body

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response({"faults": [asdict(fault) for fault in self._breaking.faults()]})

    async def _break(self, request: web.Request) -> web.Response:
        return await self._change(request, self._breaking.break_)

    async def _heal(self, request: web.Request) -> web.Response:
        return await self._change(request, self._breaking.heal)

    async def _change(self, request: web.Request, act: Callable[[str], Awaitable[Any]]) -> web.Response:
        name = request.match_info["name"]
        try:
            fault = await act(name)
        except KeyError:
            raise RefusedError(404, f"there is no fault {name!r}") from None
        return web.json_response(asdict(fault))

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.state())

    async def _stop(self, _: web.Request) -> web.Response:
        self._world.over.set()
        return web.json_response({"stopping": True})

    async def _proxy(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.proxy.state)

    async def _switch(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        if "active" not in body:
            raise RefusedError(400, "say in `active` which colour is to be active")
        proxy = self._world.proxy
        proxy.switch(body["active"], body.get("previous", proxy.active), body.get("expected"))
        return web.json_response(self._world.proxy.state)

    def _colour(self, request: web.Request) -> str:
        colour = request.match_info["colour"]
        if colour not in COLOURS:
            raise RefusedError(404, f"{colour!r} is no colour; they are {' and '.join(COLOURS)}")
        if colour == self._world.proxy.active:
            raise RefusedError(409, f"{colour} is active; switch the traffic away first")
        return colour

    async def _start_colour(self, request: web.Request) -> web.Response:
        colour = self._colour(request)
        release = (await self._body(request)).get("release")
        if not isinstance(release, str) or not release:
            raise RefusedError(400, "say in `release` what to start")
        await self._world.proxy.drained(colour)
        await self._world.colours.start(colour, release, "bad-release" in self._world.conditions)
        await self._world.colours.ready(colour)
        return web.json_response({"colour": colour, "release": release})

    async def _restore_colour(self, request: web.Request) -> web.Response:
        colour = self._colour(request)
        await self._world.proxy.drained(colour)
        return web.json_response({"colour": colour, "release": await self._world.colours.restore(colour)})

    async def _stop_colour(self, request: web.Request) -> web.Response:
        colour = self._colour(request)
        await self._world.proxy.drained(colour)
        await self._world.colours.stop(colour)
        return web.json_response({"colour": colour, "release": None})

    async def _rotate(self, request: web.Request) -> web.Response:
        address = (await self._body(request)).get("address", "listed")
        try:
            out, put_in = self._world.addresses.rotate(str(address), self._world.clock.now())
        except LookupError as error:
            raise RefusedError(409, str(error)) from error
        return web.json_response({"out": out, "in": put_in})

    async def _queue(self, request: web.Request) -> web.Response:
        verb = request.match_info["verb"]
        if verb == "flush":
            self._world.spool.flush()
            await self._breaking.heal("queue-stuck")
        else:
            self._world.spool.held = verb == "hold"
        return web.json_response({"queue": verb, "waiting": self._world.spool.waiting})

    async def _hold_campaigns(self, _: web.Request) -> web.Response:
        batch = Batch()
        batch.run("UPDATE campaigns SET status = ? WHERE id = ?", "held", 41)
        await asyncio.to_thread(self._world.database.write, batch)
        await self._breaking.heal("bounce-spike")
        return web.json_response({"campaign": 8541, "status": "held"})

    async def _block(self, request: web.Request) -> web.Response:
        address = str((await self._body(request)).get("address", ATTACKER))
        self._world.log.blocked.add(address)
        if address == ATTACKER:
            await self._breaking.heal("brute-force")
        return web.json_response({"blocked": sorted(self._world.log.blocked)})

    async def _clean(self, request: web.Request) -> web.Response:
        node = request.match_info["node"]
        if node == "mx2":
            await self._breaking.heal("disk-full")
        return web.json_response({"node": node, "cleaned": "/var/spool"})

    async def _renew(self, _: web.Request) -> web.Response:
        await self._breaking.heal("cert-expiring")
        return web.json_response({"renewed": True})
