"""Lines keep their width, lose no words, and the cells that changed are found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from penguintui.widgets.line import changed, clean, columns, crop, fit, line, text_of, width_of, wrap

PLAIN = Style()
BOLD = Style(bold=True)
texts = st.text(alphabet="abc de日…", max_size=40)
lines = st.lists(st.tuples(texts, st.sampled_from([PLAIN, BOLD])), max_size=5).map(lambda spans: line(*spans))


@given(lines, st.integers(1, 60), st.sampled_from(["left", "right"]))
def test_fit_gives_exactly_the_width(spans, width, align):
    assert width_of(fit(spans, width, align)) == width


@given(lines, st.integers(1, 60))
def test_crop_never_exceeds_the_width(spans, width):
    assert width_of(crop(spans, width)) <= width


@given(lines, st.integers(6, 60), st.integers(0, 3))
def test_wrapping_loses_nothing_but_blanks(spans, width, indent):
    wrapped = wrap(spans, width, indent)
    assert all(width_of(one) <= width for one in wrapped)
    assert "".join(text_of(one) for one in wrapped).replace(" ", "") == text_of(spans).replace(" ", "")


@given(lines, lines)
def test_outside_of_the_changed_cells_two_lines_are_alike(old, new):
    width = max(width_of(old), width_of(new), 1)
    span = changed(old, new, width)
    before, after = text_of(fit(old, width)), text_of(fit(new, width))
    if span is None:
        assert before == after
    elif len(before) == len(after) == width:
        assert before[: span[0]] == after[: span[0]]
        assert before[span[1] :] == after[span[1] :]


def test_a_single_digit_costs_a_single_cell():
    assert changed(line(("age 2s", PLAIN)), line(("age 3s", PLAIN)), 80) == (4, 5)
    assert changed(line(("same", PLAIN)), line(("same", BOLD)), 80) == (0, 4)


def test_text_from_outside_cannot_steer_the_terminal():
    assert clean("a\x1b[31mred\x07\n") == "a [31mred  "


def test_columns_break_between_parts_only():
    parts = [line((word, PLAIN)) for word in ("alpha", "beta", "gamma")]
    assert [text_of(one) for one in columns(parts, "  ", 12)] == ["alpha  beta", "gamma"]
