"""A tree whose branches carry the state of their worst child; what is fine is folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.style import Style

from penguintui.model.status import Status
from penguintui.widgets.canvas import Lines
from penguintui.widgets.line import Line, fit, line, span
from penguintui.widgets.look import DIM_STYLE, FAINT_STYLE, STATUS_STYLE, TEXT_STYLE, TRUNK, look
from penguintui.widgets.rows import Drawn
from penguintui.widgets.status import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from penguintui.views.models.deliverability import XrayNode


class _Branch(NamedTuple):
    """One line of a tree: what stands before it, and a node; or, without one, the fine ones that it folds away."""

    before: str
    node: XrayNode | None
    folded: Sequence[XrayNode] = ()


def _branches(node: XrayNode, trunk: str = "", branch: str = "") -> Iterator[_Branch]:
    """A node and what hangs on it, worst first; healthy children are counted in one line."""
    yield _Branch(trunk + branch, node)
    below = trunk + ("" if not branch else look().trunk if branch == look().branch else "   ")
    troubled = [child for child in node.children if child.status is not Status.OK]
    healthy = [child for child in node.children if child.status is Status.OK]
    shown, folded = (troubled, healthy) if troubled or len(healthy) > 12 else (healthy, [])
    for index, child in enumerate(shown):
        last = index == len(shown) - 1 and not folded
        yield from _branches(child, below, look().last if last else look().branch)
    if folded:
        yield _Branch(below + look().last, None, folded)


def _drawn(one: _Branch, width: int) -> Line:
    trunk, node = (one.before, Style(color=TRUNK)), one.node
    if node is None:
        kinds = ", ".join(sorted({child.kind for child in one.folded}))
        return fit((trunk, mark(Status.OK), span(f" {len(one.folded)} fine ({kinds})", FAINT_STYLE)), width)
    fine = node.status is Status.OK
    name = span(node.name, TEXT_STYLE if fine else STATUS_STYLE[node.status])
    drawn: Line = (trunk, mark(node.status), (" ", Style()), name, *line((f"  {node.kind}", FAINT_STYLE)))
    if not fine and node.reason and not any(child.reason == node.reason for child in node.children):
        drawn = (*drawn, *line((f"  {node.reason}", DIM_STYLE)))
    return fit(drawn, width)


class TreeView(Lines):
    """Shows one tree."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root: XrayNode | None = None

    def show(self, root: XrayNode | None) -> None:
        if root != self._root:
            self._root = root
            self.rebuild()

    def layout_lines(self, width: int) -> Sequence[Line]:
        if self._root is None:
            return []
        return Drawn(list(_branches(self._root)), lambda one: _drawn(one, width))
