"""Suppressions handed to an HTTP API, with a list of our own beside it that remembers what the API took."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from penguintui.adapters.failure import from_httpx
from penguintui.adapters.suppression.sql import SqlSuppressions, SuppressionError
from penguintui.mail.suppression import Suppression

_PATIENCE = 20.0
_TAKEN = (200, 201, 202, 204, 409)
"""409: it has this one already."""


class ApiSuppressions(SqlSuppressions):
    """An API that takes one suppression by POST, as JSON, and knows a repeated one by its key.

    The header `Idempotency-Key` is made of address, reason and message id. A mail counts as processed when the API took
    all that it says; one that was taken in part is sent again.
    """

    def __init__(self, url: str, token: str | None, memory: Path) -> None:
        """memory: an SQLite file, of the form of `SqlSuppressions`."""
        super().__init__(f"sqlite:///{memory}")
        self._url, self._token = url, token
        self._api = f"the API at {url}"

    def _tell(self, new: Sequence[Suppression]) -> None:
        import httpx

        if not new:
            return
        try:
            with httpx.Client(trust_env=False, timeout=_PATIENCE) as client:
                for one in new:
                    answer = client.post(self._url, json=asdict(one), headers=self._headers(one))
                    if answer.status_code not in _TAKEN:
                        raise SuppressionError(f"{self._api} answered {answer.status_code}; see its log")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SuppressionError(from_httpx(error, self._api, _PATIENCE).text) from error

    def _headers(self, one: Suppression) -> dict[str, str]:
        key = hashlib.sha256(json.dumps([one.address, one.reason, one.message_id]).encode()).hexdigest()
        known = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {"Idempotency-Key": key, **known}
