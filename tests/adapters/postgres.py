"""A real PostgreSQL cluster in a temporary folder, shared by all tests that ask for the fixture `postgres`.

Tests that use it carry `@pytest.mark.needs("initdb", "postgresql-15")`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "penguin"
PASSWORD = "krill-and-squid"


@dataclass(frozen=True)
class Postgres:
    """A running cluster. `folder` holds its Unix socket too."""

    folder: Path
    port: int

    def url(self, *, user: str = USER, password: str = PASSWORD, database: str = "postgres") -> str:
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the owner, each by itself (no transaction around them)."""
        import psycopg

        address = f"host=127.0.0.1 port={self.port} user={USER} password={PASSWORD} dbname={database}"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as running:
        yield running


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """PostgreSQL does not run as root: then an ordinary user owns the folder and the processes."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _ordinary_user() if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        _initialise(folder, user)
        process, port = _start(folder, user)
        try:
            yield Postgres(folder, port)
        finally:
            process.send_signal(signal.SIGINT)  # ends sessions and stops
            process.wait(30)
    finally:
        shutil.rmtree(folder)


def _ordinary_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _initialise(folder: Path, user: str | None) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    command = [_program("initdb"), "-D", str(folder / "data"), "-U", USER, "--pwfile", str(secret)]
    options = ["--auth", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync"]
    subprocess.run([*command, *options], check=True, user=user, cwd=folder, capture_output=True, text=True)


def _start(folder: Path, user: str | None) -> tuple[subprocess.Popen[bytes], int]:
    """Start on a free port; another program may take it in between, so a few are tried."""
    for _ in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
            "max_connections": 40,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [_program("postgres"), "-D", str(folder / "data"), *options]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if subprocess.run(ready, check=False).returncode == 0:
                return process, port
            time.sleep(0.05)
        process.kill()
        process.wait()
    raise RuntimeError((folder / "log").read_text())


def _program(name: str) -> str:
    from tests.conftest import find_program

    path = find_program(name)
    assert path, f"{name} is missing: apt-get install postgresql-15"
    return path
