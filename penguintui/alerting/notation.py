"""The notation of series in promtool's unit tests: `name{label="value"}` and `1+2x3 _ stale` (its documentation,
"Unit testing rules")."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from penguintui.alerting.goformat import unquote

STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The NaN that ends a series."""

_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
_PAIR = re.compile(rf"\s*([A-Za-z_]\w*|{_STRING})\s*(?:=\s*({_STRING}))?\s*(,|(?=}}))", re.ASCII)
_NAME = re.compile(r"\s*([A-Za-z_:][\w:.]*)", re.ASCII)
_NUMBER = r"(?:inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)"
_ITEM = re.compile(
    rf"(?:(?P<blank>_)|(?P<stale>stale)|(?P<value>[-+]?{_NUMBER})(?P<step>[-+]{_NUMBER}(?=x))?)(?:x(?P<times>\d+))?",
    re.IGNORECASE | re.ASCII,
)


def read_metric(text: str) -> dict[str, str]:
    """The labels of a series, its name as `__name__`. Raises ValueError that says what cannot be read."""
    labels: dict[str, str] = {}
    name = _NAME.match(text)
    at = 0
    if name:
        labels["__name__"] = name[1]
        at = name.end()
    rest = text[at:].rstrip() if name else text.strip()
    if not rest:
        if not labels:
            raise ValueError(f"{text[:100]!r} is no series")
        return labels
    if not (rest.startswith("{") and rest.endswith("}")):
        raise ValueError(f"{text[:100]!r} is no series: labels stand in braces")
    at = 1
    while not re.compile(r"\s*\}").match(rest, at):
        found = _PAIR.match(rest, at)
        if not found:
            raise ValueError(f"the labels of {text[:100]!r} cannot be read")
        key = unquote(found[1]) if found[1][0] in "\"'`" else found[1]
        if found[2] is None and (key is found[1] or "__name__" in labels):
            raise ValueError(f"the label {key!r} of {text[:100]!r} has no value")
        if found[2] is not None and key in labels and key != "__name__":
            raise ValueError(f"the label {key!r} is there twice in {text[:100]!r}")
        if found[2] is None:
            labels["__name__"] = key
        elif not (name and key == "__name__"):  # the name before the braces stands
            labels[key] = unquote(found[2])
        at = found.end()
    if re.compile(r"\s*\}").fullmatch(rest, at) is None:
        raise ValueError(f"something follows the labels of {text[:100]!r}")
    return {name: value for name, value in labels.items() if value}


@dataclass(frozen=True, slots=True)
class Run:
    """One item of a series' values: `count` samples from `value` on, each `step` more; without a value, none."""

    value: float | None
    step: float
    count: int


def read_values(text: str) -> tuple[Run, ...]:
    """The items of a series' values. Raises ValueError that says what cannot be read."""
    if "{{" in text:
        raise ValueError("native histograms (`{{…}}`) are not supported")
    text = text.strip()
    at = 0
    runs = []
    while at < len(text):
        found = _ITEM.match(text, at)
        if not found or (found.end() < len(text) and not text[found.end()].isspace()):
            raise ValueError(f"the value {text[at : at + 30]!r} cannot be read")
        at = found.end()
        while at < len(text) and text[at].isspace():
            at += 1
        runs.append(_run(found))
    return tuple(runs)


def unfold(runs: Sequence[Run], most: int) -> Iterator[float | None]:
    """The values one by one, `most` of them at most; None where there is no sample."""
    for run in runs:
        value = run.value
        for _ in range(min(run.count, most)):
            yield value
            if value is not None and run.step:
                value += run.step
        most -= min(run.count, most)
        if not most:
            return


def _run(found: re.Match[str]) -> Run:
    times = found["times"]
    count = int((times or "0")[:18])
    if found["blank"]:
        return Run(None, 0.0, 1 if times is None else count)
    if found["stale"]:
        return Run(STALE, 0.0, count + 1)
    return Run(float(found["value"]), float(found["step"] or 0), count + 1)
