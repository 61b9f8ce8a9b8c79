"""Numbers as exporters write them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.counting import Counting, Grown
from penguintui.adapters.openmetrics import MAX_SAMPLES, read
from penguintui.model.observation import Sample

NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LABELS = st.dictionaries(NAMES, TEXTS, max_size=4)


def written(name: str, labels: dict[str, str], value: float) -> str:
    """The other way: a sample as an exporter writes it."""
    texts = {key: text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for key, text in labels.items()}
    inside = ",".join(f'{key}="{text}"' for key, text in texts.items())
    return f"{name}{{{inside}}} {value!r}" if labels else f"{name} {value!r}"


@given(NAMES, LABELS, st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_read(name: str, labels: dict[str, str], value: float) -> None:
    assert list(read(f"# TYPE x counter\n{written(name, labels, value)} 1795505453\n")) == [Sample(name, value, labels)]


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(math.isfinite(sample.value) for sample in read(text))


def test_what_is_no_number_and_no_label_is_left_out() -> None:
    text = 'a NaN\nb +Inf\nc{x=1} 2\nd{x="1" 2\ne{x="1",} 2\nf\n# EOF\n'
    assert list(read(text)) == [Sample("e", 2.0, {"x": "1"})]


def test_an_answer_without_end_is_bounded() -> None:
    assert len(list(read("a 1\n" * (MAX_SAMPLES + 5)))) == MAX_SAMPLES


@given(st.lists(st.integers(0, 5), min_size=2, max_size=20), st.integers(1, 6))
def test_growth_is_that_of_the_window(steps: list[int], window: int) -> None:
    counting, total = Counting(float(window)), 0
    grown = None
    for time, step in enumerate(steps):
        total += step
        grown = counting.add(float(total), float(time))
    seen = min(window, len(steps) - 1)
    assert grown == Grown(float(sum(steps[len(steps) - seen :])), float(seen))
