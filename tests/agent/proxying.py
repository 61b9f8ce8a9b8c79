"""A proxy with two colours, as small as can be: it tells and takes the active one, compare-and-set."""

from __future__ import annotations

from aiohttp import web


class TwoColours:
    """`async with TwoColours() as proxy`: listens on a free loopback port."""

    def __init__(self) -> None:
        self.active, self.previous = "blue", None
        self.slow: set[str] = set()

    async def __aenter__(self) -> TwoColours:
        app = web.Application()
        app.router.add_get("/active", self._tell)
        app.router.add_put("/active", self._take)
        app.router.add_get("/{colour}/health", self._health)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _tell(self, _request: web.Request) -> web.Response:
        return web.json_response({"active": self.active, "previous": self.previous})

    async def _take(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if wanted["expected"] != self.active:
            return web.json_response({"active": self.active}, status=409)
        self.previous, self.active = self.active, wanted["active"]
        return await self._tell(request)

    async def _health(self, request: web.Request) -> web.Response:
        colour = request.match_info["colour"]
        return web.json_response({"colour": colour}, status=503 if colour in self.slow else 200)
