"""Samples a second from observations to disk on the agent's path, beside a bare `executemany` of the same rows.

Promised: at least 100,000 samples a second, and at least half of what sqlite3 alone does.
"""

from __future__ import annotations

import gc
import random
import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import Row
from penguintui.agent.backlog import STORE, Backlog
from penguintui.agent.recording import Recording
from penguintui.clock import SystemClock
from penguintui.config.spool import SpoolSettings
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.writer import Writer

_TARGETS, _SAMPLES, _ROUNDS, _RUNS = 200, 47, 30, 3
"""With `up` and two findings 50 samples of each target, as of a host: 300,000 samples in 30 batches."""


def observations(step: int) -> list[Reported]:
    """One observation of each target."""
    chance = random.Random(step)
    made = []
    for number in range(_TARGETS):
        samples = tuple(Sample(f"node_metric_{i % 12}", chance.random(), {"device": f"d{i}"}) for i in range(_SAMPLES))
        findings = (
            Finding("host.disk", Status.OK, "41 % full", "/var"),
            Finding("host.memory", Status.OK, "half free"),
        )
        target = Target(f"host{number}", Kind.HOST, "production", {"region": f"r{number % 8}"})
        observation = Observation(1.79e9 + 5 * step, 15.0, True, samples, findings)
        made.append(Reported(target, "host", "host", observation))
    return made


def _ours(folder: Path) -> tuple[float, float]:
    """Samples a second, by the clock and by the processor."""
    writer = Writer(f"sqlite:///{folder / 'ours.db'}")
    backlog = Backlog(folder / "spool", SpoolSettings(), SystemClock(), [STORE])
    recording = Recording(writer, Ingest(), backlog)
    batches = [observations(step) for step in range(_ROUNDS)]
    gc.freeze()  # the observations that wait here are not the path's to look through
    begin, used = time.perf_counter(), time.process_time()
    for batch in batches:
        for one in batch:
            recording.take(one)
        recording.flush()
        writer.submit(lambda _connection: None).result()
    took, used = time.perf_counter() - begin, time.process_time() - used
    writer.close()
    count = _TARGETS * (_SAMPLES + 3) * _ROUNDS
    return count / took, count / used


def _bare(folder: Path) -> tuple[float, float]:
    connection = sqlite3.connect(folder / "bare.db")
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE samples "
        "(series_id INTEGER, time BIGINT, value FLOAT, PRIMARY KEY (series_id, time)) WITHOUT ROWID;"
    )
    series = _TARGETS * (_SAMPLES + 3)
    batches = [[(i, 1_790_000_000_000 + 5000 * step, i / 7) for i in range(series)] for step in range(_ROUNDS)]
    begin, used = time.perf_counter(), time.process_time()
    for batch in batches:
        with connection:
            connection.executemany("INSERT INTO samples VALUES (?, ?, ?)", batch)
    took, used = time.perf_counter() - begin, time.process_time() - used
    connection.close()
    count = series * _ROUNDS
    return count / took, count / used


def measure() -> list[Row]:
    ours, bare = [], []
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(_ours(Path(folder)))
            bare.append(_bare(Path(folder)))
    best, best_bare = max(one for one, _ in ours), max(one for one, _ in bare)
    share = max(one for _, one in ours) / max(one for _, one in bare)
    return [
        Row("ingest on the agent's path", best, "samples/s", least=100_000),
        Row("a bare executemany of the same rows", best_bare, "rows/s"),
        Row("ingest, share of a bare executemany (processor time)", share, "", least=0.5),
    ]
