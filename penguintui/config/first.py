"""A first configuration, written from what is found on this host."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PORTS = (25, 80, 443, 5432)
LOGS = ("/var/log/auth.log", "/var/log/secure")
_SBIN = ("/usr/sbin", "/usr/local/sbin")
_NO_DOMAIN = ("localhost", "localdomain", "local", "internal", "lan", "home", "invalid", "example", "test")


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of this host.

    listening: of the ports 25, 80, 443 and 5432 those that are open, each with the address to ask.
    domain: empty when the host has none that the world could know.
    postqueue: the program's path; empty when it is not there. log: a login log that can be read.
    asked_ports: False when the system would not tell which ports are open.
    """

    hostname: str
    domain: str = ""
    listening: Mapping[int, str] = field(default_factory=dict)
    postqueue: str = ""
    log: str = ""
    asked_ports: bool = True


class AlreadyThereError(Exception):
    """There is a configuration already, and it was not to be replaced."""


def look_around() -> Found:
    """What this host has, from what may be seen without rights. The name may take a moment to look up."""
    hostname = socket.gethostname() or "localhost"
    listening, asked = _listening()
    return Found(
        hostname=hostname,
        domain=_public(_first_line(Path("/etc/mailname"))) or _parent(socket.getfqdn()),
        listening=listening,
        postqueue=shutil.which("postqueue", path=os.pathsep.join([os.environ.get("PATH", ""), *_SBIN])) or "",
        log=next((log for log in LOGS if os.access(log, os.R_OK)), ""),
        asked_ports=asked,
    )


def first_configuration(found: Found) -> str:
    """The text of a commented configuration that watches what was found and loads without errors."""
    parts = [_HEAD.format(host=_quoted(found.hostname)), *_services(found)]
    if found.domain:
        parts.append(_DOMAIN.format(domain=_quoted(found.domain)))
    if found.log:
        parts.append(_LOG.format(name=_quoted(f"logins on {found.hostname}"), path=_quoted(found.log)))
    return "\n".join([*parts, _TAIL])


def write_first(path: Path, text: str, replace: bool = False) -> None:
    """Write the configuration for its owner only, whole or not at all. Raises AlreadyThereError, OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if replace:
            new.replace(path)
        else:
            os.link(new, path)
    except FileExistsError:
        raise AlreadyThereError(f"{path} is already there and was left as it is") from None
    finally:
        new.unlink(missing_ok=True)


def _services(found: Found) -> list[str]:
    ports, parts = found.listening, []
    if not found.asked_ports:
        parts.append("  # The system would not tell which ports are open, so services are not listed here.\n")
    if 443 in ports:
        parts.append(_HTTPS.format(name=_quoted(f"https on {found.hostname}"), host=_quoted(ports[443])))
    if 80 in ports:
        url = _quoted(f"http://{_bracketed(ports[80])}/")
        parts.append(_HTTP.format(name=_quoted(f"http on {found.hostname}"), url=url))
    if 25 in ports:
        parts.append(_SMTP.format(name=_quoted(f"smtp on {found.hostname}"), host=_quoted(ports[25])))
    if found.postqueue:
        parts.append(_QUEUE.format(name=_quoted(f"queue on {found.hostname}"), program=_quoted(found.postqueue)))
    if 5432 in ports:
        parts.append(_POSTGRES.format(host=_bracketed(ports[5432])))
    return parts


def _listening() -> tuple[dict[int, str], bool]:
    """Our ports that are open, with the address at which they can be asked, and whether the system told at all."""
    import psutil

    found: dict[int, str] = {}
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return found, False
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port in PORTS:
            ip, port = connection.laddr
            address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(ip, ip)  # noqa: S104 - asks there, listens nowhere
            found[port] = min(address, found.get(port, address), key=_preference)
    return found, True


def _preference(address: str) -> tuple[bool, bool]:
    return (":" in address, not address.startswith("127."))


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _public(name: str) -> str:
    """The name when the world could know it, else nothing."""
    labels = name.strip().strip(".").lower().split(".")
    known = len(labels) > 1 and labels[-1] not in _NO_DOMAIN and not labels[-1].isdigit()
    return ".".join(labels) if known else ""


def _parent(name: str) -> str:
    """The domain of a host's full name."""
    labels = _public(name).split(".")
    return ".".join(labels[1:] if len(labels) > 2 else labels)


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip().split("\n")[0]
    except OSError:
        return ""


def _quoted(text: str) -> str:
    """A text in double quotes, on one line."""
    return str(yaml.safe_dump(text, default_style='"', width=float("inf"))).strip()


_HEAD = """\
# What penguintui watches. After a change run `penguintui config check`; a running agent reads it by itself.
# All settings: `penguintui config schema`, docs/configuration.md and config.example.yaml.

environment: local

targets:
  - name: {host}
    kind: host
    probes:
      - type: host
        interval: 5s
"""

_HTTPS = """\
  - name: {name}
    kind: service
    probes:
      - type: tls  # days left on the certificate; set server_name to the name that it is for
        host: {host}
        port: 443
        interval: 1h
"""

_HTTP = """\
  - name: {name}
    kind: service
    probes:
      - type: http
        url: {url}
        expect_status: [200, 301, 302, 307, 308, 401, 403]  # any of these says that it is there
"""

_SMTP = """\
  - name: {name}
    kind: service
    probes:
      - type: smtp
        host: {host}
        starttls: optional  # required, once it has a certificate that others can check
        interval: 1m
"""

_QUEUE = """\
  - name: {name}
    kind: queue
    probes:
      - type: postfix-queue
        command: [{program}, "-j"]
"""

_POSTGRES = """\
  # PostgreSQL listens here. Give it a user that may only read, put its address into a file that only
  # you can read (chmod 600), and take the number signs away:
  # - name: postgresql
  #   kind: database
  #   probes:
  #     - type: sql
  #       url: !file postgresql.url  # postgresql+psycopg://watcher:password@{host}:5432/postgres
"""

_DOMAIN = """\
  - name: {domain}
    kind: domain
    probes:
      - type: dns  # SPF, DMARC and MX; add dkim_selectors to have DKIM looked at too
        domain: {domain}
        interval: 1h
"""

_LOG = """\
  - name: {name}
    kind: log
    probes:
      - type: log  # failed logins, and logins that succeed after many of them
        path: {path}
        interval: 15s
"""

_TAIL = """\
# Who may act: names of users, or @group. Without this only the owner of the agent may.
# roles:
#   operator: ["@ops"]

# What can be done, as steps with a way back; see docs/configuration.md.
# actions: {}
"""
