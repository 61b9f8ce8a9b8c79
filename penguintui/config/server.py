"""How a server with Prometheus' HTTP API is reached, to ask it or to write to it."""

from __future__ import annotations

import base64
from typing import Self

from pydantic import Field, model_validator

from penguintui.config.base import Settings
from penguintui.config.values import SecretValue
from penguintui.model.secret import HIDDEN, Secret


class ServerSettings(Settings):
    """An address, and what proves who comes."""

    url: str = Field(description="Where its `/api/v1` begins, without that.")
    user: str | None = Field(None, description="For a server that wants a user and a password.")
    password: SecretValue | None = None
    token: SecretValue | None = Field(None, description="Sent as `Authorization: Bearer …`.")
    headers: dict[str, str | SecretValue] = Field(default_factory=dict)
    ca_file: str | None = Field(None, description="Certificates of authorities, instead of the system's.")

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` belong together")
        if self.user is not None and self.token is not None:
            raise ValueError("write `token`, or `user` and `password`, not both")
        for name, value in self.sent().items():
            if not (value.isascii() and value.isprintable()) and HIDDEN not in value:
                raise ValueError(
                    f"the header {name} would hold characters that none can; write it in ASCII, in one line"
                )
        return self

    @property
    def is_hidden(self) -> bool:
        """Whether secrets belong to it that a document does not hold."""
        return bool(self.token or self.password) or HIDDEN in map(str, self.headers.values())

    def sent(self) -> dict[str, str]:
        """The headers of each request, secrets revealed."""
        headers = {k: v.reveal() if isinstance(v, Secret) else v for k, v in self.headers.items()}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.reveal()}"
        if self.user is not None and self.password is not None:
            pair = f"{self.user}:{self.password.reveal()}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return headers
