"""A TCP connection that can be cut, as by a switch that dies: nothing passes, and nobody is told."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading


class Link:
    """Listens on a free port and passes on, both ways, until it is cut; bytes that come then stay where they are."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._through = threading.Event()
        self._through.set()
        self._ended = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._through.clear()

    def mend(self) -> None:
        self._through.set()

    def close(self) -> None:
        self._ended = True
        self._through.set()
        self._thread.join(5)
        for one in (self._server, *self._pairs):
            one.close()

    def _work(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._server, selectors.EVENT_READ)
            while not self._ended:
                self._through.wait()
                for key, _ in selector.select(0.05):
                    if not self._through.is_set():
                        break
                    if key.fileobj is self._server:
                        self._accept(selector)
                    else:
                        self._pass_on(selector, key.fileobj)  # type: ignore[arg-type]

    def _accept(self, selector: selectors.BaseSelector) -> None:
        near, _ = self._server.accept()
        try:
            far = socket.create_connection(self._target, timeout=2)
        except OSError:
            near.close()
            return
        self._pairs |= {near: far, far: near}
        for one in (near, far):
            selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, selector: selectors.BaseSelector, source: socket.socket) -> None:
        if source not in self._pairs:
            return
        other = self._pairs[source]
        with contextlib.suppress(OSError):
            data = source.recv(65536)
            if data:
                other.sendall(data)
                return
        for one in (source, other):
            selector.unregister(one)
            self._pairs.pop(one, None)
            one.close()
