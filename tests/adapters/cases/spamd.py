"""The contract for spamd."""

from pathlib import Path

from penguintui.adapters.spamd.probe import SpamdAdapter
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import SpamdProbe
from penguintui.model.status import Status

from ..contract import Condition, exempt, over_tcp


def _make(host: str, port: int, _: Path) -> SpamdAdapter:
    return SpamdAdapter(SpamdProbe(type="spamd", host=host, port=port, canary="Subject: x\n\nx\n"), SystemClock())


over_tcp(
    "spamd",
    _make,
    check="spamd.reach",
    unreachable=Status.CRITICAL,
    half=b"SPAMD/1.5 0 PO",
    garbage=b"SSH-2.0-OpenSSH_9.2\r\n",
    flood=(b"SPAMD/1.5 0 PONG", b" PONG" * 10_000),
    drip=b"SPAMD/1.5 0 PO",
)
exempt("spamd", Condition.CREDENTIALS, "nobody logs in")
