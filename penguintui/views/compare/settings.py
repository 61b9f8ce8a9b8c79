"""Settings that are not as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from penguintui.views.models.diff import Difference

_MOST = 8
"""Settings of one section that are told one by one."""
_WIDEST = 60
_SECTION = 60.0
_OF_TARGETS = 45.0
_GONE = object()


def settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """The differences of two configurations, section by section. A list whose entries have names is told by these."""
    for section in sorted({*old, *new}):
        found = list(_differences(section, old.get(section, _GONE), new.get(section, _GONE)))
        surprise = _OF_TARGETS if section == "targets" else _SECTION
        for path, was, now in found[:_MOST]:
            yield Difference(surprise, "configuration", _words(path, was, now), before=_short(was), after=_short(now),
                             why="somebody changed the configuration")  # fmt: skip
        if len(found) > _MOST:
            text = f"The configuration's {section} differs in {len(found) - _MOST} more settings."
            yield Difference(surprise - 1, "configuration", text, why="somebody changed the configuration")


def _words(path: str, was: Any, now: Any) -> str:
    if was is _GONE:
        return f"The configuration has {path}, and had it not: {_short(now)}."
    if now is _GONE:
        return f"The configuration has {path} no more; it was {_short(was)}."
    return f"The configuration's {path} is {_short(now)}, and was {_short(was)}."


def _short(value: Any) -> str:
    if value is _GONE:
        return ""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _differences(path: str, was: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ, as deep as they are alike."""
    if was == now:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for name in sorted({*was, *now}):
            yield from _differences(f"{path}.{name}", was.get(name, _GONE), now.get(name, _GONE))
    elif (one := _by_name(was)) is not None and (other := _by_name(now)) is not None:
        for name in dict.fromkeys((*one, *other)):
            yield from _differences(f"{path}[{name}]", one.get(name, _GONE), other.get(name, _GONE))
    else:
        yield path, was, now


def _by_name(value: Any) -> dict[str, Any] | None:
    """The entries of a list by their names; None when not all have one of their own. A probe goes by its type."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    named: dict[str, Any] = {}
    for entry in value:
        name = (entry.get("name") or entry.get("type")) if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or name in named:
            return None
        named[name] = entry
    return named
