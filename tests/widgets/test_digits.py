"""Big digits: the same text in every size, in blocks or in ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from penguintui.widgets.digits import big, big_lines, can, fitting, height_of_big, sizes, width_of_big
from penguintui.widgets.line import text_of, width_of
from penguintui.widgets.look import ASCII, UNICODE, use
from penguintui.widgets.numbers import number

texts = st.text(alphabet="0123456789.,:%$ -smhkABCXYZ", min_size=1, max_size=14)


@given(texts)
def test_every_size_is_as_large_as_it_says(text):
    for dot in sizes():
        rows = big(text, dot)
        assert len(rows) == height_of_big(dot)
        assert {len(row) for row in rows} == {width_of_big(text, dot)}


@given(texts, texts)
def test_texts_that_differ_look_different(one, other):
    for dot in sizes():
        assert (big(one, dot) == big(other, dot)) == (one == other)


@given(texts, st.integers(1, 200), st.integers(1, 40))
def test_what_is_drawn_fits_or_is_a_plain_row(text, width, height):
    lines = big_lines(text, Style(), width, height)
    assert len(lines) <= height
    if len(lines) > 1:
        assert all(width_of(one) <= width for one in lines)
    else:
        assert text_of(lines[0]) == text


def test_the_largest_that_fits_is_taken():
    assert fitting(["3m12s"], 240, 40) == sizes()[0]
    assert fitting(["3m12s"], 24, 3) == sizes()[-1]
    assert fitting(["3m12s"], 10, 3) is None


def test_ascii_has_no_half_rows():
    use(ASCII)
    try:
        assert all(row.isascii() for dot in sizes() for row in big("99.9 %", dot))
    finally:
        use(UNICODE)


def test_the_smallest_digits_are_what_they_should_be():
    assert big("1:2", sizes()[-1]) == ["▄█  ▄ ▀▀█", " █  ▄ █▀▀", "▀▀▀   ▀▀▀"]


@pytest.mark.parametrize(("text", "large"), [("99.9 %", "99.9 %"), ("no data", "NO DATA"), ("312 running now!", "")])
def test_words_are_not_drawn_large(text, large):
    assert number(text) == large
    assert not can("ä")
