"""info(): give series the labels of the info series (`target_info`) of the same instance and job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from penguintui.query.errors import QueryError
from penguintui.query.language.nodes import Call, Selector
from penguintui.query.language.regex import matches
from penguintui.query.source import Matcher, MatchOp
from penguintui.query.vectors.block import NAME, Block, Labels, Mask, Times, any_row, format_labels, merge
from penguintui.query.vectors.evaluation import Evaluation

IDENTIFYING = ("instance", "job")
DEFAULT_INFO = Matcher(NAME, MatchOp.EQUAL, "target_info")

Identity = tuple[str, ...]


@dataclass(slots=True)
class Found:
    """One info series and the steps at which it speaks for its target: the newest one does."""

    labels: Labels
    steps: Mask


def info(evaluation: Evaluation, node: Call, steps: Times) -> Block:
    """Add labels; a second argument says which info metrics and which of their labels."""
    block = evaluation.vector(node.args[0], steps)
    given = node.args[1].matchers if len(node.args) > 1 and isinstance(node.args[1], Selector) else ()
    names = [m for m in given if m.name == NAME] or [DEFAULT_INFO]
    wanted: dict[str, list[Matcher]] = {}
    for matcher in given:
        if matcher.name != NAME:
            wanted.setdefault(matcher.name, []).append(matcher)
    conditions = [m for of_label in wanted.values() for m in of_label]
    speaking = _speaking(evaluation, Selector((*names, *conditions)), steps)
    optional = all(matches(m, "") for m in conditions)

    labels: list[Labels] = []
    rows: list[int] = []
    present: list[Mask] = []
    for i, own in enumerate(block.labels):
        enriched: Sequence[tuple[dict[str, str], Mask]] = [({}, block.present[i])]
        if not all(matches(m, own.get(NAME, "")) for m in names):
            enriched = _enrich(own, block.present[i], speaking, wanted, optional)
        for added, mask in enriched:
            labels.append({**own, **added})
            rows.append(i)
            present.append(mask)
    masks = np.array(present, dtype=bool).reshape(len(rows), len(steps))
    return merge(Block(labels, block.values[rows], masks, [block.unnamed[i] for i in rows]))


def _identity(labels: Labels) -> Identity:
    return tuple(labels.get(name, "") for name in IDENTIFYING)


def _speaking(evaluation: Evaluation, selector: Selector, steps: Times) -> dict[Identity, dict[str, list[Found]]]:
    """The info series of each target by metric. `QueryError` where two are equally new at one step."""
    block, times = evaluation.latest(selector, steps)
    rows: dict[tuple[Identity, str], list[int]] = {}
    for i, labels in enumerate(block.labels):
        rows.setdefault((_identity(labels), labels.get(NAME, "")), []).append(i)
    speaking: dict[Identity, dict[str, list[Found]]] = {}
    for (identity, name), members in rows.items():
        age = np.where(block.present[members], times[members], np.iinfo(np.int64).min)
        newest = block.present[members] & (age == age.max(axis=0))
        if (newest.sum(axis=0) > 1).any():
            shown = ", ".join(format_labels(block.labels[i]) for i in members)
            raise QueryError(f"found duplicate series for info metric: {shown}")
        found = [Found(block.labels[i], mask) for i, mask in zip(members, newest, strict=True)]
        speaking.setdefault(identity, {})[name] = found
    return speaking


def _enrich(
    own: Labels,
    present: Mask,
    speaking: Mapping[Identity, Mapping[str, Sequence[Found]]],
    wanted: Mapping[str, object],
    optional: bool,
) -> list[tuple[dict[str, str], Mask]]:
    """What a series is given, and at which steps: info series come and go."""
    identity = _identity(own)
    metrics = speaking.get(identity, {}) if any(identity) else {}
    spoken = np.zeros(len(present), dtype=bool)
    states: list[tuple[dict[str, str], Mask]] = [({}, present)]
    for candidates in metrics.values():
        silent = ~any_row(np.array([c.steps for c in candidates]))
        spoken |= ~silent
        following = [(added, mask & silent) for added, mask in states]
        for candidate in candidates:
            given = {
                n: v for n, v in candidate.labels.items() if n != NAME and n not in own and (not wanted or n in wanted)
            }
            for added, mask in states:
                both = mask & candidate.steps
                if both.any():
                    following.append((_together(added, given), both))
        states = [(added, mask) for added, mask in following if mask.any()]
    if not optional:
        states = [(added, mask & spoken) for added, mask in states]
    return states


def _together(added: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    for name, value in given.items():
        if added.get(name, value) != value:
            raise QueryError(f"conflicting label: {name}")
    return {**added, **given}
