"""Garbage is looked for when it is worth it, and what is free goes back to the system."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from penguintui.screens import garbage


class Round:
    """Something that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def by_hand() -> Iterator[None]:
    """Nothing is searched by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def lost() -> ref[Round]:
    return ref(Round())


@pytest.mark.usefixtures("by_hand")
def test_little_is_left_alone_and_much_is_searched() -> None:
    one = lost()
    garbage.search()
    assert one() is not None
    kept = [[] for _ in range(20_000)]  # type: list[list[object]]
    garbage.search()
    assert one() is None
    assert len(kept) == 20_000


@pytest.mark.usefixtures("by_hand")
def test_now_and_then_what_is_old_is_searched_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back: list[int] = []
    monkeypatch.setattr(garbage, "_trim", lambda: given_back.append)
    one = Round()
    gc.collect(1)
    gc.collect(1)
    lives = ref(one)
    del one
    for _ in range(40):
        kept = [[] for _ in range(11_000)]  # type: list[list[object]]
        garbage.search()
        del kept
    assert lives() is None
    assert given_back == [0]
