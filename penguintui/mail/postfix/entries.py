"""What lines of Postfix's log say, each sort by a class of its own.

Those that a busy server writes by the thousand each second are tuples, which are made in a fifth of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Line(NamedTuple):
    """The frame of a line.

    time: as written, with or without a year. server: the host that wrote it. instance: the syslog name, such as
    `postfix` or `postfix/submission`. service: smtp, smtpd, qmgr …
    """

    time: str
    server: str
    instance: str
    service: str
    pid: int
    message: str


class Delivery(NamedTuple):
    """One attempt to deliver to one recipient. All times in seconds.

    relay: the next server, or the local way (`local`, `none`, `dovecot`). delay: in all; its parts: before the queue
    manager, in it, connecting, transmitting. status: sent, deferred, bounced, expired, undeliverable, deliverable …
    """

    queue_id: str
    recipient: str
    original: str
    relay: str
    relay_ip: str
    relay_port: int
    delay: float
    before: float
    queued: float
    connecting: float
    transmitting: float
    dsn: str
    status: str
    answer: str
    tls: str

    @property
    def final(self) -> bool:
        """Whether the message left us: not into a content filter on this host, which will log it again."""
        return self.status == "sent" and not self.relay_ip.startswith("127.") and self.relay_ip != "::1"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A client turned away, held or redirected. code and status are empty where the action carries none."""

    queue_id: str
    action: str
    stage: str
    client: str
    client_ip: str
    code: str
    status: str
    text: str
    sender: str
    recipient: str
    helo: str


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What another server said against a message, and to which command."""

    queue_id: str
    relay: str
    relay_ip: str
    answer: str
    stage: str


@dataclass(frozen=True, slots=True)
class ConnectionTrouble:
    """A server that could not be reached, or whose TLS failed; `certificate`: only its certificate is at fault."""

    relay: str
    relay_ip: str
    relay_port: int
    reason: str
    certificate: bool = False


@dataclass(frozen=True, slots=True)
class TlsSession:
    """A protected connection, to a server (`outgoing`) or from a client."""

    outgoing: bool
    trust: str
    peer: str
    peer_ip: str
    version: str
    cipher: str
    bits: str


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that the queue manager took up: sender, bytes, recipients."""

    queue_id: str
    sender: str
    size: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Expired:
    """A message that was given up after its time in the queue."""

    queue_id: str
    sender: str


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification that Postfix wrote about a message: its own queue id, whom it goes to, and which kind."""

    queue_id: str
    notification: str
    whom: str
    kind: str


@dataclass(frozen=True, slots=True)
class LoginFailure:
    """A failed SASL login."""

    client: str
    client_ip: str
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What Postfix itself complains of: warning, error, fatal or panic."""

    level: str
    queue_id: str
    text: str


Entry = (
    Delivery
    | Refusal
    | ServerAnswer
    | ConnectionTrouble
    | TlsSession
    | Queued
    | Expired
    | Notified
    | LoginFailure
    | Problem
)
