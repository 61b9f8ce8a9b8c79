"""Every screen's model by the screen's name: what the viewer, `status` and `--plain` all read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time
from penguintui.model.moment import LIVE
from penguintui.model.record import record
from penguintui.views import frame
from penguintui.views.ask import Ask, Memory, asking
from penguintui.views.models.frame import FrameView
from penguintui.views.models.question import Question
from penguintui.views.rows import Rows
from penguintui.views.standing import Standing, Standings

if TYPE_CHECKING:
    from penguintui.store.reader import Reader, Store
    from penguintui.views.diff import Before


@record
class _Desk:
    """What a builder may use. kept: what screens remember of the readings of this moment, by their names."""

    reader: Reader
    ask: Ask
    question: Question
    standing: Standing
    rows: Rows
    kept: dict[str, Any]
    now: Time
    before: Callable[[], Before]


def _diff(desk: _Desk) -> Any:
    from penguintui.views import diff

    return diff.build(desk.reader, desk.ask, desk.question.since, standing=desk.standing, before=desk.before())


def _executive(desk: _Desk) -> Any:
    from penguintui.views import executive

    return executive.build(desk.reader, desk.ask, now=desk.now, standing=desk.standing)


def _technical(desk: _Desk) -> Any:
    from penguintui.views import technical

    return technical.build(
        desk.reader,
        desk.ask,
        selected=desk.question.selected,
        filter=desk.question.filter,
        faults_only=desk.question.faults_only,
        viewer=desk.question.viewer,
        now=desk.now,
        standing=desk.standing,
        rows=desk.rows,
        in_sight=desk.question.in_sight,
    )


def _deliverability(desk: _Desk) -> Any:
    from penguintui.views import deliverability

    kept = desk.kept.setdefault("deliverability", deliverability.Kept())
    return deliverability.build(desk.reader, desk.ask, standing=desk.standing, kept=kept)


def _security(desk: _Desk) -> Any:
    from penguintui.views import security

    return security.build(desk.reader, desk.ask, standing=desk.standing)


def _business(desk: _Desk) -> Any:
    from penguintui.views import business

    return business.build(desk.reader, desk.ask)


def _incidents(desk: _Desk) -> Any:
    from penguintui.views import incidents

    return incidents.build(desk.reader)


def _explore(desk: _Desk) -> Any:
    from penguintui.views import explore

    return explore.build(desk.ask, desk.question.expression)


def _actions(desk: _Desk) -> Any:
    from penguintui.views import actions

    return actions.build(desk.reader, viewer=desk.question.viewer, now=desk.now, run=desk.question.run)


def _wall(desk: _Desk) -> Any:
    from penguintui.views import wall

    return wall.build(desk.reader, desk.ask, standing=desk.standing)


_BUILDERS: Mapping[str, Callable[[_Desk], Any]] = {
    "executive": _executive,
    "technical": _technical,
    "deliverability": _deliverability,
    "security": _security,
    "business": _business,
    "incidents": _incidents,
    "explore": _explore,
    "actions": _actions,
    "diff": _diff,
    "wall": _wall,
}
"""Each screen is imported when it is first asked for: the first one does not wait for the others."""


class Reading:
    """Reads screens from a store, and remembers answers about the past that need not be asked again."""

    def __init__(self, store: Store, own: Path | None = None) -> None:
        """own: the reader's own configuration file, for the secrets of a server that answers in the store's place."""
        from penguintui.query.asking import Engines

        self._store = store
        self._memory = Memory()
        self._standings = Standings()
        self._rows = Rows()
        self._kept: dict[str, Any] = {}
        self._warned: dict[str, None] = {}
        self._moment = LIVE
        self._engines = Engines(own)
        self._own = own
        self._before: Before | None = None

    def version(self) -> int:
        """A number that changes when somebody wrote into the store."""
        return self._store.version()

    def read(self, question: Question, now: Time) -> tuple[FrameView, Any]:
        """The frame and the model of the question's screen. Raises StoreError when the store cannot be read."""
        if question.moment != self._moment:
            self._moment, self._rows, self._kept, self._warned = question.moment, Rows(), {}, {}
        # Nobody waits for a server within a transaction: what it sees could not be let go meanwhile.
        with nullcontext() if self._engines.elsewhere else self._store.together():
            return self._read(question, now)

    def _read(self, question: Question, now: Time) -> tuple[FrameView, Any]:
        reader = self._store.reader(question.moment)
        standing = self._standings.stand(reader)
        view = frame.build(reader, now=now, viewer=question.viewer, standing=standing)
        ask = asking(reader, self._memory, self._engines)
        desk = _Desk(reader, ask, question, standing, self._rows, self._kept, now, self._first)
        model = _BUILDERS[question.screen](desk)
        self._warned |= ask.warnings
        view = frame.incomplete(view, self._warned)
        if view.live and view.agent.blind:
            from penguintui.views.sight import unseen

            model = unseen(model, view)
        return view, model

    def _first(self) -> Before:
        """Whoever knows the first of two moments; made when two are compared for the first time."""
        if self._before is None:
            from penguintui.query.asking import Engines
            from penguintui.views.diff import Before

            self._before = Before(Engines(self._own))
        return self._before
