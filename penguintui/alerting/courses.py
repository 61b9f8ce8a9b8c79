"""One rule through the time of a unit test: fed with its query's results step by step, it leaves samples and alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penguintui.alerting.machine import Alert, Failure, Instance, Key, State, advance
from penguintui.alerting.memory import MemorySamples, Series
from penguintui.alerting.notation import STALE
from penguintui.alerting.raising import (
    ALERTS,
    ALERTS_FOR_STATE,
    NAME,
    External,
    alerts_series,
    annotated,
    instance,
    recorded,
)
from penguintui.alerting.rulefiles import AlertingRule, Group, RecordingRule
from penguintui.alerting.templates import Ask, varies

if TYPE_CHECKING:
    from penguintui.query.vectors.block import Block

FiringAlert = tuple[Mapping[str, str], Mapping[str, str]]
"""Labels and annotations of an alert that fires."""


@dataclass(slots=True)
class Leaving:
    """Writes samples of a rule, and the end of series that it no longer yields."""

    memory: MemorySamples
    before: dict[int, Series] = field(default_factory=dict)

    def write(self, samples: Sequence[tuple[Mapping[str, str], float]], time: int) -> str:
        """The samples of one evaluation; time in milliseconds. What is wrong, where another rule left other ones."""
        now: dict[int, Series] = {}
        error = ""
        for labels, value in samples:
            series = self.memory.series(labels)
            if series.add(time, value):
                now[id(series)] = series
            else:
                error = "duplicate sample for timestamp"
        for known, series in self.before.items():
            if known not in now:
                series.add(time, STALE)
        self.before = now
        return error


@dataclass(slots=True)
class RecordingCourse:
    rule: RecordingRule
    group: Group
    memory: MemorySamples
    leaving: Leaving = field(init=False)
    error: str = ""

    def __post_init__(self) -> None:
        self.leaving = Leaving(self.memory)

    @property
    def idle(self) -> bool:
        """Whether an evaluation without a result changes nothing."""
        return not self.leaving.before

    def step(self, block: Block, column: int, time: int, ask: Ask | None) -> None:
        """Take the result in one column of the block; time in milliseconds."""
        self.error = ""
        rows = block.present[:, column].nonzero()[0].tolist()
        samples = [(self._labels(block, i), float(block.values[i, column])) for i in rows]
        if len({tuple(sorted(labels.items())) for labels, _ in samples}) < len(samples):
            self.error = "vector contains metrics with the same labelset after applying rule labels"
        elif 0 < self.group.limit < len(samples):
            self.error = f"exceeded limit of {self.group.limit} with {len(samples)} series"
        else:
            self.error = self.leaving.write(samples, time)

    def _labels(self, block: Block, row: int) -> dict[str, str]:
        return {**recorded(self.rule, block.labels[row]), NAME: self.rule.name}


@dataclass(slots=True)
class AlertingCourse:
    """`shows`: whether anybody reads ALERTS, which is written only then."""

    rule: AlertingRule
    group: Group
    memory: MemorySamples
    external: External
    shows: bool
    alerts: Mapping[Key, Alert] = field(default_factory=dict)
    leaving: Leaving = field(init=False)
    fixed: bool = field(init=False)
    known: dict[int, Instance] = field(default_factory=dict)
    of: Block | None = None
    error: str = ""

    def __post_init__(self) -> None:
        self.leaving = Leaving(self.memory)
        self.fixed = not any(varies(template) for template in self.rule.labels.values())

    @property
    def idle(self) -> bool:
        """Whether an evaluation without a result changes nothing."""
        return not self.alerts and not self.leaving.before

    def step(self, block: Block, column: int, time: int, ask: Ask | None) -> None:
        """Take the result in one column of the block; time in milliseconds."""
        rows = block.present[:, column].nonzero()[0].tolist() if len(block) else ()
        if self.of is not block:
            self.of, self.known = block, {}
        result = [self._instance(block, i, column, ask) for i in rows]
        outcome = advance(self.rule, self.alerts, result, time / 1000, self.group.limit)
        self.alerts, self.error = outcome.alerts, outcome.error
        if self.shows and not outcome.error:
            active = outcome.active
            samples = [({**alerts_series(alert), NAME: ALERTS}, 1.0) for alert in active]
            samples += [({**alert.labels, NAME: ALERTS_FOR_STATE}, float(int(alert.active_at))) for alert in active]
            self.error = self.leaving.write(samples, time - round(self.group.offset * 1000))

    def fail(self, reason: str, time: int) -> None:
        """Take an evaluation that failed."""
        self.error = advance(self.rule, self.alerts, Failure(reason), time / 1000).error

    def firing(self, ask: Ask | None) -> list[FiringAlert]:
        """The alerts that fire now."""
        return [
            (alert.labels, annotated(self.rule, alert, self.external, ask))
            for alert in self.alerts.values()
            if alert.state is State.FIRING
        ]

    def _instance(self, block: Block, row: int, column: int, ask: Ask | None) -> Instance:
        value = float(block.values[row, column])
        same = self.known.get(row)
        if same is not None:
            return Instance(same.key, same.labels, value, same.origin)
        made = instance(self.rule, block.labels[row], value, self.external, ask)
        if self.fixed:
            self.known[row] = made
        return made


Course = RecordingCourse | AlertingCourse
