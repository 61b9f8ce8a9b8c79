"""VictoriaMetrics as it is written to: Debian's own, and servers that misbehave."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import math
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from penguintui.adapters.victoriametrics import Unacceptable, Unwritten, VictoriaMetrics, lines
from penguintui.config.history import VictoriaMetricsHistory
from penguintui.config.queries import PrometheusQueries
from penguintui.model.observation import Sample
from penguintui.model.secret import Secret
from penguintui.query.errors import NotAnswered
from penguintui.query.remote import RemoteQueries
from tests.adapters.authority import Authority
from tests.adapters.importing import Server
from tests.query.victoria import victoria

BEGIN = 1_790_000_000.0
SECRET = "s3cr3t-of-ours"
GROUP = ({"instance": "api", "job": "http"}, [(Sample("up", 1.0), BEGIN), (Sample("up", 0.0), BEGIN + 15)])


def engine(url: str, **more: Any) -> VictoriaMetrics:
    return VictoriaMetrics(VictoriaMetricsHistory(type="victoriametrics", url=url, **more))


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server below HTTP: `serve` gets the first connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def work() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    serve(connection)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(5)


def test_a_series_is_one_line() -> None:
    found = [json.loads(line) for line in lines([GROUP, GROUP]).splitlines()]
    assert found == [
        {
            "metric": {"__name__": "up", "instance": "api", "job": "http"},
            "values": [1.0, 0.0, 1.0, 0.0],
            "timestamps": [1790000000000, 1790000015000] * 2,
        }
    ]
    assert lines([]) == b""


def test_what_is_no_sample_is_refused_before_it_is_sent(server: Server) -> None:
    for sample, time in ((Sample("m", object()), BEGIN), (Sample("m", 1.0), math.inf), (Sample("m", 1.0), math.nan)):  # type: ignore[arg-type]
        with pytest.raises(Unacceptable, match="no sample"):
            engine(server.url).write([({}, [(sample, time)])])
    assert server.asked == []


@pytest.mark.needs("victoria-metrics", "victoria-metrics")
def test_what_is_written_is_there(tmp_path: Path) -> None:
    odd = {"path": 'a "b"\\c\nd', "ø": "é 🐧", "empty": ""}
    values = [0.1, -2.5, 0.0, 123456789.125, math.inf, -math.inf, math.nan]
    rows = [(Sample("odd:metric", value, odd), BEGIN + i) for i, value in enumerate(values)]
    with victoria(tmp_path / "vm") as server:
        one = engine(server.url + "/")
        one.write([GROUP, ({"instance": "x"}, rows)])
        one.write([GROUP])  # as after an answer that was lost
        one.close()
        found = server.exported('{__name__!=""}')
    up, other = sorted(found, key=str)[1], sorted(found, key=str)[0]
    assert dict(up) == {"__name__": "up", "instance": "api", "job": "http"}
    assert found[up] == [(1790000000000, 1.0), (1790000015000, 0.0)], "each once, though it came twice"
    assert dict(other) == {"__name__": "odd:metric", "instance": "x", "path": odd["path"], "ø": odd["ø"]}
    assert [value for _, value in found[other]] == values[:-1], "NaN is not kept there"


@pytest.mark.needs("victoria-metrics", "victoria-metrics")
def test_a_server_that_wants_a_password(tmp_path: Path) -> None:
    options = ("-httpAuth.username=penguintui", f"-httpAuth.password={SECRET}")
    with victoria(tmp_path / "vm", *options, password=SECRET) as server:
        engine(server.url, user="penguintui", password=Secret(SECRET)).write([GROUP])
        for more in ({}, {"user": "penguintui", "password": Secret("wrong" + SECRET)}):
            with pytest.raises(Unwritten, match=r"answered 401.*it wants another `token`") as caught:
                engine(server.url, **more).write([GROUP])
            assert SECRET not in str(caught.value)
        with pytest.raises(Unwritten, match="answered 40"):
            engine(server.url + "/nowhere").write([GROUP])


def test_what_is_sent(server: Server) -> None:
    engine(server.url + "/insert/0/prometheus", token=Secret(SECRET), headers={"X-Site": "eu"}).write([GROUP])
    path, headers, body = server.asked[0]
    assert path == "/insert/0/prometheus/api/v1/import"
    assert (headers["authorization"], headers["x-site"]) == (f"Bearer {SECRET}", "eu")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == lines([GROUP])
    engine(server.url, user="a", password=Secret(SECRET)).write([GROUP])
    assert server.asked[1][1]["authorization"] == f"Basic {base64.b64encode(f'a:{SECRET}'.encode()).decode()}"


@pytest.mark.parametrize(
    "more", [{"token": Secret("s3cr\nt")}, {"headers": {"X-Key": Secret("s3crét")}}], ids=["token", "header"]
)
def test_a_secret_that_no_header_can_hold_is_refused_and_not_shown(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"the header (Authorization|X-Key) would hold") as caught:
        VictoriaMetricsHistory(type="victoriametrics", url="http://127.0.0.1:1", **more)
    assert "s3cr" not in str(caught.value)


def test_settings_without_their_secrets_are_settings() -> None:
    """As a viewer reads them from the store."""
    told = {
        "type": "victoriametrics",
        "url": "http://127.0.0.1:1",
        "user": "a",
        "password": "•••",
        "headers": {"X": "•••"},
    }
    settings = VictoriaMetricsHistory.model_validate_json(json.dumps(told))
    assert settings.is_hidden


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_batch_that_will_never_be_taken(server: Server, status: int) -> None:
    server.answer = (status, {}, b"line 3:\n cannot parse\x00 it")
    with pytest.raises(Unacceptable, match=rf"answered {status}: line 3: cannot parse\? it"):
        engine(server.url).write([GROUP])


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "another `token`"),
        (403, "another `token`"),
        (404, "not below this `url`"),
        (302, "it sends elsewhere"),
        (429, "429"),
        (500, "500"),
        (503, "503: over there"),
    ],
)
def test_trouble_of_the_server_is_no_fault_of_the_batch(server: Server, status: int, words: str) -> None:
    server.answer = (status, {"Location": "http://127.0.0.1:1/"}, b"over there")
    one = engine(server.url, token=Secret(SECRET))
    with pytest.raises(Unwritten, match=words) as caught:
        one.write([GROUP])
    assert SECRET not in str(caught.value)
    server.answer = (204, {}, b"")
    one.write([GROUP])
    assert len(server.asked) == 2, "a redirect is not followed"


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(Unwritten, match=r"http://127\.0\.0\.1:1 refused the connection"):
        engine("http://127.0.0.1:1").write([GROUP])
    with pytest.raises(Unwritten, match="could not be resolved"):
        engine("http://nowhere.invalid").write([GROUP])


def test_a_server_that_hangs() -> None:
    release = threading.Event()
    with listening(lambda _: release.wait(20) and None) as url:
        with pytest.raises(Unwritten, match=r"did not answer within 0\.2 s"):
            engine(url, timeout=0.2).write([GROUP])
        release.set()


def test_a_server_that_drips_its_answer() -> None:
    """Each byte comes in time, the whole does not."""

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        ended = threading.Event()
        while not ended.wait(0.05):
            connection.sendall(b"x")

    with listening(drip) as url, pytest.raises(Unwritten, match=r"did not answer within 0\.5 s"):
        engine(url, timeout=0.5).write([GROUP])


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"], ids=["none", "torn", "half"]
)
def test_a_server_that_closes_half_way(said: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with listening(serve) as url, pytest.raises(Unwritten, match=r"closed the connection|no HTTP"):
        engine(url).write([GROUP])


def test_an_answer_without_an_end_is_not_read(server: Server) -> None:
    server.answer = (503, {}, b"x" * (8 << 20))
    with pytest.raises(Unwritten) as caught:
        engine(server.url).write([GROUP])
    assert len(str(caught.value)) < 1000


def test_certificates_are_verified(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = Server(authority.server())
    try:
        with pytest.raises(Unwritten, match="certificate of https://127"):
            engine(server.url, token=Secret(SECRET)).write([GROUP])
        assert server.asked == [], "no secret went to a stranger"
        engine(server.url, ca_file=str(authority.ca_file)).write([GROUP])
        with pytest.raises(Unwritten, match="ca_file"):
            engine(server.url, ca_file=str(tmp_path / "none")).write([GROUP])
    finally:
        server.close()


@pytest.mark.needs("victoria-metrics", "victoria-metrics")
def test_the_same_password_asks_it_too(tmp_path: Path) -> None:
    options = ("-httpAuth.username=penguintui", f"-httpAuth.password={SECRET}")
    with victoria(tmp_path / "vm", *options, password=SECRET) as server:
        proof: dict[str, Any] = {"url": server.url, "user": "penguintui", "password": Secret(SECRET)}
        VictoriaMetrics(VictoriaMetricsHistory(type="victoriametrics", **proof)).write([GROUP])
        server.get("/internal/force_flush")
        queries = RemoteQueries(PrometheusQueries(type="prometheus", **proof))
        assert queries.label_values("instance") == ["api"]
        queries.close()
        stranger = RemoteQueries(PrometheusQueries(type="prometheus", url=server.url))
        with pytest.raises(NotAnswered, match="`user` and `password`"):
            stranger.label_names()
        stranger.close()
