"""This machine, as the kernel tells of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.host import filesystem
from penguintui.adapters.host.filesystem import Usage, real_mounts
from penguintui.adapters.host.probe import HostAdapter, judge_cpu, size
from penguintui.clock import SystemClock
from penguintui.config.probes import HostProbe, Levels
from penguintui.model.metrics import METRICS
from penguintui.model.observation import Observation
from penguintui.model.status import Status
from tests.adapters.conftest import TARGET, ask, found, measured


async def look(seconds: float = 20.0, **more: Any) -> Observation:
    return await ask(HostAdapter(HostProbe(type="host", **more), SystemClock()), seconds)


async def test_the_machine_under_test() -> None:
    observation = await look()
    assert observation.up and observation.complete
    assert measured(observation, "node_memory_MemTotal_bytes") == psutil.virtual_memory().total
    assert measured(observation, "node_boot_time_seconds") == psutil.boot_time()
    assert measured(observation, "node_load1") >= 0
    assert measured(observation, "node_cpu_seconds_total", cpu="0", mode="idle") > 0
    assert measured(observation, "node_network_receive_bytes_total", device="lo") >= 0
    assert measured(observation, "node_filesystem_size_bytes", mountpoint="/") > 0
    assert {s.metric for s in observation.samples} <= METRICS.keys()
    assert found(observation, "host.disk", "/").summary.startswith("/ is ")
    assert "% of the CPU is in use" in found(observation, "host.cpu").summary
    keys = [finding.key for finding in observation.findings]
    assert len(keys) == len(set(keys))


async def test_the_first_asking_needs_no_second() -> None:
    adapter = HostAdapter(HostProbe(type="host"), SystemClock())
    for _ in range(2):
        observation = await adapter.probe(TARGET, time.monotonic() + 20)
        assert found(observation, "host.cpu").status is not Status.UNKNOWN
        await asyncio.sleep(0.05)  # the kernel counts in hundredths of a second


async def test_levels_are_judged() -> None:
    tight = Levels(warning=-2, critical=-1)
    observation = await look(memory_percent=tight, disk_percent=tight, cpu_percent=tight)
    assert {f.status for f in observation.findings} == {Status.CRITICAL}
    assert all(f.remedy and "over the limit of -1 %" in f.summary for f in observation.findings)


async def test_a_wanted_mountpoint_without_a_mount_is_unknown() -> None:
    observation = await look(mountpoints=["/", "/nowhere"])
    assert found(observation, "host.disk", "/nowhere").status is Status.UNKNOWN
    assert {f.subject for f in observation.findings if f.check == "host.disk"} == {"/", "/nowhere"}


@dataclass
class Dead:
    """A file server that is gone: whoever asks for its disk waits."""

    path: str
    asked: threading.Event = field(default_factory=threading.Event)
    back: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dead]:
    dead, ask_disk = Dead("/proc"), filesystem.usage

    def usage(path: str) -> Usage:
        if path == dead.path:
            dead.threads.append(threading.current_thread())
            dead.asked.set()
            dead.back.wait(60)
        return ask_disk(path)

    monkeypatch.setattr(filesystem, "usage", usage)
    yield dead
    dead.back.set()
    for thread in dead.threads:
        thread.join()


async def test_a_dead_mount_is_unknown_and_holds_up_nothing(dead: Dead) -> None:
    adapter = HostAdapter(HostProbe(type="host", mountpoints=["/", dead.path]), SystemClock())
    for words in ("did not answer within", "still hangs in an earlier asking"):
        observation = await adapter.probe(TARGET, time.monotonic() + 2)
        assert observation.up
        disk = found(observation, "host.disk", dead.path)
        assert disk.status is Status.UNKNOWN and words in disk.summary
        assert found(observation, "host.disk", "/").status is not Status.UNKNOWN
    assert len(dead.threads) == 1, "one thread hangs, not one more at each asking"


async def test_cancelling_does_not_wait_for_a_dead_mount(dead: Dead) -> None:
    adapter = HostAdapter(HostProbe(type="host", mountpoints=[dead.path]), SystemClock())
    asking = asyncio.create_task(adapter.probe(TARGET, time.monotonic() + 600))
    await asyncio.to_thread(dead.asked.wait)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_inodes_can_be_what_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystem, "usage", lambda path: Usage(10**12, 9 * 10**11, 10.0, 1000, 20))
    disk = found(await look(mountpoints=["/"]), "host.disk", "/")
    assert disk.status is Status.CRITICAL
    assert disk.summary == "/ has 98 % of its inodes in use, 20 left, over the limit of 90 %"


async def test_a_full_disk_says_how_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystem, "usage", lambda path: Usage(10**11, 3_100_000_000, 96.9, 0, 0))
    disk = found(await look(mountpoints=["/"]), "host.disk", "/")
    assert disk.summary == "/ is 97 % full, 3.1 GB left, over the limit of 90 %"


@dataclass(frozen=True)
class AMount:
    device: str
    mountpoint: str
    fstype: str


def test_real_mounts_are_storage_once_each() -> None:
    mounts = [
        AMount("proc", "/proc", "proc"),
        AMount("overlay", "/", "overlay"),
        AMount("/dev/sda1", "/etc/hosts", "ext4"),
        AMount("/dev/sda1", "/var", "ext4"),
        AMount("/dev/loop3", "/snap/core/1", "squashfs"),
        AMount("files:/mail", "/mail", "nfs4"),
        AMount("tmpfs", "/run", "tmpfs"),
    ]
    assert [m.mountpoint for m in real_mounts(mounts, [])] == ["/", "/var", "/mail"]
    assert [m.mountpoint for m in real_mounts(mounts, ["/run", "/gone"])] == ["/run"]


def test_cpu_in_use_is_the_share_of_the_time_between() -> None:
    before = {"user": 10.0, "idle": 100.0, "iowait": 5.0, "system": 1.0}
    now = {"user": 16.0, "idle": 102.0, "iowait": 6.0, "system": 2.0}
    finding = judge_cpu(before, now, Levels(warning=60, critical=80))
    assert (finding.status, finding.summary) == (Status.WARNING, "70 % of the CPU is in use, over the limit of 60 %")
    assert judge_cpu(now, now, Levels()).status is Status.UNKNOWN


@given(
    st.dictionaries(st.sampled_from(["user", "idle", "iowait"]), st.floats(0, 1e9), min_size=1),
    st.dictionaries(st.sampled_from(["user", "idle", "iowait"]), st.floats(0, 1e9), min_size=1),
)
def test_cpu_counters_that_go_back_are_no_negative_share(before: dict[str, float], now: dict[str, float]) -> None:
    finding = judge_cpu(before, now, Levels(warning=100.001, critical=-0.001, below=False))
    assert finding.status in (Status.UNKNOWN, Status.CRITICAL)  # never below nothing
    assert judge_cpu(before, now, Levels(critical=100.001)).status in (Status.UNKNOWN, Status.OK)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (3.1e9, "3.1 GB"), (250e6, "250 MB"), (7.25e15, "7250.0 TB")]
)
def test_sizes(count: float, words: str) -> None:
    assert size(count) == words


def test_a_number_just_beyond_its_limit_does_not_read_like_the_limit() -> None:
    finding = judge_cpu({"user": 0.0, "idle": 0.0}, {"user": 98.2, "idle": 1.8}, Levels(warning=98))
    assert (finding.status, finding.summary) == (
        Status.WARNING,
        "98.2 % of the CPU is in use, over the limit of 98 %",
    )
    below = judge_cpu({"user": 0.0, "idle": 0.0}, {"user": 97.8, "idle": 2.2}, Levels(warning=98))
    assert (below.status, below.summary) == (Status.OK, "97.8 % of the CPU is in use")
