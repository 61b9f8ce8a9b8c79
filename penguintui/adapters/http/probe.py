"""A web address: status, content, phases of time, days left on the certificate (httpx).

Each asking opens connections of its own, so that all phases are seen and a renewed certificate is noticed.
Metric names are blackbox_exporter's.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.certificates import (
    Certificate,
    expiry_sample,
    judge_expiry,
    judge_refused,
    reading_only,
    shown_certificates,
    verifying_shared,
)
from penguintui.adapters.connection import Phases, connected
from penguintui.adapters.failure import NotAnswered, causes, from_httpx, garbled, too_large
from penguintui.adapters.http.content import judge_content
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.web import place_of
from penguintui.config.probes import HttpProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.secret import Secret
from penguintui.model.status import Status
from penguintui.model.target import Target

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS = 5

_PHASES = {
    "connection.connect_tcp": "connect",
    "connection.start_tls": "tls",
    "http11.send_request_headers": "processing",
    "http11.send_request_body": "processing",
    "http11.receive_response_headers": "processing",
    "http11.receive_response_body": "transfer",
}
"""httpcore's trace events, and the phase that each counts to."""


@dataclass(frozen=True, slots=True)
class _Page:
    """The last answer, after redirects."""

    status: int
    body: bytes
    url: str
    shown: tuple[Certificate, ...]
    phases: Phases

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class HttpAdapter:
    """Asks one web address."""

    def __init__(self, settings: HttpProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = place_of(settings.url)
        self._client: httpx.AsyncClient | None = None

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(),
            check="http.reach",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(self) -> Answer:
        import httpx

        now = self._clock.now()
        try:
            page = await self._fetch()
        except httpx.ConnectError as error:
            for cause in causes(error):
                if isinstance(cause, ssl.SSLCertVerificationError):
                    return await self._untrusted(cause, str(error.request.url))
            raise
        total = sum(page.phases.seconds.values())
        evidence = {"address": page.url, **page.phases.evidence}
        findings = [
            Finding("http.reach", Status.OK, f"{self._place} answers", evidence=evidence),
            self._judge_status(page),
            *judge_content(page.text, self._settings.expect_text, self._settings.expect_json, self._place),
            self._judge_time(total, page.phases),
        ]
        if page.shown:
            levels = self._settings.certificate_days
            findings.append(judge_expiry(page.shown, self._place, now, levels))
        samples = (
            Sample("probe_http_status_code", float(page.status)),
            Sample("probe_http_content_length", float(len(page.body))),
            *page.phases.samples("probe_http_duration_seconds"),
            *expiry_sample(page.shown),
        )
        return Answer(samples, tuple(findings))

    async def _fetch(self) -> _Page:
        client, phases = self._opened(), Phases(self._clock)
        settings = self._settings
        headers = {
            name: value.reveal() if isinstance(value, Secret) else value for name, value in settings.headers.items()
        }
        request = client.build_request(settings.method, settings.url, headers=headers, content=settings.body)
        first = _origin(request.url)
        for _ in range(MAX_REDIRECTS + 1):
            await self._resolve(request.url, phases)
            request.extensions["trace"] = _Trace(phases, self._clock)
            response = await client.send(request, stream=True)
            try:
                onward = response.next_request if settings.follow_redirects else None
                if onward is None:
                    return await self._read(response, phases)
            finally:
                await response.aclose()
            request = onward
            if _origin(request.url) != first:  # what is meant for one server is not told to another
                for name in headers:
                    request.headers.pop(name, None)
        raise NotAnswered(
            garbled(self._place, f"more than {MAX_REDIRECTS} redirects, the last to {place_of(str(request.url))}")
        )

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            self._client = httpx.AsyncClient(
                verify=verifying_shared(self._place, self._settings.ca_file),
                trust_env=False,
                timeout=None,  # noqa: S113 - the whole asking is bounded by its deadline
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": "penguintui", "Accept-Encoding": "identity"},
            )
        return self._client

    async def _resolve(self, url: httpx.URL, phases: Phases) -> None:
        with phases.phase("resolve"):
            await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)

    async def _read(self, response: httpx.Response, phases: Phases) -> _Page:
        stream = response.extensions.get("network_stream")
        shown = shown_certificates(stream.get_extra_info("ssl_object") if stream is not None else None)
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > MAX_ANSWER:
                raise NotAnswered(too_large(self._place))
        coding = response.headers.get("Content-Encoding", "identity")
        if coding != "identity" and (self._settings.expect_text or self._settings.expect_json):
            raise NotAnswered(garbled(self._place, f"content in the coding {coding!r}, though plain was asked for"))
        return _Page(response.status_code, bytes(body), place_of(str(response.url)), shown, phases)

    async def _untrusted(self, error: ssl.SSLCertVerificationError, url: str) -> Answer:
        """The certificate's own words, read over a connection on which nothing is sent."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        async with connected(host, port, Phases(self._clock)) as (_, writer):
            await writer.start_tls(reading_only(), server_hostname=host)
            shown = shown_certificates(writer.get_extra_info("ssl_object"))
        finding = judge_refused(error, shown, place=place_of(url), name=host, now=self._clock.now())
        return Answer(expiry_sample(shown), (finding,), up=False, complete=False)

    def _judge_status(self, page: _Page) -> Finding:
        wanted = self._settings.expect_status
        evidence = {"status": str(page.status), "begins": page.text[:200]}
        if page.status in wanted:
            return Finding("http.status", Status.OK, f"{self._place} answered {page.status}", evidence=evidence)
        summary = f"{self._place} answered {page.status}, wanted {' or '.join(map(str, wanted))}"
        remedy = "Look into the service's log."
        if page.status in (401, 403, 407):
            remedy = "Correct the credentials in this probe's headers."
        elif page.status == 404:
            remedy = "Correct the address in this probe's settings, or see which version is deployed."
        elif page.status == 429:
            remedy = "Ask less often: raise this probe's interval."
        return Finding("http.status", Status.CRITICAL, summary, remedy=remedy, evidence=evidence)

    def _judge_time(self, seconds: float, phases: Phases) -> Finding:
        levels = self._settings.response_seconds
        status = judge(seconds, levels)
        crossed = limit_crossed(status, levels, "s")
        longest = max(phases.seconds, key=lambda name: phases.seconds[name])
        most = f" (most of it {longest})" if crossed else ""
        summary = f"{self._place} answered after {seconds:.3f} s{most}{crossed and f', {crossed}'}"
        remedy = "See the load of the service, of its database, and what was deployed last." if crossed else ""
        return Finding("http.time", status, summary, remedy=remedy, evidence=phases.evidence)


class _Trace:
    """Adds up phases from httpcore's events, which come in pairs: `….started`, then `….complete`."""

    def __init__(self, phases: Phases, clock: Clock) -> None:
        self._phases, self._clock = phases, clock
        self._started: dict[str, float] = {}

    async def __call__(self, event: str, details: Mapping[str, Any]) -> None:
        name, _, what = event.rpartition(".")
        if name not in _PHASES:
            return
        if what == "started":
            self._started[name] = self._clock.monotonic()
        elif what == "complete":
            self._phases.add(_PHASES[name], self._clock.monotonic() - self._started[name])


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
