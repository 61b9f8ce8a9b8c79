"""Screen 1: are we keeping our promises, and what does it cost?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penguintui.model.action import Run, RunStatus
from penguintui.model.clock import Time
from penguintui.views import charts, promises
from penguintui.views import format as say
from penguintui.views.ask import Ask, why_empty
from penguintui.views.changes import RUN_VERDICTS, lately, marks
from penguintui.views.frame import agent
from penguintui.views.freshness import Freshness
from penguintui.views.incidents import incidents_of
from penguintui.views.models.chart import Chart, Line
from penguintui.views.models.executive import BusinessLine, Executive, RecordLine
from penguintui.views.models.incidents import IncidentRow
from penguintui.views.models.what import Change, Need, Part, Trend
from penguintui.views.settings import Settings, need, settings
from penguintui.views.standing import Standing, stand
from penguintui.views.verdict import Situation, Stake, verdict

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import EventRecord

MAILS = "sum(increase(penguinmails_mails_sent_total[1h]))"
MAILS_BEFORE = "sum(increase(penguinmails_mails_sent_total[1h] offset 1w))"
REVENUE = "sum(increase(penguinmails_revenue_dollars_total[1h]))"
CUSTOMERS = "sum by (state) (penguinmails_customers)"
_DAY_POINTS = 72
_MONTH = 30 * say.DAY


def build(reader: Reader, ask: Ask, *, now: Time | None = None, standing: Standing | None = None) -> Executive:
    """The executive screen as of the reader's moment. now: the wall clock; the reader's moment when left out."""
    known = settings(reader)
    standing = standing or stand(reader)
    freshness = Freshness(ask, [str(one["query"]) for one in (*known.list("promises"), *known.list("business"))])
    cards = promises.cards(known.list("promises"), ask, freshness)
    changes = lately(reader, reader.at - say.DAY)
    beat = agent(reader.heartbeat(), reader.at if now is None else now)
    situation = Situation(
        environment=known.environment,
        at=reader.at,
        total=len(standing.targets),
        faults=standing.trouble(),
        promises=cards,
        changes=changes,
        stake=_stake(ask),
        blind_since=beat.blind_since if reader.moment.live else None,
    )
    return Executive(
        verdict=verdict(situation),
        promises=cards,
        business=business_lines(known.list("business"), ask, freshness),
        record=_record(reader),
        mails=mails(ask, changes),
        needs=_needs(known),
    )


def business_lines(configured: Sequence[Mapping[str, Any]], ask: Ask, freshness: Freshness) -> tuple[BusinessLine, ...]:
    """Each configured figure of today with its goal and its trend over a day."""
    lines = []
    for section in configured:
        unit = str(section.get("unit") or "count")
        value = freshness.dated(ask.instant(str(section["query"])).value(unit))
        goal = section.get("goal")
        share = None if goal is None or value.number is None or goal <= 0 else min(value.number / goal, 1.0)
        past = ask.trends(str(section.get("trend") or section["query"]), say.DAY, "1d", by="")
        only = next(iter(past.values())) if len(past) == 1 else Trend(label="1d")
        text = "" if goal is None else f"of {say.quantity(goal, unit)}"
        lines.append(BusinessLine(str(section["name"]), value, text, share, only))
    return tuple(lines)


def mails(ask: Ask, changes: Sequence[Change]) -> Chart:
    """Mails per hour over the last day, and the same hours a week ago laid beneath."""
    today = ask.until_now(MAILS, say.DAY, _DAY_POINTS)
    before = ask.until_now(MAILS_BEFORE, say.DAY, _DAY_POINTS)
    lines = [Line("today", *charts.with_gaps(one, today.step)) for one in today.series[:1]]
    lines += [Line("a week ago", *charts.with_gaps(one, before.step)) for one in before.series[:1]]
    title, trouble = "Mails per hour, today and a week ago", "" if lines else why_empty(today, ask.at)
    shown = marks(changes, today.start, today.end)
    return charts.drawn(title, lines, "count", today.start, today.end, trouble, MAILS, shown)


def _stake(ask: Ask) -> Stake:
    """What is at risk: the revenue of an hour in the share of the customers that are affected."""
    states = ask.instant(CUSTOMERS).by("state")
    affected, all_of_them = states.get("affected", 0.0), sum(states.values())
    if not affected or not all_of_them:
        return Stake()
    revenue = ask.instant(REVENUE).value("dollars").number
    return Stake(None if revenue is None else revenue * affected / all_of_them, affected)


def _record(reader: Reader) -> tuple[RecordLine, ...]:
    """What the store remembers of the last 30 days: incidents, releases, runs, backups."""
    since, at = reader.at - _MONTH, reader.at
    found = incidents_of(reader.events(since, kinds=("incident.",), limit=1000), at)
    runs = [run for run in reader.runs(200) if run.created > since]
    releases = reader.events(since, kinds=("release", "release."), limit=1000)
    return (_incident_line(found), _release_line(releases, runs, at), _backup_line(runs, at))


def _incident_line(found: Sequence[IncidentRow]) -> RecordLine:
    if not found:
        return RecordLine("Incidents", (Part("none recorded in 30 days"),))
    spans = [one.resolved_at - one.opened_at for one in found if one.resolved_at is not None]
    parts = [Part(f"{len(found)} in 30 days", strong=True)]
    if spans:
        parts += [Part("   MTTR ", dim=True), Part(say.span(sum(spans) / len(spans)))]
    if len(found) > 1:
        begins = sorted(one.opened_at for one in found)
        parts += [Part("   MTBF ", dim=True), Part(say.span((begins[-1] - begins[0]) / (len(begins) - 1)))]
    worst = max(one.status for one in found)
    open_ones = sum(one.resolved_at is None for one in found)
    return RecordLine("Incidents", (*parts, Part(f"   {open_ones} open", worst)) if open_ones else tuple(parts))


def _release_line(releases: Sequence[EventRecord], runs: Sequence[Run], at: Time) -> RecordLine:
    deploys = [run for run in runs if run.action == "deploy" and run.status is RunStatus.SUCCEEDED]
    back = [run for run in runs if run.action == "rollback" and run.status is RunStatus.SUCCEEDED]
    undone = [run for run in runs if run.action == "deploy" and run.status is RunStatus.UNDONE]
    count = max(len(releases), len(deploys))
    parts = [Part(f"{count} in 30 days" if count else "none recorded in 30 days", strong=bool(count))]
    if begun := [event.time for event in releases] + [run.created for run in deploys]:
        parts += [Part("   last ", dim=True), Part(f"{say.span(at - max(begun))} ago")]
    if back:
        parts.append(Part(f"   {len(back)} rolled back"))
    if undone:
        parts.append(Part(f"   {len(undone)} stopped by a gate"))
    return RecordLine("Releases", tuple(parts))


def _backup_line(runs: Sequence[Run], at: Time) -> RecordLine:
    last = next((run for run in runs if run.action == "backup" and run.finished), None)
    if last is None or last.finished is None:
        return RecordLine("Backups", (Part("none recorded in 30 days"),))
    words = f"last {say.span(at - last.finished)} ago, {last.status}"
    return RecordLine("Backups", (Part(words, RUN_VERDICTS[last.status]),))


def _needs(known: Settings) -> tuple[Need, ...]:
    needs = []
    if not known.list("promises"):
        text = "A promise is a query, its target, and how much of the time it must be met."
        needs.append(need("Promises", text, "promises:"))
    if not known.list("business"):
        text = "A figure is a query that gives one number of today, and its goal."
        needs.append(need("Business", text, "business:"))
    return tuple(needs)
