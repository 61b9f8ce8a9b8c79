"""VictoriaMetrics as it is written to: JSON lines to its import API (`/api/v1/import`), packed with gzip.

What the server says to a batch decides what becomes of it. It was taken (2xx), this batch will never be (400, 413, 415,
422), or the server is in trouble or its settings are wrong, and the same batch is tried again.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from penguintui.adapters.certificates import verifying
from penguintui.adapters.failure import NotAnswered, from_httpx, timed_out
from penguintui.adapters.web import place_of, plain
from penguintui.model.clock import Time
from penguintui.model.observation import Sample

if TYPE_CHECKING:
    import httpx

    from penguintui.config.history import VictoriaMetricsHistory

_BAD = (400, 413, 415, 422)
"""What says that the batch is at fault, and no other would be."""
_MOST_WORDS = 64 << 10
_PIECE = 64 << 10

Labels = tuple[tuple[str, str], ...]
Labelled = tuple[Mapping[str, str], Sequence[tuple[Sample, Time]]]
"""Labels, and samples with their times that get these labels added to their own."""


class Unwritten(Exception):  # noqa: N818 - the batch will be, later
    """The server did not take a batch and may take the same one later; says why in words."""


class Unacceptable(Exception):  # noqa: N818 - the batch is at fault, not the program
    """The server will never take this batch; says why in words."""


class VictoriaMetrics:
    """Writes samples, in the caller's thread. Certificates are verified; redirects are not followed.

    monotonic: for the bound on a batch's whole time, however the server dawdles.
    """

    def __init__(self, settings: VictoriaMetricsHistory, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.place = place_of(settings.url)
        self._settings = settings
        self._monotonic = monotonic
        self._client: httpx.Client | None = None

    def write(self, groups: Iterable[Labelled]) -> None:
        """Have the server keep samples. Raises Unwritten and Unacceptable."""
        import httpx

        try:
            body = gzip.compress(lines(groups), 1)
        except (TypeError, ValueError, OverflowError) as error:
            raise Unacceptable(f"it holds what is no sample: {error}") from error
        try:
            status, words = self._send(body)
        except (httpx.HTTPError, httpx.InvalidURL, NotAnswered, OSError) as error:
            self.close()
            raise Unwritten(from_httpx(error, self.place, self._settings.timeout).text) from error
        said = f"{self.place} answered {status}{f': {words}' if words else ''}"
        if status in _BAD:
            raise Unacceptable(said)
        if not 200 <= status < 300:
            raise Unwritten(said + _hint(status))

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def _send(self, body: bytes) -> tuple[int, str]:
        """The status and what the server says of it."""
        client = self._client = self._client or self._opened()
        deadline = self._monotonic() + self._settings.timeout
        headers = {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
        said = bytearray()
        with client.stream("POST", "import", content=self._pieces(body, deadline), headers=headers) as answer:
            for part in answer.iter_bytes():
                said += part
                self._check(deadline)
                if len(said) > _MOST_WORDS:
                    break
            return answer.status_code, plain(" ".join(said.decode("utf-8", "replace").split()))

    def _pieces(self, body: bytes, deadline: float) -> Iterator[bytes]:
        for begin in range(0, len(body), _PIECE):
            self._check(deadline)
            yield body[begin : begin + _PIECE]

    def _check(self, deadline: float) -> None:
        if self._monotonic() > deadline:
            raise NotAnswered(timed_out(self.place, self._settings.timeout))

    def _opened(self) -> httpx.Client:
        import httpx

        settings = self._settings
        secure = settings.url.startswith("https:")
        return httpx.Client(
            base_url=f"{settings.url.rstrip('/')}/api/v1/",
            headers={"User-Agent": "penguintui", **settings.sent()},
            verify=verifying(self.place, settings.ca_file) if secure else False,
            timeout=settings.timeout,
            trust_env=False,  # the address says who is written to
        )


def lines(groups: Iterable[Labelled]) -> bytes:
    """Samples as JSON lines, a line for each series. Times become whole milliseconds, as in the store."""
    series: dict[tuple[str, Labels, Labels], tuple[list[float], list[int]]] = {}
    for added, rows in groups:
        origin = tuple(added.items())
        for sample, at in rows:
            values, times = series.setdefault((sample.metric, tuple(sample.labels.items()), origin), ([], []))
            values.append(sample.value)
            times.append(round(at * 1000))
    text = []
    for (metric, own, origin), (values, times) in series.items():
        named = {**dict(own), **dict(origin), "__name__": metric}
        text.append(f'{{"metric":{_encode(named)},"values":[{",".join(map(_number, values))}],"timestamps":{times}}}')
    return "\n".join([*text, ""]).encode()


_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _number(value: float) -> str:
    """As VictoriaMetrics reads it: NaN, Inf and -Inf stand bare."""
    return repr(value) if value - value == 0 else {"nan": "NaN", "inf": "Inf", "-inf": "-Inf"}[str(value)]


def _hint(status: int) -> str:
    if status in (401, 403):
        return " (it wants another `token`, `user` and `password`, or other `headers`)"
    if status == 404:
        return " (its import API is not below this `url`)"
    return " (it sends elsewhere; write that address into `url`)" if 300 <= status < 400 else ""
