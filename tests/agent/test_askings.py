"""What each probe is asked with: its own settings, and what other blocks of the configuration say of it."""

from __future__ import annotations

from penguintui.agent.askings import asked
from penguintui.config.probes import DesiredDnsProbe
from penguintui.config.settings import Configuration


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
