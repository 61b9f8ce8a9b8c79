"""Which faults stand. The lab's process writes them to a file; the platform's other processes read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from penguintui.model.clock import Time

Detail = Mapping[str, str]


class Conditions:
    """The faults that stand, each with when it began and what it holds to (a colour, an address)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._standing: dict[str, tuple[Time, Detail]] = {}
        self._write()

    def __contains__(self, fault: object) -> bool:
        return fault in self._standing

    def __iter__(self) -> Iterator[str]:
        return iter(self._standing)

    def since(self, fault: str) -> Time | None:
        """When it began; None while it does not stand."""
        standing = self._standing.get(fault)
        return standing[0] if standing else None

    def detail(self, fault: str) -> Detail:
        standing = self._standing.get(fault)
        return standing[1] if standing else {}

    def begin(self, fault: str, now: Time, detail: Detail) -> None:
        self._standing[fault] = (now, dict(detail))
        self._write()

    def end(self, fault: str) -> None:
        self._standing.pop(fault, None)
        self._write()

    def _write(self) -> None:
        text = json.dumps({fault: detail for fault, (_, detail) in self._standing.items()})
        draft = self._path.with_suffix(".new")
        draft.write_text(text)
        draft.replace(self._path)


class ConditionsReader:
    """Reads the file again only when it was written again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: int | None = None
        self._standing: dict[str, dict[str, str]] = {}

    def standing(self) -> Mapping[str, Detail]:
        """Each standing fault and its detail."""
        written = self._path.stat().st_mtime_ns
        if written != self._read_at:
            self._standing = json.loads(self._path.read_text())
            self._read_at = written
        return self._standing
