"""Reads a configuration file: everything that is wrong at once, or checked settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from penguintui.config.placeholders import check_placeholders
from penguintui.config.problems import ConfigurationErrors, Problem, path_of
from penguintui.config.reading import Fingerprint, UnreadableFileError, fingerprint, read_bounded
from penguintui.config.references import check_references
from penguintui.config.secrets import SecretSource
from penguintui.config.settings import Configuration
from penguintui.config.shape import shapes
from penguintui.config.syntax import NotYamlError, compose, decode
from penguintui.config.tree import Fault, Tree, build
from penguintui.config.wellformed import check_forms
from penguintui.config.wording import faults_of

MAX_FILE = 1 << 20
"""Bytes that a configuration file may have."""

Check = Callable[[Any], Iterable[Fault]]
"""What another room finds wrong with the plain values of a file, such as texts in a language that only it reads."""

_EMPTY = "watch something (`targets:`), or run `penguintui init` for a first configuration"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reading brought: settings or problems, and the state of each file that was looked at."""

    configuration: Configuration | None
    problems: tuple[Problem, ...] = ()
    files: Mapping[Path, Fingerprint | None] = field(default_factory=dict)


def load(path: Path, env: Mapping[str, str]) -> Configuration:
    """The settings in a file; `!env` looks into `env`, `!file` beside the file.

    Raises ConfigurationErrors with every problem there is.
    """
    reading = read(path, env)
    if reading.configuration is None:
        raise ConfigurationErrors(reading.problems)
    return reading.configuration


def read(path: Path, env: Mapping[str, str], further: Check | None = None) -> Reading:
    """Like `load`, with the problems as data, those of a `further` check among them."""
    files: dict[Path, Fingerprint | None] = {path: fingerprint(path)}
    try:
        content, files[path] = read_bounded(path, MAX_FILE)
    except UnreadableFileError as error:
        problem = Problem(str(path), 0, 0, "", f"the configuration {error}", "name another with --config")
        return Reading(None, (problem,), files)
    secrets = SecretSource(path.parent, env)
    configuration, problems = _check(str(path), content, secrets, further)
    return Reading(configuration, problems, files | secrets.files)


def _check(
    name: str, content: bytes, secrets: SecretSource, further: Check | None
) -> tuple[Configuration | None, tuple[Problem, ...]]:
    try:
        node = compose(decode(content))
    except NotYamlError as error:
        return None, (Problem(name, error.line, error.column, "", error.message, error.suggestion),)
    if node is None:
        return None, (Problem(name, 1, 1, "", "the configuration is empty", _EMPTY),)
    tree = build(node, secrets)
    if tree.data is None and not tree.faults:
        return None, (Problem(name, 1, 1, "", "the configuration is empty", _EMPTY),)
    if not isinstance(tree.data, dict):
        kind = "a list" if isinstance(tree.data, list) else "a single value"
        shape = Fault((), f"{kind} stands at the top", "a configuration is a mapping such as `targets: [...]`")
        return None, _problems(name, tree, tree.faults or [shape])
    # A place for anchors, which other parts then refer to.
    tree.data = {key: value for key, value in tree.data.items() if not key.startswith("x-")}
    configuration, faults = _validate(tree)
    faults = [*tree.faults, *faults, *_meaning(tree.data), *(further(tree.data) if further else ())]
    return (None if faults else configuration), _problems(name, tree, faults)


def _validate(tree: Tree) -> tuple[Configuration | None, list[Fault]]:
    try:
        return Configuration.model_validate(tree.data), []
    except ValidationError as error:
        return None, faults_of(error, tree, shapes(Configuration, tree.data))


def _meaning(data: Any) -> Iterator[Fault]:
    yield from check_references(data)
    yield from check_placeholders(data)
    yield from check_forms(data)


def _problems(name: str, tree: Tree, faults: list[Fault]) -> tuple[Problem, ...]:
    """The faults with their places, in the order of the file."""
    found = []
    for fault in faults:
        line, column = fault.place or tree.place(fault.trail, fault.at_key)
        found.append(Problem(name, line, column, path_of(fault.trail), fault.message, fault.suggestion))
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column)))
