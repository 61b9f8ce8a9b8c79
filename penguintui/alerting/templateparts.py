"""The parts of a template, read and ready to be expanded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class TemplateError(Exception):
    """A template that cannot be read or expanded, in a sentence."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: text, number, truth value or nil."""

    value: Any


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    name: str


@dataclass(frozen=True, slots=True)
class Dot:
    """What the template, or the enclosing range or with, is about."""


@dataclass(frozen=True, slots=True)
class Fields:
    """`.A.B` of something."""

    of: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each given the result of the one before as its last argument; `declares` names what keeps the end."""

    commands: tuple[tuple[Operand, ...], ...]
    declares: tuple[str, ...] = ()
    assigns: bool = False


Operand = Literal | Variable | Function | Dot | Fields | Pipeline


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Show:
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Branch:
    """if, with or range: what follows when the pipeline yields something, and what otherwise."""

    word: str
    pipeline: Pipeline
    body: tuple[Part, ...]
    otherwise: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """break or continue."""

    word: str


@dataclass(frozen=True, slots=True)
class Include:
    """template "name" pipeline."""

    name: str
    pipeline: Pipeline | None


Part = Text | Show | Branch | Leave | Include


@dataclass(frozen=True, slots=True)
class Template:
    """A template that has been read, with those it defines, and the names of what it calls and reads."""

    parts: tuple[Part, ...]
    defined: dict[str, tuple[Part, ...]]
    functions: frozenset[str]
    variables: frozenset[str]
    fields: frozenset[str]
