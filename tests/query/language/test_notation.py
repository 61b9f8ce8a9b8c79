"""Numbers, strings and hashes as Prometheus writes them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.query.errors import ParseError, QueryError
from penguintui.query.language.floats import format_float, format_quantile, format_sample, parse_float
from penguintui.query.language.nodes import Call, RangeSelector, Selector, String
from penguintui.query.language.parse import parse
from penguintui.query.language.strings import is_valid, quote
from penguintui.query.operators.xxh64 import xxh64


@pytest.mark.parametrize(
    ("value", "plain", "sample", "quantile"),
    [
        (1.0, "1", "1", "1.0"),
        (0.1, "0.1", "0.1", "0.1"),
        (-0.0, "-0", "-0", "-0.0"),
        (1e20, "100000000000000000000", "100000000000000000000", "1e+20"),
        (1.5e21, "1500000000000000000000", "1.5e+21", "1.5e+21"),
        (1e-7, "0.0000001", "1e-07", "1e-07"),
        (0.00005, "0.00005", "0.00005", "5e-05"),
        (math.inf, "+Inf", "+Inf", "+Inf"),
        (-math.inf, "-Inf", "-Inf", "-Inf"),
        (math.nan, "NaN", "NaN", "NaN"),
    ],
)
def test_formats(value: float, plain: str, sample: str, quantile: str) -> None:
    assert (format_float(value), format_sample(value), format_quantile(value)) == (plain, sample, quantile)


@given(st.floats(allow_nan=False))
def test_formats_read_back(value: float) -> None:
    assert parse_float(format_float(value)) == parse_float(format_sample(value)) == value


@pytest.mark.parametrize("text", ["", "1_0", " 1", "abc", "0x", "1e"])
def test_no_numbers(text: str) -> None:
    assert parse_float(text) is None


def test_byte_escapes_are_utf8() -> None:
    assert parse(r'"\xc3\xa9 \303\251 \u00e9"') == String("é é é")
    assert parse(r'"\\xc3 \x41"') == String(r"\xc3 A")
    broken = parse(r'"a\xc5z"')
    assert isinstance(broken, String)
    assert not is_valid(broken.value)
    assert quote(broken.value) == r'"a\xc5z"'


@pytest.mark.parametrize(("text", "moment"), [("m @ 1.5", 1500), ("m @ -1.5", -1500), ("m @ 0", 0)])
def test_moments(text: str, moment: int) -> None:
    found = parse(text)
    assert isinstance(found, Selector)
    assert found.at == moment


def test_parentheses_do_not_matter() -> None:
    found = parse("rate(((m[1m30s] offset -5ms)))")
    assert isinstance(found, Call)
    assert isinstance(found.args[0], RangeSelector)
    assert (found.args[0].range, found.args[0].selector.offset) == (90_000, -5)


@pytest.mark.parametrize(
    "text", ["m offset 1e308", "m[1e400]", "m offset - NaN", "m[5m:1e30]", "(m)[ 1_000e20 : 5m]", "m offset inf"]
)
def test_numbers_that_are_no_durations(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The parser panics at them, and what it then writes would stand on the screen."""
    with pytest.raises(ParseError, match="are no duration"):
        parse(text)
    assert not capfd.readouterr().err


@pytest.mark.parametrize("text", ["m[300]", "m[5m:15] offset 1e3", "a:1e30:b", 'm{a="[1e400]"}', "m[1000y]"])
def test_numbers_that_are_durations(text: str) -> None:
    parse(text)


def test_words_of_the_parser_are_short() -> None:
    with pytest.raises(ParseError) as raised:
        parse("m{a=~'" + "(a|" * 5000 + "b" + ")" * 5000 + "'}")
    assert len(str(raised.value)) < 600
    with pytest.raises(ParseError, match="half of a character"):
        parse("m{a='\ud800'}")


@pytest.mark.parametrize("text", ["1" + "+1" * 5000, "(" * 5000 + "1" + ")" * 5000, "-" * 5000 + "m"])
def test_monsters_are_refused_before_the_parser_sees_them(text: str) -> None:
    with pytest.raises(QueryError, match="operators"):
        parse(text)


def test_strings_are_not_operators() -> None:
    parse(f'm{{a="{"-" * 5000}"}}')


def test_grammar_errors_are_told_apart() -> None:
    with pytest.raises(ParseError, match="unknown function"):
        parse("nosuch(m)")


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", 0xEF46DB3751D8E999), (b"a", 0xD24EC4F1A98C6E5B), (b"abc", 0x44BC2CF5AD770999)],
)
def test_xxh64(data: bytes, expected: int) -> None:
    assert xxh64(data) == expected


def test_xxh64_of_long_input() -> None:
    assert xxh64(b"The quick brown fox jumps over the lazy dog") == 0x0B242D361FDA71BC
