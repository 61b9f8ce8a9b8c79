"""The agent's rules: evaluated in a thread of their own, over the store; what they yield goes back into the store."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.agent.outgoing import Share
from penguintui.agent.rulebook import Reread, Rulebook, changed
from penguintui.agent.rulequeries import Asking, RuleQueries
from penguintui.alerting.evaluation import Evaluation, Standing
from penguintui.alerting.machine import Key, Remembered
from penguintui.alerting.raising import ALERTS, ALERTS_FOR_STATE, External
from penguintui.alerting.rulefiles import RecordingRule, Rule
from penguintui.config.settings import Configuration
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Event, Sample
from penguintui.model.status import Status
from penguintui.store.alerts import AlertRecord, alerts, keep_alerts, keep_groups
from penguintui.store.errors import StoreError
from penguintui.store.ingest import Ingest, record_events
from penguintui.store.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.reader import Store

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_VISIBLE_SECONDS = 10.0
"""How long an evaluation waits for a recorded sample to be in the store."""
_TAKEN_SECONDS = 1.0
"""How long a group waits until what the one before it yielded is in the store."""
_MISSED = 2.5
"""Intervals for which a result holds: two evaluations may be missed, then it is known no more."""


@dataclass(slots=True)
class _Due:
    """A group with the time of its next evaluation (monotonic)."""

    evaluation: Evaluation
    interval: float
    next: float = 0.0


class Ruling:
    """Evaluates the rules of a configuration. `message` says what is wrong with them; empty when nothing is."""

    def __init__(
        self, writer: Writer, ingest: Ingest, store_url: str, clock: Clock, folder: Path, share: Share | None = None
    ) -> None:
        """share: told of the samples that go into the store, with added labels and for how long they hold."""
        self._writer = writer
        self._share = share
        self._ingest = ingest
        self._store_url = store_url
        self._clock = clock
        self._folder = folder
        self._rulebook = Rulebook()
        self._due: dict[str, _Due] = {}
        self._queries = RuleQueries()
        self._left: frozenset[str] = frozenset()
        self._writing: Future[None] | None = None
        self._remembered: dict[str, dict[tuple[str, Key], Remembered]] | None = None
        self._configuration = Configuration()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._refused = ""
        self._failing: dict[str, str] = {}
        self._unread = ""
        self.message = ""

    def apply(self, configuration: Configuration) -> None:
        """Take this configuration's rules from the next turn on, and begin when nothing was begun yet."""
        self._configuration = configuration
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="rules", daemon=True)
            self._thread.start()

    def take_now(self, configuration: Configuration, store: Store) -> None:
        """Take this configuration's rules at once; for whoever evaluates by hand, without the thread."""
        self._configuration = configuration
        self._look(store)

    @property
    def groups(self) -> list[str]:
        """The groups in force, as `file;group`."""
        return list(self._due)

    def stop(self, timeout: float = 1.0) -> None:
        """End after the evaluation under way; one that takes longer than `timeout` seconds is left behind."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        from penguintui.store.reader import Store

        store = Store(self._store_url, self._clock)
        looked = -math.inf
        try:
            while not self._stopping.is_set():
                now = self._clock.monotonic()
                try:
                    if now - looked >= _LOOK_SECONDS:
                        looked = now
                        self._look(store)
                    for identity, due in list(self._due.items()):
                        if due.next <= now and not self._stopping.is_set():
                            due.next = max(due.next + due.interval, now)
                            self.evaluate(store, identity, self._clock.now())
                            self._miss("")
                except StoreError as error:
                    self._miss(str(error))
                except Exception:
                    log.exception("evaluating rules failed")
                self._stopping.wait(self._until_next(looked))
        finally:
            self._queries.close()
            store.close()

    def _until_next(self, looked: float) -> float:
        soonest = min([looked + _LOOK_SECONDS, *(due.next for due in self._due.values())])
        return min(max(soonest - self._clock.monotonic(), 0.05), _LOOK_SECONDS)

    def _look(self, store: Store) -> None:
        """Take changed settings and files."""
        configuration = self._configuration
        self._remember(store)
        self._queries.take(configuration.query)
        reread = self._rulebook.look(configuration.rules, self._folder)
        if reread is not None:
            self._take(reread, configuration)
        for due in self._due.values():
            due.interval = due.evaluation.group.interval or configuration.rules.interval
            due.evaluation.external = _external(configuration)

    def _remember(self, store: Store) -> None:
        """Once: what the store knows of alerts from before this agent."""
        if self._remembered is not None:
            return
        found: dict[str, dict[tuple[str, Key], Remembered]] = {}
        for record in alerts(store.reader()):
            known = Remembered(record.active_at, record.observed)
            key = (record.rule, tuple(sorted(record.labels.items())))
            found.setdefault(record.group, {})[key] = known
        self._remembered = found

    def _take(self, reread: Reread, configuration: Configuration) -> None:
        due: dict[str, _Due] = {}
        now = self._clock.monotonic()
        for identity, group in reread.groups.items():
            former = self._due.get(identity)
            if former is not None and former.evaluation.group == group:
                due[identity] = former
                continue
            evaluation = Evaluation(group, _external(configuration))
            if former is not None:
                evaluation.inherit(former.evaluation)
            else:
                evaluation.remember((self._remembered or {}).pop(identity, {}))
            interval = group.interval or configuration.rules.interval
            due[identity] = _Due(evaluation, interval, former.next if former is not None else now)
        former_groups = {identity: known.evaluation.group for identity, known in self._due.items()}
        if former_groups and (words := changed(former_groups, reread.groups)):
            self._say("rules.changed", words, Status.OK)
        self._due = due
        recorded = (rule.name for group in reread.groups.values() for rule in group.rules if _records(rule))
        self._left = frozenset((ALERTS, ALERTS_FOR_STATE, *recorded))
        self._failing = {identity: said for identity, said in self._failing.items() if identity in due}
        self._writer.submit(partial(keep_groups, groups=set(due), now=self._clock.now()))
        refused = "; ".join(reread.problems[:1])
        if reread.problems:
            self._say("rules.refused", "\n".join(reread.problems)[:2000], Status.WARNING)
        self._refused = f"a rule file is refused, the rules that ran go on: {refused}" if refused else ""
        self._word()

    def evaluate(self, store: Store, identity: str, now: Time) -> None:
        """Evaluate one group now, and write what it yields; not while the store takes nothing."""
        if self._writing is not None and wait([self._writing], _TAKEN_SECONDS).not_done:
            log.warning("the group %s is passed over: the store takes nothing", identity)
            return
        due = self._due[identity]
        evaluation, holds = due.evaluation, due.interval * _MISSED
        at = now - evaluation.group.offset
        asking = self._queries.at(store, now, self._left)
        shown = evaluation.run(now, asking.query, partial(self._keep, asking=asking, at=at, holds=holds))
        records = [_record(identity, one, holds) for one in evaluation.standing()]
        unknown = evaluation.unknown()
        rows = [(sample, at) for sample in shown]

        def keep(connection: Connection) -> None:
            keep_alerts(connection, identity, records, now, leave=unknown)
            self._ingest.samples(connection, {}, rows, holds)

        self._writing = self._writer.submit(keep)
        self._writing.add_done_callback(_complain)
        if self._share is not None:
            self._share({}, rows, holds)
        self._hear(asking)
        if not self._queries.silence:
            self._note(identity, evaluation)

    def _keep(self, samples: Sequence[Sample], *, asking: Asking, at: Time, holds: float) -> None:
        """Write what a recording rule yields, and wait until the next rule can see it."""
        rows = [(sample, at) for sample in samples]
        future = self._writer.submit(lambda connection: self._ingest.samples(connection, {}, rows, holds))
        future.add_done_callback(_complain)
        if self._share is not None:
            self._share({}, rows, holds)
        wait([future], _VISIBLE_SECONDS)
        asking.renew()

    def _miss(self, why: str) -> None:
        """The store cannot be read, or it can again (""): told when that begins, not of each group."""
        if why and why != self._unread:
            log.warning("rules are not evaluated: %s", why)
        elif self._unread and not why:
            log.info("rules are evaluated again: the store can be read")
        if why != self._unread:
            self._unread = why
            self._word()

    def _hear(self, asking: Asking) -> None:
        """Say that the server does not answer, when that begins, and when it ends."""
        if self._queries.note(asking):
            if self._queries.silence:
                words = f"rules are not evaluated, alerts stay as they are: {self._queries.silence}"
                self._say("rules.unanswered", words[:2000], Status.WARNING)
            else:
                self._say("rules.answered", "rules are evaluated again: the server answers", Status.OK)
        self._word()

    def _note(self, identity: str, evaluation: Evaluation) -> None:
        """Say that rules of a group fail, when they begin to."""
        failing = "; ".join(f"{rule}: {error}" for rule, error in evaluation.errors.items())
        if failing == self._failing.get(identity, ""):
            return
        if failing:
            self._failing[identity] = failing
            self._say("rules.failed", f"rules of {identity} fail: {failing}"[:2000], Status.WARNING)
        else:
            del self._failing[identity]
        self._word()

    def _word(self) -> None:
        failing = next((f"rules of {identity} fail: {said}" for identity, said in self._failing.items()), "")
        silence = self._queries.silence
        unanswered = f"rules are not evaluated, alerts stay as they are: {silence}" if silence else ""
        unread = f"rules are not evaluated: {self._unread}" if self._unread else ""
        self.message = (self._refused or unread or unanswered or failing)[:500]

    def _say(self, kind: str, summary: str, severity: Status) -> None:
        log.log(logging.WARNING if severity else logging.INFO, "%s", summary)
        event = Event(self._clock.now(), kind, summary, severity)
        self._writer.submit(lambda connection: record_events(connection, "", [event]))


def _external(configuration: Configuration) -> External:
    """What the rules of this place know of it."""
    own = {"environment": configuration.environment, "region": configuration.region}
    return External({**{name: value for name, value in own.items() if value}, **configuration.rules.labels})


def _records(rule: Rule) -> bool:
    return isinstance(rule, RecordingRule)


def _record(group: str, one: Standing, holds: float) -> AlertRecord:
    alert = one.alert
    return AlertRecord(
        group,
        one.rule.name,
        alert.labels,
        str(alert.state),
        alert.active_at,
        alert.fired_at,
        alert.value,
        one.annotations,
        one.evaluated,
        holds,
    )


def _complain(future: Future[None]) -> None:
    error = future.exception()
    if error is not None:
        log.error("what rules yield could not be recorded: %s", error)
