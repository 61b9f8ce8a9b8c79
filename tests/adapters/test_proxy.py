"""Switching between two colours: an HTTP proxy as small as can be, and a real HAProxy."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from penguintui.adapters import proxy
from penguintui.adapters.proxy import ProxyError, ProxyState
from penguintui.config.actions import HaproxyProxy, HttpProxy
from tests.agent.proxying import TwoColours
from tests.conftest import find_program

HAPROXY = """
global
  stats socket {folder}/ha.sock mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend fe
  bind 127.0.0.1:{port}
  use_backend be_%[str(active),map({folder}/active.map,blue)]
backend be_blue
  http-request return status 200 content-type text/plain string blue
backend be_green
  http-request return status 200 content-type text/plain string green
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
async def haproxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[HaproxyProxy, str]]:
    folder, port = tmp_path_factory.mktemp("ha"), free_port()
    (folder / "active.map").write_text("active blue\n")
    (folder / "ha.cfg").write_text(HAPROXY.format(folder=folder, port=port))
    process = subprocess.Popen(
        [find_program("haproxy") or "haproxy", "-db", "-f", str(folder / "ha.cfg")], stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(10):
            while not (folder / "ha.sock").exists():
                await asyncio.sleep(0.02)
        colours = {"blue": "http://127.0.0.1:1", "green": "http://127.0.0.1:2"}
        settings = HaproxyProxy(
            type="haproxy", socket=str(folder / "ha.sock"), map=str(folder / "active.map"), colours=colours
        )
        yield settings, f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.needs("haproxy", "haproxy")
async def test_haproxy_is_switched_and_keeps_it_on_disk(haproxy: tuple[HaproxyProxy, str]) -> None:
    settings, url = haproxy
    assert await proxy.read(settings) == ProxyState("blue", None)
    assert proxy.idle_colour(settings, ProxyState("blue", None)) == "green"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(url)).text == "blue"
        assert await proxy.switch(settings, expected="blue", to="green") == ProxyState("green", "blue")
        assert (await client.get(url)).text == "green"
    assert Path(settings.map).read_text() == "# previous blue\nactive green\n"
    assert await proxy.read(settings) == ProxyState("green", "blue")


@pytest.mark.needs("haproxy", "haproxy")
async def test_a_switch_loses_no_request(haproxy: tuple[HaproxyProxy, str]) -> None:
    settings, url = haproxy
    answers: list[str] = []

    async def ask(client: httpx.AsyncClient) -> None:
        for _ in range(60):
            answer = await client.get(url)
            answers.append(answer.text if answer.status_code == 200 else f"status {answer.status_code}")

    async with httpx.AsyncClient(trust_env=False) as client:
        asking = [asyncio.create_task(ask(client)) for _ in range(4)]
        while len(answers) < 60:
            await asyncio.sleep(0.001)
        await proxy.switch(settings, expected="blue", to="green")
        await asyncio.gather(*asking)
    assert set(answers) == {"blue", "green"}
    assert len(answers) == 240


@pytest.mark.needs("haproxy", "haproxy")
async def test_haproxy_is_not_switched_when_somebody_was_quicker(haproxy: tuple[HaproxyProxy, str]) -> None:
    settings, _ = haproxy
    with pytest.raises(ProxyError, match="has blue active, not green"):
        await proxy.switch(settings, expected="green", to="blue")
    with pytest.raises(ProxyError, match="knows no colour red"):
        await proxy.switch(settings, expected="blue", to="red")


async def test_a_proxy_that_is_not_there_is_said(tmp_path: Path) -> None:
    colours = {"blue": "http://127.0.0.1:1", "green": "http://127.0.0.1:2"}
    for settings in (
        HaproxyProxy(type="haproxy", socket=str(tmp_path / "none"), map="m", colours=colours),
        HttpProxy(type="http", url=f"http://127.0.0.1:{free_port()}/active", colours=colours),
    ):
        with pytest.raises(ProxyError, match="the proxy at"):
            await proxy.read(settings)


async def test_a_switch_over_http_is_compared_before_it_is_set() -> None:
    async with TwoColours() as two:
        colours = {"blue": f"{two.url}/blue", "green": f"{two.url}/green"}
        settings = HttpProxy(type="http", url=f"{two.url}/active", colours=colours)
        assert await proxy.switch(settings, expected="blue", to="green") == ProxyState("green", "blue")
        with pytest.raises(ProxyError, match="blue is no longer active; plan again"):
            await proxy.switch(settings, expected="blue", to="green")
        assert two.active == "green"
