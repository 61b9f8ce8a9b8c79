"""Log files: followed across rotation; logins and their failures become events, counts and findings."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterator, Mapping

from penguintui.adapters.asking import Answer
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.logs.authlog import Login, Result, parse_line
from penguintui.adapters.logs.following import FollowedLog
from penguintui.adapters.logs.logins import Breach, Logins
from penguintui.adapters.logs.reach import judge_reading
from penguintui.adapters.span import span
from penguintui.config.probes import Levels, LogProbe
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Bookmark, Event, Finding, Observation, Sample
from penguintui.model.status import Status, worst
from penguintui.model.target import Target

MAX_SOURCES = 20
MAX_EVENTS = 500
_SUBJECT = "logins"


class LogAdapter:
    """Reads what was added since the last asking. Counts live as long as the adapter, positions longer (`go_on`)."""

    def __init__(self, settings: LogProbe, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._log = FollowedLog(settings, clock)
        self._logins = Logins(settings.window, _suspicious(settings.failures))
        self._events: list[Event] = []
        self._events_left_out = 0

    def go_on(self, bookmarks: Mapping[str, str]) -> None:
        self._log.go_on(bookmarks.get(self._settings.path, ""))

    async def probe(self, target: Target, deadline: float) -> Observation:
        """Read on and judge."""
        return await self._log.observe(self._ask(deadline), deadline)

    async def close(self) -> None:
        await self._log.close()

    async def _ask(self, deadline: float) -> Answer:
        reading = await self._log.read(deadline, self._read)
        now = self._clock.now()
        self._logins.expire(now)
        events, self._events = tuple(self._events), []
        left_out, self._events_left_out = self._events_left_out, 0
        findings = (
            judge_reading(self._settings.path, reading, now, _SUBJECT, left_out),
            *_failures(self._logins, self._settings.failures),
            _breaches(self._logins, now),
        )
        samples = (
            Sample("penguintui_logins_total", float(self._logins.failed), {"result": "failed"}),
            Sample("penguintui_logins_total", float(self._logins.accepted), {"result": "accepted"}),
            Sample("penguintui_log_lines_total", float(self._log.lines)),
            Sample("penguintui_log_behind_bytes", float(reading.behind)),
        )
        bookmark = Bookmark(self._settings.path, reading.mark, here=True)
        return Answer(samples, findings, events, bookmarks=(bookmark,))

    def _read(self, lines: Iterator[str]) -> None:
        now = self._clock.now()
        for line in lines:
            login = parse_line(line, now)
            if login is not None:
                self._count(login, now)

    def _count(self, login: Login, now: Time) -> None:
        count, breach = self._logins.add(login, now)
        if breach is not None:
            self._keep(_breach_event(breach))
        if count or login.result is Result.ERROR:
            self._keep(_event(login, count, now))

    def _keep(self, event: Event) -> None:
        """A flood of failures may not fill the store: beyond the bound only breaches are kept."""
        if len(self._events) < MAX_EVENTS or event.severity is Status.CRITICAL:
            self._events.append(event)
        else:
            self._events_left_out += 1


def _suspicious(levels: Levels) -> int | None:
    limits = [limit for limit in (levels.warning, levels.critical) if limit is not None]
    return max(math.ceil(min(limits)), 1) if limits else None


def _failures(logins: Logins, levels: Levels) -> tuple[Finding, ...]:
    """One finding for each of the worst sources beyond a limit, and one for all the others together."""
    window = span(logins.window)
    beyond = [(source, count) for source, count in logins.by_source.most_common() if judge(count, levels)]
    single = [
        Finding(
            "login.failures",
            status := judge(count, levels),
            f"{count} failed logins from {source} in {window}, {limit_crossed(status, levels)}",
            subject=source,
            remedy=f"Block {source} (fail2ban, firewall), unless it is a program of ours with an old password.",
            evidence={"failures": str(count)},
        )
        for source, count in beyond[:MAX_SOURCES]
    ]
    return (*single, _other_failures(logins, levels, beyond[MAX_SOURCES:], len(single)))


def _other_failures(logins: Logins, levels: Levels, beyond: list[tuple[str, int]], single: int) -> Finding:
    total, sources = logins.by_source.total(), len(logins.by_source)
    summary = f"{total} failed logins from {sources} sources in {span(logins.window)}"
    if beyond:
        summary += f"; {len(beyond)} more sources, with {sum(count for _, count in beyond)} of them, are beyond a limit"
    elif not single:
        summary += ", none of them beyond a limit" if sources else ""
    evidence = {"failures": str(total), "sources": str(sources)}
    if logins.by_account:
        evidence["accounts"] = ", ".join(_listed(logins.by_account))
    if logins.forgotten:
        evidence["forgotten"] = f"{logins.forgotten} older failures; there are too many to count over the whole window"
    status = worst((judge(count, levels) for _, count in beyond), default=Status.OK)
    remedy = "Close the port to the world, or limit the rate of logins." if beyond else ""
    return Finding("login.failures", status, summary, remedy=remedy, evidence=evidence)


def _listed(counts: Counter[str]) -> list[str]:
    return [f"{name} {count}" for name, count in counts.most_common(5)]


def _breaches(logins: Logins, now: Time) -> Finding:
    window = span(logins.window)
    if not logins.breaches:
        return Finding("login.breach", Status.OK, f"no login succeeded after failures in {window}")
    last = logins.breaches[-1]
    others = len({(breach.user, breach.source) for breach in logins.breaches} - {(last.user, last.source)})
    more = f"; {others} more like it" if others else ""
    return Finding(
        "login.breach",
        Status.CRITICAL,
        f"{_breach_words(last)}, {span(max(now - last.time, 0.0))} ago{more}",
        remedy=f"Lock {last.user or 'the account'} and end its sessions, then find out whether its owner logged in.",
        evidence={
            "user": last.user,
            "source": last.source,
            "service": last.service,
            "method": last.method,
            "time": datetime.datetime.fromtimestamp(last.time, datetime.UTC).isoformat(timespec="seconds"),
        },
    )


def _breach_words(breach: Breach) -> str:
    after = f"from {breach.source}" if breach.by == "source" else "for this account"
    return (
        f"{breach.user or 'somebody'} logged in to {breach.service} from {breach.source} "
        f"after {breach.failures} failures {after}"
    )


def _breach_event(breach: Breach) -> Event:
    attributes = {"user": breach.user, "source": breach.source, "service": breach.service, "method": breach.method}
    return Event(breach.time, "login.breach", _breach_words(breach), Status.CRITICAL, attributes)


def _event(login: Login, count: int, now: Time) -> Event:
    who = login.user or "somebody"
    words = {
        Result.FAILED: f"login of {who} to {login.service} from {login.source} failed",
        Result.INVALID_USER: f"login of {who}, who does not exist, to {login.service} from {login.source} failed",
        Result.ACCEPTED: f"{who} logged in to {login.service} from {login.source}",
        Result.ERROR: f"{login.service} could not check a login from {login.source}: no authentication service",
    }[login.result]
    attributes = {"user": login.user, "source": login.source, "service": login.service, "method": login.method}
    if count > 1:
        words += f" ({count} times)"
        attributes["count"] = str(count)
    severity = Status.WARNING if login.result is Result.ERROR else Status.OK
    time = now if login.time is None else min(login.time, now)
    return Event(time, login.result.value, words, severity, attributes)
