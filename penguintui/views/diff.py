"""What changed between two moments, the most surprising first; and which moment a word such as `deploy` means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from penguintui.model.action import RunStatus
from penguintui.model.clock import Time
from penguintui.model.moment import Moment
from penguintui.views import format as say
from penguintui.views.ask import Ask, Memory, asking
from penguintui.views.compare.happened import happened
from penguintui.views.compare.numbers import Numbers, UpToThen, numbers
from penguintui.views.compare.settings import settings as settings_compared
from penguintui.views.compare.states import Sides, alerts, findings, targets
from penguintui.views.frame import before_the_beginning
from penguintui.views.models.diff import Diff, Difference
from penguintui.views.models.what import Need
from penguintui.views.settings import settings
from penguintui.views.standing import Standing, stand

if TYPE_CHECKING:
    from penguintui.query.asking import Engines
    from penguintui.store.reader import Reader

MOST = 300
"""Differences that are shown; the others are counted."""
_MOST_RUNS = 1000
WORDS = ("deploy", "release", "incident", "configuration")
"""What `since` takes besides a time, an action's name and `run NUMBER`."""


class Before:
    """How the first of two moments is asked: by a memory and a server of its own, since its configuration may be
    another one."""

    def __init__(self, engines: Engines | None = None) -> None:
        self._engines = engines
        self._memory = Memory(256)

    def ask(self, reader: Reader) -> UpToThen:
        from penguintui.query.asking import Engines

        queries = (self._engines or Engines()).of(reader)
        return UpToThen(queries, reader.at, self._memory, settled=reader.settled)


def build(
    reader: Reader, ask: Ask, since: Time | str, *, standing: Standing | None = None, before: Before | None = None
) -> Diff:
    """What is otherwise at the reader's moment than it was at `since`: a time, or what a person called one.

    A later `since` is taken as the second of the two moments, so that their order does not matter.
    """
    began, what = (since, "") if isinstance(since, float | int) else since_when(reader, since)
    if began is None:
        return Diff(reader.at, reader.at, "Nothing to compare", trouble=what)
    if began > reader.at:
        later = reader.store.reader(Moment(began))
        return replace(build(later, asking(later), reader.at), title=_title(reader.at, began, what))
    title = _title(began, reader.at, what)
    if trouble := _cannot(reader, began):
        return Diff(began, reader.at, title, trouble=trouble)
    old = reader.store.reader(Moment(began))
    sides = Sides(old, reader, stand(old), standing or stand(reader))
    return _compared(sides, numbers(sides, (before or Before()).ask(old), ask), title)


def _compared(sides: Sides, moved: Numbers, title: str) -> Diff:
    found = [
        *findings(sides),
        *alerts(sides),
        *targets(sides),
        *settings_compared(settings(sides.before).document, settings(sides.after).document),
        *happened(sides),
        *moved.differences,
    ]
    found.sort(key=_most_surprising)
    more = f"; {len(found) - MOST:,} more differences are not shown" if len(found) > MOST else ""
    needs = (Need("Numbers", moved.trouble, "Those that were answered are compared."),) if moved.trouble else ()
    return Diff(sides.since, sides.until, title, tuple(found[:MOST]), f"{_same(sides, moved)}{more}", needs=needs)


def _most_surprising(one: Difference) -> tuple[float, float, str]:
    return (-one.surprise, one.at if one.at is not None else float("inf"), one.text)


def _same(sides: Sides, moved: Numbers) -> str:
    count = len(sides.now.targets.keys() & sides.was.targets.keys())
    return f"{say.counted(count, 'target')} and {say.counted(moved.compared, 'number')} were compared"


def _cannot(reader: Reader, began: Time) -> str:
    """Why two moments cannot be compared; "" when they can."""
    if began == reader.at:
        return f"Both moments are {say.moment(began)}: nothing lies between them."
    return before_the_beginning(began, reader.beginning())


def _title(since: Time, until: Time, what: str) -> str:
    """Both moments in words; the day of the second is said where it is another one."""
    second = say.clock(until) if say.date(since) == say.date(until) else say.moment(until)
    named = f", {what}" if what else ""
    return f"{say.moment(since)}{named}, to {second}: {say.span(until - since)}"


def since_when(reader: Reader, word: str) -> tuple[Time | None, str]:
    """The last moment that a word means, and what happened then; None and a sentence when there was none.

    deploy, release: the newest release or deploy that had ended well; incident: the newest that was opened;
    configuration: when the one in force came; an action's name, `run 12`: when that began.
    """
    name = word.strip().lower()
    if name in ("deploy", "release"):
        found = _release(reader)
    elif name == "incident":
        opened = reader.events(kinds=("incident.opened",), limit=1)
        found = (opened[0].time, opened[0].summary) if opened else None
    elif name == "configuration":
        known = reader.configuration()
        found = None if known is None else (known.valid_from, "when this configuration came")
    else:
        found = _run(reader, name)
    if found is not None:
        return found
    if name in (*WORDS, *settings(reader).section("actions")):
        return None, f"No {name} is remembered up to {say.moment(reader.at)}."
    return None, f"Nothing is called {word or 'so'}: a time, {', '.join(WORDS)}, an action's name or run NUMBER is."


def _release(reader: Reader) -> tuple[Time, str] | None:
    """The newest release that an event tells of, or run of the action `deploy`, whichever came last."""
    told = reader.events(kinds=("release", "release."), limit=1)
    runs = [run for run in reader.runs(_MOST_RUNS) if run.action == "deploy" and run.status is RunStatus.SUCCEEDED]
    found = [(event.time, event.summary) for event in told]
    found += [(run.started or run.created, f"run {run.id}, {run.title}") for run in runs[:1]]
    return max(found, default=None)


def _run(reader: Reader, name: str) -> tuple[Time, str] | None:
    number = name.removeprefix("run").strip()
    if number.isdecimal():
        run = reader.run(int(number))
    else:
        run = next((run for run in reader.runs(_MOST_RUNS) if run.action.lower() == name), None)
    return None if run is None else (run.started or run.created, f"run {run.id}, {run.title}")
