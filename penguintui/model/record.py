"""Values that never change: what `dataclass(frozen=True, slots=True)` makes, in a fifth of the time.

The viewer makes a hundred such classes before it shows anything, and `dataclass` writes and compiles six methods for
each. Here all classes share what they can, and `__init__` alone is compiled; it is quicker at its own work too.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def record(cls: type[T]) -> type[T]:
    """Makes a class of values out of its annotated fields, as `dataclass` does: frozen, with slots, compared and hashed
    by what it holds. What `dataclasses` has for instances (`replace`, `fields`, `asdict`) works with them too."""
    cls.__doc__ = cls.__doc__ or cls.__name__  # otherwise `dataclass` works out a signature for it
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)
    compared = [one.name for one in fields if one.compare]
    made.compared_by = staticmethod(attrgetter(*compared) if compared else lambda _self: ())
    made.__init__ = _initializer(made, fields)
    made.__eq__, made.__hash__, made.__repr__ = _equal, _hash, _repr
    made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
    found: type[T] = made
    return found


def _initializer(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...]) -> Any:
    """Puts each argument into its slot; a field of `kw_only` is given by name only."""
    known: dict[str, Any] = {"missing": MISSING}
    positional: list[str] = []
    by_name: list[str] = []
    lines = []
    for one in fields:
        name = one.name
        known[f"set_{name}"] = getattr(cls, name).__set__
        argument, value = name, name
        if one.default is not MISSING:
            argument, known[f"default_{name}"] = f"{name}=default_{name}", one.default
        elif one.default_factory is not MISSING:
            argument, known[f"make_{name}"] = f"{name}=missing", one.default_factory
            value = f"make_{name}() if {name} is missing else {name}"
        (by_name if one.kw_only else positional).append(argument)
        lines.append(f"set_{name}(self, {value})")
    arguments = ", ".join(["self", *positional, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({arguments}):\n " + "\n ".join(lines or ["pass"]), known)  # noqa: S102 (names of fields)
    return known["__init__"]


def _equal(self: Any, other: Any) -> Any:
    if self is other:
        return True
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.compared_by(self) == self.compared_by(other)


def _hash(self: Any) -> int:
    return hash(self.compared_by(self))


def _repr(self: Any) -> str:
    held = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{self.__class__.__qualname__}({held})"


def _refuse_to_set(self: Any, name: str, value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
