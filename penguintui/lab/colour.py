"""The platform's API in one colour: a process of its own, started with a release.

Run as `python -m penguintui.lab.colour`. It says `ready` on its standard output when it listens, stops when
SIGTERM comes (after finishing the requests it has) and at once when its standard input closes: its parent is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import hmac
import math
import os
import random
import signal
import sqlite3
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from penguintui.clock import SystemClock
from penguintui.lab import pools
from penguintui.lab.conditions import ConditionsReader
from penguintui.lab.ports import LOOPBACK
from penguintui.lab.traffic import load
from penguintui.model.clock import Clock

WINDOW = 8.0
"""Seconds of requests over which the API's own latency and error rate are told."""
SLOW_SECONDS, FLAWED_SECONDS = 1.6, 0.4
ERROR_SHARE = 0.3
MEDIAN_SECONDS, SPREAD = 0.058, 0.28
_DRAIN_SECONDS = 5.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def failure(status: int, code: str, message: str, now: float) -> web.Response:
    """An error as the platform words it."""
    stamp = datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="seconds")
    error = {"code": code, "message": message, "details": [], "request_id": f"req_{int(now * 1000):x}"}
    return web.json_response({"success": False, "error": error, "timestamp": stamp}, status=status)


def success(data: object) -> web.Response:
    return web.json_response({"success": True, "data": data})


class Statistics:
    """The requests of the last seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._requests: deque[tuple[float, float, bool]] = deque()

    def add(self, seconds: float, ok: bool) -> None:
        self._requests.append((self._clock.monotonic(), seconds, ok))

    def service(self, name: str) -> dict[str, object]:
        """The entry of infrastructure health. Without a request there is nothing to tell but the name."""
        oldest = self._clock.monotonic() - WINDOW
        while self._requests and self._requests[0][0] < oldest:
            self._requests.popleft()
        if not self._requests:
            return {"name": name, "status": "healthy"}
        taken = sorted(seconds for _, seconds, _ in self._requests)
        failed = sum(not ok for _, _, ok in self._requests) / len(taken)
        times = {
            "avg": sum(taken) / len(taken),
            "p95": taken[math.ceil(0.95 * len(taken)) - 1],
            "p99": taken[math.ceil(0.99 * len(taken)) - 1],
        }
        status = "down" if failed > 0.5 else "degraded" if failed > 0.05 or taken[len(taken) // 2] > 1 else "healthy"
        return {
            "name": name,
            "status": status,
            "response_time_ms": {word: round(1000 * seconds, 1) for word, seconds in times.items()},
            "error_rate_percent": round(100 * failed, 3),
            "requests_per_second": round(len(taken) / WINDOW, 2),
        }


class Colour:
    """The API's answers. `flawed`: the release itself is slow, as `bad-release` makes it."""

    def __init__(self, options: argparse.Namespace, clock: Clock) -> None:
        self._colour: str = options.colour
        self._release: str = options.release
        self._flawed: bool = options.flawed
        self._seed: int = options.seed
        self._clock = clock
        self._started = clock.now()
        self._conditions = ConditionsReader(options.folder / "conditions.json")
        self._database = f"file:{options.folder / 'platform.db'}?mode=ro"
        self._token = (options.folder / "api-token").read_text()
        self._chance = random.Random(f"{options.seed}/{options.colour}/{options.release}")  # noqa: S311
        self._statistics = Statistics(clock)
        self._in_flight = 0

    def application(self) -> web.Application:
        @web.middleware
        async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._around(request, handler)

        app = web.Application(middlewares=[around])
        system = "/api/v1/platform/system"
        app.router.add_get("/health", self._health)
        app.router.add_get(f"{system}/queues", self._queues)
        app.router.add_get(f"{system}/infrastructure/health", self._infrastructure)
        app.router.add_get(f"{system}/infrastructure/ip-reputation", self._addresses)
        app.router.add_get("/api/v1/smtp/admin/ips", self._pool_addresses)
        app.router.add_get("/api/v1/smtp/admin/pools", self._pools)
        app.router.add_get("/api/v1/campaigns", self._ordinary)
        app.router.add_get("/api/v1/tenants", self._ordinary)
        app.router.add_post("/api/v1/messages", self._ordinary)
        return app

    def _stands(self, fault: str) -> bool:
        """Whether a fault of a release stands for this colour and this release."""
        detail = self._conditions.standing().get(fault)
        return detail is not None and (detail["colour"], detail["release"]) == (self._colour, self._release)

    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began = self._clock.monotonic()
        self._in_flight += 1
        try:
            await asyncio.sleep(self._latency())
            response = await self._checked(request, handler)
        finally:
            self._in_flight -= 1
        if request.path != "/health":
            self._statistics.add(self._clock.monotonic() - began, response.status < 500)
        response.headers["X-Colour"] = self._colour
        response.headers["X-Release"] = self._release
        return response

    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        now = self._clock.now()
        if request.path.startswith(("/api/v1/platform/", "/api/v1/smtp/admin/")):
            given = request.headers.get("Authorization", "").encode()
            if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
                return failure(401, "AUTHENTICATION_REQUIRED", "A valid bearer token is required", now)
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return failure(404, "RESOURCE_NOT_FOUND", f"Nothing is at {request.path}", now)
        except web.HTTPMethodNotAllowed:
            return failure(405, "METHOD_NOT_ALLOWED", f"{request.path} does not take {request.method}", now)
        except sqlite3.Error as error:
            return failure(503, "DATA_SOURCE_UNAVAILABLE", f"The database does not answer: {error}", now)

    def _latency(self) -> float:
        """Seconds that this request takes: more when the platform is busy, and when requests pile up here."""
        busy = 0.7 + 0.3 * load(self._clock.now(), self._seed) + 0.01 * self._in_flight
        seconds = self._chance.lognormvariate(math.log(MEDIAN_SECONDS), SPREAD) * busy
        return seconds + SLOW_SECONDS * self._stands("api-slow") + FLAWED_SECONDS * self._flawed

    async def _health(self, _: web.Request) -> web.Response:
        """Whether this process does its work; what it needs besides is told, not judged."""
        failing = self._stands("api-errors")
        answer = {
            "status": "failing" if failing else "healthy",
            "colour": self._colour,
            "release": self._release,
            "uptime_seconds": round(self._clock.now() - self._started),
            "database": "down" if "db-down" in self._conditions.standing() else "up",
        }
        if failing:
            answer["reason"] = "workers crash: three requests in ten fail"
        return web.json_response(answer, status=503 if failing else 200)

    async def _ordinary(self, request: web.Request) -> web.Response:
        if self._stands("api-errors") and self._chance.random() < ERROR_SHARE:
            return failure(500, "INTERNAL_SERVER_ERROR", "A worker crashed", self._clock.now())
        return success({"path": request.path, "items": [], "total": 0})

    async def _rows(self, query: str) -> list[tuple[object, ...]]:
        def read() -> list[tuple[object, ...]]:
            connection = sqlite3.connect(self._database, uri=True, timeout=0.3)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()

        return await asyncio.to_thread(read)

    async def _queues(self, _: web.Request) -> web.Response:
        rows = await self._rows("SELECT name, priority, active, waiting, completed_last_hour, failed FROM job_queues")
        names = ("name", "priority", "active_jobs", "waiting_jobs", "completed_last_hour", "failed_jobs")
        queues = [dict(zip(names, row, strict=True)) for row in rows]
        for queue in queues:
            waiting, failed = int(str(queue["waiting_jobs"])), int(str(queue["failed_jobs"]))
            critical = waiting > 1000 or failed > 10
            queue["status"] = "critical" if critical else "warning" if waiting >= 100 else "healthy"
        return success({"queues": queues})

    async def _infrastructure(self, _: web.Request) -> web.Response:
        standing = self._conditions.standing()
        mail: dict[str, object] = {"name": "smtp", "status": "healthy"}
        oltp: dict[str, object] = {"name": "postgres-oltp", "status": "healthy"}
        began = self._clock.monotonic()
        try:
            rows = await self._rows("SELECT sum(waiting) FROM job_queues WHERE name LIKE 'queue:email:%'")
            mail["queue_backlog"] = rows[0][0]
            busy = load(self._clock.now(), self._seed)
            oltp["connection_pool_usage_percent"] = round(42 * busy + self._chance.uniform(-2, 2), 1)
            oltp["query_latency_ms"] = round(1000 * (self._clock.monotonic() - began) + 6 * busy, 2)
        except sqlite3.Error as error:
            oltp |= {"status": "down", "reason": f"the database does not answer: {error}"}
        if "smtp-down" in standing:
            mail |= {"status": "down", "reason": "mx1 refuses connections"}
        elif "queue-stuck" in standing:
            mail |= {"status": "degraded", "reason": "the queue does not move"}
        return success({"services": [self._statistics.service("api"), mail, oltp]})

    async def _addresses(self, _: web.Request) -> web.Response:
        rows = await self._rows(
            "SELECT address, provider, reputation, lists, daily_volume FROM sending_addresses WHERE state = 'active'"
        )
        addresses = []
        for address, provider, reputation, lists, volume in rows:
            score, named = int(str(reputation)), str(lists).split()
            addresses.append(
                {
                    "ip_address": address,
                    "provider": provider,
                    "reputation_score": score,
                    "blacklists": named,
                    "daily_volume": volume,
                    "status": "critical" if named or score < 70 else "warning" if score < 90 else "good",
                }
            )
        return success({"ips": addresses})

    async def _pools(self, _: web.Request) -> web.Response:
        return success(pools.pools(await self._rows(pools.QUERY)))

    async def _pool_addresses(self, request: web.Request) -> web.Response:
        rows = pools.addresses(await self._rows(pools.QUERY), self._clock.now())
        status = request.query.get("status")
        return success([row for row in rows if status in (None, row["status"])])


async def _serve(options: argparse.Namespace) -> None:
    runner = web.AppRunner(
        Colour(options, SystemClock()).application(),
        access_log=None,
        keepalive_timeout=75,
        shutdown_timeout=_DRAIN_SECONDS,
    )
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, options.port, reuse_port=True).start()
    loop = asyncio.get_running_loop()
    over, orphaned = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C goes to the lab, which then stops its colours

    def parent_spoke() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            orphaned.set()
            over.set()

    loop.add_reader(sys.stdin.fileno(), parent_spoke)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await over.wait()
    if not orphaned.is_set():
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--colour", required=True)
    parser.add_argument("--release", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flawed", action="store_true")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
