"""Where each number of a model comes from, and how old it is: what `?` on a panel tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from penguintui.views.models.chart import Chart
from penguintui.views.models.technical import FindingLine
from penguintui.views.models.what import Source, Value


def sources(model: Any) -> tuple[Source, ...]:
    """The sources of every value, chart and finding in a model or a part of one, in the order in which they stand."""
    return tuple(dict.fromkeys(_walk(model, "")))


def _walk(what: Any, name: str) -> Iterator[Source]:
    if isinstance(what, Value):
        if what.source or what.reason:
            yield Source(name, what.text, what.source, what.age, what.reason)
    elif isinstance(what, Chart):
        yield Source(what.title, ", ".join(what.latest), what.source, "", what.trouble)
    elif isinstance(what, FindingLine):
        yield Source(f"{what.target} {what.title}", what.status.word, f"probe {what.source}", what.age, what.summary)
    elif isinstance(what, tuple):
        for one in what:
            yield from _walk(one, name)
    elif is_dataclass(what) and not isinstance(what, type):
        own = str(getattr(what, "name", "") or getattr(what, "target", "") or name)
        for field in fields(what):
            inner = getattr(what, field.name)
            title = own if field.name in ("now", "value") else f"{own} {field.name.replace('_', ' ')}".strip()
            yield from _walk(inner, title if isinstance(inner, Value) else own)
