"""Expanding the templates in labels and annotations.

What an expansion may do is bounded (steps, length of what it makes), and it can reach nothing but the alert's labels
and value, the external labels and address, and what a query yields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from penguintui.alerting.goformat import show, type_name
from penguintui.alerting.gotime import Moment, Span
from penguintui.alerting.templateparts import (
    Branch,
    Dot,
    Fields,
    Function,
    Include,
    Literal,
    Operand,
    Part,
    Pipeline,
    Show,
    Template,
    TemplateError,
    Text,
    Variable,
)
from penguintui.alerting.templatesyntax import read_template
from penguintui.alerting.templatewords import WORDS, QueriedSample, path_prefix, truth

Ask = Callable[[str], Sequence[QueriedSample]]
"""Evaluates an expression at the moment of the evaluation; raises QueryError."""

FUNCTIONS = frozenset({*WORDS, "and", "or", "query", "externalURL", "pathPrefix"})
VARIABLES = frozenset({"$labels", "$externalLabels", "$externalURL", "$value"})

_MAX_STEPS = 100_000
_MAX_TEXT = 1 << 20
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """What a template speaks of: a sample's labels and value, and whose rules these are."""

    labels: Mapping[str, str]
    value: float
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""

    def field(self, name: str) -> Any:
        """A field by its name in templates; None where there is none."""
        return {
            "Labels": self.labels,
            "Value": self.value,
            "ExternalLabels": self.external_labels,
            "ExternalURL": self.external_url,
        }.get(name)

    def __str__(self) -> str:
        return f"{{{show(self.labels)} {show(self.external_labels)} {self.external_url} {show(self.value)}}}"


def check_template(text: str) -> Template:
    """Read a template. Raises TemplateError with what is wrong."""
    return read_template(text, FUNCTIONS, VARIABLES)


def varies(text: str) -> bool:
    """Whether the expansion may differ between two evaluations for the same labels."""
    if "{{" not in text:
        return False
    try:
        template = check_template(text)
    except TemplateError:
        return False
    return "query" in template.functions or "$value" in template.variables or "Value" in template.fields


def asks(text: str) -> bool:
    """Whether the template evaluates a query."""
    if "{{" not in text:
        return False
    try:
        return "query" in check_template(text).functions
    except TemplateError:
        return False


def expand(text: str, subject: Subject, ask: Ask | None = None, name: str = "") -> str:
    """The text with its actions carried out; where that fails, a text that says why, as Prometheus does it."""
    if "{{" not in text:
        return text
    try:
        return _Expansion(check_template(text), subject, ask).text()
    except TemplateError as error:
        return f"<error expanding template: error executing template {name}: {error}>"


class _Left(Exception):  # noqa: N818 - a way out of a range, no error
    """break or continue."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(slots=True)
class _Expansion:
    template: Template
    subject: Subject
    ask: Ask | None
    made: list[str] = field(default_factory=list)
    length: int = 0
    steps: int = 0
    depth: int = 0
    variables: list[tuple[str, Any]] = field(default_factory=list)

    def text(self) -> str:
        subject = self.subject
        self.variables = [
            ("$", subject),
            ("$labels", subject.labels),
            ("$externalLabels", subject.external_labels),
            ("$externalURL", subject.external_url),
            ("$value", subject.value),
        ]
        self._all(self.template.parts, subject)
        return "".join(self.made)

    def _spend(self) -> None:
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise TemplateError(f"the template takes more than {_MAX_STEPS:,} steps")

    def _write(self, text: str) -> None:
        self.length += len(text)
        if self.length > _MAX_TEXT:
            raise TemplateError(f"the template makes more than {_MAX_TEXT:,} characters")
        self.made.append(text)

    def _all(self, parts: Sequence[Part], dot: Any) -> None:
        for part in parts:
            self._spend()
            if isinstance(part, Text):
                self._write(part.text)
            elif isinstance(part, Show):
                value = self._pipeline(part.pipeline, dot)
                if not part.pipeline.declares:
                    self._write("<no value>" if value is None else show(value))
            elif isinstance(part, Branch):
                self._branch(part, dot)
            elif isinstance(part, Include):
                self._include(part, dot)
            else:
                raise _Left(part.word)

    def _branch(self, part: Branch, dot: Any) -> None:
        mark = len(self.variables)
        value = self._pipeline(part.pipeline, dot, ranged=part.word == "range")
        if part.word == "range":
            self._range(part, value, dot)
        elif truth(value):
            self._all(part.body, value if part.word == "with" else dot)
        else:
            self._all(part.otherwise, dot)
        del self.variables[mark:]

    def _range(self, part: Branch, value: Any, dot: Any) -> None:
        items: Sequence[tuple[Any, Any]]
        if isinstance(value, Mapping):
            items = sorted(value.items())
        elif isinstance(value, Sequence) and not isinstance(value, str):
            items = list(enumerate(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            if value > _MAX_STEPS:
                raise TemplateError(f"the template takes more than {_MAX_STEPS:,} steps")
            items = [(i, i) for i in range(value)]
        else:
            raise TemplateError(f"range can't iterate over {show(value)}")
        names = part.pipeline.declares
        for key, item in items:
            self._spend()
            mark = len(self.variables)
            self.variables.extend(zip(names, (item,) if len(names) == 1 else (key, item), strict=False))
            try:
                self._all(part.body, item)
            except _Left as left:
                if left.word == "break":
                    break
            finally:
                del self.variables[mark:]
        if not items:
            self._all(part.otherwise, dot)

    def _include(self, part: Include, dot: Any) -> None:
        parts = self.template.defined.get(part.name)
        if parts is None:
            raise TemplateError(f'template "{part.name}" not defined')
        if self.depth >= _MAX_DEPTH:
            raise TemplateError("templates include each other without end")
        value = None if part.pipeline is None else self._pipeline(part.pipeline, dot)
        outer, self.variables = self.variables, [("$", value)]
        self.depth += 1
        self._all(parts, value)
        self.depth -= 1
        self.variables = outer

    def _pipeline(self, pipeline: Pipeline, dot: Any, *, ranged: bool = False) -> Any:
        value = self._command(pipeline.commands[0], dot, ())
        for command in pipeline.commands[1:]:
            value = self._command(command, dot, (value,))
        if not ranged:
            for name in pipeline.declares:
                self._assign(name, value) if pipeline.assigns else self.variables.append((name, value))
        return value

    def _assign(self, name: str, value: Any) -> None:
        for i in range(len(self.variables) - 1, -1, -1):
            if self.variables[i][0] == name:
                self.variables[i] = (name, value)
                return

    def _command(self, command: Sequence[Operand], dot: Any, given: tuple[Any, ...]) -> Any:
        self._spend()
        first = command[0]
        if isinstance(first, Function):
            return self._call(first.name, command[1:], dot, given)
        if isinstance(first, Fields):
            return self._member(first, [*(self._operand(o, dot) for o in command[1:]), *given], dot)
        if len(command) > 1 or given:
            raise TemplateError("can't give argument to non-function")
        if isinstance(first, Literal) and first.value is None:
            raise TemplateError("nil is not a command")
        return self._operand(first, dot)

    def _call(self, name: str, operands: Sequence[Operand], dot: Any, given: tuple[Any, ...]) -> Any:
        if name in ("and", "or"):
            return self._short_circuit(name, operands, dot, given)
        values = [*(self._operand(o, dot) for o in operands), *given]
        match name:
            case "query":
                return self._query(values)
            case "externalURL" | "pathPrefix" if values:
                raise TemplateError(f"wrong number of args for {name}: want 0 got {len(values)}")
            case "externalURL":
                return self.subject.external_url
            case "pathPrefix":
                return path_prefix(self.subject.external_url)
        try:
            return WORDS[name](*values)
        except TemplateError as error:
            raise TemplateError(f"error calling {name}: {error}") from None
        except TypeError:
            raise TemplateError(f"wrong number of args for {name}: got {len(values)}") from None

    def _short_circuit(self, name: str, operands: Sequence[Operand], dot: Any, given: tuple[Any, ...]) -> Any:
        """and, or: the first value that decides, or the last; what stands behind it is not evaluated."""
        if not operands and not given:
            raise TemplateError(f"wrong number of args for {name}: want at least 1 got 0")
        value: Any = None
        for operand in operands:
            value = self._operand(operand, dot)
            if truth(value) is (name == "or"):
                return value
        return given[0] if given else value

    def _query(self, values: Sequence[Any]) -> Sequence[QueriedSample]:
        from penguintui.query.errors import QueryError

        if len(values) != 1 or not isinstance(values[0], str):
            raise TemplateError("query wants one expression")
        if self.ask is None:
            raise TemplateError("nothing can be queried here")
        try:
            return self.ask(values[0])
        except QueryError as error:
            raise TemplateError(f"error calling query: {error}") from None

    def _member(self, operand: Fields, values: Sequence[Any], dot: Any) -> Any:
        """A field of something, or what its method makes of these values."""
        value = self._operand(operand.of, dot)
        for name in operand.names[:-1]:
            value = _field(value, name, ())
        return _field(value, operand.names[-1], values)

    def _variable(self, name: str) -> Any:
        for known, value in reversed(self.variables):
            if known == name:
                return value
        raise TemplateError(f'undefined variable "{name}"')

    def _operand(self, operand: Operand, dot: Any) -> Any:
        if isinstance(operand, Variable):
            return self._variable(operand.name)
        if isinstance(operand, Fields):
            return self._member(operand, (), dot)
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, Dot):
            return dot
        if isinstance(operand, Function):
            return self._call(operand.name, (), dot, ())
        return self._pipeline(operand, dot)


def _field(value: Any, name: str, values: Sequence[Any]) -> Any:
    method = value.method(name) if isinstance(value, Moment | Span) else None
    if method is not None:
        try:
            return method(*values)
        except TypeError:
            raise TemplateError(f"wrong number of args for {name}: got {len(values)}") from None
    if values:
        raise TemplateError(f"{name} has arguments but cannot be invoked as function")
    if isinstance(value, Mapping):
        return value.get(name, "")
    found = value.field(name) if isinstance(value, Subject | QueriedSample) else None
    if found is None:
        raise TemplateError(f"can't evaluate field {name} in type {type_name(value)}")
    return found
