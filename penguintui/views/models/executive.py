"""Screen 1: are we keeping our promises, and what does it cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.what import Need, Part, Sentence, Trend, Value


@record
class Verdict:
    """The state of everything in one sentence, then why, then what is at stake; each line a sentence of parts.

    headline: "Production is degraded since 13:42." `text` is all of it as one plain string.
    """

    status: Status
    headline: str
    lines: tuple[Sentence, ...]
    since: Time | None
    text: str


@record
class PromiseCard:
    """One promise.

    status: worst of its number against the target, and of how fast the budget burns; UNKNOWN without data.
    target: "of 200 ms". budget_left: 0..1, share of what may fail in the window (below 0 is shown as 0: overspent).
    burn_rate: 1.0 spends exactly the budget in the window. Both None when there is too little history.
    budget_text: "81%"; burn_text: "burn 0.2×"; window: "30d". note: what it rests on, or why it is unknown.
    broken_since: since when the target is missed without a break; None while it is met.
    """

    name: str
    status: Status
    now: Value
    target: str
    budget_left: float | None
    budget_text: str
    burn_rate: float | None
    burn_text: str
    burn_status: Status
    window: str
    trend: Trend
    note: str = ""
    broken_since: Time | None = None


@record
class BusinessLine:
    """One figure of today. goal: "of 10 M". share: of the goal, 0..1, for a gauge; None without a goal."""

    name: str
    value: Value
    goal: str
    share: float | None
    trend: Trend


@record
class RecordLine:
    """One line of the record: incidents, releases, backups, drills, compliance."""

    name: str
    parts: tuple[Part, ...]


@record
class Executive:
    """`needs`: what is not configured, panel by panel; a panel with a need has no lines."""

    verdict: Verdict
    promises: tuple[PromiseCard, ...]
    business: tuple[BusinessLine, ...]
    record: tuple[RecordLine, ...]
    mails: Chart | None
    needs: tuple[Need, ...] = ()
