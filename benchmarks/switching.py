"""Requests that fail while traffic is switched between the colours, at 200 a second at the lab's proxy.

Promised: none.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from aiohttp import ClientError, ClientSession, TCPConnector

from benchmarks.measuring import Row
from benchmarks.terminals import platform
from penguintui.config.loading import load
from penguintui.lab import control

_A_SECOND, _SECONDS, _SWITCH_EVERY = 200, 20, 2.0


async def _request(session: ClientSession, url: str) -> bool:
    """Whether it failed."""
    try:
        async with session.get(url) as answer:
            await answer.read()
            return answer.status >= 500
    except (ClientError, TimeoutError):
        return True


async def _switching(session: ClientSession, info: control.LabInfo) -> int:
    """Switch again and again; gives how often."""
    count, headers = 0, {"Authorization": f"Bearer {info.token}"}
    while True:
        try:
            await asyncio.sleep(_SWITCH_EVERY)
        except asyncio.CancelledError:
            return count
        async with session.get(f"{info.control}/proxy", headers=headers) as answer:
            state = await answer.json()
        active = state["active"]
        to = next(colour for colour in state["colours"] if colour != active)
        body = {"active": to, "expected": active}
        async with session.put(f"{info.control}/proxy", json=body, headers=headers) as answer:
            count += answer.status == 200


async def _drive(url: str, info: control.LabInfo) -> tuple[int, int, int]:
    """Requests, those that failed, and switches."""
    loop = asyncio.get_running_loop()
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        switching = asyncio.ensure_future(_switching(session, info))
        began, asked = loop.time(), []
        for number in range(_A_SECOND * _SECONDS):
            await asyncio.sleep(max(0.0, began + number / _A_SECOND - loop.time()))
            asked.append(asyncio.ensure_future(_request(session, url)))
        failed = sum(await asyncio.gather(*asked))
        switching.cancel()
        return len(asked), failed, await switching


def measure() -> list[Row]:
    with platform() as demo:
        info = control.find_lab(demo.lab_json)
        configuration = load(Path(info.configuration), os.environ)
        api = next(target for target in configuration.targets if target.name == "api")
        asked, failed, switches = asyncio.run(_drive(str(api.probes[0].url), info))  # type: ignore[union-attr]
    return [
        Row("requests at the proxy, 200 a second", asked, ""),
        Row("switches meanwhile", switches, "", least=1),
        Row("failed requests", failed, "", most=0),
    ]
