"""Where what was observed waits while a store or an engine is away: how much of it, and what goes when that is full."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.values import Size


class SpoolSettings(Settings):
    """The spool in the agent's state folder."""

    size: Size = Field(256 << 20, ge=64 << 10, description="What it may take on disk.")
    full: Literal["drop-oldest", "keep-oldest"] = Field(
        "drop-oldest", description="What goes when it is full: the oldest that waits, or what is new."
    )
