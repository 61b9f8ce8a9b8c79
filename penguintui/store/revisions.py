"""The revisions of a store's schema: which of them this program knows. See `store/migrations/versions`."""

from __future__ import annotations

from penguintui.store.errors import StoreNewerError

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0007", "0008", "0009")
"""Every one that this program knows, oldest first."""


def known(revision: str | None, place: str) -> str | None:
    """A store's revision when it is one that we know, or None. Raises StoreNewerError otherwise."""
    if revision is not None and revision not in REVISIONS:
        raise StoreNewerError(
            f"the store {place} was written by a newer penguintui (schema {revision}, this one knows up to "
            f"{REVISIONS[-1]}); use that version, or give another --store"
        )
    return revision
