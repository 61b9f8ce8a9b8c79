"""The notation of series in promqltest scripts and in promtool's unit tests: `name{label="value"} 1+2x3 _ stale`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

Key = tuple[tuple[str, str], ...]

STALE = float(np.array([0x7FF0000000000002], dtype=np.int64).view(np.float64)[0])

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
_PAIR = re.compile(rf"\s*([^\s=,{{}}\"'`]+|{_STRING})\s*(?:=\s*({_STRING}))?\s*(,|(?=}}))")
_NUMBER = r"[-+]?(?:inf|nan|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)"
_ITEM = re.compile(rf"(?P<value>{_NUMBER})(?P<step>[-+](?:{_NUMBER.removeprefix('[-+]?')}))?(?:x(?P<times>\d+))?", re.I)
_HISTOGRAM = re.compile(r"\{\{.*?\}\}(?:[-+]\{\{.*?\}\})?(?:x(?P<times>\d+))?")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|.)", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def parse_duration(text: str) -> int:
    """Milliseconds: `1h30m`, or a number of seconds."""
    sign = -1 if text.startswith("-") else 1
    bare = text.lstrip("-+")
    try:
        return sign * round(float(bare) * 1000)
    except ValueError:
        parts = re.findall(r"(\d+)(ms|[smhdwy])", bare)
        if "".join(n + u for n, u in parts) != bare:
            raise ValueError(f"{text!r} is no duration") from None
        return sign * sum(int(n) * _UNITS[u] for n, u in parts)


def unquote(text: str) -> str:
    """A string literal's value."""
    if text.startswith("`"):
        return text[1:-1]

    def character(found: re.Match[str]) -> str:
        code = found[1]
        if len(code) > 1:
            return chr(int(code[1:], 16) if code[0] in "xu" else int(code, 8))
        return _NAMED.get(code, code)

    return _ESCAPE.sub(character, text[1:-1])


def read_labels(line: str) -> tuple[Key, str]:
    """A series' labels, sorted, and the rest of the line. A line that starts with a number has no labels."""
    labels: dict[str, str] = {}
    name = re.match(r"[A-Za-z_:][\w:.]*", line)
    if name and not re.match(rf"{_NUMBER}(\s|$)", line, re.I) and name[0] != "_":
        labels["__name__"] = name[0]
    at = len(name[0]) if "__name__" in labels and name else 0
    if line[at : at + 1] != "{" or line[at : at + 2] == "{{":
        return tuple(sorted(labels.items())), line[at:]
    at += 1
    while not re.match(r"\s*\}", line[at:]):
        found = _PAIR.match(line, at)
        if not found:
            raise ValueError(f"cannot read the labels of {line!r}")
        key = unquote(found[1]) if found[1][0] in "\"'`" else found[1]
        if found[2] is None:
            labels["__name__"] = key
        else:
            labels[key] = unquote(found[2])
        at = found.end()
    rest = line[line.index("}", at) + 1 :]
    return tuple(sorted((n, v) for n, v in labels.items() if v)), rest


def expand(values: str) -> Iterator[float | str | None]:
    """The values of a series one by one: None is no sample, "histogram" a native histogram."""
    at = 0
    while at < len(values):
        if values[at].isspace():
            at += 1
            continue
        histogram = _HISTOGRAM.match(values, at)
        if histogram:
            yield from ["histogram"] * (int(histogram["times"] or 0) + 1)
            at = histogram.end()
            continue
        end = re.compile(r"\s|$").search(values, at)
        assert end
        yield from _expand_item(values[at : end.start()])
        at = end.start()


def _expand_item(item: str) -> Iterator[float | None]:
    blank = re.fullmatch(r"_(?:x(\d+))?", item)
    if blank:
        yield from [None] * int(blank[1] or 1)
        return
    if re.fullmatch(r"stale(x\d+)?", item):
        yield from [STALE] * (int(item[6:] or 0) + 1)
        return
    found = _ITEM.fullmatch(item)
    if not found:
        raise ValueError(f"{item!r} is no value")
    value = float(found["value"])
    step = float(found["step"] or 0)
    for _ in range(int(found["times"] or 0) + 1):
        yield value
        value += step
