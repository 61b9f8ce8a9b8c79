"""What is typed after a slash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.views.filter import fuzzy, parse

LABELS = {"kind": "host", "region": "eu-1", "name": "mx2.eu-1"}
ROW = "mx2.eu-1 host CRITICAL /var is 97 % full"

words = st.text(st.characters(blacklist_categories=("Zs", "Cc", "Zl", "Zp", "Cs")), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("MX2", True),
        ("mx2 critical", True),
        ("mx2 warning", False),
        ("!warning", True),
        ("!mx2", False),
        ("~m2e1", True),
        ("~xm2z", False),
        ("kind=host", True),
        ("KIND=host", False),
        ("kind=HOST", True),
        ("kind=hos", False),
        ("kind!=host", False),
        ("!kind=host", False),
        ("!~zzz", True),
        ("tenant=", True),
        ("tenant=acme", False),
        ("=", False),
    ],
)
def test_filters(text: str, passes: bool) -> None:
    assert parse(text).passes(ROW, LABELS) is passes


@pytest.mark.parametrize("text", ["!", "~", "mx2 !", "!~"])
def test_what_is_not_finished_says_so_and_hides_nothing(text: str) -> None:
    unfinished = parse(text)
    assert unfinished.error
    assert unfinished.passes(ROW, LABELS)


@given(words, st.text(max_size=40))
def test_an_inverse_is_the_opposite(word: str, row: str) -> None:
    plain, inverse = parse(word), parse(f"!{word}")
    if not plain.error and not inverse.error:
        assert plain.passes(row, LABELS) is not inverse.passes(row, LABELS)


@given(words, st.text(max_size=10), st.text(max_size=10))
def test_what_contains_a_text_has_its_letters_in_order(word: str, before: str, after: str) -> None:
    assert fuzzy(word, before + word + after)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_filter_ever_fails(text: str, row: str) -> None:
    assert parse(text).passes(row, LABELS) in (True, False)
