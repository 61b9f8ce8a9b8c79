"""A value that must never be shown."""

from __future__ import annotations

from dataclasses import dataclass, field

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Secret:
    """Holds a secret; prints as `•••` everywhere. `reveal` is called only where it is handed over."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)
