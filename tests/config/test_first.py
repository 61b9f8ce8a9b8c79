"""A first configuration loads, watches what was found, and never replaces one unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penguintui.config.defaults import without_configuration
from penguintui.config.first import (
    AlreadyThereError,
    Found,
    _parent,
    _public,
    first_configuration,
    look_around,
    write_first,
)
from penguintui.config.loading import load

EVERYTHING = Found(
    "mx1",
    "example.org",
    {25: "127.0.0.1", 80: "::1", 443: "10.0.0.1", 5432: "127.0.0.1"},
    "/usr/sbin/postqueue",
    "/var/log/auth.log",
)


def test_everything_that_was_found_is_watched(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    write_first(path, first_configuration(EVERYTHING))
    targets = load(path, {}).targets
    assert [target.probes[0].type for target in targets] == [
        "host",
        "tls",
        "http",
        "smtp",
        "postfix-queue",
        "dns",
        "log",
    ]
    assert "http://[::1]/" in path.read_text()
    assert "# - name: postgresql" in path.read_text()


@settings(max_examples=60, deadline=None)
@given(
    hostname=st.text(min_size=1, max_size=60),
    ports=st.sets(st.sampled_from([25, 80, 443, 5432])),
    asked=st.booleans(),
    domain=st.sampled_from(["", "example.org", "xn--e1afmkfd.example"]),
    log=st.sampled_from(["", "/var/log/secure"]),
)
def test_whatever_is_found_it_loads(
    tmp_path_factory: pytest.TempPathFactory, hostname: str, ports: set[int], asked: bool, domain: str, log: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "first.yaml"
    found = Found(hostname, domain, dict.fromkeys(ports, "127.0.0.1"), "", log, asked)
    write_first(path, first_configuration(found), replace=True)
    assert load(path, {}).targets[0].name == hostname


def test_this_host_can_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "new" / "c.yaml"
    write_first(path, first_configuration(look_around()))
    assert load(path, {}).targets[0].kind == "host"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["c.yaml"]


def test_never_replaces_unasked(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("mine")
    with pytest.raises(AlreadyThereError, match="left as it is"):
        write_first(path, "new")
    assert path.read_text() == "mine"
    write_first(path, "new", replace=True)
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.yaml"]


@pytest.mark.parametrize(
    ("name", "public", "parent"),
    [
        ("mx1.example.org", "mx1.example.org", "example.org"),
        ("Example.ORG.", "example.org", "example.org"),
        ("mx1", "", ""),
        ("localhost.localdomain", "", ""),
        ("nas.home", "", ""),
        ("10.0.0.1", "", ""),
        ("", "", ""),
    ],
)
def test_domain_of_a_host(name: str, public: str, parent: str) -> None:
    assert (_public(name), _parent(name)) == (public, parent)


def test_without_configuration_the_host_is_watched() -> None:
    configuration = without_configuration("mx1")
    (target,) = configuration.targets
    assert (target.name, target.kind, target.probes[0].type, target.probes[0].interval) == ("mx1", "host", "host", 5.0)
    assert without_configuration("").targets[0].name == "localhost"
