"""Lists that several screens show: findings with reason and remedy, changes, choices, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.status import Status
from penguintui.widgets.line import EMPTY, Line, fit, line, span, width_of, wrap
from penguintui.widgets.look import (
    DIM_STYLE,
    FAINT_STYLE,
    KEY,
    STATUS_STRONG,
    STATUS_STYLE,
    STRONG,
    TEXT_STYLE,
)
from penguintui.widgets.parts import words
from penguintui.widgets.status import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from penguintui.views.models.actions import ActionChoice
    from penguintui.views.models.technical import FindingLine
    from penguintui.views.models.what import Change, Need


def title_line(text: str, after: str = "") -> Line:
    return line((text, STRONG), (f"  {after}" if after else "", FAINT_STYLE))


def finding_lines(findings: Iterable[FindingLine], *, remedies: bool = True) -> list[Line]:
    """Each finding: mark, what, reason, since; then what to do about it."""
    lines: list[Line] = []
    for one in findings:
        fine = one.status is Status.OK
        what = f"{one.title} {one.subject}".strip()
        age = f"  stale {one.age}" if one.stale else f"  since {one.since}" if one.since and not fine else ""
        style = DIM_STYLE if fine else STATUS_STRONG[one.status]
        reason = FAINT_STYLE if fine or one.stale else STATUS_STYLE[one.status]
        lines.append((mark(one.status), *line((f" {what}  ", style), (one.summary, reason), (age, FAINT_STYLE))))
        if remedies and one.remedy and not fine:
            lines.append(line(("  do: ", FAINT_STYLE), (one.remedy, TEXT_STYLE)))
    return lines


def change_lines(changes: Iterable[Change]) -> list[Line]:
    """When and what, newest first as they come."""
    shown = list(changes)
    room = max((len(one.time) for one in shown), default=0)
    return [(span(f"{one.time:<{room}} ", FAINT_STYLE), words(one.text, one.status or Status.OK)) for one in shown]


def choice_lines(choices: Sequence[ActionChoice], width: int) -> list[Line]:
    """What can be done, with its danger at the right; a long title goes on below, since two may begin alike."""
    lines: list[Line] = []
    for choice in choices:
        danger: Line = (span(choice.danger, STATUS_STYLE[choice.danger_status]),)
        title: Line = (("x ", KEY), span(choice.title, TEXT_STYLE if choice.can else DIM_STYLE))
        name, *rest = wrap(title, width - 11, 2) or [title]
        lines += [(*fit(name, width - 11), (" ", Style()), *fit(danger, 10)), *rest]
    return lines


def need_lines(needs: Iterable[Need]) -> list[Line]:
    """What is missing, and which command or setting brings it."""
    lines: list[Line] = []
    for need in needs:
        lines.append(
            line(("? ", STATUS_STYLE[Status.UNKNOWN]), (f"{need.title}  ", DIM_STYLE), (need.text, FAINT_STYLE))
        )
        if need.remedy:
            lines.append(line(("  do: ", FAINT_STYLE), (need.remedy, DIM_STYLE)))
    return lines


def pairs(entries: Iterable[tuple[str, Line]], names: int = 0) -> list[Line]:
    """Names in one column, what they say in the other."""
    shown = list(entries)
    room = names or max((len(name) for name, _ in shown), default=0)
    return [(*fit(line((name, FAINT_STYLE)), room), ("  ", Style()), *told) for name, told in shown]


def spaced(*groups: Sequence[Line]) -> tuple[Line, ...]:
    """Groups of lines with an empty line between those that say anything."""
    lines: list[Line] = []
    for group in groups:
        if not group:
            continue
        if lines:
            lines.append(EMPTY)
        lines.extend(group)
    return tuple(lines)


def widest(lines: Iterable[Line]) -> int:
    return max((width_of(one) for one in lines), default=0)
