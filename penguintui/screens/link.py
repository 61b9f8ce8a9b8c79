"""How fast the terminal takes its bytes, and what is left out when it does not: frames, then colours, then charts.

`step` decides, from numbers alone. `Meter` brings the numbers: it stands between Textual's writing thread and the
terminal, so it sees how long each write takes. A write that does not end is a stall: then nothing more is drawn until
it ends, and what is drawn then is the newest state, not what was missed.
"""

from __future__ import annotations

import enum
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import IO, TYPE_CHECKING

from penguintui.model.record import record
from penguintui.views.format import data_size

if TYPE_CHECKING:
    from collections.abc import Callable


class Level(enum.IntEnum):
    """What is left out; each level leaves out what those before it do."""

    ALL = 0
    FEWER_FRAMES = 1
    FEWER_COLOURS = 2
    NO_CHARTS = 3


_LEFT_OUT = {
    Level.FEWER_FRAMES: "fewer frames",
    Level.FEWER_COLOURS: "fewer colours",
    Level.NO_CHARTS: "no charts",
}

STALL = 1.0
"""Seconds after which a write that has not ended counts as a stall."""
PRESSED = 0.3
"""Share of the time that writes may take before the link counts as too slow for what is sent."""
CALM = 0.05
"""Share below which there is room for more."""
HOLD = 2.0
"""Seconds between two steps down: each step needs a while to show what it brought."""
PATIENCE = 20.0
"""Seconds of calm before a step up is tried."""
_LONGEST_PATIENCE = 600.0
_NEWEST = 0.2
"""Weight of the newest second in the rate."""


@record
class Measured:
    """What happened on the link since the last measuring.

    seconds: how long that was. busy: seconds of it in which a write was under way. stalled: seconds since the write
    that is under way began, 0 when none is. bytes_sent: of writes that ended.
    """

    seconds: float
    busy: float
    stalled: float
    bytes_sent: int


@record
class Link:
    """The state of the link.

    lowest: the level that it does not rise above, since the person asked for it. rate: bytes a second that it takes
    while it is too slow. changed, calm_since: monotonic times. patience: seconds of calm before a step up.
    """

    level: Level = Level.ALL
    lowest: Level = Level.ALL
    stalled: bool = False
    changed: float = 0.0
    calm_since: float | None = None
    patience: float = PATIENCE
    rate: float = 0.0

    @property
    def words(self) -> str:
        """For the state line; "" while nothing is left out."""
        if self.stalled:
            return "link stalled"
        if self.level is Level.ALL:
            return ""
        if self.level is self.lowest:
            return "low bandwidth"
        rate = f", {data_size(self.rate)}/s" if self.rate else ""
        return f"link slow{rate}: {_LEFT_OUT[self.level]}"


def low() -> Link:
    """A link that the person calls slow: it begins, and stays, with the least."""
    return Link(Level.NO_CHARTS, Level.NO_CHARTS)


def step(link: Link, measured: Measured, now: float) -> Link:
    """The state after a measuring. now: a monotonic time in seconds.

    Down by one level when writes take too much of the time, at most every `HOLD` seconds, and at once after a stall.
    Up by one after a while of calm; a level that did not hold makes the next try wait twice as long.
    """
    link = replace(link, rate=_rate(link, measured))
    if measured.stalled >= STALL:
        worse = link if link.stalled else _down(link, now)
        return replace(worse, stalled=True, calm_since=None)
    link = replace(link, stalled=False)
    share = measured.busy / measured.seconds if measured.seconds > 0 else 0.0
    if share > CALM:
        link = replace(link, calm_since=None)
        pressed = share >= PRESSED and (now - link.changed >= HOLD or link.level is Level.ALL)
        return _down(link, now) if pressed else link
    if link.calm_since is None:
        return replace(link, calm_since=now)
    return _up(link, now) if now - link.calm_since >= link.patience else link


def _up(link: Link, now: float) -> Link:
    """After enough calm: one level up; where there is none, all is forgiven."""
    if link.level > link.lowest:
        return replace(link, level=Level(link.level - 1), changed=now, calm_since=now)
    return replace(link, patience=PATIENCE, calm_since=now)


def _rate(link: Link, measured: Measured) -> float:
    """Bytes a second that the link takes while it is too slow, over the last seconds: they go in large pieces."""
    if measured.busy < PRESSED * measured.seconds or not measured.busy:
        return link.rate
    rate = measured.bytes_sent / measured.busy
    return rate if not link.rate else link.rate + _NEWEST * (rate - link.rate)


def _down(link: Link, now: float) -> Link:
    """One level down. One that comes soon after a step up doubles the patience."""
    soon = 0.0 < now - link.changed < link.patience and link.changed > 0.0
    patience = min(link.patience * 2, _LONGEST_PATIENCE) if soon else link.patience
    level = Level(min(link.level + 1, Level.NO_CHARTS))
    return replace(link, level=level, changed=now, patience=patience)


class Meter:
    """Counts bytes and the time that writing them takes. Written to by one thread, read by another."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._since = monotonic()
        self._busy = 0.0
        self._bytes = 0
        self._began: float | None = None

    def begin(self) -> None:
        """A write begins."""
        with self._lock:
            self._began = self._monotonic()

    def end(self, size: int) -> None:
        """It has ended."""
        with self._lock:
            if self._began is not None:
                self._busy += max(0.0, self._monotonic() - max(self._began, self._since))
            self._began = None
            self._bytes += size

    def read(self) -> Measured:
        """What happened since the last reading."""
        with self._lock:
            now = self._monotonic()
            busy, stalled = self._busy, 0.0
            if self._began is not None:
                stalled = now - self._began
                busy += now - max(self._began, self._since)
            measured = Measured(now - self._since, busy, stalled, self._bytes)
            self._since, self._busy, self._bytes = now, 0.0, 0
            return measured

    @property
    def stalled(self) -> float:
        """Seconds since the write that is under way began; 0 when none is."""
        with self._lock:
            return 0.0 if self._began is None else self._monotonic() - self._began


class MeteredFile:
    """A terminal's file that tells a meter of every write. Everything else is the file's own.

    What a terminal that is gone does not take is dropped: an error would end Textual's writing thread, and the program,
    on its way out, would wait for it for ever.
    """

    def __init__(self, file: IO[str], meter: Meter) -> None:
        self._file = file
        self._meter = meter

    def write(self, text: str) -> int:
        self._meter.begin()
        try:
            return self._file.write(text)
        except OSError:
            return len(text)
        finally:
            self._meter.end(len(text.encode(errors="replace")))

    def flush(self) -> None:
        self._meter.begin()
        try:
            with suppress(OSError):
                self._file.flush()
        finally:
            self._meter.end(0)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()
