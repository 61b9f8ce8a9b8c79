"""Who answers PromQL: the agent's own store, or a server that speaks Prometheus' HTTP API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.server import ServerSettings
from penguintui.config.values import Duration


class StoreQueries(Settings):
    """The store answers, with what the agent's probes brought."""

    type: Literal["store"] = "store"
    promql: Literal[2, 3] = Field(
        3, description="Whose bounds ranges and look-back have: Prometheus 2 includes their oldest moment, 3 does not."
    )


class PrometheusQueries(ServerSettings):
    """A server answers: Prometheus, Thanos, Mimir, VictoriaMetrics."""

    type: Literal["prometheus"]
    timeout: Duration = Field(10.0, gt=0, description="How long one answer may take.")


QuerySettings = Annotated[StoreQueries | PrometheusQueries, Field(discriminator="type")]

STORE = StoreQueries()
"""Who answers when nothing is configured."""
