"""The mail queue, of a real Postfix and of programs that look like its postqueue."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from penguintui.adapters.postfix.queue import PostfixQueueAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import Levels, PostfixQueueProbe
from penguintui.model.observation import Observation
from penguintui.model.status import Status
from tests.adapters.conftest import ask, found, measured
from tests.adapters.mailqueue import REASON, Postfix, running_postfix, script

_LISTING = """
import json, sys, time
now = int(time.time())
def message(queue, age, domain, reason="", size=1000):
    recipient = {"address": "eva@" + domain}
    if reason: recipient["delay_reason"] = reason
    print(json.dumps({"queue_name": queue, "queue_id": "4Bx", "arrival_time": now - age, "message_size": size,
        "forced_expire": False, "sender": "news@example.com", "recipients": [recipient]}), flush=True)
"""


async def list_queue(folder: Path, program: str, *, seconds: float = 60.0, **levels: Levels) -> Observation:
    settings = PostfixQueueProbe(type="postfix-queue", command=script(folder, _LISTING + program), **levels)
    return await ask(PostfixQueueAdapter(settings, SystemClock()), seconds)


async def test_an_empty_queue_is_fine(tmp_path: Path) -> None:
    observation = await list_queue(tmp_path, "")
    assert observation.up and observation.complete
    assert found(observation, "queue.waiting").summary == "0 messages wait"
    assert found(observation, "queue.age").status is Status.OK
    assert measured(observation, "postfix_queue_messages", queue="deferred") == 0


async def test_age_and_reasons_are_told(tmp_path: Path) -> None:
    program = """
for number in range(30):
    message("deferred", 7200, "slow.example", f"connect to m{number}.example[192.0.2.1]:25: timed out")
message("deferred", 6 * 3600, "full.example", "said: 452 over quota")
message("hold", 9 * 86400, "held.example")
"""
    observation = await list_queue(tmp_path, program)
    age = found(observation, "queue.age")
    assert age.status is Status.CRITICAL
    assert age.summary == (
        "the oldest message has waited 6 h in deferred, over the limit of 4 h; most often: connect to HOST: timed out"
    )
    assert age.evidence["reason 1"] == "30 × connect to HOST: timed out"
    waiting = found(observation, "queue.waiting")
    assert waiting.summary == "31 messages wait, 1 more are on hold"
    assert measured(observation, "postfix_queue_bytes", queue="hold") == 1000
    assert measured(observation, "postfix_queue_destination_messages", destination="slow.example") == 30


async def test_a_long_queue_is_listed_beyond_the_usual_bound(tmp_path: Path) -> None:
    program = 'for number in range(8000): message("deferred", 60, f"d{number % 40}.example", "x" * 300)'
    observation = await list_queue(tmp_path, program)
    assert measured(observation, "postfix_queue_messages", queue="deferred") == 8000
    assert len([s for s in observation.samples if s.metric == "postfix_queue_destination_messages"]) == 20
    assert found(observation, "queue.waiting").status is Status.WARNING


async def test_a_message_to_very_many_is_counted(tmp_path: Path) -> None:
    program = 'message("active", 1, "a.example", "x" * 200_000)\nmessage("active", 1, "b.example")'
    observation = await list_queue(tmp_path, program)
    assert measured(observation, "postfix_queue_messages", queue="active") == 2
    assert found(observation, "queue.waiting").evidence["cut"].startswith("1 lines over 65536 bytes")


async def test_rubbish_between_messages_is_said(tmp_path: Path) -> None:
    observation = await list_queue(tmp_path, 'print("postqueue: hello")\nmessage("active", 1, "a.example")')
    waiting = found(observation, "queue.waiting")
    assert waiting.summary == "1 messages wait, 1 lines were not understood"
    assert waiting.evidence["not understood"] == "1 lines, the first: postqueue: hello"


async def test_a_listing_without_an_end_is_a_lower_bound(tmp_path: Path) -> None:
    program = 'for _ in range(30): message("deferred", 1, "a.example")\ntime.sleep(600)'
    observation = await list_queue(tmp_path, program, seconds=3.0, waiting=Levels(critical=20))
    (waiting,) = observation.findings
    assert waiting.status is Status.CRITICAL and waiting.summary.startswith("at least 30 messages wait")
    assert not observation.complete and observation.up


async def test_a_lower_bound_is_never_fine(tmp_path: Path) -> None:
    program = 'message("deferred", 1, "a.example")\ntime.sleep(600)'
    observation = await list_queue(tmp_path, program, seconds=3.0)
    assert [finding.status for finding in observation.findings] == [Status.UNKNOWN]


async def test_what_a_failing_program_said_is_bounded(tmp_path: Path) -> None:
    observation = await list_queue(tmp_path, 'sys.stderr.write("no such\\nthing\\x1b[2J" + "x" * 900_000); sys.exit(3)')
    (failed,) = observation.findings
    assert failed.status is Status.UNKNOWN
    assert "failed with code 3: no such / thing [2Jx" in failed.summary
    assert len(failed.summary) < 3000 and failed.summary.isprintable()


async def test_a_program_that_is_missing_is_said(tmp_path: Path) -> None:
    settings = PostfixQueueProbe(type="postfix-queue", command=[str(tmp_path / "postqueue"), "-j"])
    (missing,) = (await ask(PostfixQueueAdapter(settings, SystemClock()))).findings
    assert missing.status is Status.UNKNOWN and "postqueue" in missing.summary and missing.remedy


async def test_nothing_of_the_program_is_left_after_cancelling(tmp_path: Path) -> None:
    child = tmp_path / "child"
    program = f"""
import os, subprocess
held = subprocess.Popen(["sleep", "600"])
open({str(child)!r} + "~", "w").write(str(held.pid)); os.rename({str(child)!r} + "~", {str(child)!r})
held.wait()
"""
    asking = asyncio.create_task(list_queue(tmp_path, program))
    await _until(child.exists)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await _until(lambda: not _alive(int(child.read_text())))


async def _until(holds: Callable[[], bool]) -> None:
    """Other programs have no event to give: look, for as long as a slow machine may need."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def postfix():
    with running_postfix() as running:
        yield running


async def _ask(postfix: Postfix) -> Observation:
    settings = PostfixQueueProbe(type="postfix-queue", command=postfix.command)
    return await ask(PostfixQueueAdapter(settings, SystemClock()))


@pytest.mark.needs("postqueue", "postfix")
@pytest.mark.skipif(os.geteuid() != 0, reason="a private Postfix can only be started by root")
async def test_a_real_postfix(postfix: Postfix) -> None:
    assert found(await _ask(postfix), "queue.waiting").summary == "0 messages wait"
    postfix.send("news@example.com", "eva@mail.example")
    postfix.send("news@example.com", "ana@mail.example", "bob@other.example")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        observation = await _ask(postfix)
        if measured(observation, "postfix_queue_messages", queue="deferred") == 2:
            break
        await asyncio.sleep(0.05)
    assert measured(observation, "postfix_queue_messages", queue="deferred") == 2
    assert measured(observation, "postfix_queue_destination_messages", destination="mail.example") == 2
    assert measured(observation, "postfix_queue_bytes", queue="deferred") > 200
    reason = found(observation, "queue.age").evidence["reason 1"]
    assert reason == f"2 × {REASON.replace('mx.example.net[192.0.2.1]:25', 'HOST')}"
    postfix.stop()
    down = found(await _ask(postfix), "queue.waiting")
    assert down.status is Status.CRITICAL and "the mail system is down" in down.summary
    assert down.evidence["said"]
