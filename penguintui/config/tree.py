"""A tree of YAML nodes to plain values, with the place of each value and everything that is wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from penguintui.config import syntax
from penguintui.config.problems import Trail, did_you_mean, shown
from penguintui.config.secrets import TAGS, MissingSecretError, SecretSource
from penguintui.model.secret import Secret

MAX_VALUES = 100_000
"""Values that a file may unfold to; anchors used in anchors would otherwise fill the memory."""


class Place(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int


class Fault(NamedTuple):
    """Something wrong with the value at a trail, or with its key; `place` is given where it stands elsewhere."""

    trail: Trail
    message: str
    suggestion: str = ""
    at_key: bool = False
    place: Place | None = None


@dataclass(slots=True)
class Tree:
    """Plain values (mappings, lists, texts, numbers, secrets) and where each of them stands.

    broken: trails whose value stands in for one that could not be read; nothing more is to be said of them.
    """

    data: Any = None
    values: dict[Trail, Place] = field(default_factory=dict)
    keys: dict[Trail, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    broken: set[Trail] = field(default_factory=set)

    def place(self, trail: Trail, at_key: bool = False) -> Place:
        """Where a value (or its key) stands; for one that is missing, where the thing stands that lacks it."""
        for end in range(len(trail), -1, -1):
            here = trail[:end]
            if at_key and here in self.keys:
                return self.keys[here]
            if here in self.values:
                return self.values[here]
        return Place(1, 1)


class _TooMuchError(Exception):
    """The file unfolds to more values than may be."""


def build(node: yaml.Node, secrets: SecretSource) -> Tree:
    """The values of a document and their places; what is wrong is in `faults`."""
    builder = _Builder(secrets)
    try:
        builder.tree.data = builder.value(node, ())
    except _TooMuchError:
        return Tree(faults=[Fault((), f"the file unfolds to more than {MAX_VALUES:,} values", "use fewer anchors")])
    return builder.tree


class _Builder:
    def __init__(self, secrets: SecretSource) -> None:
        self.tree = Tree()
        self._secrets = secrets
        self._left = MAX_VALUES
        self._open: list[yaml.Node] = []

    def fault(self, trail: Trail, message: str, suggestion: str = "", at: yaml.Node | None = None) -> None:
        self._spend()
        self.tree.faults.append(Fault(trail, message, suggestion, place=_place(at) if at else None))

    def value(self, node: yaml.Node, trail: Trail) -> Any:
        """The value of a node that stands at `trail`."""
        self._spend()
        self.tree.values[trail] = self._place_of(node, trail)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, trail)
        if any(node is above for above in self._open):
            self.fault(trail, "this anchor contains itself", "write the part out", node)
            self.tree.broken.add(trail)
            return None
        self._check_tag(node, trail)
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, trail)
            return [self.value(entry, (*trail, index)) for index, entry in enumerate(node.value)]
        finally:
            self._open.pop()

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _TooMuchError

    def _place_of(self, node: yaml.Node, trail: Trail) -> Place:
        """A value that is left empty stands where its key does."""
        if node.start_mark.index == node.end_mark.index and trail in self.tree.keys:
            return self.tree.keys[trail]
        return _place(node)

    def _scalar(self, node: yaml.ScalarNode, trail: Trail) -> Any:
        if node.tag in TAGS:
            return self._secret(node, trail)
        self._check_tag(node, trail)
        try:
            return syntax.scalar(node)
        except ValueError:
            self.fault(trail, f"{shown(node.value)} does not fit its tag", "leave the tag out", node)
            self.tree.broken.add(trail)
            return None

    def _secret(self, node: yaml.ScalarNode, trail: Trail) -> Secret:
        try:
            return self._secrets.read(node.tag, node.value)
        except MissingSecretError as missing:
            self.fault(trail, missing.message, missing.suggestion, node)
        # Stands in, so that the rest is still looked at.
        return Secret("")

    def _check_tag(self, node: yaml.Node, trail: Trail) -> None:
        tag: str = node.tag
        if tag in TAGS:
            self.tree.broken.add(trail)
            self.fault(trail, f"{tag} wants one word", "write `!env NAME` or `!file PATH`", node)
        elif not tag.startswith("tag:yaml.org,2002:") or tag.removeprefix("tag:yaml.org,2002:") not in _STANDARD:
            self.tree.broken.add(trail)
            short = tag.replace("tag:yaml.org,2002:", "!!")
            self.fault(trail, f"unknown tag {shown(short)}", did_you_mean(short, TAGS), node)

    def _mapping(self, node: yaml.MappingNode, trail: Trail) -> dict[str, Any]:
        pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in self._own(node, trail):
            if key.value in pairs:
                first = _place(pairs[key.value][0])
                message = f"the key {shown(key.value)} is there twice, first in line {first.line}"
                self.fault((*trail, key.value), message, "keep one of them", key)
            else:
                pairs[key.value] = (key, value)
        for key, value in self._merged(node, trail, [node]):
            pairs.setdefault(key.value, (key, value))
        data = {}
        for name, (key, value) in pairs.items():
            self.tree.keys[(*trail, name)] = _place(key)
            data[name] = self.value(value, (*trail, name))
        return data

    def _own(self, node: yaml.MappingNode, trail: Trail) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The mapping's own pairs whose key is a text; the others are faults."""
        for key, value in node.value:
            if key.tag == syntax.MERGE:
                continue
            if isinstance(key, yaml.ScalarNode) and key.tag == syntax.TEXT:
                yield key, value
            elif isinstance(key, yaml.ScalarNode) and key.tag not in TAGS:
                quoted = '"' + key.value[:60] + '"'
                self.fault(trail, f"the key {shown(key.value)} is no text", f"put it in quotes: {quoted}", key)
            else:
                self.fault(trail, "this key is no text", "a key is one word", key)

    def _merged(
        self, node: yaml.MappingNode, trail: Trail, above: list[yaml.Node]
    ) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The pairs that `<<` brings in; of several, the first one counts."""
        for key, value in node.value:
            if key.tag != syntax.MERGE:
                continue
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                self._spend()
                if not isinstance(source, yaml.MappingNode):
                    self.fault(trail, "`<<` wants a mapping or a list of mappings", "write `<<: *name`", source)
                elif any(source is one for one in above):
                    self.fault(trail, "this anchor contains itself", "write the part out", source)
                else:
                    for pair in self._own(source, trail):
                        self._spend()
                        yield pair
                    yield from self._merged(source, trail, [*above, source])


_STANDARD = ("str", "int", "float", "bool", "null", "map", "seq", "merge")


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
