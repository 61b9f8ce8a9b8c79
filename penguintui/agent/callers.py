"""Who is at the other end of the control socket, as the kernel knows it."""

from __future__ import annotations

import grp
import os
import pwd
import socket
import struct
from pathlib import Path

from penguintui.config.settings import RoleSettings
from penguintui.model.role import Caller, Role

_UNSET = 0xFFFFFFFF
"""The login uid of a process that nobody's login started."""


def caller_of(connection: socket.socket) -> Caller:
    """The peer of a Unix socket: its effective uid from the kernel, its login uid from /proc (Linux)."""
    size = struct.calcsize("3i")
    pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return _caller(pid, uid)


def myself() -> Caller:
    """This process as a caller."""
    return _caller(os.getpid(), os.geteuid())


def _caller(pid: int, uid: int) -> Caller:
    login_uid = _login_uid(pid)
    return Caller(
        user=_name(uid),
        uid=uid,
        login="" if login_uid is None else _name(login_uid),
        login_uid=login_uid,
        host=socket.gethostname(),
        pid=pid,
    )


def role_of(caller: Caller, roles: RoleSettings) -> Role | None:
    """The highest role that names the caller; None when none does.

    The owner of the agent's process has the role that the configuration gives to the owner (admin).
    """
    found = [role for role in Role if _named(caller, getattr(roles, role.name.lower()))]
    if caller.uid == os.geteuid():
        found.append(roles.owner)
    return max(found, default=None)


def _named(caller: Caller, names: list[str]) -> bool:
    groups = _groups(caller) if any(name.startswith("@") for name in names) else set()
    return any(name in ("*", caller.user) or (name.startswith("@") and name[1:] in groups) for name in names)


def _groups(caller: Caller) -> set[str]:
    if caller.groups is not None:
        return set(caller.groups)
    try:
        entry = pwd.getpwuid(caller.uid)
        ids = os.getgrouplist(entry.pw_name, entry.pw_gid)
    except KeyError:
        return set()
    return {name for gid in ids if (name := _group_name(gid))}


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _login_uid(pid: int) -> int | None:
    try:
        value = int(Path(f"/proc/{pid}/loginuid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if value == _UNSET else value
