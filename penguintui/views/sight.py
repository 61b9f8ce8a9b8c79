"""What a screen shows while nobody sees the platform: nothing is fine then, and the sentence on top says so.

What happened once, such as a run that succeeded, stays what it was: only what claims how something *stands* changes.
"""

from __future__ import annotations

import functools
from dataclasses import fields, is_dataclass, replace
from typing import Any

from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.frame import FrameView
from penguintui.views.models.technical import TargetRows
from penguintui.views.verdict import out_of_sight

_HAPPENED = frozenset({"Change", "Mark", "IncidentRow", "HistoryRow", "RunView", "RecordLine", "Difference"})
"""Models that tell what was, whoever looks now."""


def unseen(model: Any, frame: FrameView) -> Any:
    """A screen's model as it may be shown in a frame that is blind. One that is so already stays what it is."""
    if not frame.live or frame.agent.blind_since is None:
        return model
    shown, words = doubted(model), f"Out of sight since {say.short(frame.agent.blind_since, frame.at)}: "
    words += f"{frame.agent.why}. What is shown was true then."
    match type(model).__name__:
        case "Executive":
            place = say.capital(frame.environment.lower())
            return replace(shown, verdict=out_of_sight(place, frame.agent.blind_since, frame.at, frame.agent.why))
        case "Deliverability" if model.status <= Status.UNKNOWN:
            return replace(shown, chain=words)
        case "Security" if model.status <= Status.UNKNOWN:
            return replace(shown, headline=words)
    return shown


@functools.cache
def _names(model: type) -> tuple[str, ...]:
    return tuple([one.name for one in fields(model)])


def doubted(what: Any) -> Any:
    """The same with UNKNOWN wherever it claims that something is fine now."""
    if what is Status.OK:
        return Status.UNKNOWN
    if isinstance(what, str | float | int):  # most of what a model is made of
        return what
    if isinstance(what, TargetRows):
        return TargetRows(what.names, lambda name: doubted(what.named(name)))
    if isinstance(what, tuple):
        return tuple(map(doubted, what))
    if not is_dataclass(what) or isinstance(what, type) or type(what).__name__ in _HAPPENED:
        return what
    values = {name: getattr(what, name) for name in _names(type(what))}
    changed = {name: found for name, value in values.items() if (found := doubted(value)) is not value}
    return replace(what, **changed) if changed else what
