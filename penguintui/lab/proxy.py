"""The switching proxy before the two colours: each request goes to the colour that is active when it arrives."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from yarl import URL

from penguintui.lab.colours import COLOURS, Colours
from penguintui.lab.ports import LOOPBACK, ReservedPort

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "content-length"}
)
"""Headers that are not passed on (RFC 9110 section 7.6.1)."""
_KEEPALIVE = 15.0
"""Less than the colours', so that they never close a connection just as it is used again."""


class SwitchError(RuntimeError):
    """The switch was not done. `status` is the HTTP status that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class SwitchingProxy:
    """Passes requests on. A switch changes only where new requests go; those in flight end where they began."""

    def __init__(self, colours: Colours, active: str, previous: str | None) -> None:
        self.active = active
        self.previous = previous
        self.requests = 0
        self._colours = colours
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self._in_flight: Counter[str] = Counter()
        self._drained = asyncio.Condition()
        self._runner: web.ServerRunner | None = None
        self._session: ClientSession | None = None

    @property
    def idle(self) -> str:
        """The colour that is not active."""
        return next(colour for colour in COLOURS if colour != self.active)

    @property
    def state(self) -> dict[str, object]:
        return {
            "active": self.active,
            "previous": self.previous,
            "colours": {
                colour: {
                    "url": self._colours.address(colour),
                    "release": self._colours.release(colour),
                    "in_flight": self._in_flight[colour],
                }
                for colour in COLOURS
            },
        }

    def switch(self, to: str, previous: str | None, expected: str | None) -> None:
        """Compare and set. Raises SwitchError when another colour than `expected` is active.

        previous: the colour to go back to from now on.
        """
        for colour in filter(None, (to, previous, expected)):
            if colour not in COLOURS:
                raise SwitchError(400, f"{colour!r} is no colour; they are {' and '.join(COLOURS)}")
        if expected is None:
            raise SwitchError(400, "say in `expected` which colour you saw active")
        if self.active != expected:
            raise SwitchError(409, f"{self.active} is active, not {expected}; read the state again")
        if self._colours.release(to) is None:
            raise SwitchError(422, f"nothing runs in {to}; start a release there first")
        self.active = to
        self.previous = previous

    async def drained(self, colour: str) -> None:
        """Wait until no request is in flight to a colour."""
        async with self._drained:
            await self._drained.wait_for(lambda: self._in_flight[colour] == 0)

    async def start(self) -> None:
        connector = TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE)
        self._session = ClientSession(connector=connector, auto_decompress=False, timeout=ClientTimeout(total=30))
        self._runner = web.ServerRunner(web.Server(self._pass_on, access_log=None), shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port, backlog=512, reuse_port=True).start()

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()
        self._reserved.close()

    async def _pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101 - started before it listens
        colour = self.active
        self.requests += 1
        self._in_flight[colour] += 1
        try:
            body = await request.read()
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
            url = URL(self._colours.address(colour) + request.raw_path, encoded=True)
            async with self._session.request(
                request.method, url, headers=headers, data=body, allow_redirects=False
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
                return web.Response(status=answer.status, headers=kept, body=await answer.read())
        except (ClientError, TimeoutError) as error:
            reason = f"the colour {colour} does not answer: {str(error) or type(error).__name__}"
            wording = {"code": "BAD_GATEWAY", "message": reason}
            return web.json_response({"success": False, "error": wording}, status=502)
        finally:
            self._in_flight[colour] -= 1
            async with self._drained:
                self._drained.notify_all()
