"""Programs for the tests of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.whole.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Makes programs; what they started is ended after the test."""
    made: list[Program] = []

    def make(configuration: str = "") -> Program:
        made.append(Program(tmp_path, configuration))
        return made[-1]

    yield make
    for one in made:
        one.stop()
