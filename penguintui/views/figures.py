"""What the signals of targets say, remembered target by target: those of which nothing arrived are not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.model.target import Kind
from penguintui.views import format as say
from penguintui.views.remembered import STANDS, slow
from penguintui.views.signals import SIGNALS, Signal

if TYPE_CHECKING:
    from penguintui.views.ask import Ask

Words = tuple[str, ...]
"""A target's signals with their titles; those without data are left out."""

_MOST = 5000
"""Targets that are remembered; all are forgotten when there are more, unless they are asked together."""


@dataclass(slots=True)
class _Told:
    """What a target's signals said, and when each was asked. mark: that of the target then."""

    mark: int = -1
    at: Time = 0.0
    values: dict[Signal, tuple[float, Time]] = field(default_factory=dict)
    words: Words = ()

    def stands(self, mark: int, at: Time) -> bool:
        return self.mark == mark and 0 <= at - self.at < STANDS

    def knows(self, signal: Signal, at: Time) -> bool:
        """Whether a signal of a window of time stands whatever arrived; see `slow`."""
        known = self.values.get(signal)
        return known is not None and 0 <= at - known[1] < slow(signal.of_all)


class Figures:
    """Remembers the signals of targets for whoever reads again and again.

    What they say of a target stands until it is observed anew, `STANDS` seconds at most.
    """

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}

    def words(self, ask: Ask, kinds: Mapping[Kind, Sequence[str]]) -> Mapping[str, Words] | None:
        """The words of each target; the same object while they say the same. None where nobody knows what arrived.

        kinds: the names of the targets of each kind.
        """
        marks = ask.marks([name for names in kinds.values() for name in names])
        if marks is None:
            return None
        if len(self._told) > max(_MOST, 2 * len(marks)):
            self._told = {}
        told = {name: self._told.setdefault(name, _Told()) for name in marks}
        behind = {
            kind: [name for name in names if not told[name].stands(marks[name], ask.at)]
            for kind, names in kinds.items()
        }
        _ask(ask, told, behind)
        for kind, names in behind.items():
            for name in names:
                one = told[name]
                one.mark, one.at = marks[name], ask.at
                words = tuple([word(signal, one.values[signal][0]) for signal in SIGNALS[kind] if signal in one.values])
                if words != one.words:
                    one.words = words
        return {name: one.words for name, one in told.items()}


def _ask(ask: Ask, told: Mapping[str, _Told], behind: Mapping[Kind, Sequence[str]]) -> None:
    """Asks each signal with one question, of those targets of which it is not known."""
    wanted: dict[Signal, list[str]] = {}
    for kind, names in behind.items():
        for signal in SIGNALS[kind]:
            wanted.setdefault(signal, []).extend([name for name in names if not told[name].knows(signal, ask.at)])
    for signal, names in wanted.items():
        values = ask.instant_of(names, signal.of_all).by("instance") if names else {}
        for name in names:
            if name in values:
                told[name].values[signal] = (values[name], ask.at)
            else:
                told[name].values.pop(signal, None)


def word(signal: Signal, value: float) -> str:
    """A signal of a target, as its row says it: cpu 28.6 %."""
    return f"{signal.title} {say.share(value) if signal.share else say.quantity(value, signal.unit)}"
