"""Where every sample goes besides the store: a fleet's engine."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from penguintui.config.base import Settings
from penguintui.config.values import Duration, SecretValue


class StoreHistory(Settings):
    """Samples go into the store alone."""

    type: Literal["store"] = "store"


class VictoriaMetricsHistory(Settings):
    """Every sample goes to VictoriaMetrics too, by its import API."""

    type: Literal["victoriametrics"]
    url: str = Field(
        description="Where its `/api/v1/import` begins, without that; of a cluster, `…/insert/0/prometheus`."
    )
    user: str | None = Field(None, description="For a server that wants a user and a password.")
    password: SecretValue | None = None
    token: SecretValue | None = Field(None, description="Sent as `Authorization: Bearer …`.")
    headers: dict[str, str | SecretValue] = Field(default_factory=dict)
    ca_file: str | None = Field(None, description="Certificates of authorities, instead of the system's.")
    timeout: Duration = Field(30.0, gt=0, description="How long one batch may take.")

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address such as https://victoria.example.org:8428 is wanted")
        if parts.username is not None:
            raise ValueError("name the user in `user` and the password in `password: !env …`")
        return url

    @model_validator(mode="after")
    def _is_one_person(self) -> VictoriaMetricsHistory:
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` belong together")
        if self.user is not None and self.token is not None:
            raise ValueError("either `token` or `user` with `password`, not both")
        return self


HistorySettings = Annotated[StoreHistory | VictoriaMetricsHistory, Field(discriminator="type")]

STORE_ALONE = StoreHistory()
"""Where samples go when nothing is configured."""
