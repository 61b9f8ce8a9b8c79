"""rspamd's controller: Debian's own, and answers that were recorded of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from penguintui.adapters.rspamd import RspamdAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import Levels, RspamdProbe
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from ..conftest import find_program
from .conftest import ask, found, measured
from .servers import HOST, answering, serving

_CONFIGURATION = """
options {{
  pidfile = "{folder}/pid"; cache_file = "{folder}/cache"; history_file = "{folder}/history"; tempdir = "{folder}";
  url_tld = "{folder}/tld"; control_socket = "{folder}/control mode=0600"; filters = ""; disable_hyperscan = true;
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; }}
}}
logging {{ type = "console"; level = "error"; }}
actions {{ reject = 15; }}
worker "controller" {{ bind_socket = "{host}:{port}"; count = 1; password = "watch"; enable_password = "change"; }}
worker "normal" {{ bind_socket = "{host}:{scanner}"; count = 1; }}
"""


def _free_port() -> int:
    """A port that is free now; rspamd cannot choose one by itself."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        port: int = bound.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def rspamd() -> AsyncIterator[tuple[int, int]]:
    """Debian's rspamd with none of its rules, as an ordinary user; yields the controller's and the scanner's port."""
    program = find_program("rspamd")
    assert program is not None, "apt-get install rspamd"
    port, scanner = _free_port(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="rspamd-"))  # not below pytest's folder, which only its owner may enter
    folder.chmod(0o777)
    (folder / "tld").write_text("com\n")  # its own list of all domains takes many seconds to load
    (folder / "conf").write_text(_CONFIGURATION.format(folder=folder, host=HOST, port=port, scanner=scanner))
    user = ["-u", "nobody", "-g", "nogroup"] if os.geteuid() == 0 else []
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "-f", "-c", str(folder / "conf"), *user, stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
            for one in (port, scanner):
                while True:
                    assert process.returncode is None, (folder / "log").read_text()
                    with contextlib.suppress(httpx.TransportError):
                        await client.get(f"http://{HOST}:{one}/ping")
                        break
                    await asyncio.sleep(0.05)
        yield port, scanner
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(folder)


def adapter(port: int, password: str = "watch", **settings: Levels) -> RspamdAdapter:
    url = f"http://{HOST}:{port}/"
    return RspamdAdapter(RspamdProbe(type="rspamd", url=url, password=Secret(password), **settings), SystemClock())


@pytest.mark.needs("rspamd", "rspamd")
async def test_debians_rspamd() -> None:
    async with rspamd() as (port, scanner):
        fresh = await ask(adapter(port))
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            mail = b"From: a@d.example\r\nSubject: hello\r\n\r\nhello\r\n"
            assert (await client.post(f"http://{HOST}:{scanner}/checkv2", content=mail)).status_code == 200
        until = time.monotonic() + 20
        while measured(seen := await ask(adapter(port)), "rspamd_scanned_total") < 1 and time.monotonic() < until:
            await asyncio.sleep(0.05)
        denied = await ask(adapter(port, "wrong"))
    assert found(fresh, "rspamd.reach").status is Status.OK
    assert found(fresh, "rspamd.time").status is Status.UNKNOWN
    assert measured(seen, "rspamd_scanned_total") == 1
    assert measured(seen, "rspamd_actions_total", type="no action") == 1
    assert "1 mails scanned" in found(seen, "rspamd.reach").summary
    assert found(denied, "rspamd.reach").evidence["reason"] == "denied"


async def told(body: bytes, **settings: Levels) -> list[tuple[str, Status]]:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with serving(answering(head + body)) as server:
        seen = await ask(adapter(server.port, **settings))
    return [(finding.check, finding.status) for finding in seen.findings]


@pytest.mark.parametrize(
    ("times", "status"), [("[0.2, null]", Status.OK), ("[1.5, 2.5]", Status.WARNING), ("[9]", Status.CRITICAL)]
)
async def test_time_of_scans(times: str, status: Status) -> None:
    body = f'{{"scanned": 3, "scan_times": {times}, "actions": {{"reject": 1, "odd": null}}}}'.encode()
    assert await told(body, scan_seconds=Levels(warning=1, critical=5)) == [
        ("rspamd.reach", Status.OK),
        ("rspamd.time", status),
    ]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"scanned": true}', b"[" * 100_000])
async def test_what_is_no_statistics(body: bytes) -> None:
    assert await told(body) == [("rspamd.reach", Status.UNKNOWN)]


async def test_odd_members_are_left_out() -> None:
    body = b'{"scanned": 1, "scan_times": {"a": 1}, "actions": [1], "uptime": "x"}'
    assert await told(body) == [("rspamd.reach", Status.OK), ("rspamd.time", Status.UNKNOWN)]
