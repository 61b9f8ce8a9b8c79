"""Debian's BIND, as an ordinary user, in a temporary folder, on a free port of loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import dns.asyncquery
import dns.exception
import dns.message

from ..conftest import find_program
from .servers import HOST

_STARTS = 20.0

_CONFIGURATION = """
options {{
    directory "{folder}";
    pid-file "{folder}/named.pid";
    session-keyfile "{folder}/session.key";
    listen-on port {port} {{ {host}; }};
    listen-on-v6 {{ none; }};
    recursion {validates};
    dnssec-validation {validates};
    empty-zones-enable no;
    {options}
}};
controls {{ }};
"""

HEAD = "$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.53\nns2 A 192.0.2.54\n"


def free_port() -> int:
    """A port that is free for UDP and TCP now; named cannot choose one by itself."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((HOST, 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            port: int = tcp.getsockname()[1]
            return port


def _written(
    zones: Mapping[str, str], port: int, clause: str, above: str, options: str, files: bool, validates: str
) -> Path:
    """A folder with configuration and zones that named can read and write whoever it runs as."""
    folder = Path(tempfile.mkdtemp(prefix="bind-"))  # not below pytest's folder, which only its owner may enter
    head = _CONFIGURATION.format(folder=folder, port=port, host=HOST, options=options, validates=validates)
    lines = [above, head]
    for name, text in zones.items():
        if files:
            (folder / f"{name}.zone").write_text(text if text.startswith("$TTL") else HEAD + text)
            (folder / f"{name}.zone").chmod(0o666)
        lines.append(f'zone "{name}" {{ {clause.format(name=name)} }};')
    (folder / "named.conf").write_text("\n".join(lines))
    folder.chmod(0o777)
    return folder


@contextlib.asynccontextmanager
async def bind(zones: Mapping[str, str]) -> AsyncIterator[int]:
    """Serve zones; yields the port. A zone's text follows `HEAD`, or begins with its own `$TTL`.

    One that is no zone answers SERVFAIL.
    """
    port = free_port()
    async with named(zones, port=port, clause='type primary; file "{name}.zone";'):
        yield port


@contextlib.asynccontextmanager
async def named(
    zones: Mapping[str, str],
    *,
    port: int,
    clause: str,
    above: str = "",
    options: str = "",
    written: bool = True,
    validates: bool = False,
) -> AsyncIterator[None]:
    """Run named on a port. clause: what stands in each `zone`. above: statements before `options`.

    written: whether the zones' texts are put into its folder, or come by transfer. validates: whether it is a resolver
    that checks signatures, and no authority.
    """
    program = find_program("named")
    assert program is not None, "apt-get install bind9"
    folder = _written(zones, port, clause, above, options, written, "yes" if validates else "no")
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [program, "-f", "-c", str(folder / "named.conf"), "-n", "1", "-D", "penguintui-test", *user]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        await _answers(port, process, folder / "log")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(folder)


async def _answers(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    """Wait for the first answer: named has no other sign that it is ready.

    Without recursion: a resolver would go and look for servers that it cannot reach.
    """
    question = dns.message.make_query("ready.invalid", "A", flags=0)
    async with asyncio.timeout(_STARTS):
        while True:
            assert process.returncode is None, f"named stopped: see {log}"
            with contextlib.suppress(dns.exception.Timeout, OSError):
                await dns.asyncquery.udp(question, HOST, timeout=0.1, port=port)
                return
