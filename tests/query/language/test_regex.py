"""RE2's regular expressions by way of Python's."""

from __future__ import annotations

import pytest

from penguintui.query.language.regex import RegexError, compile_regex, matches
from penguintui.query.source import Matcher, MatchOp


@pytest.mark.parametrize(
    ("expression", "yes", "no"),
    [
        ("mx[12]", ["mx1"], ["mx3", "xmx1", "mx1\n"]),
        ("((?i)PRO).*", ["production", "Pro"], ["ro"]),
        (".*((?i)TION)", ["production"], ["productions"]),
        ("a(?i)b|c", ["ab", "aB", "C"], ["AB"]),
        ("(?i:a)b", ["Ab"], ["AB"]),
        ("(?i)a(?-i)b", ["Ab"], ["AB"]),
        (r"\Qa.b\E+", ["a.b", "a.bbb"], ["axb"]),
        (r"[[:alpha:]_]+", ["abc_"], ["a1"]),
        (r"[^\d]+", ["ab"], ["a1"]),
        (r"\d+", ["12"], ["١"]),
        (r"a.b", ["a\nb"], ["ab"]),
        (r"a$", ["a"], ["a\n"]),
        (r"a\z", ["a"], ["a\n"]),
        ("a{,2}", ["a{,2}"], ["aa", ""]),
        ("a{2}", ["aa"], ["a"]),
        ("x{y}", ["x{y}"], ["xy"]),
        (r"(?P<host>\w+)", ["mx"], [""]),
        (r"(?<host>\w+)", ["mx"], ["-"]),
        (r"\x{e9}\x41", ["éA"], ["e"]),
        ("[]a]+", ["]a"], ["b"]),
        ("[a&&b]+", ["a&b"], ["c"]),
        ("a*?b+?", ["b", "aab"], ["a"]),
        ("", [""], ["a"]),
        ("a|", ["a", ""], ["b"]),
    ],
)
def test_translation(expression: str, yes: list[str], no: list[str]) -> None:
    pattern = compile_regex(expression)
    assert [t for t in yes if not pattern.fullmatch(t)] == []
    assert [t for t in no if pattern.fullmatch(t)] == []


@pytest.mark.parametrize(
    "expression",
    [
        "(",
        "a)",
        "[",
        "a**",
        "a*+",
        "*a",
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?>a)",
        r"(a)\1",
        "a{1001}",
        "\\",
        "(?U)a",
        r"\pN",
    ],
)
def test_refused(expression: str) -> None:
    with pytest.raises(RegexError):
        compile_regex(expression)


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        (MatchOp.EQUAL, "a", [True, False]),
        (MatchOp.NOT_EQUAL, "a", [False, True]),
        (MatchOp.REGEX, "a|c", [True, False]),
        (MatchOp.NOT_REGEX, "a|c", [False, True]),
    ],
)
def test_matchers(op: MatchOp, value: str, expected: list[bool]) -> None:
    assert [matches(Matcher("x", op, value), label) for label in ("a", "b")] == expected
