"""YAML nodes as rule files and their tests mean them: exact fields, texts as they are written, a place in every error.

A text may be written as a number or a truth value (`severity: 1`) and keeps its spelling, as Prometheus reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml

from penguintui.alerting.durations import parse_duration
from penguintui.config import syntax
from penguintui.config.problems import Problem, did_you_mean, shown
from penguintui.config.reading import UnreadableFileError, read_bounded

MAX_FILE = 8 << 20
"""Bytes that a file may have."""
_MAX_PROBLEMS = 200
_MAX_VALUES = 500_000

T = TypeVar("T")


@dataclass(slots=True)
class Document:
    """One file being read: its name, and everything wrong that was found."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    left: int = _MAX_VALUES

    def fault(self, node: yaml.Node | None, path: str, message: str, suggestion: str = "") -> None:
        """Say that something is wrong at a node; without one, with the whole file."""
        line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node is not None else (0, 0)
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(self.file, line, column, path, message, suggestion))

    def read(self, path: Path) -> yaml.Node | None:
        """The tree of a file; None when it is empty or, with a problem said, cannot be read."""
        try:
            return syntax.compose(syntax.decode(read_bounded(path, MAX_FILE)[0]))
        except UnreadableFileError as error:
            self.fault(None, "", f"the file {error}")
        except syntax.NotYamlError as error:
            self.problems.append(Problem(self.file, error.line, error.column, "", error.message, error.suggestion))
        return None

    def mapping(self, node: yaml.Node | None, path: str, known: Collection[str] = ()) -> dict[str, yaml.Node]:
        """The values of a mapping by their keys, of which only `known` ones may be there (when any are named)."""
        if node is None or _is_null(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, path, "a mapping is wanted here")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in self._pairs(node, path):
            name = key.value
            if name in found:
                self.fault(key, path, f"the key {shown(name)} is there twice", "keep one of them")
            elif known and name not in known:
                self.fault(key, path, f"the field {shown(name)} is not known", did_you_mean(name, known))
            else:
                found[name] = value
        return found

    def _pairs(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """A mapping's own pairs, then those that `<<` brings in and it does not have."""
        own = [(key, value) for key, value in node.value if key.tag != syntax.MERGE]
        names = set()
        for key, value in own:
            if self._spent(node):
                return
            if isinstance(key, yaml.ScalarNode):
                names.add(key.value)
                yield key, value
            else:
                self.fault(key, path, "this key is no text")
        for key, value in node.value:
            if key.tag != syntax.MERGE:
                continue
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(source, yaml.MappingNode) or source is node:
                    self.fault(source, path, "`<<` wants another mapping, or a list of mappings")
                    continue
                for inner_key, inner in source.value:
                    if inner_key.value not in names and not self._spent(node):
                        names.add(inner_key.value)
                        yield inner_key, inner

    def sequence(self, node: yaml.Node | None, path: str) -> list[yaml.Node]:
        """The entries of a list, without those that say nothing, as YAML in Go reads it; none when nothing is there."""
        if node is None or _is_null(node) or self._spent(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, path, "a list is wanted here")
            return []
        return [one for one in node.value if not _is_null(one)]

    def text(self, node: yaml.Node | None, path: str, default: str = "") -> str:
        """A text as it is written."""
        if node is None or self._spent(node):
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, path, "a text is wanted here")
            return default
        return "" if node.tag == syntax.NULL else str(node.value)

    def texts(self, node: yaml.Node | None, path: str) -> dict[str, str]:
        """A mapping of texts, such as labels."""
        return {key: self.text(value, f"{path}.{key}") for key, value in self.mapping(node, path).items()}

    def duration(self, node: yaml.Node | None, path: str) -> float | None:
        """Seconds; None when nothing is there."""
        return self._made(node, path, parse_duration)

    def integer(self, node: yaml.Node | None, path: str) -> int | None:
        """A whole number; of another the whole part, as YAML in Go reads it."""
        number = self.number(node, path)
        if number is None or math.isfinite(number):
            return None if number is None else math.trunc(number)
        self.fault(node, path, f"{shown(self.text(node, path))} is no whole number")
        return None

    def number(self, node: yaml.Node | None, path: str) -> float | None:
        """A number; one in quotes is a text."""
        if isinstance(node, yaml.ScalarNode) and node.style:
            self.fault(node, path, f"{shown(node.value)} is a text, not a number", "leave the quotes out")
            return None
        return self._made(node, path, _number)

    def truth(self, node: yaml.Node | None, path: str) -> bool | None:
        return self._made(node, path, _truth)

    def _made(self, node: yaml.Node | None, path: str, make: Callable[[str], T]) -> T | None:
        text = self.text(node, path)
        if node is None or not isinstance(node, yaml.ScalarNode) or node.tag == syntax.NULL:
            return None
        try:
            return make(text)
        except ValueError as error:
            self.fault(node, path, str(error))
            return None

    def _spent(self, node: yaml.Node) -> bool:
        """Whether the file unfolds to more values than may be; then said once, and nothing more is read."""
        self.left -= 1
        if self.left == 0:
            self.fault(node, "", f"the file unfolds to more than {_MAX_VALUES:,} values", "use fewer anchors")
        return self.left <= 0


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == syntax.NULL


_SPECIAL: Mapping[str, float] = {
    **dict.fromkeys((".inf", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    ".nan": float("nan"),
}


def _number(text: str) -> float:
    special = _SPECIAL.get(text.lower())
    if special is not None:
        return special
    try:
        if text.lower().lstrip("+-").startswith(("inf", "nan")):  # Python's own, not YAML's
            raise ValueError
        return float(int(text, 0)) if text[:2].lower() in ("0x", "0o", "0b") else float(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is no number") from None


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("true or false is wanted here")
    return text.lower() == "true"
