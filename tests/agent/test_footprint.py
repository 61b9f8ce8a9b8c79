"""An agent's process does without what it never uses, and asks over HTTP all the same."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import asyncio, sys
from penguintui.agent.footprint import stay_small
stay_small()
import httpx

async def ask():
    transport = httpx.MockTransport(lambda request: httpx.Response(204))
    async with httpx.AsyncClient(transport=transport) as client:
        return (await client.get("http://mail.test/")).status_code

assert asyncio.run(ask()) == 204
from httpcore._synchronization import current_async_library
async def library():
    return current_async_library()
assert asyncio.run(library()) == "asyncio"
assert not {"rich", "pygments"} & set(sys.modules), sorted(sys.modules)
"""


def test_http_works_without_rich_and_sniffio() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
