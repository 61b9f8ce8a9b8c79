"""Where each reader of the spool is, remembered beside it, so that a restart does not begin at its oldest record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


class Positions:
    """A small file. Where it is missing or wrong, readers get again what they have; that harms nothing."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "positions.json"
        self._written: Mapping[str, int] | None = None

    def recall(self) -> dict[str, int]:
        """The position of each reader, by name."""
        try:
            said = json.loads(self._file.read_bytes())
            return {str(name): int(position) for name, position in said.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def remember(self, positions: Mapping[str, int]) -> None:
        """Write them down; none means that there is nothing to have a position in. Raises OSError."""
        if positions == self._written:
            return
        if positions:
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(dict(positions)), encoding="utf-8")
            fresh.replace(self._file)
        else:
            self._file.unlink(missing_ok=True)
        self._written = dict(positions)
