"""The contract for the HTTP adapter."""

from pathlib import Path

from penguintui.adapters.http.probe import HttpAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import HttpProbe
from penguintui.model.status import Status

from ..contract import Condition, exempt, over_tcp
from ..servers import answering, flooding


def _make(host: str, port: int, _: Path) -> HttpAdapter:
    return HttpAdapter(HttpProbe(type="http", url=f"http://{host}:{port}/health"), SystemClock())


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

over_tcp(
    "http",
    _make,
    check="http.reach",
    unreachable=Status.CRITICAL,
    half=answering(_HEAD + b"Content-Length: 1000\r\n\r\nhello"),
    garbage=answering(b"220 mail.example ESMTP\r\n\r\n"),
    flood=flooding(_HEAD + b"\r\n", b"x" * 65536),
    drip=_HEAD + b"Content-Length: 1000000\r\n\r\n",
)
exempt("http", Condition.CREDENTIALS, "an answer of 401 is an answer: http.status judges it")
