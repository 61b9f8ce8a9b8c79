"""Prometheus in the store's place: Debian's own, and every screen, command and gate on it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from penguintui.actions.gates import measure_metric
from penguintui.actions.work import parse as parse_work
from penguintui.cli.main import app
from penguintui.clock import SystemClock
from penguintui.config.actions import GateMetric
from penguintui.config.document import digest, document
from penguintui.config.queries import PrometheusQueries
from penguintui.config.settings import Configuration
from penguintui.model.target import Target
from penguintui.query.asking import Engines
from penguintui.query.errors import NotAnswered, QueryError
from penguintui.query.remote import RemoteQueries
from penguintui.query.results import Matrix, Scalar, Text, Vector
from penguintui.store import keeping
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views.models.question import SCREENS, Question
from penguintui.views.models.technical import Technical
from penguintui.views.reading import Reading
from tests.conftest import FrozenClock
from tests.query.scraped import scraped

pytestmark = pytest.mark.needs("prometheus", "prometheus")

HTTP = {"type": "http", "url": "http://127.0.0.1/"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with scraped(tmp_path_factory.mktemp("prometheus")) as url:
        yield url


@pytest.fixture
def queries(server: str) -> Iterator[RemoteQueries]:
    asked = RemoteQueries(PrometheusQueries(type="prometheus", url=server))
    yield asked
    asked.close()


def store_that_names(folder: Path, **query: object) -> Store:
    """A store with a configuration and three targets, and no samples. Its clock is a minute ahead.

    So the newest step of every chart has a sample, though the server has just begun to scrape.
    """
    configuration = Configuration.model_validate(
        {
            "query": query or {"type": "store"},
            "targets": [
                {"name": "mx1", "kind": "host", "probes": [{"type": "host"}]},
                {"name": "api", "kind": "service", "probes": [HTTP]},
                {"name": "oltp", "kind": "database", "probes": [HTTP]},
            ],
            "promises": [{"name": "Load", "query": "max(node_load1)", "target": "<= 4", "unit": "count"}],
            "business": [{"name": "Connections", "query": "sum(pg_stat_activity_count)"}],
        }
    )
    since = SystemClock().now() - 3600
    watched = [
        keeping.Watched(Target(one.name, one.kind, "test", {}), (keeping.WatchedProbe("p", "p", "p", 5, 12),), "")
        for one in configuration.targets
    ]
    writer = Writer(f"sqlite:///{folder / 'store.db'}")
    for keep in (
        lambda c: keeping.keep_configuration(c, digest(configuration), document(configuration), "test", since),
        lambda c: keeping.keep_targets(c, watched, since),
    ):
        writer.submit(keep).result(10)
    writer.close()
    return Store(f"sqlite:///{folder / 'store.db'}", FrozenClock(SystemClock().now() + 60))


def test_every_kind_of_answer(queries: RemoteQueries) -> None:
    now = time.time()
    vector = queries.instant("node_load1", now)
    assert isinstance(vector, Vector)
    assert [(dict(s.labels), s.value) for s in vector.samples] == [
        ({"__name__": "node_load1", "instance": "mx1", "job": "node"}, 1.25)
    ]
    assert queries.instant("1 + 1", now) == Scalar(2.0, round(now, 3))
    text = queries.instant('"word"', now)
    assert isinstance(text, Text) and text.value == "word"
    raw = queries.instant("node_load1[1m]", now)
    assert isinstance(raw, Matrix) and len(raw.series[0].times) >= 2
    odd = queries.instant("odd", now)
    assert isinstance(odd, Vector)
    values = {s.labels["value"]: s.value for s in odd.samples}
    assert math.isnan(values["none"]) and values["endless"] == math.inf
    assert queries.instant("absent_metric", now) == Vector((), now)


def test_data_is_what_the_server_said(queries: RemoteQueries, server: str) -> None:
    now = round(time.time(), 3)
    for expr in ("up", "sum by (job) (up) / 3", "odd", "1 / 0"):
        said = httpx.get(f"{server}/api/v1/query", params={"query": expr, "time": now}, trust_env=False).json()["data"]
        assert queries.instant(expr, now).data() == said
    span = {"start": now - 2, "end": now, "step": 0.5}
    said = httpx.get(f"{server}/api/v1/query_range", params={"query": "up", **span}, trust_env=False).json()["data"]
    assert queries.range("up", *span.values()).data() == said


def test_a_wrong_expression_comes_back_with_the_servers_words_and_its_place(queries: RemoteQueries) -> None:
    with pytest.raises(QueryError, match=r"parse error.* at character 5, in: 1 \+ teapot\(up\)") as caught:
        queries.instant("1 + teapot(up)", time.time())
    assert not isinstance(caught.value, NotAnswered)
    with pytest.raises(QueryError, match="many-to-many"):
        queries.instant('up + on () {__name__=~"node_.*"}', time.time())
    with pytest.raises(QueryError, match="11,000"):
        queries.range("up", 0, time.time(), 1)


def test_labels_for_completion(queries: RemoteQueries) -> None:
    assert {"job", "instance", "mountpoint"} <= set(queries.label_names())
    assert {"node_load1", "probe_success", "pg_up"} <= set(queries.label_values("__name__"))
    assert queries.label_values("instance") == ["api", "mx1", "oltp"]


def test_the_newest_of_each_metric(queries: RemoteQueries) -> None:
    now = time.time()
    found = queries.newest(["node_load1", "pg_up", "absent_metric", "odd name"], now)
    assert found.keys() == {"node_load1", "pg_up"}
    assert all(now - 30 < observed <= now and holds == 300 for observed, holds in found.values())


def test_every_screen_works_on_it(server: str, tmp_path: Path) -> None:
    store = store_that_names(tmp_path, type="prometheus", url=server)
    reading = Reading(store)
    now = store.reader().at
    models = {name: reading.read(Question(name, selected="mx1"), now)[1] for name in SCREENS}
    technical = models["technical"]
    assert isinstance(technical, Technical)
    rows = {row.name: f"{row.matters} {row.signals}" for row in technical.rows}
    assert "mem 25 %" in rows["mx1"] and "disk 70 %" in rows["mx1"] and "load 1.25" in rows["mx1"]
    assert "answer 148 ms" in rows["api"]
    assert technical.selected is not None
    assert any(chart.lines for chart in technical.selected.charts)
    executive = models["executive"]
    assert executive.promises[0].now.age == "1m" or executive.promises[0].now.age.endswith("s")
    assert 50 < now - (executive.promises[0].now.observed or 0) < 80
    assert executive.promises[0].now.text == "1.25"
    assert executive.business[0].value.text == "7"


def test_the_command_asks_the_server_that_the_store_or_the_own_configuration_names(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PENGUINTUI_STATE", "PENGUINTUI_RUNTIME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "places"))
    store_that_names(tmp_path, type="prometheus", url=server)
    known = ["--store", f"sqlite:///{tmp_path / 'store.db'}"]
    own = tmp_path / "config.yaml"
    own.write_text(f"query: {{type: prometheus, url: '{server}'}}\n", encoding="utf-8")
    for places in (known, ["--config", str(own)]):
        done = CliRunner().invoke(app, ["query", "node_load1", "--json", *places])
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["result"][0]["metric"]["instance"] == "mx1"
    wrong = CliRunner().invoke(app, ["query", "sum(node_load1", *known])
    assert (wrong.exit_code, wrong.stdout) == (64, "")
    assert f"{server} says:" in wrong.stderr
    refused = CliRunner().invoke(app, ["query", "up", "--promql", "3", *known])
    assert (refused.exit_code, "leave out --promql" in refused.stderr) == (64, True)


def test_gates_ask_it_too(server: str, tmp_path: Path) -> None:
    store = store_that_names(tmp_path)
    query = PrometheusQueries(type="prometheus", url=server)
    assert measure_metric(GateMetric(query="node_load1", holds="<= 2"), store, query).held
    assert not measure_metric(GateMetric(query="node_load1", holds="<= 1"), store, query).held
    assert not measure_metric(GateMetric(query="node_load1", holds="<= 2"), store).held
    gone = PrometheusQueries(type="prometheus", url="http://127.0.0.1:1")
    verdict = measure_metric(GateMetric(query="node_load1", holds="<= 2"), store, gone)
    assert (verdict.held, verdict.decided, verdict.words.startswith("no data")) == (False, False, True)


def test_what_a_run_is_told_carries_the_secret() -> None:
    told = {"run": 1, "store_url": "", "steps": [], "proxies": {}, "colours": {}, "begin": 0, "done": [], "undo": False}
    for proof in ({"token": "s3cret"}, {"user": "penguintui", "password": "s3cret"}):
        query = {"type": "prometheus", "url": "http://127.0.0.1:1", **proof, "timeout": 3}
        work = parse_work(json.dumps({**told, "token": None, "query": query}).encode())
        assert isinstance(work.query, PrometheusQueries)
        secret = work.query.token or work.query.password
        assert secret is not None and secret.reveal() == "s3cret"
        assert "s3cret" not in repr(work)


def test_engines_follow_the_store(server: str, tmp_path: Path) -> None:
    remote = store_that_names(tmp_path, type="prometheus", url=server)
    (tmp_path / "own").mkdir()
    local = store_that_names(tmp_path / "own", type="store", promql=2)
    engines = Engines()
    first = engines.of(remote.reader())
    assert first.place == server
    assert engines.of(remote.reader()) is first
    assert engines.of(local.reader()).place == "the store"
    assert engines.of(remote.reader()).place == server
    engines.close()
