"""Debian's Prometheus on loopback, holding given samples: for comparisons."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from penguintui.query.language.floats import format_float
from penguintui.query.source import RawSeries
from tests.conftest import find_program

_PATIENCE = 60.0


@contextlib.contextmanager
def serve(folder: Path, series: Sequence[RawSeries]) -> Iterator[httpx.Client]:
    """Start a server in the folder and stop it again; what is given asks it."""
    promtool = find_program("promtool")
    if not promtool:
        raise FileNotFoundError("promtool is missing: apt-get install prometheus")
    samples = folder / "samples.om"
    samples.write_text(_openmetrics(series), encoding="utf-8")
    load = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(samples), str(folder / "data")]
    subprocess.run(load, check=True, capture_output=True)
    with running(folder, "{}\n") as client:
        yield client


@contextlib.contextmanager
def running(folder: Path, configuration: str) -> Iterator[httpx.Client]:
    """Start a server with this configuration, its data in the folder; what is given asks it."""
    server = find_program("prometheus")
    if not server:
        raise FileNotFoundError("prometheus is missing: apt-get install prometheus")
    (folder / "prometheus.yml").write_text(configuration, encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                server,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:0",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            with httpx.Client(base_url=_address(process, folder / "log"), timeout=_PATIENCE, trust_env=False) as client:
                _wait_until_ready(client, process)
                yield client
        finally:
            process.terminate()
            process.wait(30)


def _openmetrics(series: Sequence[RawSeries]) -> str:
    """The samples as text, those of one metric together, as the format wants it."""
    lines = []
    for one in sorted(series, key=lambda s: s.labels["__name__"]):
        labels = ",".join(f'{n}="{v}"' for n, v in one.labels.items() if n != "__name__")
        name = f"{one.labels['__name__']}{{{labels}}}"
        lines += [f"{name} {format_float(v)} {t / 1000:.3f}" for t, v in zip(one.times, one.values, strict=True)]
    return "\n".join([*lines, "# EOF", ""])


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The port that the system chose, as the server wrote it down."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if 'msg="Listening on"' in line:
                return "http://" + line.split("address=")[1].split()[0]
        time.sleep(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8"))


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if client.get("/-/ready").status_code == 200:
            return
        time.sleep(0.05)
    raise RuntimeError("Prometheus did not become ready")
