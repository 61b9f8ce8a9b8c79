"""YAML text to a tree of nodes: bounded, and with clear words for what is no YAML.

Plain words mean what YAML 1.2's core schema says (section 10.3.2), so `no` is a text and `1:30` too,
where PyYAML's own rules (YAML 1.1) make them `False` and 90.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

MAX_DEPTH = 50
"""Nesting beyond this is refused: the parser's own recursion has no bound."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
TEXT, INTEGER, FLOAT, BOOLEAN, NULL, MERGE = (_TAG + name for name in ("str", "int", "float", "bool", "null", "merge"))


class CoreLoader(_BASE):  # type: ignore[misc]
    """PyYAML's safe loader with the core schema's rules for plain words."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML looks for it on the class


for _tag, _pattern, _first in (
    (NULL, r"~|null|Null|NULL|", [*"~nN", ""]),
    (BOOLEAN, r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    # Longer numbers are names (of accounts, of messages), not amounts.
    (INTEGER, r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}", [*"-+0123456789"]),
    (FLOAT, r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,3})?", [*"-+.0123456789"]),
    (MERGE, r"<<", ["<"]),
):
    CoreLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _first)


class NotYamlError(Exception):
    """The text cannot be read as YAML: where (from 1), what is wrong, what would be right."""

    def __init__(self, line: int, column: int, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.message, self.suggestion = line, column, message, suggestion


def decode(content: bytes) -> str:
    """The text of a configuration file. A byte order mark is left out. Raises NotYamlError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotYamlError(1, 1, "the file is UTF-16", "save it as UTF-8")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _position(content[: error.start].decode("utf-8", "replace"))
        raise NotYamlError(
            line, column, f"byte 0x{content[error.start]:02x} is not UTF-8", "save the file as UTF-8"
        ) from None
    strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if strange:
        line, column = _position(text[: strange.start()])
        raise NotYamlError(
            line, column, f"the invisible character U+{ord(strange.group()):04X} cannot stand here", "remove it"
        )
    return text


def compose(text: str) -> yaml.Node | None:
    """The document's tree, None when it is empty. Raises NotYamlError."""
    try:
        _check_depth(text)
        node: yaml.Node | None = yaml.compose(text, Loader=CoreLoader)
    except yaml.MarkedYAMLError as error:
        raise _in_words(text, error) from None
    except yaml.YAMLError as error:
        raise NotYamlError(1, 1, f"this is no YAML: {error}".splitlines()[0]) from None
    return node


def scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """The value of a word whose tag is one of the core schema's. Raises ValueError when tag and text disagree."""
    text: str = node.value
    if node.tag == NULL:
        return None
    if node.tag == BOOLEAN:
        if text.lower() not in ("true", "false"):
            raise ValueError("true or false is wanted")
        return text.lower() == "true"
    if node.tag == INTEGER:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text[:40])
    if node.tag == FLOAT:
        return float(text)
    return text


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=CoreLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark: Any = event.start_mark
                raise NotYamlError(mark.line + 1, mark.column + 1, f"nested more than {MAX_DEPTH} deep", "flatten it")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _position(before: str) -> tuple[int, int]:
    """Line and column, from 1, of the character that follows `before`."""
    line = before.count("\n") + 1
    return line, len(before) - (before.rfind("\n") + 1) + 1


_WORDS = (
    (
        "mapping values are not allowed",
        "this `:` cannot stand here",
        "check the indentation, and put a text that contains `: ` in quotes",
    ),
    ("undefined alias", "this `*` names an anchor that is not defined above", "define it with `&`, or quote the text"),
    ("duplicate anchor", "this anchor is defined twice", "give one of them another name"),
    ("second occurrence", "this anchor is defined twice", "give one of them another name"),
    ("found another document", "a second document begins here", "keep one document to a file"),
    ("end of stream", "the file ends inside a quoted text", "close the quotes"),
    ("unknown escape", "an unknown escape in a text in double quotes", r"use single quotes, or write `\\`"),
    ("tab character", "a tab is used for indentation", "indent with spaces"),
    ("undefined tag handle", "this tag is not known", "the ones there are: !env, !file"),
    ("tag URI", "a tag without a name", "the ones there are: !env, !file"),
    ("expected ',' or ']'", "a list in brackets goes on where it should not", "close it with `]` or set a `,`"),
    ("expected ',' or '}'", "a mapping in braces goes on where it should not", "close it with `}` or set a `,`"),
    ("expected <block end>", "the indentation does not fit what is above", "line it up with its neighbours"),
    ("expected key", "the indentation does not fit what is above", "line it up with its neighbours"),
    ("expected '-' indicator", "the indentation does not fit what is above", "line it up with its neighbours"),
    ("could not find expected ':'", "a key without its `:`", "write `key: value`"),
    ("block sequence entries are not allowed", "a `-` cannot stand here", "begin the list on a line of its own"),
)


def _in_words(text: str, error: yaml.MarkedYAMLError) -> NotYamlError:
    problem = error.problem or error.context or "something is wrong"
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "cannot start any token" in problem:
        return _bad_start(text, line, column)
    message, suggestion = next(
        ((message, suggestion) for part, message, suggestion in _WORDS if part in problem), (f"no YAML: {problem}", "")
    )
    opened = error.context_mark
    if opened and error.context and "quoted" in error.context and opened.line + 1 < line:
        message += f" that began in line {opened.line + 1}"
    return NotYamlError(line, column, message, suggestion)


def _bad_start(text: str, line: int, column: int) -> NotYamlError:
    rest = text.splitlines()[line - 1 : line]
    character = rest[0][column - 1 : column] if rest else ""
    if character == "\t":
        return NotYamlError(line, column, "a tab is used for indentation", "indent with spaces")
    return NotYamlError(line, column, f"a text cannot begin with `{character}`", "put it in quotes")
