"""Whom the agent's rules ask: whoever `query:` names, and the store for what the rules themselves leave.

What rules record, and their ALERTS, lie in the store also while a server answers, and that server need not have them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from penguintui.alerting.templatewords import QueriedSample
from penguintui.config.queries import STORE, QuerySettings
from penguintui.model.clock import Time
from penguintui.model.moment import Moment

if TYPE_CHECKING:
    from penguintui.query.asking import Queries
    from penguintui.query.results import Result
    from penguintui.store.reader import Store


class RuleQueries:
    """Whom rules ask, from evaluation to evaluation; a server's connection is kept.

    silence: why the server has no answer; empty while it answers, or the store does.
    """

    def __init__(self) -> None:
        self.silence = ""
        self._settings: QuerySettings = STORE
        self._server: Queries | None = None

    def take(self, settings: QuerySettings) -> None:
        """Ask whom these settings name from now on."""
        if settings == self._settings:
            return
        self.close()
        self._settings = settings
        if settings.type == "prometheus":
            from penguintui.query.remote import RemoteQueries

            self._server = RemoteQueries(settings)

    def at(self, store: Store, now: Time, left: Collection[str]) -> Asking:
        """Ask as of one moment. left: the metrics that rules leave."""
        semantics = self._settings.promql if self._settings.type == "store" else 3
        return Asking(store, now, semantics, self._server, left, self.silence)

    def note(self, asking: Asking) -> bool:
        """Take up whether the server answered an evaluation; whether that is otherwise than before."""
        silence = "" if asking.answered or self._server is None else asking.silence
        changed = bool(silence) != bool(self.silence)
        self.silence = silence
        return changed

    def close(self) -> None:
        """End the connection to the server, if there is one."""
        if self._server is not None:
            self._server.close()
        self._server, self.silence = None, ""


class Asking:
    """One evaluation's questions. silence: why the server did not answer last; answered: whether it ever did.

    While the server is silent, what the rules leave is not asked either: it ends because nothing new is recorded, not
    because of what it says.
    """

    def __init__(
        self, store: Store, now: Time, semantics: int, server: Queries | None, left: Collection[str], silence: str
    ) -> None:
        self._store = store
        self._now = now
        self._semantics = semantics
        self._server = server
        self._left = left
        self.silence = silence
        self.answered = False
        self.renew()

    def renew(self) -> None:
        """See what is new in the store."""
        from penguintui.query.asking import EmbeddedQueries

        self._own = EmbeddedQueries(self._store.reader(Moment(self._now)), self._semantics)

    def query(self, expr: str, at: Time) -> list[QueriedSample]:
        """The expression's samples. Raises QueryError; NotAnswered where nobody knows them now."""
        from penguintui.query.errors import QueryError
        from penguintui.query.results import Scalar, Vector

        match self._answer(expr, at):
            case Vector(samples=samples):
                return [QueriedSample(one.labels, one.value) for one in samples]
            case Scalar(value=value):
                return [QueriedSample({}, value)]
        raise QueryError("rule result is not a vector or scalar", expr)

    def _answer(self, expr: str, at: Time) -> Result:
        if self._server is None:
            return self._own.instant(expr, at)
        from penguintui.query.errors import NotAnswered

        if self._is_own(expr):
            if self.silence:
                raise NotAnswered(self.silence, expr)
            return self._own.instant(expr, at)
        try:
            result = self._server.instant(expr, at)
        except NotAnswered as error:
            self.silence = str(error)
            raise
        self.answered, self.silence = True, ""
        return result

    def _is_own(self, expr: str) -> bool:
        """Whether all that an expression reads is what rules leave."""
        from penguintui.query.language.metrics import metrics_of

        metrics = metrics_of(expr)
        return metrics is not None and bool(metrics) and metrics <= frozenset(self._left)
