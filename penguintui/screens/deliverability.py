"""Screen 3: does our mail arrive?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal

from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel
from penguintui.views.models.deliverability import (
    RECORDS,
    AddressRow,
    Cell,
    Deliverability,
    DomainRow,
    ProviderRow,
    QueueRow,
    Reason,
    SourceRow,
)
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.line import Line, line, span
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STRONG, STATUS_STYLE, STRONG, TEXT_STYLE
from penguintui.widgets.paragraphs import need_lines, spaced
from penguintui.widgets.parts import TrendCell, value
from penguintui.widgets.rows import DrawnOnce
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table
from penguintui.widgets.tree import TreeView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

_TALL = 50
_DOMAINS = (
    Column("  domain", 18, most=40, whole=True),
    *(Column(record, 9, grows=True, rank=index) for index, record in enumerate(RECORDS)),
)
_PROVIDERS = (
    Column("  provider", 12, most=24),
    Column("mails", 8, "right", rank=1),
    Column("p50", 7, "right", rank=5),
    Column("p95", 7, "right"),
    Column("deferred", 8, "right", rank=4),
    Column("bounced", 8, "right", rank=2),
    Column("complained", 10, "right", rank=3),
    Column("placed", 8, "right", most=16),
    Column("seeds", 5, "right", rank=7),
    Column("age", 5, "right", rank=8),
    Column("1h", 12, grows=True, rank=6),
)
_ADDRESSES = (
    Column("  address", 14, grows=True, most=26),
    Column("provider", 9, rank=2),
    Column("score", 7, "right", most=8),
    Column("lists", 5, "right", most=8),
    Column("mails/day", 9, "right", rank=3),
)
_QUEUES = (
    Column("  queue", 12, grows=True, most=36, whole=True),
    Column("waiting", 7, "right"),
    Column("oldest", 8, "right"),
    Column("1h", 10, rank=1),
)
_SOURCES = (
    Column("  sends as", 16, most=30, whole=True),
    Column("from", 17, grows=True, most=48, whole=True),
    Column("", 3),
    Column("mails", 7, "right"),
    Column("unaligned", 9, "right"),
    Column("DKIM", 8, "right", rank=1),
    Column("SPF", 8, "right", rank=2),
    Column("first seen", 12, "right", rank=3),
)


def _cell(cell: Cell) -> Line:
    if cell.status is None:
        return line((cell.word, FAINT_STYLE))
    if cell.stale:
        return (mark(cell.status), *line((f" {cell.age or cell.word}", FAINT_STYLE)))
    fine = cell.status is Status.OK
    return (mark(cell.status), *line((f" {cell.word}", DIM_STYLE if fine else STATUS_STYLE[cell.status])))


def _name(status: Status, name: str) -> Line:
    return (mark(status), *line((f" {name}", TEXT_STYLE if status is Status.OK else STRONG)))


def domain_row(row: DomainRow) -> Row:
    cells = {cell.record: _cell(cell) for cell in row.cells}
    return Row(
        row.domain,
        (_name(row.status, row.domain), *(cells.get(record, ()) for record in RECORDS)),
        (row.domain, *(-int(cell.status) if cell.status is not None else 1.0 for cell in row.cells)),
    )


def provider_row(row: ProviderRow) -> Row:
    figures = (row.volume, row.delivery_p50, row.delivery_p95, row.deferred, row.bounced, row.complained, row.placed)
    return Row(
        row.name,
        (
            _name(row.status, row.name),
            *(value(one, quiet=True) for one in figures),
            line(("" if row.seeds is None else str(row.seeds), FAINT_STYLE)),
            line(("" if row.placed.stale else row.placed.age, FAINT_STYLE)),  # a stale number carries its age
            TrendCell(row.trend, row.status),
        ),
        (
            row.name,
            *(one.number if one.number is not None else -1.0 for one in figures),
            float(row.seeds or 0),
            row.placed.observed or 0.0,
            -int(row.status),
        ),
    )


def address_row(row: AddressRow) -> Row:
    figures = (row.reputation, row.listings, row.volume)
    return Row(
        row.address,
        (
            _name(row.status, row.address),
            line((row.provider, FAINT_STYLE)),
            *(value(one, quiet=True) for one in figures),
        ),
        (row.address, row.provider, *(one.number if one.number is not None else -1.0 for one in figures)),
    )


def queue_key(row: QueueRow) -> str:
    return f"{row.target}/{row.queue}/{row.destination}"


def queue_row(row: QueueRow) -> Row:
    name = f"  {row.destination}" if row.destination else row.queue.removeprefix("queue:")
    return Row(
        queue_key(row),
        (
            _name(row.status, name),
            value(row.messages, quiet=True),
            value(row.oldest, quiet=True),
            TrendCell(row.trend, row.status),
        ),
        (row.queue, row.messages.number or 0.0, row.oldest.number or 0.0, -int(row.status)),
    )


def source_row(row: SourceRow) -> Row:
    figures = (row.mails, row.unaligned, row.dkim, row.spf)
    domain = _name(row.status, row.domain) if row.status is not None else line((f"  {row.domain}", TEXT_STYLE))
    return Row(
        f"{row.domain}/{row.source}",
        (
            domain,
            line((row.name or row.source, TEXT_STYLE), (f" {row.source}" if row.name else "", FAINT_STYLE)),
            line(("new" if row.new else "", STRONG)),
            *(value(one, quiet=True) for one in figures),
            line((row.first_seen, FAINT_STYLE)),
        ),
        (
            row.domain,
            row.name or row.source,
            0.0 if row.new else 1.0,
            *(one.number if one.number is not None else -1.0 for one in figures),
            row.first_seen,
        ),
    )


def reason_lines(reasons: Sequence[Reason]) -> list[Line]:
    lines: list[Line] = []
    for one in reasons:
        since = f"  since {one.since}" if one.since else ""
        where = line((f" {one.where}  ", STATUS_STRONG[one.status]), (one.text, TEXT_STYLE), (since, FAINT_STYLE))
        lines.append((mark(one.status), *where))
        if one.remedy:
            lines.append(line(("  do: ", FAINT_STYLE), (one.remedy, DIM_STYLE)))
    return lines


def _worst_table(model: Deliverability) -> str:
    """The table that a tiny terminal shows: providers while they are worse than the domains."""
    domains = max((row.status for row in model.domains), default=None)
    providers = max((row.status for row in model.providers), default=None)
    return "domains" if providers is None or (domains is not None and domains >= providers) else "providers"


class DeliverabilityPage(Page):
    """Domains against records, providers, addresses, queues, and the reasons behind what is wrong."""

    question = "Does our mail arrive?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model: Deliverability | None = None
        self._only = ""
        self._domains = DrawnOnce(domain_row, lambda row: row.domain)
        self._queues = DrawnOnce(queue_row, queue_key)

    def compose(self) -> ComposeResult:
        with Panel(id="reasons-panel"):
            yield Text(id="reasons", indent=4)
        with Panel(id="domains-panel"):
            yield Table(_DOMAINS, id="domains")
        with Panel(id="providers-panel"):
            yield Table(_PROVIDERS, id="providers")
        with Panel(id="sources-panel", classes="secondary"):
            yield Table(_SOURCES, id="sources")
        with Horizontal(classes="row secondary", id="ways"):
            with Panel(id="addresses-panel"):
                yield Table(_ADDRESSES, id="addresses")
            with Panel(id="queues-panel"):
                yield Table(_QUEUES, id="queues")
            with Panel(id="xray-panel"):
                yield TreeView(id="xray")

    def on_mount(self) -> None:
        for name, title in (
            ("domains", "Domains"),
            ("providers", "Providers"),
            ("addresses", "Sending addresses"),
            ("queues", "Queues"),
            ("xray", "X-ray, worst first"),
        ):
            entitle(self.query_one(f"#{name}-panel"), title)

    def show_model(self, model: object) -> None:
        assert isinstance(model, Deliverability)  # noqa: S101  (the desk answers for the screen that was asked)
        self._model = model
        self._show_reasons(model)
        domains, queues = model.domains, model.queues
        self._only = _worst_table(model) if self.tiny else ""
        self._table("domains", self._domains.rows(domains), 10, self._domains.keys(domains))
        self._table("providers", [provider_row(row) for row in model.providers], 8)
        self._table("sources", [source_row(row) for row in model.sources.rows], 10 if self.tall else 3)
        self._table("addresses", [address_row(row) for row in model.addresses], 0)
        self._table("queues", self._queues.rows(queues), 0, self._queues.keys(queues))
        entitle(self.query_one("#providers-panel"), "Providers", subtitle=model.limits)
        entitle(self.query_one("#sources-panel"), "DMARC sources, new ones first", subtitle=model.sources.note)
        self.query_one("#xray", TreeView).show(model.xray)
        self.query_one("#xray-panel").display = model.xray is not None

    @property
    def tall(self) -> bool:
        """Whether there is room for more than what matters most."""
        return self.app.size.height >= _TALL

    def _table(self, name: str, rows: Sequence[Row], most: int, keys: Sequence[str] | None = None) -> None:
        """A table takes the height of its rows, up to `most`; one without rows is not there at all.

        A tiny terminal has room for one table.
        """
        panel = self.query_one(f"#{name}-panel")
        panel.display = bool(rows) and self._only in ("", name)
        if most or not self.wide:
            self.fit_height(f"#{name}-panel", len(rows), most or 6)
        else:
            panel.styles.height = "100%"
        self.query_one(f"#{name}", Table).show(rows, keys)

    def _show_reasons(self, model: Deliverability) -> None:
        """Why mail does not arrive, first of all; one quiet line when it does."""
        panel = self.query_one("#reasons-panel")
        worst = model.status is not Status.OK
        entitle(panel, "Why" if worst else "Mail arrives", model.status if worst else None)
        brief = self.tiny and model.reasons
        chain: list[Line] = [line((model.chain, STRONG))] if model.chain and not brief else []
        fewest = 1 if self.tiny else 6 if self.wide and self.tall else 3 if not self.wide else 2
        lines = spaced(chain, reason_lines(model.reasons[:fewest]))
        more = len(model.reasons) - fewest
        if more > 0:
            lines = (*lines, (span(f"  and {more} more: 2 shows them all", FAINT_STYLE),))
        if not worst and not lines:
            lines = ((mark(Status.OK), span(" nothing speaks against our mail", DIM_STYLE)),)
        self.query_one("#reasons", Text).show((*lines, *need_lines(model.needs[: 1 if self.tiny else 4])))

    def target(self) -> str:
        """The target behind the selected row of the table that has the focus."""
        model, focused = self._model, self.app.focused
        if model is None or not isinstance(focused, Table) or focused.selected is None:
            return ""
        key = focused.selected
        if focused.id == "domains":
            return next((row.target for row in model.domains if row.domain == key), "")
        if focused.id == "addresses":
            return next((row.target for row in model.addresses if row.address == key), "")
        if focused.id == "sources":
            return next((row.target for row in model.sources.rows if key == f"{row.domain}/{row.source}"), "")
        if focused.id == "queues":
            return next((row.target for row in model.queues if key.startswith(f"{row.target}/")), "")
        return ""
