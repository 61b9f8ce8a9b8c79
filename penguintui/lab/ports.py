"""Ports of loopback that stay ours while a server is stopped."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


class ReservedPort:
    """A free TCP port, kept by a socket that is bound and never listens.

    Servers bind it too (SO_REUSEPORT) and come and go; while none listens, connections are refused, and
    nobody else on the machine gets the port.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()
