"""What can be wrong with a store, in words."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used; the text says why and what to do."""


class StoreMissingError(StoreError):
    """There is no store at that address yet."""


class StoreNewerError(StoreError):
    """The store was written by a newer penguintui."""


class StoreAwayError(StoreError):
    """The store is not where it was, and may come back: what is to be written waits."""


class StoreFencedError(StoreError):
    """The lease under which something was to be written is held no more: nothing was written."""


class StoreReplacedError(StoreFencedError):
    """Another store stands where ours was: nothing was written into it."""
