"""A value that must never be shown."""

from __future__ import annotations

HIDDEN = "•••"


class Secret:
    """Holds a secret; prints as `•••` everywhere. `reveal` is called only where it is handed over.

    Not a dataclass: those are taken apart by `asdict` and by serializers, which would show what is inside.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("secret", self._value))

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)
