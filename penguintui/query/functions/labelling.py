"""Functions that look at labels: label_replace, label_join, absent, sort and their like."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.functions.over_time import any_present
from penguintui.query.language.names import check_label_name
from penguintui.query.language.nodes import Call, Node, RangeSelector, Selector
from penguintui.query.language.regex import RegexError, compile_regex
from penguintui.query.language.strings import is_valid
from penguintui.query.source import MatchOp
from penguintui.query.vectors.block import NAME, Block, Times, any_row, key_of, merge, single
from penguintui.query.vectors.evaluation import Evaluation


def label_replace(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Where the source label matches, set a label to an expanded template."""
    block = evaluation.vector(node.args[0], steps)
    target, template, source, expression = (evaluation.string(arg) for arg in node.args[1:5])
    try:
        pattern = compile_regex(expression)
    except RegexError as error:
        raise QueryError(f"invalid regular expression in label_replace(): {expression}: {error}") from None
    check_label_name(target, "destination label name in label_replace():")

    def value(labels: Mapping[str, str]) -> str | None:
        found = pattern.fullmatch(labels.get(source, ""))
        return None if found is None else _expand(template, found)

    return _relabel(block, target, value)


_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def _expand(template: str, found: re.Match[str]) -> str:
    """Fill in a template the way Go's regexp does: `$1`, `${name}`, `$$`; what does not exist is empty."""

    def fill(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name.isdigit():
            return (found[int(name)] or "") if int(name) <= (found.re.groups or 0) else ""
        return found[name] or "" if name in found.re.groupindex else ""

    return _REFERENCE.sub(fill, template)


def label_join(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Set a label to the values of other labels, joined."""
    block = evaluation.vector(node.args[0], steps)
    target, separator, *sources = (evaluation.string(arg) for arg in node.args[1:])
    check_label_name(target, "destination label name in label_join():")
    for source in sources:
        if not is_valid(source):
            check_label_name(source, "source label name in label_join():")
    return _relabel(block, target, lambda labels: separator.join(labels.get(source, "") for source in sources))


def _relabel(block: Block, target: str, value: Callable[[Mapping[str, str]], str | None]) -> Block:
    """Give each series the label's new value; None leaves a series as it is, an empty value takes the label away."""
    relabelled, unnamed = [], []
    for before, was_unnamed in zip(block.labels, block.unnamed, strict=True):
        made = value(before)
        labels = dict(before)
        if made is not None:
            labels.pop(target, None)
            if made:
                labels[target] = made
        relabelled.append(labels)
        unnamed.append(was_unnamed and not (made is not None and target == NAME))
    return merge(Block(relabelled, block.values, block.present, unnamed))


def absent(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """1 where the vector has no series."""
    block = evaluation.vector(node.args[0], steps)
    return single(_expected_labels(node.args[0]), np.ones(len(steps)), ~any_row(block.present))


def absent_over_time(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """1 where the range vector has no samples."""
    windows = evaluation.windows(node.args[0], steps)
    return single(_expected_labels(node.args[0]), np.ones(len(steps)), ~any_present(windows))


def _expected_labels(node: Node) -> dict[str, str]:
    """The labels that what is missing would have had, as far as its selector tells."""
    if isinstance(node, RangeSelector):
        node = node.selector
    if not isinstance(node, Selector):
        return {}
    labels: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in node.matchers:
        if matcher.name == NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in seen:
            seen.add(matcher.name)
            if matcher.value:
                labels[matcher.name] = matcher.value
        else:
            labels.pop(matcher.name, None)
    return labels


def _sorted(descending: bool) -> Callable[[Evaluation, Call, Times], Block]:
    """Series in the order of their values, NaN last. A range query is not ordered by values."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        block = evaluation.vector(node.args[0], steps)
        if len(steps) > 1:
            return block
        values = -block.values[:, 0] if descending else block.values[:, 0]
        return block.rows(np.argsort(values, kind="stable"))

    return function


_CHUNKS = re.compile(r"\d+|\D+", re.ASCII)


def _compare_naturally(a: str, b: str) -> int:
    """Numbers inside a text compare as numbers: node2 before node10."""
    for x, y in zip(_CHUNKS.findall(a), _CHUNKS.findall(b), strict=False):
        if x.isdigit() and y.isdigit():
            if int(x) != int(y):
                return -1 if int(x) < int(y) else 1
        elif x != y:
            return -1 if x < y else 1
    return (len(a) > len(b)) - (len(a) < len(b))


def _sorted_by_label(descending: bool) -> Callable[[Evaluation, Call, Times], Block]:
    """Series in the natural order of some labels, then of all."""

    def function(evaluation: Evaluation, node: Call, steps: Times) -> Block:
        block = evaluation.vector(node.args[0], steps)
        names = [evaluation.string(arg) for arg in node.args[1:]]

        def compare(i: int, j: int) -> int:
            a, b = block.labels[i], block.labels[j]
            for name in names:
                order = _compare_naturally(a.get(name, ""), b.get(name, ""))
                if order:
                    return order
            return (key_of(a) > key_of(b)) - (key_of(a) < key_of(b))

        order = sorted(range(len(block)), key=functools.cmp_to_key(compare), reverse=descending)
        return block.rows(order)

    return function


LABELLING: dict[str, Callable[[Evaluation, Call, Times], Block]] = {
    "absent": absent,
    "absent_over_time": absent_over_time,
    "label_join": label_join,
    "label_replace": label_replace,
    "sort": _sorted(descending=False),
    "sort_desc": _sorted(descending=True),
    "sort_by_label": _sorted_by_label(descending=False),
    "sort_by_label_desc": _sorted_by_label(descending=True),
}
