"""The same questions to a server: Prometheus' HTTP API, as Thanos, Mimir and VictoriaMetrics have it too."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from penguintui.query import results
from penguintui.query.errors import NotAnswered, QueryError, Unsupported, shorten

if TYPE_CHECKING:
    import httpx

    from penguintui.config.queries import PrometheusQueries

T = TypeVar("T")

MOST_BYTES = 64 << 20
"""Of one answer, unpacked."""

_PAUSE = 5.0
"""Seconds for which a server that did not answer is not asked again: a screen has dozens of questions."""
_LOOKBACK = 300.0
"""Seconds for which a server shows a sample, unless it was told otherwise."""
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_OURS = ("bad_data", "execution")
"""The kinds of errors (`errorType`) that are the expression's fault. Others are the server's."""
_PLACE = re.compile(r"\b1:(\d+): parse error")


class RemoteQueries:
    """A server that is asked over HTTP, in the caller's thread. See `Queries`. Certificates are verified.

    Every answer is bounded in time (`timeout`) and size. The server's own words are the errors' words.
    """

    def __init__(self, settings: PrometheusQueries, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.place = settings.url
        self._settings = settings
        self._monotonic = monotonic
        self._client: httpx.Client | None = None
        self._silent_until = float("-inf")
        self._silence = ""

    def instant(self, expr: str, at: float) -> results.Result:
        answer = self._ask("query", {"query": expr, "time": f"{at:.3f}"}, expr)
        return self._understood(lambda said: _result(said, at), answer, expr)

    def range(self, expr: str, start: float, end: float, step: float) -> results.Matrix:
        span = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        answer = self._ask("query_range", {"query": expr, **span}, expr)
        return self._understood(_matrix, answer, expr)

    def newest(self, metrics: Sequence[str], at: float) -> dict[str, tuple[float, float]]:
        """With one question; names that only quotes could hold are left out."""
        asked = [f'label_replace(max(timestamp({m})), "metric", "{m}", "", "")' for m in metrics if _NAME.fullmatch(m)]
        found = self.instant(" or ".join(asked), at) if asked else None
        samples = found.samples if isinstance(found, results.Vector) else ()
        return {sample.labels["metric"]: (sample.value, _LOOKBACK) for sample in samples}

    def label_names(self) -> list[str]:
        return self._understood(_words, self._ask("labels"))

    def label_values(self, name: str) -> list[str]:
        return self._understood(_words, self._ask(f"label/{quote(name, safe='')}/values"))

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _understood(self, read: Callable[[Mapping[str, Any]], T], answer: Mapping[str, Any], expr: str = "") -> T:
        try:
            return read(answer)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise NotAnswered(f"{self.place} answered what is none of Prometheus' answers: {error!r}", expr) from error

    def _ask(self, path: str, form: Mapping[str, str] | None = None, expr: str = "") -> Mapping[str, Any]:
        """The whole answer, `data` and warnings. Raises NotAnswered, or QueryError with the server's words."""
        if self._monotonic() < self._silent_until:
            raise NotAnswered(self._silence, expr)
        import httpx

        try:
            status, reason, body = self._send(path, form)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            self._silence = f"{self.place} cannot be asked: {_why(error, self._settings.timeout)}"
            self._silent_until = self._monotonic() + _PAUSE
            raise NotAnswered(self._silence, expr) from error
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or "status" not in answer:
            raise NotAnswered(f"{self.place} answered {status} {reason}{_hint(status)}, and nothing that is JSON", expr)
        if answer["status"] != "success":
            raise self._error(answer, expr)
        return answer

    def _send(self, path: str, form: Mapping[str, str] | None) -> tuple[int, str, bytes]:
        """Status, its word, and the body. A form is posted, since an expression may be longer than an address."""
        import httpx

        client = self._client = self._client or self._opened()
        deadline = self._monotonic() + self._settings.timeout
        body = bytearray()
        with client.stream("GET" if form is None else "POST", path, data=form) as answer:
            for part in answer.iter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise httpx.DecodingError(f"its answer is longer than {MOST_BYTES >> 20} MiB; ask for less")
                if self._monotonic() > deadline:
                    raise httpx.ReadTimeout("")
            return answer.status_code, answer.reason_phrase, bytes(body)

    def _opened(self) -> httpx.Client:
        import httpx

        settings = self._settings
        secure = settings.url.startswith("https:")
        try:
            verify = ssl.create_default_context(cafile=settings.ca_file) if secure else False
        except OSError as error:
            raise OSError(f"ca_file {settings.ca_file}: {error.strerror or error}") from error
        base = f"{settings.url.rstrip('/')}/api/v1/"
        # Not by way of the environment's proxies: the address says who is asked.
        return httpx.Client(
            base_url=base, headers=settings.sent(), verify=verify, timeout=settings.timeout, trust_env=False
        )

    def _error(self, answer: Mapping[str, Any], expr: str) -> QueryError:
        kind, words = str(answer.get("errorType", "")), shorten(str(answer.get("error", "no reason")), 1000)
        if kind not in _OURS:
            return NotAnswered(f"{self.place} has no answer ({kind or 'error'}): {words}", expr)
        found = _PLACE.search(words)
        return QueryError(f"{self.place} says: {words}", expr, int(found[1]) - 1 if found else None)


def _why(error: Exception, timeout: float) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {timeout:g} s"
    return str(error) or type(error).__name__


def _hint(status: int) -> str:
    if status in (401, 403):
        return " (it wants another `token`, `user` and `password`, or other `headers`)"
    return " (it sends elsewhere; write that address into `url`)" if 300 <= status < 400 else ""


def _words(answer: Mapping[str, Any]) -> list[str]:
    return sorted(map(str, answer["data"]))


def _notes(answer: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(map(str, answer.get(name) or ())) for name in ("warnings", "infos")}


def _result(answer: Mapping[str, Any], asked: float) -> results.Result:
    kind, result = answer["data"]["resultType"], answer["data"]["result"]
    if kind == "matrix":
        return _matrix(answer)
    if kind == "vector":
        samples = tuple(results.VectorSample(_labels(one), float(_floats(one)["value"][1])) for one in result)
        return results.Vector(samples, float(result[0]["value"][0]) if result else asked, **_notes(answer))
    at, value = result
    if kind == "string":
        return results.Text(str(value), float(at), **_notes(answer))
    return results.Scalar(float(value), float(at), **_notes(answer))


def _matrix(answer: Mapping[str, Any]) -> results.Matrix:
    series = []
    for one in answer["data"]["result"]:
        points = [(float(time), float(value)) for time, value in _floats(one)["values"]]
        times, values = [time for time, _ in points], [value for _, value in points]
        series.append(results.MatrixSeries(_labels(one), times, values))
    return results.Matrix(tuple(series), **_notes(answer))


def _labels(one: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in one["metric"].items()}


def _floats(one: Mapping[str, Any]) -> Mapping[str, Any]:
    if "histogram" in one or "histograms" in one:
        raise Unsupported("the answer has native histograms, and these are not supported", str(_labels(one)))
    return one
