"""A log that is followed: its logins as samples, findings and events."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from penguintui.adapters.logs import follow, probe
from penguintui.adapters.logs.probe import LogAdapter
from penguintui.config.probes import Levels, LogProbe
from penguintui.model.observation import Finding, Observation
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from tests.conftest import FrozenClock

TARGET = Target("mx1", Kind.LOG, "test")
STAMP = "2026-09-21T14:13:20Z"  # the frozen clock's now


class Log:
    """A log file, and an adapter that follows it."""

    def __init__(self, path: Path, clock: FrozenClock) -> None:
        self.path, self.clock = path, clock
        path.touch()
        settings = LogProbe(type="log", path=str(path), read_from="start", failures=Levels(warning=3, critical=8))
        self.adapter = LogAdapter(settings, clock)

    def write(self, *messages: str) -> None:
        with self.path.open("a") as file:
            file.writelines(f"{STAMP} mx1 {message}\n" for message in messages)
        os.utime(self.path, (self.clock.now(), self.clock.now()))

    def failed(self, source: str, count: int = 1, user: str = "root") -> None:
        self.write(*[f"sshd[{n}]: Failed password for {user} from {source} port 1 ssh2" for n in range(count)])

    def accepted(self, source: str, user: str = "root") -> None:
        self.write(f"sshd[5]: Accepted password for {user} from {source} port 1 ssh2")

    async def ask(self) -> Observation:
        os.utime(self.path, (self.clock.now(), self.clock.now()))
        return await self.adapter.probe(TARGET, self.clock.monotonic() + 10)


@pytest.fixture
async def auth_log(tmp_path: Path, clock: FrozenClock):
    auth_log = Log(tmp_path / "auth.log", clock)
    yield auth_log
    await auth_log.adapter.close()


def finding(observation: Observation, check: str, subject: str = "") -> Finding:
    return next(f for f in observation.findings if f.key == (check, subject))


async def test_a_quiet_log_is_fine(auth_log: Log) -> None:
    observation = await auth_log.ask()
    assert observation.up and observation.complete
    assert {f.status for f in observation.findings} == {Status.OK}
    assert not observation.events
    assert finding(observation, "log.reach").evidence["age"] == "0 s"


async def test_failures_are_counted_for_each_source(auth_log: Log) -> None:
    auth_log.failed("203.0.113.9", 9)
    auth_log.failed("203.0.113.8", 4)
    auth_log.failed("203.0.113.7", 3)
    observation = await auth_log.ask()
    assert finding(observation, "login.failures", "203.0.113.9").status is Status.CRITICAL
    some = finding(observation, "login.failures", "203.0.113.8")
    assert some.status is Status.WARNING
    assert some.summary == "4 failed logins from 203.0.113.8 in 5 min, over the limit of 3"
    rest = finding(observation, "login.failures")
    assert rest.status is Status.OK
    assert rest.summary == "16 failed logins from 3 sources in 5 min"
    assert rest.evidence["accounts"] == "root 16"
    totals = {s.labels["result"]: s.value for s in observation.samples if s.metric == "penguintui_logins_total"}
    assert totals == {"failed": 16, "accepted": 0}


async def test_failures_of_the_past_go_away(auth_log: Log) -> None:
    auth_log.failed("203.0.113.9", 9)
    await auth_log.ask()
    auth_log.clock.advance(301)
    observation = await auth_log.ask()
    assert [f.subject for f in observation.findings if f.check == "login.failures"] == [""]
    assert {f.status for f in observation.findings} == {Status.OK}
    assert ("penguintui_logins_total", 9.0) in [(s.metric, s.value) for s in observation.samples]


async def test_the_worst_sources_are_named_and_the_others_summed_up(auth_log: Log) -> None:
    for number in range(30):
        auth_log.failed(f"203.0.113.{number}", 4 + number % 9)
    observation = await auth_log.ask()
    named = [f for f in observation.findings if f.check == "login.failures" and f.subject]
    assert len(named) == probe.MAX_SOURCES
    rest = finding(observation, "login.failures")
    assert rest.status is Status.WARNING
    assert "10 more sources" in rest.summary


async def test_a_login_after_failures_is_a_breach(auth_log: Log) -> None:
    auth_log.failed("203.0.113.9", 3, user="ana")
    auth_log.accepted("203.0.113.9", user="ana")
    observation = await auth_log.ask()
    breach = finding(observation, "login.breach")
    assert breach.status is Status.CRITICAL
    assert breach.summary == "ana logged in to sshd from 203.0.113.9 after 3 failures from 203.0.113.9, 0 s ago"
    assert breach.remedy
    event = next(e for e in observation.events if e.kind == "login.breach")
    assert event.severity is Status.CRITICAL and event.time == auth_log.clock.now()
    auth_log.clock.advance(301)
    assert finding(await auth_log.ask(), "login.breach").status is Status.OK


async def test_each_login_is_one_event(auth_log: Log) -> None:
    auth_log.failed("203.0.113.9")
    auth_log.write("sshd[3]: Invalid user git from 203.0.113.9 port 1")
    auth_log.accepted("198.51.100.4", user="ana")
    events = (await auth_log.ask()).events
    assert [event.kind for event in events] == ["login.failed", "login.invalid-user", "login.accepted"]
    assert events[2].attributes == {"user": "ana", "source": "198.51.100.4", "service": "sshd", "method": "password"}
    assert not (await auth_log.ask()).events


async def test_a_flood_of_events_is_bounded_but_breaches_are_kept(auth_log: Log) -> None:
    auth_log.failed("203.0.113.9", probe.MAX_EVENTS + 50)
    auth_log.accepted("203.0.113.9")
    observation = await auth_log.ask()
    assert len(observation.events) == probe.MAX_EVENTS + 1
    assert observation.events[-1].kind == "login.breach"
    assert finding(observation, "log.reach").evidence["events"] == "51 more events were only counted"


async def test_a_log_that_is_silent_for_long_says_nothing(auth_log: Log) -> None:
    old = auth_log.clock.now() - 3 * 86400
    os.utime(auth_log.path, (old, old))
    observation = await auth_log.adapter.probe(TARGET, auth_log.clock.monotonic() + 10)
    silent = finding(observation, "log.reach")
    assert silent.status is Status.UNKNOWN
    assert "3 days" in silent.summary and silent.evidence["age"] == "3 days"


async def test_lagging_behind_is_said_and_made_up(auth_log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MAX_READ", 1000)
    monkeypatch.setattr(follow, "_CHUNK", 500)
    auth_log.failed("203.0.113.9", 20)
    behind = finding(await auth_log.ask(), "log.reach")
    assert behind.status is Status.WARNING and "still to come" in behind.summary
    while (observation := await auth_log.ask()).findings[0].status is not Status.OK:
        pass
    assert finding(observation, "login.failures", "203.0.113.9").evidence["failures"] == "20"


async def test_rotation_is_followed(auth_log: Log) -> None:
    auth_log.failed("203.0.113.9", 2)
    await auth_log.ask()
    auth_log.failed("203.0.113.9", 2)
    auth_log.path.rename(auth_log.path.with_suffix(".1"))
    auth_log.failed("203.0.113.9", 1)
    observation = await auth_log.ask()
    assert finding(observation, "login.failures", "203.0.113.9").evidence["failures"] == "5"
    assert "rotated" in finding(observation, "log.reach").evidence


async def test_a_missing_file_says_what_to_do(auth_log: Log) -> None:
    auth_log.path.rename(auth_log.path.with_name("auth.log.1.gz"))
    observation = await auth_log.adapter.probe(TARGET, time.monotonic() + 10)
    assert not observation.up
    assert observation.findings[0].summary == f"{auth_log.path} is not there"


async def test_a_file_that_may_not_be_read_names_the_group(auth_log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(follow.os, "open", refuse)
    observation = await auth_log.ask()
    (denied,) = observation.findings
    assert denied.status is Status.UNKNOWN and denied.evidence["reason"] == "denied"
    assert "group" in denied.remedy


async def test_another_adapter_goes_on_where_one_stopped(auth_log: Log) -> None:
    auth_log.failed("192.0.2.1", 2)
    first = await auth_log.ask()
    auth_log.failed("192.0.2.1", 1, "late")
    settings = LogProbe(type="log", path=str(auth_log.path))
    auth_log.adapter = LogAdapter(settings, auth_log.clock)
    auth_log.adapter.go_on({bookmark.place: bookmark.mark for bookmark in first.bookmarks})
    second = await auth_log.ask()
    assert [event.attributes["user"] for event in second.events] == ["late"]
    assert all(bookmark.here for bookmark in first.bookmarks), "another host has another file of this name"


async def test_what_was_lost_to_rotation_while_away_is_a_warning(auth_log: Log) -> None:
    auth_log.failed("192.0.2.1", 2)
    first = await auth_log.ask()
    auth_log.path.rename(auth_log.path.with_name("auth.log.1.gz"))
    auth_log.failed("192.0.2.1", 1, "late")
    auth_log.adapter = LogAdapter(LogProbe(type="log", path=str(auth_log.path)), auth_log.clock)
    auth_log.adapter.go_on({bookmark.place: bookmark.mark for bookmark in first.bookmarks})
    reach = finding(await auth_log.ask(), "log.reach")
    assert reach.status is Status.WARNING
    assert "delaycompress" in reach.remedy
