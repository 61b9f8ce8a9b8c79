"""A process that is killed while it stores and compacts neither loses a sample that was committed nor doubles one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

from penguintui.store.compacting import Piece, Plan, check, compact
from penguintui.store.reader import Store
from penguintui.store.recall import Memory
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock
from tests.store.ingesting import BEGIN, PER_BATCH, SERIES, value

_ROOT = Path(__file__).parents[2]


def work_and_be_killed(url: str, first: int, lines: int, more: float) -> int:
    """Let the process work until it has said so much, and a moment longer; the last batch that it said it committed."""
    command = [sys.executable, "-m", "tests.store.ingesting", url, str(first)]
    last = first - 1
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(lines):
            last = int(process.stdout.readline())
        try:
            process.wait(more)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        for line in process.stdout:
            last = int(line)
    assert process.returncode == -signal.SIGKILL
    return last


def held(store: Store) -> dict[str, dict[int, float]]:
    """Every sample that the store holds, and that none is in it twice."""
    ids = dict(store.driver_rows("SELECT metric, id FROM series", ()))
    found = Memory(store).samples(ids.values(), BEGIN, BEGIN * 2)
    rows = store.driver_rows("SELECT count(*) FROM samples", ())[0][0]
    chunked = store.driver_rows("SELECT coalesce(sum(count), 0) FROM chunks WHERE resolution = 0", ())[0][0]
    late = rows + chunked - len(found.times)
    assert 0 <= late <= 10 * len(SERIES)  # written again after they became part of a chunk; they join it next
    by_series: dict[str, dict[int, float]] = {}
    for name in SERIES:
        index = found.numbers.index(ids[name])
        one = found.one(index)
        assert len(set(one.times)) == len(one.times)
        by_series[name] = dict(zip(one.times, one.values, strict=True))
    return by_series


def test_a_process_killed_at_any_point_loses_and_doubles_nothing(tmp_path: Path) -> None:
    url, chance = f"sqlite:///{tmp_path / 'store.db'}", random.Random()
    following = 0
    for _ in range(6):
        last = work_and_be_killed(url, following, chance.randint(1, 12), chance.uniform(0, 0.15))
        store = Store(url, FrozenClock(BEGIN / 500))
        for name, own in held(store).items():
            count = len(own)
            assert count >= PER_BATCH * (last + 1)
            assert own == {BEGIN + 60_000 * i: value(name, i) for i in range(count)}
            assert count % PER_BATCH == 0  # a batch is there as a whole or not at all
        store.close()
        following = last + 1
    writer, piece = Writer(url), Piece(0)
    assert writer.submit(lambda c: check(c, 0, 10_000)).result(20).damaged == []
    plan = Plan(BEGIN * 2, 0)
    while not piece.done:
        piece = writer.submit(lambda c, after=piece.last: compact(c, after, plan)).result(20)
    writer.close()
    store = Store(url, FrozenClock(BEGIN / 500))
    total = sum(map(len, held(store).values()))
    rows = store.driver_rows("SELECT count(*) FROM samples", ())[0][0]
    chunked = store.driver_rows("SELECT sum(count) FROM chunks WHERE resolution = 0", ())[0][0]
    assert (rows, rows + chunked) == (len(SERIES), total)
    store.close()
