"""Regular expressions as PromQL means them (RE2's syntax), compiled by Python's `re`.

Translated are: flags in the middle of an expression, `\\Q…\\E`, `\\z`, `\\x{…}`, POSIX classes, named groups without a
`P`. Refused is what RE2 does not know (look-around, back-references, atomic groups, possessive quantifiers) and what
`re` cannot do (Unicode classes, the flag U). A dot matches a line's end, as in Prometheus 3.
"""

from __future__ import annotations

import functools
import re

from penguintui.query.source import Matcher, MatchOp


class RegexError(ValueError):
    """The expression is no RE2 expression, or one that cannot be translated."""


@functools.lru_cache(maxsize=512)
def compile_regex(expression: str) -> re.Pattern[str]:
    """The expression, ready for `fullmatch`. Raises `RegexError`."""
    try:
        return re.compile(_Translator(expression).translate(), re.ASCII | re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise RegexError(str(error)) from None


def matches(matcher: Matcher, value: str) -> bool:
    """Whether a label's value (empty where it has none) is what a matcher wants."""
    match matcher.op:
        case MatchOp.EQUAL:
            return value == matcher.value
        case MatchOp.NOT_EQUAL:
            return value != matcher.value
        case MatchOp.REGEX:
            return compile_regex(matcher.value).fullmatch(value) is not None
        case MatchOp.NOT_REGEX:
            return compile_regex(matcher.value).fullmatch(value) is None


_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
}
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")
_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>", re.ASCII)


class _Translator:
    """Reads an expression from left to right and writes it down for `re`."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._at = 0
        self._made: list[str] = []
        self._scopes: list[list[str]] = [[]]
        self._quantified = True

    def translate(self) -> str:
        while self._at < len(self._text):
            self._step()
        if len(self._scopes) > 1:
            raise RegexError("missing closing )")
        self._close_flags()
        return "".join(self._made)

    def _step(self) -> None:
        character = self._text[self._at]
        if character == "(":
            self._open()
        elif character == ")":
            self._close()
        elif character == "|":
            self._alternative()
        elif character == "[":
            self._character_class()
        elif character == "\\":
            self._escape()
        elif character in "*+?" or (character == "{" and _REPEAT.match(self._text, self._at)):
            self._quantifier()
        else:
            # Outside of a repetition a brace is a brace; `$` means the very end.
            literal = {"{": r"\{", "}": r"\}", "$": r"\Z"}.get(character, character)
            self._write(literal, 1)

    def _write(self, made: str, consumed: int) -> None:
        self._made.append(made)
        self._at += consumed
        self._quantified = False

    def _open(self) -> None:
        flags = _FLAGS.match(self._text, self._at)
        named = _GROUP.match(self._text, self._at)
        if flags:
            self._flags(flags)
        elif named:
            self._scopes.append([])
            self._write(f"(?P<{named[1]}>", len(named[0]))
            self._quantified = True
        elif self._text.startswith("(?", self._at):
            raise RegexError(f"invalid or unsupported Perl syntax: `{self._text[self._at : self._at + 3]}`")
        else:
            self._scopes.append([])
            self._write("(", 1)
            self._quantified = True

    def _flags(self, found: re.Match[str]) -> None:
        on, off, end = found[1], found[2] or "", found[3]
        if "U" in on + off:
            raise RegexError("the flag U is not supported")
        opened = f"(?{on}{'-' if off else ''}{off}:"
        if end == ":":
            self._scopes.append([])
        else:
            # They hold to the end of the enclosing group: a group of our own, to be closed there.
            self._scopes[-1].append(opened)
        self._write(opened, len(found[0]))
        self._quantified = True

    def _close_flags(self) -> None:
        self._made.append(")" * len(self._scopes[-1]))

    def _close(self) -> None:
        if len(self._scopes) == 1:
            raise RegexError("unexpected )")
        self._close_flags()
        self._scopes.pop()
        self._write(")", 1)

    def _alternative(self) -> None:
        """Flags set in one alternative hold in the next, too."""
        self._close_flags()
        self._write("|" + "".join(self._scopes[-1]), 1)
        self._quantified = True

    def _quantifier(self) -> None:
        if self._quantified:
            raise RegexError("missing argument to repetition operator, or invalid nested repetition operator")
        repeat = _REPEAT.match(self._text, self._at)
        made = repeat[0] if repeat else self._text[self._at]
        if repeat and max(int(n) for n in re.findall(r"\d+", made)) > 1000:
            raise RegexError(f"invalid repeat count: `{made}`")
        if self._text.startswith("?", self._at + len(made)):
            made += "?"
        self._write(made, len(made))
        self._quantified = True

    def _escape(self) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if not following:
            raise RegexError("trailing backslash at end of expression")
        if following == "Q":
            end = self._text.find("\\E", self._at)
            quoted = self._text[self._at + 2 : end if end >= 0 else None]
            self._write(re.escape(quoted), len(quoted) + (4 if end >= 0 else 2))
        elif following == "z":
            self._write(r"\Z", 2)
        elif following == "A":
            self._write(r"\A", 2)
        else:
            self._write(*self._escaped())

    def _escaped(self) -> tuple[str, int]:
        """An escape that means the same inside a class and outside; its translation and its length."""
        wide = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}").match(self._text, self._at)
        if wide:
            return re.escape(chr(int(wide[1], 16))), len(wide[0])
        following = self._text[self._at + 1 : self._at + 2]
        if following in "pPC":
            raise RegexError(f"`\\{following}` is not supported")
        if following.isdigit() and following != "0":
            raise RegexError(f"invalid escape sequence: `\\{following}`")
        if following.isalpha() and following not in "dDsSwWbBnrtfvax":
            raise RegexError(f"invalid escape sequence: `\\{following}`")
        return "\\" + following, 2

    def _character_class(self) -> None:
        text, at = self._text, self._at + 1
        made = ["["]
        if text.startswith("^", at):
            made.append("^")
            at += 1
        first = True
        while first or not text.startswith("]", at):
            if at >= len(text):
                raise RegexError("missing closing ]")
            posix = re.compile(r"\[:(\^?)(\w+):\]").match(text, at)
            if posix:
                if posix[2] not in _POSIX or posix[1]:
                    raise RegexError(f"invalid character class range: `{posix[0]}`")
                made.append(_POSIX[posix[2]])
                at += len(posix[0])
            elif text[at] == "\\":
                self._at = at
                translated, length = self._escaped()
                made.append(translated)
                at += length
            else:
                # `re` keeps set operations for the future and warns about what looks like one.
                made.append("\\" + text[at] if text[at] in "[]&~|" else text[at])
                at += 1
            first = False
        self._at = at
        self._write("".join([*made, "]"]), 1)
