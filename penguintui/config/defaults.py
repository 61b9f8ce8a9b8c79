"""What is watched when nothing is configured: the host itself."""

from __future__ import annotations

from penguintui.config.probes import HostProbe
from penguintui.config.settings import Configuration, TargetSettings
from penguintui.model.target import Kind

INTERVAL = 5.0
"""Seconds between askings; asking the own host costs next to nothing."""


def without_configuration(hostname: str) -> Configuration:
    """One target, this host, asked every five seconds."""
    probe = HostProbe(type="host", interval=INTERVAL)
    return Configuration(targets=[TargetSettings(name=hostname or "localhost", kind=Kind.HOST, probes=[probe])])
