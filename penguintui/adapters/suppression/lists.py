"""Which kind of suppression list an address names."""

from __future__ import annotations

from pathlib import Path

from penguintui.adapters.suppression.sql import SqlSuppressions, SuppressionError


def opened(place: str, token: str | None = None, memory: Path | None = None) -> SqlSuppressions:
    """The list at a SQLAlchemy address or an http(s) address. Raises SuppressionError.

    memory: for an HTTP API, the file in which the mails that it took are remembered.
    """
    if place.startswith(("http://", "https://")):
        if memory is None:
            raise SuppressionError("an HTTP API needs a file that remembers which mails it took")
        from penguintui.adapters.suppression.api import ApiSuppressions

        return ApiSuppressions(place, token, memory)
    return SqlSuppressions(place)
