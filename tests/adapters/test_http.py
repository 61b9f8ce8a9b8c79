"""The HTTP adapter against real web servers, plain and with TLS."""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from penguintui.adapters.certificates import verifying_mail, verifying_shared
from penguintui.adapters.http.probe import HttpAdapter
from penguintui.adapters.web import place_of
from penguintui.clock import SystemClock
from penguintui.config.probes import HttpProbe, Levels
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from .authority import Authority
from .conftest import ask, found, measured
from .servers import HOST

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def serving(page: Page, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A web server that answers every path with `page`; yields its address."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0, ssl_context=tls).start()
        yield f"{'https' if tls else 'http'}://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def healthy(request: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok", "data": {"services": [{"name": "api", "ready": True}], "jobs": 3}})


def adapter(url: str, **settings: Any) -> HttpAdapter:
    return HttpAdapter(HttpProbe(type="http", url=url, **settings), SystemClock())


async def test_good_answer_is_ok_with_phases() -> None:
    async with serving(healthy) as address:
        wanted = {"status": "ok", "data.services.0.ready": True, "data.jobs": 3}
        seen = await ask(adapter(f"{address}/health", expect_text="services", expect_json=wanted))
    assert seen.up
    assert seen.complete
    assert {f.check: f.status for f in seen.findings} == {
        "http.reach": Status.OK,
        "http.status": Status.OK,
        "http.content": Status.OK,
        "http.time": Status.OK,
    }
    assert measured(seen, "probe_http_status_code") == 200
    assert measured(seen, "probe_success") == 1
    phases = {s.labels["phase"] for s in seen.samples if s.metric == "probe_http_duration_seconds"}
    assert phases == {"resolve", "connect", "processing", "transfer"}


async def test_wrong_status_says_which_and_which_was_wanted() -> None:
    async def failing(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, text="no database")

    async with serving(failing) as address:
        seen = await ask(adapter(f"{address}/health"))
    finding = found(seen, "http.status")
    assert finding.status is Status.CRITICAL
    assert "answered 503, wanted 200" in finding.summary
    assert "no database" in finding.evidence["begins"]
    assert seen.up
    assert found(seen, "http.reach").status is Status.OK
    assert measured(seen, "probe_success") == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"expect_text": "green"}, "lacks the text 'green'"),
        ({"expect_json": {"status": "fine"}}, 'status is "ok", wanted "fine"'),
        ({"expect_json": {"data.services.1.name": "web"}}, "data.services.1.name is missing"),
        ({"expect_json": {"data.services.0.ready": 1}}, "ready is true, wanted 1"),
        ({"expect_json": {"data.jobs": True}}, "jobs is 3, wanted true"),
    ],
)
async def test_wrong_content_says_what_is_wrong(settings: dict[str, Any], words: str) -> None:
    async with serving(healthy) as address:
        finding = found(await ask(adapter(address, **settings)), "http.content")
    assert finding.status is Status.CRITICAL
    assert words in finding.summary


async def test_slow_answer_crosses_its_limit() -> None:
    async with serving(healthy) as address:
        finding = found(await ask(adapter(address, response_seconds=Levels(warning=0.0))), "http.time")
    assert finding.status is Status.WARNING
    assert "over the limit of 0 s" in finding.summary
    assert finding.remedy


async def test_certificate_of_an_own_authority(authority: Authority) -> None:
    async with serving(healthy, authority.server(days=20)) as address:
        seen = await ask(adapter(address, ca_file=authority.ca_file))
    finding = found(seen, "tls.certificate")
    assert finding.status is Status.WARNING
    assert "ends in 20.0 days" in finding.summary
    assert "under the limit of 30 days" in finding.summary
    assert measured(seen, "probe_ssl_earliest_cert_expiry") == pytest.approx(seen.time + 20 * 86400, abs=60)
    assert measured(seen, "probe_http_duration_seconds", phase="tls") > 0


@pytest.mark.parametrize(
    ("host", "days", "trusted", "words"),
    [
        (HOST, -3, True, "expired on"),
        (HOST, 90, False, "this machine does not know"),
        ("mail.example", 90, True, "is for mail.example, not for 127.0.0.1"),
    ],
)
async def test_refused_certificate_is_told_in_words(
    authority: Authority, host: str, days: float, trusted: bool, words: str
) -> None:
    asked = []

    async def page(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(text="ok")

    async with serving(page, authority.server(host=host, days=days)) as address:
        seen = await ask(adapter(address, ca_file=authority.ca_file if trusted else None))
    (finding,) = seen.findings
    assert (finding.check, finding.status) == ("tls.certificate", Status.CRITICAL)
    assert words in finding.summary
    assert "issued by CN=Test authority" in finding.summary
    assert finding.remedy
    assert not seen.up
    assert not seen.complete
    assert measured(seen, "probe_ssl_earliest_cert_expiry") == pytest.approx(seen.time + days * 86400, abs=60)
    assert not asked, "nothing is said to a server that is not trusted"


async def test_redirects_are_followed_but_not_for_ever() -> None:
    async def onward(request: web.Request) -> web.StreamResponse:
        hops = int(request.query.get("hops", "0"))
        if hops == 0:
            return web.Response(text="there")
        raise web.HTTPFound(f"/?hops={hops - 1}")

    async with serving(onward) as address:
        assert found(await ask(adapter(f"{address}/?hops=3")), "http.status").status is Status.OK
        assert (
            found(await ask(adapter(f"{address}/?hops=3", follow_redirects=False)), "http.status").evidence["status"]
            == "302"
        )
        endless = found(await ask(adapter(f"{address}/?hops=99")), "http.reach")
    assert endless.status is Status.UNKNOWN
    assert "more than 5 redirects" in endless.summary


async def test_secret_headers_reach_their_server_only() -> None:
    heard: dict[str, str | None] = {}

    async def other(request: web.Request) -> web.StreamResponse:
        heard["other"] = request.headers.get("X-Key")
        return web.Response(text="ok")

    async with serving(other) as elsewhere:

        async def first(request: web.Request) -> web.StreamResponse:
            heard["first"] = request.headers.get("X-Key")
            raise web.HTTPFound(elsewhere)

        async with serving(first) as address:
            seen = await ask(adapter(address, headers={"X-Key": Secret("hush")}))
    assert found(seen, "http.status").status is Status.OK
    assert heard == {"first": "hush", "other": None}
    assert "hush" not in repr(seen)


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with serving(healthy) as address:
        assert (await ask(adapter(address))).up


async def test_ca_file_that_is_missing_is_our_own_mistake(tmp_path: Any) -> None:
    seen = await ask(adapter("https://127.0.0.1:1/", ca_file=str(tmp_path / "none.pem")))
    (finding,) = seen.findings
    assert finding.status is Status.UNKNOWN
    assert "none.pem" in finding.summary


async def test_name_without_an_address_is_down() -> None:
    (finding,) = (await ask(adapter("http://nowhere.invalid/"))).findings
    assert (finding.check, finding.status) == ("http.reach", Status.CRITICAL)
    assert "could not be resolved" in finding.summary


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "ftp://127.0.0.1/", f"http://{'a' * 64}.example/"])
async def test_address_that_is_none_is_our_own_mistake(url: str) -> None:
    (finding,) = (await ask(adapter(url))).findings
    assert finding.status is Status.UNKNOWN
    assert finding.remedy.startswith("Correct the address")


def test_place_hides_what_may_be_secret() -> None:
    assert place_of("https://user:hush@host.example:8443/a?token=hush#hush") == "https://host.example:8443/a"
    assert place_of("http://[::1]:80/") == "http://[::1]:80/"
    assert "hush" not in place_of("http://user:hush@host:port/")


async def test_probes_that_verify_alike_share_what_they_verify_with(tmp_path: Path) -> None:
    """Ten thousand of them would take minutes and gigabytes; a changed file is read anew."""
    path = Path(Authority(tmp_path).ca_file)
    shared = verifying_shared("a", str(path))
    assert verifying_shared("b", str(path)) is shared
    assert verifying_shared("a", None) is verifying_shared("b", None) is not shared
    mail = verifying_shared("a", None, verifying_mail)
    assert verifying_shared("b", None, verifying_mail) is mail is not verifying_shared("a", None)
    os.utime(path, ns=(1, 1))
    assert verifying_shared("a", str(path)) is not shared
