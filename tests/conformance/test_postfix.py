"""Log lines of Postfix with the captures of postfix-grok-patterns, and a real log."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from penguintui.mail.postfix import Delivery, read_entry, read_line
from tests.conformance import data
from tests.conformance.postfix import cases, differences

_FOLDER = data("mail/postfix")
_CASES = list(cases(_FOLDER / "grok-tests"))


@pytest.mark.parametrize(("name", "service", "line", "captures"), _CASES, ids=[name for name, *_ in _CASES])
def test_captures(name: str, service: str, line: str, captures: dict[str, Any]) -> None:
    assert not differences(service, line, captures)


def test_real_log() -> None:
    lines = (_FOLDER / "lab-postfix-3.7.11-mail.log").read_text().splitlines()
    counts: Counter[str] = Counter()
    for text in lines:
        line = read_line(text)
        assert line is not None, text
        entry = read_entry(line.service, line.message)
        counts[type(entry).__name__] += 1
        if isinstance(entry, Delivery):
            assert (
                abs(entry.before + entry.queued + entry.connecting + entry.transmitting - entry.delay)
                < 0.1 + entry.delay / 10
            )
        assert (", status=" in text and " to=" in text) == isinstance(entry, Delivery), text
    assert counts["Delivery"] > 0
