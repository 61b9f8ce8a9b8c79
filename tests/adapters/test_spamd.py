"""spamd: Debian's own, and answers that it may give."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.failure import NotAnswered
from penguintui.adapters.spamd.dialogue import Dialogue
from penguintui.adapters.spamd.probe import SpamdAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import Levels
from penguintui.config.serverprobes import SpamdProbe
from penguintui.model.observation import Observation
from penguintui.model.status import Status

from ..conftest import find_program
from .authority import Authority
from .conftest import ask, found, measured
from .servers import HOST, serving

CANARY = """From: Eva <eva@d.example>
To: Tom <tom@d.example>
Date: Tue, 24 Nov 2026 12:00:00 +0000
Message-ID: <1@d.example>
Subject: Minutes of our meeting

Hello Tom, the minutes of our meeting are attached. See you on Thursday.
"""
_RULES = """
util_rb_tld com
required_score 5
body TEST_MEETING /meeting/
score TEST_MEETING 1.5
body TEST_LOTTERY /lottery/
score TEST_LOTTERY 50
"""


@contextlib.asynccontextmanager
async def spamd() -> AsyncIterator[int]:
    """Debian's spamd with two rules of our own, without network, as an ordinary user; yields its port."""
    program = find_program("spamd")
    assert program is not None, "apt-get install spamd"
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        port: int = bound.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="spamd-"))  # not below pytest's folder, which only its owner may enter
    folder.chmod(0o777)
    check = "loadplugin Mail::SpamAssassin::Plugin::Check\n"
    for name, text in (("rules/test.cf", _RULES), ("site/test.pre", check)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    options = ["-L", "-x", "-s", "stderr", "-i", HOST, "-p", str(port), "-m", "2", "--min-children", "1"]
    folders = [f"--configpath={folder}/rules", f"--siteconfigpath={folder}/site", f"--pidfile={folder}/pid"]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *options, *folders, *user, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(60):
            while True:
                assert process.returncode is None, (folder / "log").read_text()
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(folder)


def adapter(port: int, canary: str = CANARY, **settings: Any) -> SpamdAdapter:
    return SpamdAdapter(SpamdProbe(type="spamd", host=HOST, port=port, canary=canary, **settings), SystemClock())


@pytest.mark.needs("spamd", "spamd")
async def test_debians_spamd() -> None:
    async with spamd() as port:
        fine = await ask(adapter(port))
        warned = await ask(adapter(port, score=Levels(warning=1)))
        spam = await ask(adapter(port, CANARY + "You won the lottery.\n"))
    assert found(fine, "spamd.reach").status is Status.OK
    canary = found(fine, "spamd.canary")
    assert (canary.status, canary.summary) == (Status.OK, "the canary scores 1.5 of 5")
    assert canary.evidence["rules"] == "TEST_MEETING"
    assert measured(fine, "spamd_canary_score") == 1.5 and measured(fine, "probe_spamd_duration_seconds", phase="scan")
    assert found(warned, "spamd.canary").summary == "the canary scores 1.5 of 5, over the limit of 1 (TEST_MEETING)"
    assert found(spam, "spamd.canary").status is Status.CRITICAL
    assert "it is taken for spam" in found(spam, "spamd.canary").summary
    assert found(spam, "spamd.canary").evidence["rules"] == "TEST_LOTTERY, TEST_MEETING"


async def told(answer: bytes, **settings: Any) -> Observation:
    """What is said of an answer to a canary, after a good answer to PING."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        writer.write(b"SPAMD/1.5 0 PONG\r\n" if line.startswith(b"PING") else answer)
        await writer.drain()
        writer.write_eof()
        await reader.read()

    async with serving(handler) as server:
        return await ask(adapter(server.port, **settings))


HEAD = b"SPAMD/1.1 0 EX_OK\r\n"


async def test_an_answer_without_a_length_goes_to_its_end() -> None:
    observation = await told(HEAD + b"Spam: True ; 7.5 / 5.0\r\n\r\nONE, TWO\r\n")
    assert found(observation, "spamd.canary").evidence["rules"] == "ONE, TWO"
    assert found(observation, "spamd.canary").status is Status.CRITICAL


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (HEAD + b"Content-length: 0\r\n\r\n", "garbled"),
        (HEAD + b"Spam: True ; 1e999 / 5.0\r\n\r\n", "garbled"),
        (HEAD + b"Spam: True ; 7.5 / 5.0\r\nContent-length: 9999999\r\n\r\n", "too large"),
        (HEAD + b"Spam: True ; 7.5 / 5.0\r\nContent-length: 10\r\n\r\nab", "closed"),
        (HEAD + b"X: y\r\n" * 100 + b"\r\n", "too large"),
        (b"SPAMD/1.0 69 Service Unavailable\r\n", "garbled"),
        (b"SPAMD/1.0 77 permission denied\r\n", "denied"),
        (b"SPAMD/1.0 76 Bad header line: x\r\n", "garbled"),
    ],
)
async def test_answers_that_are_none(answer: bytes, reason: str) -> None:
    observation = await told(answer)
    assert not observation.up
    assert found(observation, "spamd.reach").evidence["reason"] == reason


async def test_a_slow_scan_is_said() -> None:
    observation = await told(HEAD + b"Spam: False ; 0 / 5.0\r\n\r\n", scan_seconds=Levels(warning=0))
    assert found(observation, "spamd.time").status is Status.WARNING


async def test_it_speaks_tls_and_wants_a_trusted_certificate(authority: Authority) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SPAMD/1.5 0 PONG\r\n")
        await writer.drain()

    async with serving(handler, tls=authority.server()) as server:
        settings = {"host": HOST, "port": server.port, "tls": True}
        good = SpamdProbe(type="spamd", ca_file=authority.ca_file, **settings)
        trusted = await ask(SpamdAdapter(good, SystemClock()))
        refused = await ask(SpamdAdapter(SpamdProbe(type="spamd", **settings), SystemClock()))
    assert found(trusted, "spamd.reach").status is Status.OK
    assert found(refused, "spamd.reach").evidence["reason"] == "untrusted"


class _Nowhere:
    """A writer whose words nobody hears."""

    def write(self, _: bytes) -> None: ...

    async def drain(self) -> None: ...


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda rest: HEAD + rest))
async def test_any_bytes_are_an_answer_or_a_reason(answer: bytes) -> None:
    reader = asyncio.StreamReader(limit=4096)
    reader.feed_data(answer)
    reader.feed_eof()
    with contextlib.suppress(NotAnswered, EOFError):
        score = await Dialogue(reader, _Nowhere(), "it").score(b"x", None)  # type: ignore[arg-type]
        assert score.points == score.points
