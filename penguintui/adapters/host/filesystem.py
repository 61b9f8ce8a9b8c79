"""Which file systems of this machine are real, and how full one is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

_NOT_STORAGE = frozenset(
    {"autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs"}
    | {"fusectl", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fuse.snapfuse", "hugetlbfs", "iso9660", "mqueue"}
    | {"nsfs", "overlay", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs"}
    | {"tmpfs", "tracefs"}
)
"""Types that hold no files of ours: the kernel's own, memory, images that are always full, a container's layers."""


class Mount(Protocol):
    """What psutil tells of a mounted file system."""

    @property
    def device(self) -> str: ...
    @property
    def mountpoint(self) -> str: ...
    @property
    def fstype(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Usage:
    """Room on a file system, in bytes and inodes. available: for ordinary users, as `df` counts it."""

    size: int
    available: int
    used_percent: float
    files: int
    files_free: int

    @property
    def files_percent(self) -> float:
        """Inodes in use; 0 where the file system has no fixed number of them."""
        return 100.0 * (self.files - self.files_free) / self.files if self.files else 0.0


def real_mounts(mounts: Iterable[Mount], wanted: Sequence[str]) -> list[Mount]:
    """The mounts to be watched: those that are wanted, or else one for each real file system.

    A device that is mounted at several places counts once, at the shortest path; the root counts whatever it is.
    """
    last = {mount.mountpoint: mount for mount in mounts}  # a later mount hides an earlier one at the same place
    if wanted:
        return [last[path] for path in wanted if path in last]
    chosen: dict[str, Mount] = {}
    for mount in sorted(last.values(), key=lambda mount: (len(mount.mountpoint), mount.mountpoint)):
        if mount.fstype not in _NOT_STORAGE or mount.mountpoint == "/":
            chosen.setdefault(mount.device, mount)
    return list(chosen.values())


def usage(path: str) -> Usage:
    """Ask the file system. Blocks for as long as a server behind it does not answer. Raises OSError."""
    found = os.statvfs(path)
    used = found.f_blocks - found.f_bfree
    reachable = used + found.f_bavail
    return Usage(
        size=found.f_blocks * found.f_frsize,
        available=found.f_bavail * found.f_frsize,
        used_percent=100.0 * used / reachable if reachable else 0.0,
        files=found.f_files,
        files_free=found.f_ffree,
    )
