"""500 alerting rules over 20 series each, evaluated once; and rule unit tests beside Debian's `promtool`.

Promised: one evaluation in 1 s of one core at most; the tests in 1.5 times promtool's time at most.

The evaluation is the agent's: it asks a store that has five minutes of samples, one each 15 s; all 10,000 alerts fire,
their values change each time, labels and annotations are expanded, and everything is written back. Counted is the
processor time of all of it. The unit tests are those below the folder in PENGUINTUI_CONFORMANCE_DATA, or else the ones
that ship; both programs run in turns, file by file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import penguintui
from benchmarks.measuring import Row, milliseconds
from penguintui.agent.ruling import Ruling
from penguintui.alerting.judging import judge
from penguintui.clock import SystemClock
from penguintui.config.settings import Configuration
from penguintui.model.observation import Sample
from penguintui.store.ingest import Ingest
from penguintui.store.reader import Store
from penguintui.store.writer import Writer

_RULES, _SERIES, _HISTORY = 500, 20, 20
_RULE = """
  - alert: Alert{number}
    expr: metric_{number} > 1
    labels: {{severity: warning}}
    annotations: {{summary: '{{{{ $labels.instance }}}} has {{{{ $value | humanize }}}}'}}
"""


class _House:
    """A store with samples, and rules over it."""

    def __init__(self, folder: Path) -> None:
        rules = "groups:\n- name: all\n  rules:" + "".join(_RULE.format(number=n) for n in range(_RULES))
        (folder / "rules.yaml").write_text(rules, encoding="utf-8")
        url, clock = f"sqlite:///{folder / 'store.db'}", SystemClock()
        self.writer, self._ingest = Writer(url), Ingest()
        self.store = Store(url, clock)
        self._ruling = Ruling(self.writer, self._ingest, url, clock, folder)
        configuration = Configuration.model_validate({"rules": {"files": ["rules.yaml"], "shipped": False}})
        self._ruling.take_now(configuration, self.store)
        self._now, self._turn = clock.now(), 0

    def measure(self) -> None:
        """The next sample of every series."""
        self._turn += 1
        self._now += 15
        rows = [
            (Sample(f"metric_{n}", 2.0 + self._turn, {"instance": f"host{i}"}), self._now)
            for n in range(_RULES)
            for i in range(_SERIES)
        ]
        self.writer.submit(lambda connection: self._ingest.samples(connection, {}, rows, 37.5)).result(60)

    def evaluate(self) -> None:
        """Evaluate every rule once, and see it written."""
        for identity in self._ruling.groups:
            self._ruling.evaluate(self.store, identity, self._now)
        self.writer.submit(lambda _connection: None).result(60)

    def close(self) -> None:
        self.store.close()
        self.writer.close()


def _evaluation() -> Row:
    with tempfile.TemporaryDirectory() as name:
        house = _House(Path(name))
        for _ in range(_HISTORY):
            house.measure()
        house.evaluate()
        taken = milliseconds(house.evaluate, before=house.measure)
        house.close()
    return Row(f"{_RULES} alerting rules, {_SERIES} series each, one evaluation", taken, "ms of a core", most=1000)


def _unit_tests() -> list[Row]:
    data = os.environ.get("PENGUINTUI_CONFORMANCE_DATA")
    folder = Path(data) / "alerting" / "rules" if data else Path(penguintui.__file__).parent / "rules" / "tests"
    promtool = shutil.which("promtool")
    files = sorted(folder.rglob("*_test.yaml"))
    ours = theirs = 0.0
    failed = 0
    for path in files:
        begin = time.perf_counter()
        failed += bool(judge(path, semantics=2).failures)
        ours += time.perf_counter() - begin
        if promtool:
            begin = time.perf_counter()
            subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, check=False)
            theirs += time.perf_counter() - begin
    rows = [Row(f"{len(files)} files of rule unit tests", ours, "s"), Row("… that fail", failed, "files", most=0)]
    if promtool:
        rows.append(Row("… beside promtool", ours / theirs, "times its time", most=1.5))
    return rows


def measure() -> list[Row]:
    return [_evaluation(), *_unit_tests()]
