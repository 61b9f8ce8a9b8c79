"""`penguintui query` over a small store: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from penguintui.cli.main import app
from penguintui.clock import SystemClock
from penguintui.model.observation import Observation, Sample
from penguintui.model.target import Kind, Target
from penguintui.query.language.parse import parse
from penguintui.query.language.written import series
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.writer import Writer

Run = Callable[..., "Done"]

LAST = SystemClock().now() // 60 * 60 - 60
"""When the newest samples were taken: a round minute that is past. There is one each minute over the last hour."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two targets: `up` is 1, and `waiting` of two queues counts the minutes, forwards and backwards."""
    url = f"sqlite:///{tmp_path_factory.mktemp('query') / 'store.db'}"
    writer, ingest = Writer(url), Ingest()
    for minute in range(-60, 1):
        at = LAST + 60 * minute
        batch = [
            Reported(Target(name, Kind.QUEUE, "test"), "p", "j", Observation(at, 90, True, samples))
            for name, samples in (
                ("mx1", (Sample("up", 1), Sample("waiting", 100 + minute, {"queue": "a\x1b[2J"}))),
                ("mx2", (Sample("waiting", -minute, {"queue": 'say "b"'}),)),
            )
        ]
        writer.submit(lambda c, b=batch: ingest.record(c, b)).result(5)
    writer.close()
    return url


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("PENGUINTUI_STATE", "PENGUINTUI_RUNTIME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("COLUMNS", "90")

    def one(*arguments: str, charset: str = "utf-8") -> Done:
        done = CliRunner(charset=charset).invoke(app, ["query", "--store", store, *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return one


def test_a_table_has_the_series_and_the_values_in_one_order(run: Run) -> None:
    done = run("waiting", "--at", str(LAST))
    labels = 'environment="test", instance="{}", job="j", queue="{}"'
    first, second = labels.format("mx1", "a\\u001b[2J"), labels.format("mx2", 'say \\"b\\"')
    lines = done.stdout.splitlines()
    assert [line.rsplit(maxsplit=1) for line in lines] == [
        [f"waiting{{{first}}}", "100"],
        [f"waiting{{{second}}}", "0"],
    ]
    assert len(lines[0]) == len(lines[1])
    assert (done.returncode, done.stderr) == (0, "")


def test_an_order_that_was_asked_for_stays(run: Run) -> None:
    at = ("--at", str(LAST - 1800))
    smallest = run("sort(sum by (instance) (waiting))", *at).stdout.splitlines()
    largest = run("sort_desc(sum by (instance) (waiting))", *at).stdout.splitlines()
    assert smallest == largest[::-1] == ['{instance="mx2"}  30', '{instance="mx1"}  70']


def test_json_is_the_data_of_the_http_api(run: Run) -> None:
    vector = json.loads(run("sum by (instance) (waiting)", "--at", str(LAST), "--json").stdout)
    assert vector["resultType"] == "vector"
    assert sorted(vector["result"], key=str) == [
        {"metric": {"instance": "mx1"}, "value": [LAST, "100"]},
        {"metric": {"instance": "mx2"}, "value": [LAST, "0"]},
    ]
    span = ("--start", str(LAST - 60), "--end", str(LAST), "--step", "1m")
    matrix = json.loads(run("max(waiting)", *span, "--json").stdout)
    assert matrix == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[LAST - 60, "99"], [LAST, "100"]]}],
    }
    assert json.loads(run("1 / 0", "--at", str(LAST), "--json").stdout) == {
        "resultType": "scalar",
        "result": [LAST, "+Inf"],
    }
    assert json.loads(run("absent_metric", "--json").stdout) == {"resultType": "vector", "result": []}


def test_a_range_has_a_line_for_each_value(run: Run) -> None:
    span = ("--start", str(LAST - 60), "--end", str(LAST), "--step", "30s")
    lines = run('waiting{instance="mx1"}', *span).stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["99", "99", "100"]
    stamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(LAST))
    assert stamp in lines[-1]


def test_semantics_of_prometheus_2_include_the_oldest_moment(run: Run) -> None:
    asked = ('count_over_time(up{instance="mx1"}[2m])', "--at", str(LAST))
    assert run(*asked, "--promql", "2").stdout.split()[-1] == "3"
    assert run(*asked, "--promql", "3").stdout.split()[-1] == run(*asked).stdout.split()[-1] == "2"


def test_nothing_is_an_answer(run: Run) -> None:
    done = run("absent_metric", "--at", str(LAST))
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing matches as of" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sum(up"], "unclosed left parenthesis, in: sum(up"),
        (["1 + teapot(up)"], "teapot"),
        (['1 + label_replace(up{}, "a", "b", "c", "(")'], "at character 5, in: label_replace("),
        (["histogram_avg(up)"], "native histograms"),
        (["up", "--promql", "4"], "Prometheus 2 or 3"),
        (["up", "--at", "teatime"], "is no time"),
        (["0 / 0", "--at", "nan"], "is no time"),
        (["up", "--at", "1", "--start", "1"], "leave one out"),
        (["up", "--step", "1m"], "add --start"),
        (["up", "--start", "1", "--step", "often"], "--step: "),
        (["up", "--start", "20", "--end", "10"], "before it begins"),
        (["up[5m]", "--start", "10", "--end", "20"], "range query"),
        (["up", "--json", "--chart"], "either"),
        (["up", "--start", "0", "--end", "99999999", "--step", "1"], "limit: steps"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_64(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert said in done.stderr


def test_without_a_store_nobody_knows(run: Run, tmp_path: Path) -> None:
    done = run("up", "--store", f"sqlite:///{tmp_path / 'none.db'}")
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is no store" in done.stderr


def test_a_chart_is_as_wide_as_the_terminal_and_names_its_lines(run: Run) -> None:
    done = run("waiting", "--chart", "--at", str(LAST))
    lines = done.stdout.splitlines()
    assert max(map(len, lines[:-2])) == 90
    assert [line[0] for line in lines[-2:]] == ["a", "b"]
    assert any("⠀" < character <= "⣿" for character in done.stdout)
    assert re.search(r"\d\d:\d\d .*\d\d:\d\d", lines[-3])
    assert [line.split()[-1] for line in lines[-2:]] == ["100", "0"]


def test_a_chart_in_ascii_has_nothing_else(run: Run) -> None:
    done = run("waiting", "--chart", "--at", str(LAST), charset="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert {"*", "+", "a", "b"} <= set(done.stdout)


def test_a_chart_of_nothing_says_so(run: Run) -> None:
    done = run("absent_metric", "--chart")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing matches" in done.stderr


@given(st.dictionaries(st.text(min_size=1).filter(lambda n: n != "__name__"), st.text(min_size=1), max_size=3))
def test_a_series_is_written_as_it_is_selected(labels: dict[str, str]) -> None:
    written = series({"__name__": "a metric", **labels})
    assert written.isprintable()
    found = {m.name: m.value for m in parse(written).matchers}  # type: ignore[attr-defined]
    assert found == {"__name__": "a metric", **labels}
