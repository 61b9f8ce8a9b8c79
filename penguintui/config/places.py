"""Where configuration, state, socket and store are: the host's shared ones first, then the user's own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONFIG, STATE, RUNTIME = "PENGUINTUI_CONFIG", "PENGUINTUI_STATE", "PENGUINTUI_RUNTIME"
MAX_SOCKET = 100
"""Bytes of a Unix socket's path, safely below what systems take (104 on BSD, 108 on Linux)."""

_SOCKET = "agent.sock"


class UnsafePlaceError(Exception):
    """A folder that should be ours alone is not, or cannot be made; says which and what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is. Nothing is created by looking.

    config: the configuration file; None when there is none.
    state: folder of the store, the runs and the agent's log. runtime: folder of the control socket.
    shared: whether these are the host's, used by everyone, or the user's own.
    """

    config: Path | None
    state: Path
    runtime: Path
    shared: bool

    @property
    def store_url(self) -> str:
        """The store's address when the configuration names no other."""
        return f"sqlite:///{self.state / 'store.db'}"

    @property
    def socket(self) -> Path:
        return self.runtime / _SOCKET

    @property
    def lock(self) -> Path:
        """Locked by the one agent of this state folder while it lives."""
        return self.state / "agent.lock"

    @property
    def runs(self) -> Path:
        """Folder of the runs' journals."""
        return self.state / "runs"

    @property
    def spool(self) -> Path:
        """Folder of what waits for a store or an engine that is away."""
        return self.state / "spool"

    @property
    def audit_head(self) -> Path:
        """The audit's head beside the store, when the configuration names no other file."""
        return self.state / "audit.head"

    @property
    def audit_key(self) -> Path:
        """The agent's private key, with which it signs the audit; the public one lies beside it (`.pub`)."""
        return self.state / "audit.key"

    @property
    def audit_trusted(self) -> Path:
        """The public keys of other agents that an administrator trusts to sign the audit."""
        return self.state / "audit.trusted"

    @property
    def agent_log(self) -> Path:
        return self.state / "agent.log"

    def prepare(self) -> None:
        """Make the folders that are missing, for their owner only. Raises UnsafePlaceError."""
        for folder in (self.state, self.runs, self.runtime):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise UnsafePlaceError(f"the folder {folder} cannot be made: {reason}") from None
        if not self.shared:
            check_own(self.runtime)

    def tidy(self) -> None:
        """Take the runtime folder away again when nothing is in it: an agent's last act, while it holds the lock."""
        if not self.shared:
            with contextlib.suppress(OSError):
                self.runtime.rmdir()


def find_places(env: Mapping[str, str], config: Path | None = None, root: Path = Path("/")) -> Places:
    """Look for the places.

    config: a file named by the caller (`--config`); it wins, then PENGUINTUI_CONFIG, the host's, the user's.
    root: stands before the host's paths, so that tests can have a host of their own.

    The host's state and runtime folders are taken when the state folder can be read and the host has a
    configuration or a running agent. A configuration or a folder of one's own, named in any way, means
    one's own agent, so that a trial never meets the host's store. Raises UnsafePlaceError.
    """
    named = config or _named(env, CONFIG)
    etc, run, var = (root / part / "penguintui" for part in ("etc", "run", "var/lib"))
    host_file = etc / "config.yaml"
    host_config = host_file if _readable(host_file, os.R_OK) else None
    own_way = any((named, _named(env, STATE), _named(env, RUNTIME)))
    host_watched = _readable(var, os.R_OK | os.X_OK) and (host_config is not None or _readable(run, os.X_OK))
    if host_watched and not own_way:
        return Places(host_config, var, run, shared=True)
    own = user_config_file()
    found = named or host_config or (own if own.exists() else None)
    return Places(found, _named(env, STATE) or _user_state(), _runtime(env), shared=False)


def check_own(folder: Path) -> None:
    """Raise UnsafePlaceError unless a folder is ours alone: no link, our own, closed to others."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafePlaceError(f"{folder} is not a folder; remove it or set {RUNTIME}")
    if status.st_uid != os.geteuid():
        raise UnsafePlaceError(f"{folder} belongs to another user; set {RUNTIME} to a folder of your own")
    if status.st_mode & 0o022:
        raise UnsafePlaceError(f"{folder} can be written by others; run `chmod 700 {folder}`")


def _named(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    return Path(value).absolute() if value else None


def _readable(path: Path, mode: int) -> bool:
    return os.access(path, mode)


def user_config_file() -> Path:
    """The user's own configuration, there or not; `penguintui init` writes it."""
    import platformdirs

    return platformdirs.user_config_path("penguintui", appauthor=False) / "config.yaml"


def _user_state() -> Path:
    import platformdirs

    return platformdirs.user_state_path("penguintui", appauthor=False)


def _runtime(env: Mapping[str, str]) -> Path:
    """The folder of the socket: as named, in the login's own runtime folder, or a private one in a short place.

    platformdirs is not asked here: it warns on standard error where there is no login session (cron, sudo).
    """
    named = _named(env, RUNTIME)
    base = Path(env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")
    wanted = named or base / "penguintui"
    if (named or _own_session(base)) and len(os.fsencode(wanted / _SOCKET)) < MAX_SOCKET:
        return wanted
    key = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:8]
    folder = _short_temporary() / f"penguintui-{os.geteuid()}-{key}"
    if os.path.lexists(folder):
        check_own(folder)
    return folder


def _own_session(base: Path) -> bool:
    try:
        status = base.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and os.access(base, os.W_OK | os.X_OK)


def _short_temporary() -> Path:
    folder = Path(tempfile.gettempdir())
    return folder if len(os.fsencode(folder)) < 50 else Path("/tmp")  # noqa: S108 - the folder in it is checked
