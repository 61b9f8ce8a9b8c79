"""The lab as a whole: it starts, switches under load without losing a request, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import stat
from pathlib import Path

import httpx
import psutil
import pytest

from penguintui.config.loading import load
from penguintui.lab import control
from penguintui.lab.main import run
from tests.lab.conftest import Outside, end_lab, eventually, start_lab


def proxy_of(lab: Outside) -> str:
    return str(lab.settings["proxies"]["api"]["url"])


def other(colour: str) -> str:
    return "green" if colour == "blue" else "blue"


def put(lab: Outside, **body: str) -> httpx.Response:
    return httpx.put(proxy_of(lab), json=body, headers=lab.authorization)


def active(lab: Outside) -> str:
    return str(httpx.get(proxy_of(lab), headers=lab.authorization).json()["active"])


async def burst(url: str, requests: int, a_second: int) -> list[httpx.Response]:
    """Requests at an even pace, each of them answered or failing the test."""
    async with httpx.AsyncClient(timeout=20, limits=httpx.Limits(max_connections=None)) as client:
        asked = []
        for _ in range(requests):
            asked.append(asyncio.create_task(client.get(url)))
            await asyncio.sleep(1 / a_second)
        return await asyncio.gather(*asked)


def test_a_switch_under_load_loses_no_request(lab: Outside) -> None:
    before = active(lab)

    async def switch_meanwhile() -> list[httpx.Response]:
        asking = asyncio.create_task(burst(f"{lab.api}/api/v1/campaigns", 300, 200))
        await asyncio.sleep(0.6)
        answer = await asyncio.to_thread(put, lab, active=other(before), expected=before)
        assert answer.status_code == 200
        return await asking

    answers = asyncio.run(switch_meanwhile())
    assert [answer.status_code for answer in answers] == [200] * 300
    assert {answer.headers["X-Colour"] for answer in answers} == {"blue", "green"}
    assert put(lab, active=before, expected=other(before)).json()["previous"] == other(before)


def test_a_switch_compares_before_it_sets(lab: Outside) -> None:
    now = active(lab)
    assert put(lab, active=now, expected=other(now)).status_code == 409
    assert put(lab, active="red", expected=now).status_code == 400
    assert put(lab, active=other(now)).status_code == 400
    assert active(lab) == now


def test_a_release_starts_in_the_idle_colour_and_what_was_there_comes_back(lab: Outside) -> None:
    now = active(lab)
    idle, colours = other(now), f"{lab.info.control}/colours"
    address = lab.settings["proxies"]["api"]["colours"][idle]
    before = httpx.get(f"{address}/health").headers["X-Release"]
    start = httpx.post(f"{colours}/{idle}/start", json={"release": "9.9"}, headers=lab.authorization, timeout=20)
    assert start.status_code == 200, start.text
    assert httpx.get(f"{address}/health").json()["release"] == "9.9"
    assert httpx.post(f"{colours}/{now}/stop", headers=lab.authorization).status_code == 409
    httpx.post(f"{colours}/{idle}/restore", headers=lab.authorization, timeout=20).raise_for_status()
    assert httpx.get(f"{address}/health").headers["X-Release"] == before


def test_a_bad_release_is_slower_than_the_running_one(lab: Outside) -> None:
    idle = other(active(lab))
    control.break_("bad-release", lab.lab)
    colours = f"{lab.info.control}/colours/{idle}"
    httpx.post(f"{colours}/start", json={"release": "9.9"}, headers=lab.authorization, timeout=20).raise_for_status()
    slow = httpx.get(f"{lab.settings['proxies']['api']['colours'][idle]}/api/v1/campaigns", timeout=10)
    assert slow.elapsed.total_seconds() > 0.4
    control.heal("bad-release", lab.lab)
    httpx.post(f"{colours}/restore", headers=lab.authorization, timeout=20).raise_for_status()


def test_nothing_runs_in_a_stopped_colour_and_traffic_cannot_go_there(lab: Outside) -> None:
    now = active(lab)
    idle, colours = other(now), f"{lab.info.control}/colours"
    release = httpx.get(proxy_of(lab), headers=lab.authorization).json()["colours"][idle]["release"]
    httpx.post(f"{colours}/{idle}/stop", headers=lab.authorization, timeout=20).raise_for_status()
    assert put(lab, active=idle, expected=now).status_code == 422
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{lab.settings['proxies']['api']['colours'][idle]}/health")
    httpx.post(f"{colours}/{idle}/start", json={"release": release}, headers=lab.authorization, timeout=20)


def test_the_platform_api_wants_its_token(lab: Outside) -> None:
    answer = httpx.get(f"{lab.api}/api/v1/platform/system/queues")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AUTHENTICATION_REQUIRED"


def test_the_control_wants_its_token(lab: Outside) -> None:
    assert httpx.get(f"{lab.info.control}/faults").status_code == 401
    for name in ("lab.json", "api-token", "control-authorization"):
        assert stat.S_IMODE((lab.folder / name).stat().st_mode) == 0o600


def test_the_demo_configuration_is_right(lab: Outside) -> None:
    configuration = load(Path(lab.info.configuration), {})
    assert configuration.demo
    names = {target.name for target in configuration.targets}
    assert {fault.target for fault in control.faults(lab.lab)} <= names
    assert {fault.action for fault in control.faults(lab.lab)} - {""} <= set(configuration.actions)


def test_the_configuration_s_queries_can_be_asked(lab: Outside) -> None:
    connection = sqlite3.connect(lab.folder / "platform.db", timeout=5)
    for target in load(Path(lab.info.configuration), {}).targets:
        for probe in target.probes:
            for query in getattr(probe, "queries", ()):
                assert connection.execute(query.sql).fetchall(), query.sql
    connection.close()


@pytest.mark.parametrize("how", ["parent", "term", "int", "control"])
def test_nothing_is_left_behind(tmp_path: Path, how: str) -> None:
    process, path = start_lab(tmp_path / "world")
    lab = Outside(path)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) == 2, "one process for each colour"
    if how == "parent":
        assert end_lab(process) == 0
    else:
        if how == "control":
            control.stop(path)
        else:
            process.send_signal({"term": signal.SIGTERM, "int": signal.SIGINT}[how])
        assert process.wait(10) == 0
        end_lab(process)
    assert not lab.folder.exists()
    assert not any(child.is_running() for child in family)
    for type, target in (("tls", "web"), ("smtp", "mx1-smtp")):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(str(lab.probe(target, type)["port"])))) != 0


def test_a_killed_lab_takes_its_colours_along(tmp_path: Path) -> None:
    process, _ = start_lab(tmp_path / "world")
    family = psutil.Process(process.pid).children()
    process.kill()
    process.wait(10)
    assert eventually(lambda: not any(child.is_running() for child in family))
    end_lab(process)


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")
    assert run(tmp_path) == 64
    assert "is not empty" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_a_lab_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(control.LabError, match="is the lab running"):
        control.find_lab(tmp_path)
    monkeypatch.delenv(control.VARIABLE, raising=False)
    with pytest.raises(control.LabError, match=control.VARIABLE):
        control.find_lab()
