"""An agent that writes to VictoriaMetrics too: the engine goes, the agent goes, both come back, nothing is missing."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.query.victoria import victoria
from tests.whole.program import Program, until

CONFIGURATION = """
environment: test
agent: {{tick: 200ms}}
rules: {{shipped: false}}     # one that is evaluated while the agent ends leaves its samples to the next agent
history: {{type: victoriametrics, url: "{url}", user: penguintui, password: !file secret}}
targets:
  - name: here
    kind: host
    probes: [{{type: host, interval: 200ms}}]
"""
PASSWORD = "s3cr3t-of-ours"
UP = (("__name__", "up"), ("environment", "test"), ("instance", "here"), ("job", "host"))
Samples = dict[tuple[tuple[str, str], ...], dict[int, float]]


def stored(program: Program) -> Samples:
    """What the store has, by labels; empty ones are none, as in the engine."""
    found: Samples = {}
    rows = program.rows("SELECT metric, labels, time, value FROM samples JOIN series ON series.id = series_id")
    for metric, labels, time, value in rows:
        named = {name: text for name, text in json.loads(labels).items() if text}
        found.setdefault(tuple(sorted({**named, "__name__": metric}.items())), {})[time] = value
    return found


def before(samples: Samples, end: int) -> Samples:
    """Those until `end`, in milliseconds; without the series that have none."""
    early = {labels: {time: value for time, value in told.items() if time <= end} for labels, told in samples.items()}
    return {labels: told for labels, told in early.items() if told}


@pytest.mark.needs("victoria-metrics", "victoria-metrics")
def test_an_outage_over_a_restart(program: Callable[..., Program], tmp_path: Path) -> None:
    options = ("-httpAuth.username=penguintui", f"-httpAuth.password={PASSWORD}")
    with victoria(tmp_path / "vm", *options, password=PASSWORD) as engine:
        (tmp_path / "secret").write_text(PASSWORD + "\n", encoding="utf-8")
        (tmp_path / "secret").chmod(0o600)
        one = program(CONFIGURATION.format(url=engine.url))
        agent = one.agent()
        until(lambda: engine.exported('{__name__="up"}'))
        engine.stop()
        until(lambda: "of them in the spool" in said(one))
        assert "samples are not written to the history: http://127.0.0.1" in said(one)
        assert "refused the connection; " in said(one)
        status = one.run("status")
        assert "samples are not written to the history" in status.stdout
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(10) == 0
        assert PASSWORD not in str(agent.stdout and agent.stdout.read())
        assert list((one.state / "spool").glob("*.spool"))
        agent = one.agent()
        until(lambda: "samples are not written to the history" in said(one))
        engine.start()
        until(lambda: said(one) == "")
        until(lambda: not list((one.state / "spool").iterdir()))
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(10) == 0
        theirs = engine.exported('{__name__!=""}')
    # What an agent could not write within a second of being told to stop is in its spool, for the next one.
    until_then = max(time for time, _ in theirs[UP]) - 2000
    ours = before(stored(one), until_then)
    found = before({labels: dict(points) for labels, points in theirs.items()}, until_then)
    assert found.keys() == ours.keys()
    for labels, values in ours.items():
        assert found[labels] == pytest.approx(values, rel=1e-12), labels
    kinds = [row[0] for row in one.rows("SELECT kind FROM events WHERE kind LIKE 'history.%' ORDER BY id")]
    assert (kinds[0], kinds[-1], set(kinds)) == ("history.lost", "history.found", {"history.lost", "history.found"}), (
        kinds
    )
    counted = {name for labels in found for label, name in labels if label == "__name__"}
    assert {"penguintui_spool_bytes", "penguintui_spool_waiting", "penguintui_spool_dropped_total"} <= counted


def said(program: Program) -> str:
    return str(program.ask("hello")["message"])
