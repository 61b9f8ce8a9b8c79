"""Values as Go's `fmt` writes them, which is what templates of rules rely on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from penguintui.alerting.gotime import Moment, Span

_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.)?", re.DOTALL)
"""Flags, width, precision (`*`: that of the next value), which value, and how to write it."""
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_MAX_WIDTH = 1000
_MISSING = object()


def unquote(literal: str) -> str:
    """The value of a string literal in double quotes or back quotes."""
    if literal.startswith("`"):
        return literal[1:-1]

    def character(found: re.Match[str]) -> str:
        code = found[1]
        if len(code) > 1:
            return chr(int(code[1:], 16) if code[0] in "xuU" else int(code, 8))
        return _NAMED.get(code, code)

    return _ESCAPE.sub(character, literal[1:-1])


def format_number(value: float, precision: int | None = None) -> str:
    """A float as `%g` writes it, with so many digits; without, as `%v`: the shortest digits that read back the same.

    An exponent is written below 1e-4 and from as many digits on as there may be, of the shortest from 1e6 on.
    """
    special = _special(value)
    if special:
        return special
    if precision is not None:
        return f"{value:.{precision}g}"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    power = int(exponent) + len(digits) - 1
    if -4 <= power < 6:
        return format(Decimal((sign, digits, int(exponent))), "f")
    fraction = "".join(map(str, digits[1:]))
    return f"{'-' if sign else ''}{digits[0]}{'.' if fraction else ''}{fraction}e{power:+03d}"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else ""


def show(value: Any) -> str:  # noqa: PLR0911 - one for each type
    """A value as `%v` writes it."""
    match value:
        case str():
            return value
        case float():
            return format_number(value)
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "map[" + " ".join(f"{key}:{show(value[key])}" for key in sorted(value)) + "]"
        case Sequence():
            return "[" + " ".join(map(show, value)) + "]"
        case _:
            return str(value)


def type_name(value: Any) -> str:  # noqa: PLR0911 - one for each type
    """The name of a value's type in Go."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case Mapping():
            return "map[string]string"
        case Moment():
            return "*time.Time"
        case Span():
            return "time.Duration"
        case _:
            return "vector" if isinstance(value, Sequence) else "sample"


def sprint(values: Sequence[Any]) -> str:
    """`print`: a space between two values neither of which is a text."""
    made = ""
    for i, value in enumerate(values):
        if i and not isinstance(value, str) and not isinstance(values[i - 1], str):
            made += " "
        made += show(value)
    return made


def sprintf(text: str, values: Sequence[Any]) -> str:
    """`printf`. What does not fit is said inside the text, as Go does: `%!d(float64=1.5)`."""
    place, chosen = 0, False

    def take() -> Any:
        nonlocal place
        place += 1
        return values[place - 1] if place <= len(values) else _MISSING

    def size(written: str | None) -> int | None:
        value = take() if written == "*" else int(written or 0)
        return None if written is None or not isinstance(value, int) else max(-_MAX_WIDTH, min(value, _MAX_WIDTH))

    def verb(found: re.Match[str]) -> str:
        nonlocal place, chosen
        flags, width, precision, which, letter = found.groups()
        if letter is None:
            return "%!(NOVERB)"
        if letter == "%":
            return "%"
        wide, digits = size(width) or 0, size(precision)
        if which:
            place, chosen = int(which) - 1, True
        value = take()
        if value is _MISSING:
            return f"%!{letter}({'BADINDEX' if which else 'MISSING'})"
        made, right = _formatted(letter, value, flags, digits)
        return _padded(made, flags + "-" * (wide < 0), abs(wide), right)

    made = _VERB.sub(verb, text)
    if place < len(values) and not chosen:
        extra = ", ".join(f"{type_name(v)}={show(v)}" for v in values[place:])
        made += f"%!(EXTRA {extra})"
    return made


def _padded(made: str, flags: str, width: int, number: bool) -> str:
    if len(made) >= width:
        return made
    if "-" in flags:
        return made.ljust(width)
    if "0" in flags:
        sign = made[0] if number and made[:1] in "+- " else ""
        return sign + made[len(sign) :].rjust(width - len(sign), "0")
    return made.rjust(width)


def _formatted(letter: str, value: Any, flags: str, precision: int | None) -> tuple[str, bool]:
    """A value under a verb, and whether it is a number."""
    made: str | None = None
    if letter == "v" and "#" in flags and isinstance(value, str):
        return quote(value), False
    if letter == "v":
        made = show(value) if precision is None or not isinstance(value, float) else format_number(value, precision)
    elif letter == "T":
        return type_name(value), False
    elif isinstance(value, bool):
        made = show(value) if letter == "t" else None
    elif isinstance(value, float):
        made = _float(letter, value, precision)
    elif isinstance(value, int):
        made = _integer(letter, value, flags)
    elif isinstance(value, str):
        return _text(letter, value, flags, precision), False
    elif value is None:
        return f"%!{letter}(<nil>)", False
    elif letter in "sdg":
        made = show(value)
    if made is None:
        return f"%!{letter}({type_name(value)}={show(value)})", False
    number = isinstance(value, int | float) and not isinstance(value, bool)
    sign = "+" if "+" in flags else " " if " " in flags else ""
    if number and sign and not made.startswith(("-", "+")):
        made = sign + made
    return made, number


def _float(letter: str, value: float, precision: int | None) -> str | None:
    special = _special(value)
    if special:
        return special if letter in "eEfFgG" else None
    match letter:
        case "f" | "F":
            return f"{value:.{6 if precision is None else precision}f}"
        case "e" | "E":
            return f"{value:.{6 if precision is None else precision}{letter}}"
        case "g" | "G":
            made = format_number(value, precision)
            return made.upper() if letter == "G" else made
        case _:
            return None


def _integer(letter: str, value: int, flags: str) -> str | None:
    if letter == "c":
        return chr(value) if 0 <= value < 0x110000 else "\ufffd"
    if letter == "q":
        return repr(chr(value)) if 0 <= value < 0x110000 else None
    if letter == "U":
        return f"U+{value:04X}"
    if letter not in "dxXob":
        return None
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(letter, "") if "#" in flags else ""
    return ("-" if value < 0 else "") + prefix + format(abs(value), letter)


def _text(letter: str, value: str, flags: str, precision: int | None) -> str:
    match letter:
        case "s":
            return value if precision is None else value[:precision]
        case "q":
            return quote(value)
        case "x" | "X":
            made = value.encode().hex(" ") if " " in flags else value.encode().hex()
            return made.upper() if letter == "X" else made
        case _:
            return f"%!{letter}(string={value})"


def quote(text: str) -> str:
    """A text in double quotes, as `%q` writes it."""
    made = text.replace("\\", "\\\\").replace('"', '\\"')
    named = {value: f"\\{key}" for key, value in _NAMED.items()}
    return '"' + "".join(named.get(c, c if c.isprintable() else f"\\x{ord(c):02x}") for c in made) + '"'
