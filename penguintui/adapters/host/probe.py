"""This machine itself: CPU, memory, disks, network and load (psutil), under node_exporter's names."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.blocking import Blocking
from penguintui.adapters.failure import Failure, Reason, from_error
from penguintui.adapters.host import filesystem
from penguintui.adapters.host.filesystem import Mount, Usage
from penguintui.adapters.levels import judge, limit_crossed, rounded
from penguintui.config.probes import HostProbe, Levels
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

MAX_DEVICES = 64
"""Disks, and network devices, that are told apart; a machine with very many containers has more of the latter."""
_BASELINE = 0.2
"""Seconds between the two looks at the CPUs that the first asking needs."""
_SHARE = 0.8
"""Of the time given, the disks have this much to answer."""

CpuTimes = dict[str, float]


class HostAdapter:
    """Reads the kernel's counters. Only disks can block (a file server that is gone): each has its own thread."""

    def __init__(self, settings: HostProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._disks: dict[str, Blocking] = {}
        self._before: CpuTimes | None = None

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Look at everything once. A disk that does not answer is `host.disk`, UNKNOWN; the others go on."""
        return await observe(
            self._ask(deadline),
            check="probe.answer",
            place="this machine",
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept that needs to be let go."""

    async def _ask(self, deadline: float) -> Answer:
        import psutil

        mounts = filesystem.real_mounts(psutil.disk_partitions(all=True), self._settings.mountpoints)
        disks = asyncio.create_task(self._look_at_disks(mounts, deadline))
        try:
            cpu_samples, cpu_finding = await self._look_at_cpus(deadline)
            memory = psutil.virtual_memory()
            usages = await disks
        finally:
            disks.cancel()
        missing = [path for path in self._settings.mountpoints if path not in {mount.mountpoint for mount in mounts}]
        return Answer(
            samples=(
                *cpu_samples,
                *_memory_samples(memory.total, memory.available),
                *_load_samples(),
                *_device_samples(),
                Sample("node_boot_time_seconds", float(psutil.boot_time())),
                *(sample for mount, usage in usages for sample in _disk_samples(mount, usage)),
            ),
            findings=(
                cpu_finding,
                _judge_memory(memory.total, memory.available, self._settings.memory_percent),
                *(_judge_disk(mount.mountpoint, usage, self._settings.disk_percent) for mount, usage in usages),
                *(_not_mounted(path) for path in missing),
            ),
        )

    async def _look_at_cpus(self, deadline: float) -> tuple[list[Sample], Finding]:
        if self._before is None:
            self._before = _summed(_cpu_times())
            await asyncio.sleep(min(_BASELINE, max(deadline - self._clock.monotonic(), 0.0) / 4))
        each = _cpu_times()
        now = _summed(each)
        before, self._before = self._before, now
        samples = [
            Sample("node_cpu_seconds_total", seconds, {"cpu": str(number), "mode": mode})
            for number, times in enumerate(each)
            for mode, seconds in times.items()
        ]
        return samples, judge_cpu(before, now, self._settings.cpu_percent)

    async def _look_at_disks(self, mounts: list[Mount], deadline: float) -> list[tuple[Mount, Usage | Failure]]:
        seconds = _SHARE * max(deadline - self._clock.monotonic(), 0.0)
        usages = await asyncio.gather(*(self._look_at_disk(mount.mountpoint, seconds) for mount in mounts))
        return list(zip(mounts, usages, strict=True))

    async def _look_at_disk(self, path: str, seconds: float) -> Usage | Failure:
        blocking = self._disks.setdefault(path, Blocking(path, self._clock))
        try:
            async with asyncio.timeout(seconds):
                return await blocking.call(lambda: filesystem.usage(path))
        except Exception as error:
            return from_error(error, path, seconds)


def judge_cpu(before: Mapping[str, float], now: Mapping[str, float], levels: Levels) -> Finding:
    """CPU in use between two looks, of all CPUs together. Waiting for disks is idle time (proc(5), iowait)."""
    spent = {mode: max(now[mode] - before.get(mode, 0.0), 0.0) for mode in now}
    total = sum(spent.values())
    if not total:
        return Finding("host.cpu", Status.UNKNOWN, "the CPUs counted no time since the last look")
    percent = 100.0 * (total - spent.get("idle", 0.0) - spent.get("iowait", 0.0)) / total
    status = judge(percent, levels)
    evidence = {mode: f"{100 * seconds / total:.0f} %" for mode, seconds in spent.items() if seconds / total >= 0.01}
    return Finding(
        "host.cpu",
        status,
        _sentence(f"{rounded(percent, levels)} % of the CPU is in use", status, levels),
        remedy="" if status is Status.OK else "See which processes take it (top), or give the machine more CPUs.",
        evidence=evidence,
    )


def _judge_memory(total: int, available: int, levels: Levels) -> Finding:
    percent = 100.0 * (total - available) / total if total else None
    status = judge(percent, levels)
    summary = f"{rounded(percent or 0, levels)} % of the memory is in use, {size(available)} left"
    return Finding(
        "host.memory",
        status,
        _sentence(summary, status, levels),
        remedy=""
        if status is Status.OK
        else "See which processes hold it (top, sorted by memory) before the kernel kills.",
        evidence={"total": size(total), "available": size(available)},
    )


def _judge_disk(path: str, usage: Usage | Failure, levels: Levels) -> Finding:
    if isinstance(usage, Failure):
        evidence = {"reason": usage.reason.value}
        return Finding("host.disk", Status.UNKNOWN, usage.text, subject=path, remedy=usage.remedy, evidence=evidence)
    bytes_status, files_status = judge(usage.used_percent, levels), judge(usage.files_percent, levels)
    status = max(bytes_status, files_status)
    summary = f"{path} is {rounded(usage.used_percent, levels)} % full, {size(usage.available)} left"
    if files_status > bytes_status:
        summary = f"{path} has {rounded(usage.files_percent, levels)} % of its inodes in use, {usage.files_free} left"
    return Finding(
        "host.disk",
        status,
        _sentence(summary, status, levels),
        subject=path,
        remedy="" if status is Status.OK else f"Find what fills it (du -xh {path} | sort -h), or enlarge it.",
        evidence={"size": size(usage.size), "available": size(usage.available)},
    )


def _not_mounted(path: str) -> Finding:
    return Finding(
        "host.disk",
        Status.UNKNOWN,
        f"nothing is mounted at {path}",
        subject=path,
        remedy="Mount it, or correct this probe's mountpoints.",
        evidence={"reason": Reason.LOCAL.value},
    )


def _sentence(summary: str, status: Status, levels: Levels) -> str:
    crossed = limit_crossed(status, levels, "%")
    return f"{summary}, {crossed}" if crossed else summary


def _summed(each: Iterable[Mapping[str, float]]) -> CpuTimes:
    """Seconds by mode over all CPUs. A guest's time is left out: it is in `user` and `nice` already."""
    total: CpuTimes = {}
    for times in each:
        for mode, seconds in times.items():
            if not mode.startswith("guest"):
                total[mode] = total.get(mode, 0.0) + seconds
    return total


def _cpu_times() -> list[dict[str, float]]:
    """Seconds by mode, of each CPU, since the machine was started."""
    import psutil

    return [dict(times._asdict()) for times in psutil.cpu_times(percpu=True)]


def _memory_samples(total: int, available: int) -> list[Sample]:
    import psutil

    swap = psutil.swap_memory()
    return [
        Sample("node_memory_MemTotal_bytes", float(total)),
        Sample("node_memory_MemAvailable_bytes", float(available)),
        Sample("node_memory_SwapTotal_bytes", float(swap.total)),
        Sample("node_memory_SwapFree_bytes", float(swap.free)),
    ]


def _load_samples() -> list[Sample]:
    return [Sample(f"node_load{minutes}", load) for minutes, load in zip((1, 5, 15), os.getloadavg(), strict=True)]


def _device_samples() -> list[Sample]:
    import psutil

    samples: list[Sample] = []
    for device, sent in sorted(psutil.net_io_counters(pernic=True).items())[:MAX_DEVICES]:
        labels = {"device": device}
        samples += (
            Sample("node_network_receive_bytes_total", float(sent.bytes_recv), labels),
            Sample("node_network_transmit_bytes_total", float(sent.bytes_sent), labels),
        )
    disks = psutil.disk_io_counters(perdisk=True) or {}  # nothing at all on a machine without disks
    real = ((name, done) for name, done in sorted(disks.items()) if not name.startswith(("loop", "ram")))
    for device, done in list(real)[:MAX_DEVICES]:
        labels = {"device": device}
        samples += (
            Sample("node_disk_read_bytes_total", float(done.read_bytes), labels),
            Sample("node_disk_written_bytes_total", float(done.write_bytes), labels),
        )
    return samples


def _disk_samples(mount: Mount, usage: Usage | Failure) -> list[Sample]:
    if isinstance(usage, Failure):
        return []
    labels = {"mountpoint": mount.mountpoint, "device": mount.device, "fstype": mount.fstype}
    values = {"size_bytes": usage.size, "avail_bytes": usage.available}
    values |= {"files": usage.files, "files_free": usage.files_free} if usage.files else {}
    return [Sample(f"node_filesystem_{name}", float(value), labels) for name, value in values.items()]


def size(count: float) -> str:
    """Bytes as people say them: 3.1 GB, with powers of 1000 as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
