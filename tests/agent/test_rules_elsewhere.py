"""Rules over a server that `query:` names: what it says, its silence, and what the rules leave in the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from penguintui.clock import SystemClock
from penguintui.config.settings import Configuration
from penguintui.query import remote
from tests.agent.test_ruling import House
from tests.conftest import FrozenClock
from tests.query.scraped import scraped


class Server:
    """Answers every query with one series of the value `age`; None: it is out of order."""

    def __init__(self) -> None:
        self.age: float | None = 500.0
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                server.asked.append(form["query"][0])
                one = {"metric": {"queue": "a"}, "value": [float(form["time"][0]), str(server.age)]}
                said: dict[str, Any] = {"status": "success", "data": {"resultType": "vector", "result": [one]}}
                if server.age is None:
                    said = {"status": "error", "errorType": "unavailable", "error": "out of order"}
                body = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the test's own words are enough."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._http.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(remote, "_PAUSE", 0.0)
    made = Server()
    yield made
    made.close()


def asks(house: House, url: str) -> None:
    house.configuration = Configuration.model_validate(
        {
            "query": {"type": "prometheus", "url": url},
            "rules": {"files": ["*.yaml"], "shipped": False},
        }
    )


@pytest.fixture
def house(tmp_path: Path, clock: FrozenClock, server: Server) -> Iterator[House]:
    made = House(tmp_path, clock)
    asks(made, server.url)
    yield made
    made.close()


def test_the_server_is_asked_and_the_store_for_what_rules_leave(house: House, server: Server) -> None:
    house.measure(1)
    house.turn()
    assert server.asked == ["max by (queue) (age)"]
    assert house.ask("queue:age:max")[0][1] == 500
    assert house.states() == {"Old": "pending", "Now": "firing"}


def test_silence_leaves_alerts_alone_and_is_said_once(house: House, server: Server) -> None:
    house.turn()
    evaluated = house.clock.now()
    server.age = None
    for _ in range(4):
        house.clock.advance(60)  # long enough for what was recorded to end
        house.turn()
    assert house.states() == {"Old": "pending", "Now": "firing"}
    assert {record.observed for record in house.live()} == {evaluated}
    assert "alerts stay as they are" in house.ruling.message
    assert "out of order" in house.ruling.message
    assert [event.kind for event in house.events()] == ["rules.unanswered"]
    server.age = 1.0
    house.turn()
    assert house.states() == {}
    assert house.ruling.message == ""
    assert [event.kind for event in house.events()] == ["rules.answered", "rules.unanswered"]


def test_silence_over_a_restart_leaves_alerts_alone(house: House, server: Server) -> None:
    house.turn()
    since = {record.rule: record.active_at for record in house.live()}
    server.age = None
    house.begin()
    for _ in range(2):
        house.clock.advance(15)
        house.turn()
    assert house.states() == {"Old": "pending", "Now": "firing"}
    server.age = 500.0
    house.turn()
    assert house.states() == {"Old": "pending", "Now": "firing"}
    assert {record.rule: record.active_at for record in house.live()}["Now"] == since["Now"]


def test_a_server_that_is_not_there(house: House) -> None:
    asks(house, "http://127.0.0.1:9")
    house.turn()
    assert house.states() == {}
    assert "http://127.0.0.1:9 cannot be asked" in house.ruling.message


def test_the_store_is_asked_again_when_the_settings_say_so(house: House, server: Server) -> None:
    house.turn()
    house.configuration = Configuration.model_validate({"rules": {"files": ["*.yaml"], "shipped": False}})
    house.measure(1)
    house.clock.advance(1)
    house.turn()
    assert len(server.asked) == 1
    assert house.states() == {}


@pytest.mark.needs("prometheus", "prometheus")
def test_debians_prometheus(tmp_path: Path) -> None:
    rules = "groups: [{name: a, rules: [{alert: Loaded, expr: 'node_load1 > 1', labels: {severity: page}}]}]"
    (folder := tmp_path / "prometheus").mkdir()
    with scraped(folder) as url:
        house = House(tmp_path, FrozenClock(SystemClock().now()), rules)
        try:
            asks(house, url)
            house.turn()
            [alert] = house.live()
            assert alert.state == "firing"
            assert alert.labels == {"alertname": "Loaded", "instance": "mx1", "job": "node", "severity": "page"}
        finally:
            house.close()
