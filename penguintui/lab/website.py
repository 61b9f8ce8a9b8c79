"""The platform's web page over HTTPS, with assets, so that its load time can be measured."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Container
from pathlib import Path

from aiohttp import web

from penguintui.lab.ports import LOOPBACK, ReservedPort
from penguintui.lab.traffic import load
from penguintui.model.clock import Clock

SLOW_SECONDS = 3.6
GOOD_DAYS, BAD_DAYS = 82.0, 5.0
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>PenguinMails</title><link rel="stylesheet" href="/assets/app.css"></head>
<body><img src="/assets/logo.svg" alt=""><h1>PenguinMails</h1><p>Cold email that arrives.</p>
<ul>
{rows}
</ul>
<script src="/assets/app.js"></script></body>
</html>
"""
_ROWS = "\n".join(f"<li>Campaign {number}: sent, opened, replied</li>" for number in range(400))
_LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M4 0 8 4 4 8 0 4z"/></svg>'
_ASSETS = {
    "app.css": ("text/css", "body { font: 1rem sans-serif }\n" * 600),
    "app.js": ("text/javascript", "document.title;\n" * 3000),
    "logo.svg": ("image/svg+xml", _LOGO),
}


class Website:
    """Comes and goes on one reserved port; the certificate can be changed while it runs."""

    def __init__(self, seed: int, clock: Clock, faults: Container[str], certificate: Path) -> None:
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self._seed = seed
        self._clock = clock
        self._faults = faults
        self._chance = random.Random(seed + 4)  # noqa: S311 - a simulation
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.serve_certificate(certificate)
        self._runner: web.AppRunner | None = None

    def serve_certificate(self, certificate: Path) -> None:
        """Connections from now on see this one."""
        self._tls.load_cert_chain(certificate)

    async def start(self) -> None:
        if self._runner is not None:
            return
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/assets/{name}", self._asset)
        # A short keep-alive, so that a new certificate is seen soon.
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=0.5, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port, ssl_context=self._tls, reuse_port=True).start()

    async def stop(self) -> None:
        """Stop listening: connections are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def close(self) -> None:
        await self.stop()
        self._reserved.close()

    async def _page(self, _: web.Request) -> web.Response:
        busy = load(self._clock.now(), self._seed)
        more = SLOW_SECONDS if "web-slow" in self._faults else 0.0
        await asyncio.sleep(self._chance.uniform(0.12, 0.2) * busy + more)
        return web.Response(text=_PAGE.format(rows=_ROWS), content_type="text/html")

    async def _asset(self, request: web.Request) -> web.Response:
        found = _ASSETS.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound()
        kind, text = found
        return web.Response(text=text, content_type=kind, headers={"Cache-Control": "max-age=3600"})
