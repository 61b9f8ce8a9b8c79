"""A server with VictoriaMetrics' import API that answers as a test wants."""

from __future__ import annotations

import contextlib
import gzip
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """Answers every request as it is told; remembers headers and bodies, and the samples that it took.

    poison: what makes a batch unacceptable.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: tuple[int, dict[str, str], bytes] = (204, {}, b"")
        self.poison = b""
        self.taken: list[tuple[str, int, float]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                status, headers, content = server.judged(body)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing: the test's own words are enough."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def judged(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What is answered to a batch; one that holds the poison is refused, one that is taken is remembered."""
        text = gzip.decompress(body)
        if self.poison and self.poison in text:
            return 400, {}, b"cannot parse it"
        if self.answer[0] < 300:
            for line in map(json.loads, text.splitlines()):
                points = zip(line["timestamps"], line["values"], strict=True)
                self.taken += [(line["metric"]["__name__"], time, value) for time, value in points]
        return self.answer

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
