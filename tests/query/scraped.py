"""A Prometheus on loopback that scrapes an exporter with the names of node_exporter and its like."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.query.prometheus import running

PAGES = {
    "/node": """\
# TYPE node_load1 gauge
node_load1 1.25
# TYPE node_memory_MemTotal_bytes gauge
node_memory_MemTotal_bytes 8e9
# TYPE node_memory_MemAvailable_bytes gauge
node_memory_MemAvailable_bytes 6e9
# TYPE node_filesystem_size_bytes gauge
node_filesystem_size_bytes{mountpoint="/var"} 1e11
# TYPE node_filesystem_avail_bytes gauge
node_filesystem_avail_bytes{mountpoint="/var"} 3e10
# TYPE odd gauge
odd{value="none"} NaN
odd{value="endless"} +Inf
""",
    "/blackbox": """\
# TYPE probe_success gauge
probe_success 1
# TYPE probe_duration_seconds gauge
probe_duration_seconds 0.148
""",
    "/postgres": """\
# TYPE pg_up gauge
pg_up 1
# TYPE pg_stat_activity_count gauge
pg_stat_activity_count{datname="mail",state="active"} 7
""",
}
INSTANCES = {"/node": "mx1", "/blackbox": "api", "/postgres": "oltp"}
"""What each page is relabelled to: the name of the target."""


@contextlib.contextmanager
def scraped(folder: Path) -> Iterator[str]:
    """The server's address, once it has scraped every page twice."""
    seen: dict[str, int] = dict.fromkeys(PAGES, 0)
    changed = threading.Condition()

    class Exporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = PAGES[self.path].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            with changed:
                seen[self.path] += 1
                changed.notify_all()

        def log_message(self, *_: object) -> None:
            """Nothing: the test's own words are enough."""

    exporter = ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
    threading.Thread(target=exporter.serve_forever, daemon=True).start()
    try:
        with running(folder, _configuration(exporter.server_port)) as client:
            with changed:
                assert changed.wait_for(lambda: min(seen.values()) >= 2, 60), seen
            _until_all_is_there(client)
            yield str(client.base_url)
    finally:
        exporter.shutdown()
        exporter.server_close()


def _until_all_is_there(client: object) -> None:
    """A scrape is stored shortly after it was answered."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = client.get("/api/v1/query", params={"query": "count(up == 1)"}).json()["data"]["result"]  # type: ignore[attr-defined]
        if found and found[0]["value"][1] == str(len(PAGES)):
            return
        time.sleep(0.1)
    raise AssertionError("not everything was scraped in time")


def _configuration(port: int) -> str:
    jobs = "".join(
        f"""
- job_name: {page[1:]}
  metrics_path: {page}
  static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
  relabel_configs: [{{target_label: instance, replacement: {instance}}}]"""
        for page, instance in INSTANCES.items()
    )
    return f"global: {{scrape_interval: 500ms}}\nscrape_configs:{jobs}\n"
