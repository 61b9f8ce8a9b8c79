"""Any model as plain data for JSON: dataclasses as objects, statuses as words, what is no number as null."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from typing import Any

from penguintui.model.role import Role
from penguintui.model.status import Status


def document(what: Any) -> Any:
    """What JSON can hold. Keys are the models' field names, in their order, so they are stable."""
    if is_dataclass(what):
        return {field.name: document(getattr(what, field.name)) for field in fields(what)}
    if isinstance(what, Mapping):
        return {str(key): document(value) for key, value in what.items()}
    if isinstance(what, Sequence | Set) and not isinstance(what, str):
        return [document(one) for one in what]
    return _single(what)


def _single(what: Any) -> str | int | float | None:
    if isinstance(what, Status | Role):
        return what.name
    if isinstance(what, enum.Enum):
        return str(what.value)
    if isinstance(what, float):
        return what if math.isfinite(what) else None
    return what if what is None or isinstance(what, str | int) else str(what)
