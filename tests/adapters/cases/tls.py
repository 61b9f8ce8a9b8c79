"""The contract for the TLS adapter."""

from pathlib import Path

from penguintui.adapters.tls import TlsAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import TlsProbe
from penguintui.model.status import Status

from ..contract import Condition, exempt, over_tcp
from ..servers import answering, dripping


def _make(host: str, port: int, _: Path) -> TlsAdapter:
    return TlsAdapter(TlsProbe(type="tls", host=host, port=port), SystemClock())


over_tcp(
    "tls",
    _make,
    check="tls.reach",
    unreachable=Status.CRITICAL,
    half=answering(b"\x16\x03\x03\x01\x00\x02"),
    garbage=b"220 mail.example ESMTP\r\n",
    flood=None,
    drip=dripping(b"\x16\x03\x03\x3f\x00", b"\x00"),
)
exempt("tls", Condition.HUGE, "OpenSSL bounds the messages of a handshake; more is garbage")
exempt("tls", Condition.CREDENTIALS, "nobody logs in")
