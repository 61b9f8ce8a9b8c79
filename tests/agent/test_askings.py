"""What each probe is asked with: its own settings, and what other blocks of the configuration say of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from penguintui.agent.askings import Askings, asked
from penguintui.clock import SystemClock
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.settings import Configuration
from penguintui.store.ingest import Reported
from tests.conftest import FrozenClock


def configuration(server: str) -> Configuration:
    zones = {"shop.example": {"servers": [server], "domains": {"shop.example": {"mx": ["10 mx1.shop.example"]}}}}
    own = {"shop.example": {"servers": ["192.0.2.99"]}}
    probes = [
        {"type": "dns-desired", "domain": "shop.example"},
        {"type": "dns-desired", "name": "own", "domain": "shop.example", "zones": own},
    ]
    targets = [{"name": "shop.example", "kind": "domain", "probes": probes}]
    return Configuration.model_validate({"targets": targets, "dns": {"zones": zones}})


def settings(written: Configuration, probe: str) -> DesiredDnsProbe:
    found = asked(written)["shop.example", probe].settings
    assert isinstance(found, DesiredDnsProbe)
    return found


def test_a_probe_of_desired_records_gets_its_zone() -> None:
    first, second = configuration("192.0.2.1"), configuration("192.0.2.2")
    assert settings(first, "dns-desired").zones["shop.example"].servers == ["192.0.2.1"]
    assert settings(first, "dns-desired") != settings(second, "dns-desired"), "a changed zone makes it anew"
    assert settings(first, "own") == settings(second, "own")
    assert settings(first, "own").zones["shop.example"].servers == ["192.0.2.99"]


def logins(path: Path, window: str) -> Configuration:
    probe = {"type": "log", "path": str(path), "read_from": "start", "interval": "100ms", "window": window}
    return Configuration.model_validate({"targets": [{"name": "mx1", "kind": "log", "probes": [probe]}]})


async def test_a_probe_with_changed_settings_reads_on_where_it_was(tmp_path: Path) -> None:
    path, reported = tmp_path / "auth.log", asyncio.Queue[Reported]()
    askings = Askings(SystemClock(), reported.put_nowait)

    async def users() -> list[str]:
        """Those of the next asking that brings any."""
        while not (events := (await reported.get()).observation.events):
            pass
        return [event.attributes["user"] for event in events]

    for number, window in enumerate(("1m", "2m")):
        with path.open("a") as file:
            file.write(
                f"2026-11-24T10:00:00Z mx1 sshd[7]: Accepted publickey for u{number} from 192.0.2.1 port 1 ssh2\n"
            )
        askings.apply(logins(path, window))
        async with asyncio.timeout(10):
            assert await users() == [f"u{number}"]
    await askings.stop(1.0)


async def test_a_stop_closes_what_it_can_in_its_time(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of ten thousand takes a moment; together they would take longer than the agent may."""
    closed = []

    class Slow:
        def __init__(self, *_: object, **__: object) -> None: ...

        async def close(self) -> None:
            closed.append(clock.now())
            clock.advance(0.6)

    monkeypatch.setattr("penguintui.agent.askings.build", Slow)
    askings = Askings(clock, lambda _: None)
    hosts = [{"name": f"h{i}", "kind": "host", "probes": [{"type": "host", "interval": "1h"}]} for i in range(5)]
    askings.apply(Configuration.model_validate({"targets": hosts}))
    await asyncio.sleep(0)
    await askings.stop(1.5)
    assert len(closed) == 3
