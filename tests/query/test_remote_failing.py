"""Servers that misbehave, and secrets that must not go astray."""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from penguintui.clock import SystemClock
from penguintui.config.queries import PrometheusQueries
from penguintui.model.secret import Secret
from penguintui.query import remote
from penguintui.query.asking import Engines
from penguintui.query.errors import NotAnswered, QueryError, Unsupported
from penguintui.query.remote import RemoteQueries
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views.ask import asking
from penguintui.views.models.question import Question
from penguintui.views.reading import Reading
from tests.adapters.authority import Authority
from tests.query.test_remote import store_that_names

FINE = {"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}, "warnings": ["mind the gap"]}

Answer = tuple[int, dict[str, str], bytes]


class Server:
    """Answers every request in one way; remembers what it was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.answer: Callable[[], Answer] = lambda: (200, {}, json.dumps(FINE).encode())
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append((self.command, self.path, headers, body))
                status, more, content = server.answer()
                with contextlib.suppress(ConnectionError):
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(content)), **more}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST  # noqa: N815  (the base class looks for it)

            def log_message(self, *_: object) -> None:
                """Nothing: the test's own words are enough."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._http.server_port}"
        Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@contextlib.contextmanager
def asking_of(url: str, **more: Any) -> Iterator[RemoteQueries]:
    settings = PrometheusQueries(type="prometheus", url=url, **more)
    with contextlib.closing(RemoteQueries(settings)) as queries:
        yield queries


def test_what_is_sent(server: Server) -> None:
    headers = {"X-Scope-OrgID": "mail"}
    with asking_of(f"{server.url}/prefix/", token=Secret("s3cret"), headers=headers) as queries:
        assert queries.instant("up", 1.5).warnings == ("mind the gap",)
    method, path, sent, body = server.asked[0]
    assert (method, path, body) == ("POST", "/prefix/api/v1/query", "query=up&time=1.500")
    assert (sent["authorization"], sent["x-scope-orgid"]) == ("Bearer s3cret", "mail")


HISTOGRAM = {"resultType": "vector", "result": [{"metric": {}, "histogram": [1, {}]}]}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((502, {}, b"<html>Bad Gateway</html>"), "answered 502 Bad Gateway, and nothing that is JSON"),
        ((401, {}, b"no"), "401 Unauthorized (it wants another `token`"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "write that address into `url`"),
        ((200, {}, b"[1, 2]"), "nothing that is JSON"),
        ((200, {}, b'{"status": "success"}'), "none of Prometheus' answers"),
        ((200, {}, b'{"status": "success", "data": {"resultType": "vector", "result": [1]}}'), "none of Prometheus'"),
        ((200, {}, b"[" * 100_000), "nothing that is JSON"),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), "cannot be asked"),
        ((200, {"Content-Length": "1000"}, b"{}"), "cannot be asked"),
        (
            (503, {}, json.dumps({"status": "error", "errorType": "timeout", "error": "too slow"}).encode()),
            "has no answer (timeout): too slow",
        ),
    ],
    ids=range(10),
)
def test_nonsense_is_not_an_answer_and_says_who(server: Server, answer: Answer, said: str) -> None:
    server.answer = lambda: answer
    with asking_of(server.url, timeout=2) as queries, pytest.raises(NotAnswered) as caught:
        queries.instant("up", 1)
    assert said in str(caught.value)
    assert server.url in str(caught.value)


def test_native_histograms_are_refused_by_name(server: Server) -> None:
    server.answer = lambda: (200, {}, json.dumps({"status": "success", "data": HISTOGRAM}).encode())
    with asking_of(server.url) as queries, pytest.raises(Unsupported, match="native histograms"):
        queries.instant("up", 1)


def test_a_huge_answer_is_cut_off_also_when_it_is_packed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MOST_BYTES", 1 << 20)
    for headers, content in (({}, b" " * (2 << 20)), ({"Content-Encoding": "gzip"}, gzip.compress(b" " * (2 << 20)))):
        server.answer = lambda h=headers, c=content: (200, h, c)
        with asking_of(server.url) as queries, pytest.raises(NotAnswered, match="longer than 1 MiB"):
            queries.instant("up", 1)


def test_silence_ends_in_time(server: Server) -> None:
    over = Event()

    def never() -> Answer:
        over.wait(30)
        return 200, {}, b""

    server.answer = never
    with asking_of(server.url, timeout=0.2) as queries, pytest.raises(NotAnswered, match=r"no answer within 0\.2 s"):
        queries.instant("up", 1)
    over.set()


def test_a_silent_server_is_not_asked_by_every_number_of_a_screen() -> None:
    now = [0.0]
    settings = PrometheusQueries(type="prometheus", url="http://127.0.0.1:1")
    queries = RemoteQueries(settings, monotonic=lambda: now[0])
    with pytest.raises(NotAnswered, match="cannot be asked") as first:
        queries.instant("up", 1)
    live = Server()
    try:
        object.__setattr__(settings, "url", live.url)
        queries.close()
        with pytest.raises(NotAnswered) as again:
            queries.instant("down", 1)
        assert (again.value.message, again.value.expression) == (first.value.message, "down")
        assert not live.asked
        now[0] = 5.0
        assert queries.instant("up", 1).warnings
    finally:
        queries.close()
        live.close()


def test_the_store_is_not_held_while_a_server_is_waited_for(server: Server, tmp_path: Path) -> None:
    """Its log could not be emptied for as long as the server takes."""
    store = store_that_names(tmp_path, type="prometheus", url=server.url)
    writer = Writer(f"sqlite:///{tmp_path / 'store.db'}")
    emptied: list[bool] = []

    def look() -> Answer:
        writer.submit(lambda c: c.exec_driver_sql(f"CREATE TABLE more{len(emptied)} (x)") and None).result(5)
        with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as other:
            _, written, moved = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        emptied.append(written == moved)
        return 200, {}, json.dumps(FINE).encode()

    reading = Reading(store)
    now = store.reader().at
    reading.read(Question("executive"), now)
    server.answer = look
    reading.read(Question("technical"), now + 1)
    assert emptied and all(emptied)
    writer.close()
    store.close()


def test_certificates_are_verified(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = Server(authority.server())
    try:
        with asking_of(server.url) as queries, pytest.raises(NotAnswered, match="CERTIFICATE_VERIFY_FAILED"):
            queries.instant("up", 1)
        assert not server.asked
        with asking_of(server.url, ca_file=authority.ca_file) as queries:
            assert queries.instant("up", 1).warnings
        with asking_of(server.url, ca_file=str(tmp_path / "none")) as queries, pytest.raises(NotAnswered) as caught:
            queries.instant("up", 1)
        assert f"ca_file {tmp_path / 'none'}: No such file" in str(caught.value)
    finally:
        server.close()


def own(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def hidden(folder: Path, url: str) -> Store:
    return store_that_names(folder, type="prometheus", url=url, token=Secret("s3cret"))


def test_a_viewer_reads_the_secret_itself(server: Server, tmp_path: Path) -> None:
    store = hidden(tmp_path, server.url)
    mine = own(tmp_path, f"query: {{type: prometheus, url: '{server.url}', token: !env MINE}}\n")
    engines = Engines(mine, {"MINE": "mine"})
    assert asking(store.reader(), engines=engines).instant("up").points[0].value == 2
    assert server.asked[0][2]["authorization"] == "Bearer mine"
    engines.close()


@pytest.mark.parametrize(
    ("configuration", "environ", "said"),
    [
        (None, {}, "wants a secret, which the store does not hold"),
        ("query: {type: store}", {}, "wants a secret, which the store does not hold"),
        ("query: {type: prometheus, url: 'http://127.0.0.1:1', token: !env MINE}", {"MINE": "m"}, "wants a secret"),
        ("query: {type: prometheus, url: 'http://127.0.0.1:1', token: !env MINE}", {}, "MINE is not set"),
    ],
)
def test_a_secret_never_goes_where_only_the_store_points(
    server: Server, tmp_path: Path, configuration: str | None, environ: dict[str, str], said: str
) -> None:
    store = hidden(tmp_path, server.url)
    mine = own(tmp_path, configuration) if configuration else None
    ask = asking(store.reader(), engines=Engines(mine, environ))
    assert said in ask.instant("up").trouble
    assert said in ask.past("up", 3600, 60).trouble
    assert not server.asked


def test_a_header_that_the_store_hides_is_a_secret_too(server: Server, tmp_path: Path) -> None:
    store = store_that_names(tmp_path, type="prometheus", url=server.url, headers={"Authorization": "Basic abc"})
    assert "wants a secret" in asking(store.reader()).instant("up").trouble
    assert not server.asked


def test_a_server_of_another_version_is_a_sentence(tmp_path: Path) -> None:
    store = store_that_names(tmp_path, type="prometheus", url="http://127.0.0.1:1")
    reader = store.reader()
    record = reader.configuration()
    assert record is not None
    record.document["query"]["teapot"] = True  # type: ignore[index]
    reader.configuration = lambda: record  # type: ignore[method-assign]
    assert "this version does not know" in asking(reader).instant("up").trouble


def test_while_the_store_is_not_there_the_own_configuration_decides(server: Server, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'none.db'}", SystemClock())
    mine = own(tmp_path, f"query: {{type: prometheus, url: '{server.url}'}}\n")
    with contextlib.closing(Engines(mine, {}).of(store.reader())) as queries:
        assert queries.instant("up", 1).warnings
    with pytest.raises(Exception, match="there is no store"):
        Engines(own(tmp_path, "query: {type: store}\n"), {}).of(store.reader())


def test_errors_of_the_expression_are_told_apart(server: Server) -> None:
    said = {"status": "error", "errorType": "bad_data", "error": "1:3: parse error: what?"}
    server.answer = lambda: (400, {}, json.dumps(said).encode())
    with asking_of(server.url) as queries, pytest.raises(QueryError) as caught:
        queries.instant("up", 1)
    assert not isinstance(caught.value, NotAnswered)
    assert str(caught.value) == f"{server.url} says: 1:3: parse error: what? at character 3, in: up"
