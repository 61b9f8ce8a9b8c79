"""One page for each widget, with data that never changes: what the gallery shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.status import Status
from penguintui.views.models.actions import OutputText
from penguintui.views.models.chart import Chart, Limit, Mark, Tick
from penguintui.views.models.chart import Line as ChartLine
from penguintui.views.models.deliverability import XrayNode
from penguintui.views.models.executive import PromiseCard
from penguintui.views.models.frame import AgentView, Counts, FrameView
from penguintui.views.models.what import Trend, Value
from penguintui.widgets.canvas import Lines
from penguintui.widgets.card import Promises
from penguintui.widgets.chart import ChartView
from penguintui.widgets.digits import big, height_of_big, sizes, width_of_big
from penguintui.widgets.footer import Hint, KeyHints
from penguintui.widgets.gauge import gauge
from penguintui.widgets.header import Header
from penguintui.widgets.line import EMPTY, Line, fit, line
from penguintui.widgets.log import LogView
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STRONG, STATUS_STYLE, TEXT_STYLE
from penguintui.widgets.parts import TrendCell
from penguintui.widgets.spark import sparkline, tall_spark
from penguintui.widgets.status import badge, counts, mark
from penguintui.widgets.table import Column, Row, Table
from penguintui.widgets.tree import TreeView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.widget import Widget

_NOW = 1_795_443_309.0  # 2026-11-23T14:15:09Z
_HOUR = 3600.0
_STATES = (Status.OK, Status.UNKNOWN, Status.WARNING, Status.CRITICAL)


@dataclass(frozen=True, slots=True)
class Specimen:
    """A widget's page. make: the widgets of it, from top to bottom. show: gives them their data, once mounted."""

    name: str
    says: str
    make: Callable[[], Sequence[Widget]]
    show: Callable[[Sequence[Widget]], None] = lambda widgets: None


class Sheet(Lines):
    """What is drawn as lines and is no widget by itself."""

    def __init__(self, draw: Callable[[int], list[Line]]) -> None:
        super().__init__()
        self._draw = draw

    def layout_lines(self, width: int) -> list[Line]:
        return self._draw(width)


def wave(count: int, low: float, high: float, turns: float = 2.0) -> tuple[float, ...]:
    """A smooth line between two values."""
    middle, reach = (low + high) / 2, (high - low) / 2
    return tuple(middle + reach * math.sin(turns * 2 * math.pi * i / count) for i in range(count))


def rising(count: int) -> tuple[float, ...]:
    """Flat, then going up."""
    return tuple(1.0 if i < count * 0.7 else 1.0 + (i - count * 0.7) * 0.6 for i in range(count))


# pages


def _table() -> Sequence[Widget]:
    columns = [
        Column("", 1),
        Column("target", 10, most=24),
        Column("what matters", 14, grows=True),
        Column("load", 6, "right", rank=1),
        Column("1h", 12, rank=2),
    ]
    return [Table(columns, first=True, id="gallery-table")]


def _fill_table(widgets: Sequence[Widget]) -> None:
    names = ("mx2.eu-1", "postgres/oltp", "redis/cache", "api.penguinmails.example")
    words = ("/var full in 3h, now 97 %", "replica lag 7.2 s", "no answer in 3 s", "p95 148 ms, 0.07 % errors")
    rows = []
    for number in range(40):
        status = _STATES[::-1][number] if number < 4 else Status.OK
        name = names[number] if number < 4 else f"worker-{number:02}"
        cells: tuple[Line | TrendCell, ...] = (
            (mark(status),),
            line((name, TEXT_STYLE)),
            line((words[number] if number < 4 else "without a fault", STATUS_STYLE[status] if status else DIM_STYLE)),
            line((f"{number * 7 % 90} %", TEXT_STYLE)),
            TrendCell(Trend(wave(60, 1, 9, 1 + number % 3), _NOW - _HOUR, _NOW, "1h"), status),
        )
        rows.append(Row(name, cells, (float(-status), name, "", float(number * 7 % 90), 0.0)))
    for widget in widgets:
        if isinstance(widget, Table):
            widget.show(rows)


def _chart(widgets: Sequence[Widget]) -> None:
    start = _NOW - 2 * _HOUR
    times = tuple(start + i * 24 for i in range(300))
    shown = Chart(
        title="Disk space used",
        start=start,
        end=_NOW,
        unit="percent",
        lines=(
            ChartLine("/var", times, tuple(82 + i * 0.05 + v for i, v in enumerate(wave(300, -1, 1, 6)))),
            ChartLine("/data", times, wave(300, 71, 75, 3)),
        ),
        marks=(Mark(_NOW - 2520, "release", "deploy 2026.11.23-2", Status.WARNING),),
        limits=(Limit(95, "warning 95 %", Status.WARNING),),
        x_ticks=tuple(Tick(start + i * 1800, f"{12 + (15 + i * 30) // 60}:{(15 + i * 30) % 60:02}") for i in range(5)),
        y_ticks=(Tick(70, "70 %"), Tick(80, "80 %"), Tick(90, "90 %"), Tick(100, "100 %")),
        low=68,
        high=100,
        latest=("97 %", "73 %"),
    )
    for widget in widgets:
        if isinstance(widget, ChartView):
            widget.show(shown)


def _sparklines(width: int) -> list[Line]:
    gaps = tuple(None if 20 <= i < 30 else v for i, v in enumerate(wave(60, 1, 9)))
    told = (("wave", wave(60, 1, 9)), ("rising", rising(60)), ("with a gap", gaps), ("flat", (5.0,) * 60))
    room = max(8, min(width - 14, 60))
    lines: list[Line] = []
    for name, points in told:
        lines += [(*fit(line((name, DIM_STYLE)), 12), (sparkline(points, room), TEXT_STYLE)), EMPTY]
    lines.append(line(("three rows tall", DIM_STYLE)))
    lines += [((row, STATUS_STYLE[Status.WARNING]),) for row in tall_spark(rising(60), room, 3)]
    return lines


def _statuses(width: int) -> list[Line]:
    lines: list[Line] = []
    for status in _STATES:
        lines += [(*fit(badge(status), 16), *badge(status, "42s")), EMPTY]
    lines.append(tuple(span for one in counts(2, 5, 1) for span in (*one, ("  ", Style()))))
    lines.append(tuple(span for one in counts(2, 5, 1, short=True) for span in (*one, ("  ", Style()))))
    lines.append(counts(0, 0, 0)[0])
    return lines


def _gauges(width: int) -> list[Line]:
    room = max(8, min(width - 12, 50))
    shares = (None, 0.0, 0.03, 0.34, 0.81, 1.0)
    styles = (Status.UNKNOWN, Status.CRITICAL, Status.CRITICAL, Status.WARNING, Status.OK, Status.OK)
    lines: list[Line] = []
    for share, status in zip(shares, styles, strict=True):
        text = "unknown" if share is None else f"{share:.0%}"
        lines += [
            (*fit(line((text, DIM_STYLE)), 9, "right"), ("  ", Style()), *gauge(share, room, STATUS_STYLE[status])),
            EMPTY,
        ]
    return lines


def _cards(widgets: Sequence[Widget]) -> None:
    told = (
        ("Uptime", Status.OK, "99.962 %", "of 99.9 %", 0.62, "burn 0.4×"),
        ("API p95", Status.OK, "148 ms", "of 200 ms", 0.81, "burn 0.2×"),
        ("Delivery p95", Status.CRITICAL, "3m12s", "of 60 s", 0.03, "burn 21×"),
        ("Inbox placement", Status.WARNING, "94.1 %", "of 95 %", 0.12, "burn 2.1×"),
    )
    cards = tuple(
        PromiseCard(
            name=name,
            status=status,
            now=Value(now, status),
            target=target,
            budget_left=left,
            budget_text=f"{left:.0%}",
            burn_rate=1.0,
            burn_text=burn,
            burn_status=status,
            window="30d",
            trend=Trend(rising(60) if status is Status.CRITICAL else wave(60, 2, 9), _NOW - 720 * _HOUR, _NOW, "30d"),
        )
        for name, status, now, target, left, burn in told
    )
    for widget in widgets:
        if isinstance(widget, Promises):
            widget.show(cards, tall=True, compact=False)


def _tree(widgets: Sequence[Widget]) -> None:
    listed = "203.0.113.12 is listed by Spamhaus"
    acme = XrayNode(
        "acme",
        "tenant",
        Status.CRITICAL,
        listed,
        (
            XrayNode("203.0.113.12", "address", Status.CRITICAL, listed),
            XrayNode("mail.acme.example", "domain", Status.WARNING, "DMARC is missing"),
            XrayNode("203.0.113.13", "address", Status.OK, ""),
        ),
    )
    fine = tuple(XrayNode(name, "tenant", Status.OK, "") for name in ("bolt", "cobalt"))
    root = XrayNode("PenguinMails", "platform", Status.CRITICAL, listed, (acme, *fine))
    for widget in widgets:
        if isinstance(widget, TreeView):
            widget.show(root)


def _log(widgets: Sequence[Widget]) -> None:
    told = (
        ("out", "step 3: health check of web-2"),
        ("out", "HTTP 200 in 41 ms"),
        ("out", "waiting for 30 s of calm"),
        ("err", "retry: refused"),
        ("note", "gate passed"),
    )
    output = [
        OutputText(i, f"14:{i // 60:02}:{i % 60:02}.{i * 37 % 1000:03}", *told[i % len(told)], 3) for i in range(80)
    ]
    for widget in widgets:
        if isinstance(widget, LogView):
            widget.show("gallery", output)


def _digits(width: int) -> list[Line]:
    lines: list[Line] = []
    for text, status in (("3m12s", Status.CRITICAL), ("99.962 %", Status.OK)):
        for dot in reversed(sizes()[-4:]):
            if width_of_big(text, dot) <= width and len(lines) + height_of_big(dot) < 40:
                lines += [((row, STATUS_STRONG[status]),) for row in big(text, dot)] + [EMPTY]
    return [*lines, line(("0123456789 and the letters that units and states need", FAINT_STYLE))]


def _frame(widgets: Sequence[Widget]) -> None:
    agent = AgentView(Status.OK, "2s", name="agent@ops1")
    frame = FrameView(
        "PRODUCTION", "eu-1", "PenguinMails", False, Counts(2, 5, 1, 39), True, _NOW, "live 14:15:09Z", agent,
        on_call="ana (L1)", incident="INC-17 12m",
    )  # fmt: skip
    blind = AgentView(Status.CRITICAL, "3m12s", "BLIND since 14:12:11Z", _NOW - 180)
    late = FrameView(
        "STAGING", "", "", False, Counts(1, 0, 2, 9), True, _NOW, "live 14:15:09Z", blind, link="link slow: no charts"
    )
    for number, widget in enumerate(widgets):
        if isinstance(widget, Header):
            late = FrameView(
                "STAGING", "", "", False, Counts(1, 0, 2, 9), True, _NOW, "live 14:15:09Z", blind, link="link slow"
            )
            widget.show("technical", frame if number == 0 else late)
        elif isinstance(widget, KeyHints):
            widget.show([Hint("Enter", "open", "none"), Hint("x", "act", "none")], [Hint("q", "quit", "quit")])


_TABS = [(name, str(number), name.title()) for number, name in enumerate(("executive", "technical", "actions"), 1)]

SPECIMENS = (
    Specimen("table", "keyed rows, fixed columns; only changed cells are painted", _table, _fill_table),
    Specimen("chart", "lines with limits and marks, drawn away from the event loop", lambda: [ChartView()], _chart),
    Specimen("sparkline", "a trend in one row, or in a few", lambda: [Sheet(_sparklines)]),
    Specimen("status", "shape, word and colour, and how old it is", lambda: [Sheet(_statuses)]),
    Specimen("gauge", "a share of something, or nothing known of it", lambda: [Sheet(_gauges)]),
    Specimen("card", "a promise: now, target, error budget, burn, trend", lambda: [Promises()], _cards),
    Specimen("tree", "the worst child's state at every branch; what is fine is folded", lambda: [TreeView()], _tree),
    Specimen("log", "lines that keep coming: followed, scrolled, searched", lambda: [LogView()], _log),
    Specimen("digits", "to be read from five metres", lambda: [Sheet(_digits)]),
    Specimen(
        "header",
        "where one can go, how things stand; and what stands below every screen",
        lambda: [Header(_TABS), Header(_TABS), KeyHints()],
        _frame,
    ),
)
