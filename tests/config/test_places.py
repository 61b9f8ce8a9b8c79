"""The host's places come before the user's, and a socket always fits."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from penguintui.config import places
from penguintui.config.places import MAX_SOCKET, Places, UnsafePlaceError, check_own, find_places


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with a home and a login session of their own."""
    home = tmp_path / "u"
    for name, part in (("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("HOME", "")):
        monkeypatch.setenv(name, str(home / part))
    (home / "run").mkdir(parents=True, mode=0o700)
    return home


def _host(root: Path, *parts: str) -> None:
    for part in parts:
        path = root / part
        if path.suffix:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        else:
            path.mkdir(parents=True, exist_ok=True)


def _find(user: Path, env: dict[str, str] | None = None, config: Path | None = None) -> Places:
    return find_places({"XDG_RUNTIME_DIR": str(user / "run")} | (env or {}), config, root=user.parent / "host")


def test_the_users_own(user: Path) -> None:
    found = _find(user)
    assert found == Places(None, user / "state/penguintui", user / "run/penguintui", shared=False)
    _host(user, "config/penguintui/config.yaml")
    assert _find(user).config == user / "config/penguintui/config.yaml"


def test_the_hosts_first(user: Path) -> None:
    host = user.parent / "host"
    _host(user, "config/penguintui/config.yaml")
    _host(host, "etc/penguintui/config.yaml", "run/penguintui", "var/lib/penguintui")
    shared = Places(host / "etc/penguintui/config.yaml", host / "var/lib/penguintui", host / "run/penguintui", True)
    assert _find(user) == shared


def test_the_hosts_agent_is_found_without_its_configuration(user: Path) -> None:
    host = user.parent / "host"
    _host(host, "run/penguintui", "var/lib/penguintui")
    found = _find(user)
    assert (found.config, found.shared) == (None, True)


def test_the_hosts_configuration_without_its_state_serves_an_own_agent(user: Path) -> None:
    host = user.parent / "host"
    _host(host, "etc/penguintui/config.yaml")
    found = _find(user)
    assert found.config == host / "etc/penguintui/config.yaml"
    assert (found.state, found.shared) == (user / "state/penguintui", False)


@pytest.mark.parametrize("name", [places.CONFIG, places.STATE, places.RUNTIME])
def test_anything_of_ones_own_keeps_away_from_the_host(user: Path, name: str) -> None:
    host = user.parent / "host"
    _host(host, "etc/penguintui/config.yaml", "run/penguintui", "var/lib/penguintui")
    own = user / "own"
    found = _find(user, {name: str(own)})
    assert not found.shared
    assert own in (found.config, found.state, found.runtime)
    assert host / "var/lib/penguintui" != found.state
    assert _find(user, config=own).config == own


def test_names_of_things(user: Path) -> None:
    found = _find(user)
    assert found.store_url == f"sqlite:///{user}/state/penguintui/store.db"
    assert {found.lock.parent, found.runs.parent, found.audit_head.parent, found.agent_log.parent} == {found.state}
    assert found.socket.parent == found.runtime


def test_socket_fits_and_can_be_bound(user: Path) -> None:
    env = {places.RUNTIME: str(user / ("long" * 30)), places.STATE: str(user / "state")}
    found = _find(user, env)
    assert len(os.fsencode(found.socket)) < MAX_SOCKET
    assert _find(user, env) == found
    assert _find(user, env | {places.RUNTIME: str(user / ("other" * 30))}).runtime != found.runtime
    found.prepare()
    try:
        assert found.runtime.stat().st_mode & 0o777 == 0o700
        assert found.runs.is_dir()
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(found.socket))
        found.socket.unlink()
    finally:
        found.runtime.rmdir()


def test_without_a_login_session(user: Path) -> None:
    found = find_places({"XDG_RUNTIME_DIR": str(user / "none")}, root=user)
    assert found.runtime.name.startswith(f"penguintui-{os.geteuid()}-")


def test_a_folder_that_is_not_ours_alone(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_folder, link, file = user / "open", user / "link", user / "file"
    open_folder.mkdir()
    open_folder.chmod(0o777)
    link.symlink_to(open_folder)
    file.touch()
    for path, said in ((open_folder, "written by others"), (link, "not a folder"), (file, "not a folder")):
        with pytest.raises(UnsafePlaceError, match=said):
            check_own(path)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(UnsafePlaceError, match="belongs to another user"):
        check_own(user / "run")


def test_a_state_folder_that_cannot_be_made(user: Path) -> None:
    (user / "file").touch()
    with pytest.raises(UnsafePlaceError, match="cannot be made"):
        _find(user, {places.STATE: str(user / "file/state")}).prepare()
