"""A tree whose branches carry the state of their worst child; what is fine is folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from penguintui.model.status import Status
from penguintui.widgets.canvas import Lines
from penguintui.widgets.line import Line, fit, line, span
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STYLE, TEXT_STYLE, TRUNK, look
from penguintui.widgets.status import mark

if TYPE_CHECKING:
    from penguintui.views.models.deliverability import XrayNode


def tree_lines(node: XrayNode, width: int, trunk: str = "", branch: str = "") -> list[Line]:
    """A node and what hangs on it, worst first; healthy children are counted in one line."""
    fine = node.status is Status.OK
    name = span(node.name, TEXT_STYLE if fine else STATUS_STYLE[node.status])
    first: Line = ((trunk + branch, Style(color=TRUNK)), mark(node.status), (" ", Style()), name)
    first = (*first, *line((f"  {node.kind}", FAINT_STYLE)))
    if not fine and node.reason and not any(child.reason == node.reason for child in node.children):
        first = (*first, *line((f"  {node.reason}", DIM_STYLE)))
    lines = [fit(first, width)]
    below = trunk + ("" if not branch else look().trunk if branch == look().branch else "   ")
    troubled = [child for child in node.children if child.status is not Status.OK]
    healthy = [child for child in node.children if child.status is Status.OK]
    shown, folded = (troubled, healthy) if troubled or len(healthy) > 12 else (healthy, [])
    for index, child in enumerate(shown):
        last = index == len(shown) - 1 and not folded
        lines.extend(tree_lines(child, width, below, look().last if last else look().branch))
    if folded:
        kinds = ", ".join(sorted({child.kind for child in folded}))
        lines.append(
            fit(
                (
                    (below + look().last, Style(color=TRUNK)),
                    mark(Status.OK),
                    span(f" {len(folded)} fine ({kinds})", FAINT_STYLE),
                ),
                width,
            )
        )
    return lines


class TreeView(Lines):
    """Shows one tree."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root: XrayNode | None = None

    def show(self, root: XrayNode | None) -> None:
        if root != self._root:
            self._root = root
            self.rebuild()

    def layout_lines(self, width: int) -> list[Line]:
        return tree_lines(self._root, width) if self._root is not None else []
