"""Where every sample goes besides the store: a fleet's engine."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.server import ServerSettings
from penguintui.config.values import Duration


class StoreHistory(Settings):
    """Samples go into the store alone."""

    type: Literal["store"] = "store"


class VictoriaMetricsHistory(ServerSettings):
    """Every sample goes to VictoriaMetrics too, by its import API."""

    type: Literal["victoriametrics"]
    timeout: Duration = Field(30.0, gt=0, description="How long one batch may take.")


HistorySettings = Annotated[StoreHistory | VictoriaMetricsHistory, Field(discriminator="type")]

STORE_ALONE = StoreHistory()
"""Where samples go when nothing is configured."""
