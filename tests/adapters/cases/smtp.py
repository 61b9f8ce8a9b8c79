"""The contract for the SMTP adapter."""

from pathlib import Path

from penguintui.adapters.smtp.probe import SmtpAdapter
from penguintui.clock import SystemClock
from penguintui.config.probes import SmtpProbe
from penguintui.model.status import Status

from ..contract import Condition, exempt, over_tcp


def _make(host: str, port: int, _: Path) -> SmtpAdapter:
    return SmtpAdapter(SmtpProbe(type="smtp", host=host, port=port), SystemClock())


over_tcp(
    "smtp",
    _make,
    check="smtp.reach",
    unreachable=Status.CRITICAL,
    half=b"220-mail.example ESMTP\r\n220 wel",
    garbage=b"SSH-2.0-OpenSSH_9.2\r\n",
    flood=(b"", b"220-mail.example says much\r\n" * 1000),
    drip=b"220-mail.exam",
)
exempt("smtp", Condition.CREDENTIALS, "nobody logs in")
