"""Numbers as exporters write them: Prometheus' text format, and OpenMetrics, of which it is a part."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from penguintui.model.observation import Sample

MAX_SAMPLES = 2000
"""Of one answer; more are not taken."""
_MAX_LABELS = 16
_MAX_VALUE = 200

_LINE = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>(?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*)\})?[ \t]+(?P<value>\S+)"
)
_LABEL = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*\"((?:[^\"\\]|\\.)*)\"\s*(?:,|\Z)")
_ESCAPED = re.compile(r"\\(.)")


def read(text: str) -> Iterator[Sample]:
    """The samples of an answer, at most `MAX_SAMPLES`. What is no sample, and no finite number, is left out."""
    count = 0
    for line in text.split("\n"):
        sample = None if line.startswith("#") else _sample(line)
        if sample is not None:
            yield sample
            count += 1
            if count == MAX_SAMPLES:
                return


def _sample(line: str) -> Sample | None:
    found = _LINE.match(line)
    if found is None:
        return None
    try:
        value = float(found["value"])
    except ValueError:
        return None
    labels = _labels(found["labels"] or "")
    if not math.isfinite(value) or labels is None:
        return None
    return Sample(found["name"], value, labels)


def _labels(text: str) -> dict[str, str] | None:
    """Names and values; None when they are not written as labels are."""
    labels: dict[str, str] = {}
    at = 0
    while at < len(text) and text[at:].strip():
        found = _LABEL.match(text, at)
        if found is None or len(labels) == _MAX_LABELS:
            return None
        labels[found[1]] = _ESCAPED.sub(_unescaped, found[2])[:_MAX_VALUE]
        at = found.end()
    return labels


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
