"""Where samples come from: the protocol that the engine asks."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from penguintui.model.record import record

if TYPE_CHECKING:
    from numpy.typing import NDArray


class MatchOp(enum.StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@record
class Matcher:
    """One label matcher. The metric's name is the label `__name__`. Regular expressions match whole values."""

    name: str
    op: MatchOp
    value: str


@record
class RawSeries:
    """One series: its labels (with `__name__`), times in milliseconds since 1970, ascending, and values."""

    labels: Mapping[str, str]
    times: Sequence[int] | NDArray[Any]
    values: Sequence[float] | NDArray[Any]


class SampleSource(Protocol):
    """Something that holds samples: our store, or a test's list."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterable[RawSeries]:
        """All series that match and have samples with start <= time <= end (milliseconds)."""
        ...


class RolledSource(SampleSource, Protocol):
    """A source that keeps, of long ago, only what many samples were together: least, largest, sum, number, last."""

    def select_column(self, matchers: Sequence[Matcher], start: int, end: int, column: str) -> Iterable[RawSeries]:
        """As `select`, but what stands for many samples shows `last`, `min`, `max`, `sum` or `count` of them.

        Of a sample that stands for itself `count` is 1, and every other column its value.
        """
        ...

    def begin(self) -> None:
        """A query begins: what follows is said of what it selects."""
        ...

    @property
    def warnings(self) -> Collection[str]:
        """What of the samples that were selected could not be read, in words."""
        ...

    @property
    def rolled(self) -> bool:
        """Whether anything that was selected stands for many samples."""
        ...


def keeps_rollups(source: SampleSource) -> TypeGuard[RolledSource]:
    """Whether a source is a `RolledSource`. To ask a protocol itself would take as long as a small selection."""
    return hasattr(source, "select_column")
