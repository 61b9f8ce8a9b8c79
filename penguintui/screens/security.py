"""Screen 4: who is at the door?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical

from penguintui.model.status import Status
from penguintui.screens.page import Page, Panel
from penguintui.views.models.security import AttemptRow, CertificateRow, ControlRow, Security
from penguintui.widgets.box import entitle
from penguintui.widgets.canvas import Text
from penguintui.widgets.chart import ChartView
from penguintui.widgets.line import Line, line
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STRONG, STATUS_STYLE, STRONG, TEXT_STYLE
from penguintui.widgets.paragraphs import change_lines, need_lines, spaced
from penguintui.widgets.parts import value
from penguintui.widgets.status import mark
from penguintui.widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


def _attempts(first: str, others: str) -> tuple[Column, ...]:
    return (
        Column(f"  {first}", 17, most=30, whole=True),
        Column("failed", 7, "right"),
        Column(others, 16, grows=True, rank=1),
        Column("last", 12, rank=2),
    )


_CERTIFICATES = (
    Column("  certificate", 18, most=40, whole=True),
    Column("days left", 9, "right"),
    Column("ends", 12, rank=1),
    Column("reason", 16, grows=True, rank=2),
)


def attempt_row(row: AttemptRow) -> Row:
    style = TEXT_STYLE if row.status is Status.OK else STATUS_STYLE[row.status]
    return Row(
        row.name,
        (
            (mark(row.status), *line((f" {row.name}", style))),
            value(row.failures, quiet=True),
            line((row.others, DIM_STYLE)),
            line((row.last, FAINT_STYLE)),
        ),
        (row.name, row.failures.number or 0.0, row.others, row.last_at),
    )


def certificate_row(row: CertificateRow) -> Row:
    fine = row.status is Status.OK
    return Row(
        row.target,
        (
            (mark(row.status), *line((f" {row.target}", TEXT_STYLE if fine else STRONG))),
            value(row.days, quiet=True),
            line((row.ends, FAINT_STYLE)),
            line((row.reason, DIM_STYLE if fine else STATUS_STYLE[row.status])),
        ),
        (row.target, row.days.number if row.days.number is not None else -1.0, row.ends, row.reason),
    )


def control_lines(controls: Sequence[ControlRow]) -> list[Line]:
    """Each control and scan: mark, name, what was found, how old that is; then what to do about it."""
    lines: list[Line] = []
    for one in controls:
        fine = one.status is Status.OK
        name, text = (TEXT_STYLE, DIM_STYLE) if fine else (STRONG, STATUS_STYLE[one.status])
        lines.append(
            (mark(one.status), *line((f" {one.name}  ", name), (one.text, text), (f"  {one.age} ago", FAINT_STYLE)))
        )
        if one.remedy and not fine:
            lines.append(line(("  do: ", FAINT_STYLE), (one.remedy, DIM_STYLE)))
    return lines


class SecurityPage(Page):
    """The answer first; then who tried, who got in, and which certificates end."""

    question = "Who is at the door, and did anybody get in?"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model: Security | None = None

    def compose(self) -> ComposeResult:
        yield Text(id="door", indent=2)
        with Horizontal(classes="row", id="attempts"):
            with Panel(id="sources-panel"):
                yield Table(_attempts("source", "accounts tried"), id="sources")
            with Panel(id="accounts-panel", classes="secondary"):
                yield Table(_attempts("account", "tried from"), id="accounts")
        with Horizontal(classes="row secondary", id="certificates-and-changes"):
            with Vertical(id="certificates-and-failures"):
                with Panel(id="certificates-panel"):
                    yield Table(_CERTIFICATES, id="certificates")
                yield ChartView(id="failures")
            with Panel(id="changes-panel"):
                yield Text(id="changes", indent=6)

    def on_mount(self) -> None:
        entitle(self.query_one("#certificates-panel"), "Certificates, first to end")
        self.query_one("#failures").add_class("panel")
        entitle(self.query_one("#failures"), "Failed logins in an hour")

    def show_model(self, model: object) -> None:
        assert isinstance(model, Security)  # noqa: S101  (the desk answers for the screen that was asked)
        self._model = model
        self.query_one("#door", Text).show(self._door(model))
        for name, title, rows in (
            ("sources", "Failed logins by source", model.sources),
            ("accounts", "Failed logins by account", model.accounts),
        ):
            entitle(self.query_one(f"#{name}-panel"), title, subtitle=f"last {model.window}" if model.window else "")
            table = self.query_one(f"#{name}", Table)
            table.say_when_empty(self._nobody(model))
            table.show([attempt_row(row) for row in rows])
        self.query_one("#failures", ChartView).show(model.chart)
        self._fit_panels(model)
        certificates = self.query_one("#certificates", Table)
        certificates.say_when_empty("no certificate is watched")
        certificates.show([certificate_row(row) for row in model.certificates])
        changes = change_lines(model.changes[:30]) or [line(("nothing changed", FAINT_STYLE))]
        controls = control_lines(model.controls)
        self.query_one("#changes", Text).show(spaced(controls, changes, need_lines(model.needs)))
        entitle(self.query_one("#changes-panel"), "Controls, and lately" if controls else "Lately")

    def _fit_panels(self, model: Security) -> None:
        """Side by side the two tables of attempts are of one height; below each other each takes its own."""
        rows = (len(model.sources), len(model.accounts), len(model.certificates))
        attempts = self.query_one("#attempts")
        if self.wide:
            self.fit_height("#attempts", max(rows[:2]), max(4, self.room.height // 2 - 3))
        else:
            attempts.styles.height = "1fr" if self.tiny else "auto"
        for panel, count in zip(("#sources-panel", "#accounts-panel", "#certificates-panel"), rows, strict=True):
            if self.wide and panel != "#certificates-panel":
                self.query_one(panel).styles.height = "100%"
            else:
                self.fit_height(panel, count, 5)

    def _nobody(self, model: Security) -> str:
        return "nobody failed to log in" if model.failures.number is not None else "no login log is watched"

    def _door(self, model: Security) -> tuple[Line, ...]:
        worries = model.status is not Status.OK
        style = STATUS_STRONG[model.status] if worries else TEXT_STYLE
        lines: list[Line] = [(mark(model.status), *line((f" {model.headline}", style)))]
        if not self.tiny:
            numbers: Line = (("  failed logins ", FAINT_STYLE), *value(model.failures, strong=True, quiet=True))
            over = f" in {model.window}" if model.window else ""
            lines.append((*numbers, (over, FAINT_STYLE)))
        for breach in model.breaches[: 1 if self.tiny else 4]:
            where = f" {breach.time} {breach.target}  "
            told = line((where, STATUS_STRONG[Status.CRITICAL]), (breach.text, TEXT_STYLE))
            lines.append((mark(Status.CRITICAL), *told))
            if breach.remedy:
                lines.append(line(("  do: ", FAINT_STYLE), (breach.remedy, DIM_STYLE)))
        return tuple(lines)

    def target(self) -> str:
        focused = self.app.focused
        if isinstance(focused, Table) and focused.id == "certificates":
            return focused.selected or ""
        return ""

    def copied(self) -> str:
        focused = self.app.focused
        return (focused.selected or "") if isinstance(focused, Table) else ""
