"""The grammar of templates in labels and annotations: Go's `text/template`, as far as rules use it.

A template is text with actions in `{{ }}`; `{{-` and `-}}` take the white space beside them away. An action is a
pipeline of commands, or one of if, range, with, break, continue, define, block, template and end.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from penguintui.alerting.goformat import unquote
from penguintui.alerting.templateparts import (
    Branch,
    Dot,
    Fields,
    Function,
    Include,
    Leave,
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

MAX_TEMPLATE = 1 << 16
"""Characters that a template may have."""
_MAX_DEPTH = 50


@functools.lru_cache(maxsize=4096)
def read_template(text: str, functions: frozenset[str], variables: frozenset[str]) -> Template:
    """Read a template that may call these functions and use these variables. Raises TemplateError."""
    if len(text) > MAX_TEMPLATE:
        raise TemplateError(f"the template is longer than {MAX_TEMPLATE:,} characters")
    return _Reader(text, functions, variables).template()


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\.)+')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
    |(?P<variable>\$\w*)
    |(?P<field>\.[^\W\d]\w*)
    |(?P<dot>\.)
    |(?P<word>[^\W\d]\w*)
    |(?P<mark>:=|[=|(),])""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"\{\{(- )?/\*.*?\*/( -)?\}\}", re.DOTALL)
_CONSTANTS = {"true": True, "false": False, "nil": None}


@dataclass(slots=True)
class _Action:
    tokens: list[tuple[str, str]]
    at: int = 0

    def peek(self, skip: bool = True) -> tuple[str, str]:
        while skip and self.at < len(self.tokens) and self.tokens[self.at][0] == "space":
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def marked(self, mark: str) -> bool:
        """Take this mark if it comes next."""
        if self.peek() == ("mark", mark):
            self.at += 1
            return True
        return False


@dataclass(slots=True)
class _Reader:
    text: str
    functions: frozenset[str]
    variables: frozenset[str]
    pieces: list[str | _Action] = field(default_factory=list)
    at: int = 0
    scopes: list[set[str]] = field(default_factory=list)
    defined: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    loops: int = 0

    def template(self) -> Template:
        self._split()
        self.scopes = [{"$", *self.variables}]
        parts, end = self._parts()
        if end:
            raise TemplateError(f"unexpected {{{{{end[0]}}}}}")
        return Template(parts, self.defined, frozenset(self.called), frozenset(self.used), frozenset(self.fields))

    def _split(self) -> None:
        """Cut the text into texts and actions, white space trimmed where the actions say so."""
        at, trim = 0, False
        text = self.text
        while True:
            opening = text.find("{{", at)
            plain = text[at : opening if opening >= 0 else len(text)]
            plain = plain.lstrip() if trim else plain
            comment = _COMMENT.match(text, opening) if opening >= 0 else None
            trims_left = opening >= 0 and re.match(r"\{\{-\s", text[opening:]) is not None
            self.pieces.append(plain.rstrip() if trims_left else plain)
            if opening < 0:
                return
            if comment:
                at, trim = comment.end(), comment[2] is not None
                continue
            action, at, trim = self._action(opening + (3 if trims_left else 2))
            self.pieces.append(action)

    def _action(self, at: int) -> tuple[_Action, int, bool]:
        """The tokens of an action, where the text goes on, and whether its white space is trimmed."""
        tokens: list[tuple[str, str]] = []
        while at < len(self.text):
            closing = re.compile(r"\s-\}\}|\}\}").match(self.text, at)
            if closing:
                return _Action(tokens), closing.end(), closing[0] != "}}"
            found = _TOKEN.match(self.text, at)
            if not found:
                raise TemplateError(f"unexpected {self.text[at : at + 10]!r} in an action")
            tokens.append((str(found.lastgroup), found[0]))
            at = found.end()
        raise TemplateError("unclosed action")

    def _parts(self) -> tuple[tuple[Part, ...], tuple[str, _Action] | None]:
        """Everything up to the `end` or `else` that belongs to what is above; and that."""
        parts: list[Part] = []
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if isinstance(piece, str):
                if piece:
                    parts.append(Text(piece))
                continue
            kind, word = piece.peek()
            if kind == "word" and word in ("end", "else"):
                piece.take()
                return tuple(parts), (word, piece)
            part = self._part(piece, word if kind == "word" else "")
            if part is not None:
                parts.append(part)
        return tuple(parts), None

    def _part(self, action: _Action, word: str) -> Part | None:
        if word in ("if", "with", "range"):
            action.take()
            return self._branch(word, action)
        if word in ("break", "continue"):
            action.take()
            if not self.loops:
                raise TemplateError(f"{{{{{word}}}}} outside {{{{range}}}}")
            self._done(action)
            return Leave(word)
        if word == "define":
            action.take()
            self._define(action)
            return None
        if word == "block":
            action.take()
            return self._block(action)
        if word == "template":
            action.take()
            name = self._string(action)
            pipeline = None if action.peek()[0] == "end" else self._pipeline(action)
            self._done(action)
            return Include(name, pipeline)
        pipeline = self._pipeline(action)
        self._done(action)
        return Show(pipeline)

    def _branch(self, word: str, action: _Action) -> Branch:
        if len(self.scopes) > _MAX_DEPTH:
            raise TemplateError(f"nested more than {_MAX_DEPTH} deep")
        self.scopes.append(set())
        pipeline = self._pipeline(action, several=word == "range")
        self._done(action)
        self.loops += word == "range"
        body, end = self._parts()
        self.loops -= word == "range"
        otherwise: tuple[Part, ...] = ()
        if end and end[0] == "else":
            otherwise = self._otherwise(word, end[1])
        elif not end:
            raise TemplateError(f"{{{{{word}}}}} without its {{{{end}}}}")
        else:
            self._done(end[1])
        self.scopes.pop()
        return Branch(word, pipeline, body, otherwise)

    def _otherwise(self, word: str, action: _Action) -> tuple[Part, ...]:
        kind, again = action.peek()
        if kind == "word" and again == word and word in ("if", "with"):
            action.take()
            return (self._branch(word, action),)
        self._done(action)
        parts, end = self._parts()
        if not end or end[0] != "end":
            raise TemplateError(f"{{{{{word}}}}} without its {{{{end}}}}")
        self._done(end[1])
        return parts

    def _define(self, action: _Action) -> None:
        name = self._string(action)
        self._done(action)
        self._defined(name, "define")

    def _block(self, action: _Action) -> Include:
        """A definition that is used where it stands."""
        name = self._string(action)
        pipeline = self._pipeline(action)
        self._done(action)
        self._defined(name, "block")
        return Include(name, pipeline)

    def _defined(self, name: str, word: str) -> None:
        """What follows, up to its end, under a name. It sees no variables; an empty definition gives way to another."""
        outer, self.scopes = self.scopes, [{"$"}]
        parts, end = self._parts()
        if not end or end[0] != "end":
            raise TemplateError(f"{{{{{word}}}}} without its {{{{end}}}}")
        self.scopes = outer
        if all(isinstance(part, Text) and not part.text.strip() for part in parts):
            self.defined.setdefault(name, parts)
        elif any(not isinstance(part, Text) or part.text.strip() for part in self.defined.get(name, ())):
            raise TemplateError(f'multiple definition of template "{name}"')
        else:
            self.defined[name] = parts

    def _string(self, action: _Action) -> str:
        kind, text = action.take()
        if kind != "string":
            raise TemplateError(f"a name in quotes is wanted, not {text!r}")
        return unquote(text)

    def _done(self, action: _Action) -> None:
        kind, text = action.peek()
        if kind != "end":
            raise TemplateError(f"unexpected {text!r} in an action")

    def _pipeline(self, action: _Action, *, several: bool = False, inside: bool = False) -> Pipeline:
        declares, assigns = self._declaration(action, several)
        commands = [self._command(action, first=True)]
        while action.marked("|"):
            commands.append(self._command(action, first=False))
        if inside and not action.marked(")"):
            raise TemplateError("unclosed left parenthesis")
        if not assigns:
            self.scopes[-1].update(declares)
        return Pipeline(tuple(commands), declares, assigns)

    def _declaration(self, action: _Action, several: bool) -> tuple[tuple[str, ...], bool]:
        """The variables at a pipeline's beginning, and whether they are there already."""
        start = action.at
        names: list[str] = []
        while action.peek()[0] == "variable" and len(names) < (2 if several else 1):
            names.append(action.take()[1])
            if not (several and action.marked(",")):
                break
        if names and action.marked(":="):
            return tuple(names), False
        if names and action.marked("="):
            for name in names:
                self._known(name)
            return tuple(names), True
        action.at = start
        return (), False

    def _command(self, action: _Action, *, first: bool) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while True:
            operand = self._operand(action)
            if operand is None:
                break
            operands.append(operand)
            if action.peek(skip=False)[0] not in ("space", "mark", "end"):
                raise TemplateError(f"unexpected {action.peek()[1]!r} in an operand")
        if not operands:
            raise TemplateError("missing value for command")
        if not first and isinstance(operands[0], Literal | Dot | Pipeline):
            raise TemplateError("non executable command in pipeline stage")
        return tuple(operands)

    def _operand(self, action: _Action) -> Operand | None:
        kind, text = action.peek()
        base: Operand
        if kind == "mark" and text == "(":
            action.take()
            base = self._pipeline(action, inside=True)
        elif kind in ("end", "mark"):
            return None
        else:
            action.take()
            base = self._term(kind, text)
        names: list[str] = [text[1:]] if kind == "field" else []
        while action.peek(skip=False)[0] == "field":
            names.append(action.take()[1][1:])
        self.fields.update(names)
        if names and isinstance(base, Literal):
            raise TemplateError(f"unexpected .{names[0]} after a constant")
        return Fields(base, tuple(names)) if names else base

    def _term(self, kind: str, text: str) -> Operand:
        if kind in ("dot", "field"):
            return Dot()
        if kind == "variable":
            self._known(text)
            self.used.add(text)
            return Variable(text)
        if kind == "word":
            if text in _CONSTANTS:
                return Literal(_CONSTANTS[text])
            if text not in self.functions:
                raise TemplateError(f'function "{text}" not defined')
            self.called.add(text)
            return Function(text)
        try:
            return Literal(_constant(kind, text))
        except ValueError:
            raise TemplateError(f"{text} is no constant") from None

    def _known(self, name: str) -> None:
        if not any(name in scope for scope in self.scopes):
            raise TemplateError(f'undefined variable "{name}"')


def _constant(kind: str, text: str) -> str | int | float:
    if kind == "string":
        return unquote(text)
    if kind == "char":
        character = unquote('"' + text[1:-1].replace('"', '\\"') + '"')
        if len(character) != 1:
            raise ValueError(text)
        return ord(character)
    plain = text.replace("_", "")
    if plain.lstrip("+-")[:2].lower() in ("0x", "0o", "0b"):
        return int(plain, 0)
    return int(plain) if plain.lstrip("+-").isdigit() else float(plain)
