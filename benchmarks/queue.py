"""A queue of 500,000 messages, listed and grouped by the adapter: what it takes, and what it keeps others from doing.

`python -m benchmarks mail` has its rows. The listing comes from a process, as `postqueue -j` does; the adapter runs in
another, whose memory is looked at, beside a task that notes how long each turn of the event loop takes. Turns are in
processor time: wall time would tell how busy the machine is.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Row

_MESSAGES = 500_000
_DOMAINS = 30_000
_TURN = 0.001


def measure_queue() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder, "listing")
        with listing.open("w") as file:
            file.writelines(_listing())
        command = [sys.executable, "-m", "benchmarks.queue", str(listing)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert found["messages"] == _MESSAGES, found
    yield Row("a queue of 500,000 messages", found["seconds"], "s of a core")
    yield Row("  memory of the process", found["memory"], "MB", most=150)
    yield Row("  longest turn of the event loop meanwhile", found["turn"], "ms", most=50)


def _listing() -> Iterator[str]:
    """As `postqueue -j` of Postfix 3.7 writes it; most messages go to few domains, the others to many."""
    for n in range(_MESSAGES):
        domain = ("gmail.com", "yahoo.com", "outlook.com")[n % 3] if n % 4 else f"d{n * 7919 % _DOMAINS}.example"
        reason = (
            f"host mx{n % 9}.{domain}[192.0.2.{n % 250}] said: 452 4.2.2 <user{n}@{domain}> is over quota "
            f"{n * 7919:013x}-{n:06x}.7 - gsmtp (in reply to RCPT TO command)"
        )
        yield (
            f'{{"queue_name": "{"active" if n % 50 == 0 else "deferred"}", "queue_id": "4jYRTJ{n:06d}zLq64", '
            f'"arrival_time": {1_790_000_000 + n // 10}, "message_size": {2000 + n % 90_000}, "forced_expire": false, '
            f'"sender": "bounce+{n}@news.d.example", '
            f'"recipients": [{{"address": "user{n}@{domain}", "delay_reason": "{reason}"}}]}}\n'
        )


async def _list(path: str) -> dict[str, float]:
    from penguintui.adapters.postfix.queue import PostfixQueueAdapter
    from penguintui.clock import SystemClock
    from penguintui.config.probes import PostfixQueueProbe
    from penguintui.model.target import Kind, Target

    adapter = PostfixQueueAdapter(PostfixQueueProbe(type="postfix-queue", command=["cat", path]), SystemClock())
    turns = asyncio.create_task(_turns())
    await asyncio.sleep(0)
    begun = time.process_time()
    seen = await adapter.probe(Target("mx", Kind.QUEUE, "benchmark"), time.monotonic() + 600)
    seconds = time.process_time() - begun
    turns.cancel()
    (longest,) = await asyncio.gather(turns)
    return {
        "messages": sum(sample.value for sample in seen.samples if sample.metric == "postfix_queue_messages"),
        "seconds": seconds,
        "memory": _most_memory(),
        "turn": longest * 1000,
    }


def _most_memory() -> float:
    """MB that this process had at most; ru_maxrss would also count the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


async def _turns() -> float:
    """The processor time of the longest turn until cancelled."""
    longest = 0.0
    before = time.thread_time()
    try:
        while True:
            await asyncio.sleep(_TURN)
            now = time.thread_time()
            longest, before = max(longest, now - before), now
    except asyncio.CancelledError:
        return longest


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_list(sys.argv[1]))))
