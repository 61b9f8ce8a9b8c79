"""Series in memory as a source of samples: what a unit test gives, and what its rules record."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from penguintui.query.language.regex import matches
from penguintui.query.source import Matcher, MatchOp, RawSeries

Key = tuple[tuple[str, str], ...]
_bits = struct.Struct("<d").pack


@dataclass(slots=True)
class Series:
    """One series: times in milliseconds, ascending, and values."""

    labels: Mapping[str, str]
    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, time: int, value: float) -> bool:
        """Add a sample. One that is not newer than the last is left out, as Prometheus' storage does.

        False where there is another value at that time already.
        """
        if not self.times or time > self.times[-1]:
            self.times.append(time)
            self.values.append(value)
            return True
        return time != self.times[-1] or _bits(value) == _bits(self.values[-1])


class MemorySamples:
    """See `SampleSource`. Nothing after `until` (milliseconds) is given."""

    def __init__(self) -> None:
        self.until = 2**62
        self._by_metric: dict[str, dict[Key, Series]] = {}

    def series(self, labels: Mapping[str, str]) -> Series:
        """The series with these labels, made when it is new."""
        key = tuple(sorted(labels.items()))
        return self._by_metric.setdefault(labels.get("__name__", ""), {}).setdefault(key, Series(labels))

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[RawSeries]:
        end = min(end, self.until)
        for one in self._candidates(matchers):
            if all(matches(matcher, one.labels.get(matcher.name, "")) for matcher in matchers):
                low, high = bisect_left(one.times, start), bisect_right(one.times, end)
                if low < high:
                    yield RawSeries(one.labels, one.times[low:high], one.values[low:high])

    def _candidates(self, matchers: Sequence[Matcher]) -> Iterable[Series]:
        """The series of the metric that is named, or all."""
        exact = next((m.value for m in matchers if m.name == "__name__" and m.op is MatchOp.EQUAL), None)
        if exact is not None:
            return list(self._by_metric.get(exact, {}).values())
        return [one for group in self._by_metric.values() for one in group.values()]
