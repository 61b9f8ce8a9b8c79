"""A token for Google's APIs, from the key file of a service account (RFC 7523) or of a user who consented."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from penguintui.adapters.failure import NotAnswered, denied, garbled, local
from penguintui.adapters.web import Web
from penguintui.model.clock import Clock
from penguintui.model.secret import Secret

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_LIFE = 3600
"""Seconds for which a token is asked for, the most that Google gives."""
_EARLY = 120.0
"""Seconds before its end at which a token is replaced."""
_REMEDY = "Name in credentials the JSON key file of a service account, or an authorized_user file."
_NEEDED = {
    "service_account": ("client_email", "private_key"),
    "authorized_user": ("client_id", "client_secret", "refresh_token"),
}


class GoogleToken:
    """Asks for a token when there is none, or when its end is near, and keeps it in memory."""

    def __init__(self, credentials: Secret, scope: str, act_as: str | None, clock: Clock) -> None:
        self._credentials, self._scope, self._act_as, self._clock = credentials, scope, act_as, clock
        self._token: Secret | None = None
        self._ends = 0.0

    async def get(self, web: Web) -> Secret:
        """A token that holds. Raises NotAnswered, and what httpx raises."""
        if self._token is None or self._clock.monotonic() >= self._ends:
            self._token = None
            self._token, seconds = await self._fetch(web)
            self._ends = self._clock.monotonic() + seconds - _EARLY
        return self._token

    def forget(self) -> None:
        """Google refused the token: the next asking gets another."""
        self._token = None

    async def _fetch(self, web: Web) -> tuple[Secret, float]:
        key = self._key()
        url = str(key.get("token_uri") or TOKEN_URL)
        page = await web.ask(url, form=self._request(key, url))
        if page.status in (400, 401, 403):
            raise NotAnswered(denied(page.place, f"{page.words or f'status {page.status}'} (credentials)"))
        page.refuse_errors("See whether token_uri in the credentials is right.")
        answer = page.document()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise NotAnswered(garbled(page.place, "no token"))
        seconds = answer.get("expires_in")
        return Secret(token), float(seconds) if isinstance(seconds, int) and not isinstance(seconds, bool) else _LIFE

    def _key(self) -> Mapping[str, Any]:
        """The credentials as JSON. Raises NotAnswered without their text."""
        try:
            key = json.loads(self._credentials.reveal())
        except (ValueError, RecursionError):
            key = None
        kind = key.get("type") if isinstance(key, dict) else None
        needed = _NEEDED.get(str(kind))
        if not isinstance(key, dict) or needed is None:
            raise NotAnswered(local("Google", "the credentials are no key file", _REMEDY)) from None
        missing = [name for name in needed if not isinstance(key.get(name), str)]
        if missing:
            raise NotAnswered(local("Google", f"the credentials lack {', '.join(missing)}", _REMEDY))
        if not str(key.get("token_uri") or TOKEN_URL).startswith(("https://", "http://127.0.0.1:")):
            raise NotAnswered(local("Google", "token_uri in the credentials is no https address", _REMEDY))
        return key

    def _request(self, key: Mapping[str, Any], url: str) -> dict[str, str]:
        if key["type"] == "authorized_user":
            names = ("client_id", "client_secret", "refresh_token")
            return {"grant_type": "refresh_token", **{name: str(key[name]) for name in names}}
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return {"grant_type": grant, "assertion": self._assertion(key, url)}

    def _assertion(self, key: Mapping[str, Any], url: str) -> str:
        """A signed statement of who asks for what (RFC 7523, RS256)."""
        now = int(self._clock.now())
        header = {"alg": "RS256", "typ": "JWT"} | ({"kid": key["private_key_id"]} if "private_key_id" in key else {})
        claims = {"iss": key["client_email"], "scope": self._scope, "aud": url, "iat": now, "exp": now + _LIFE}
        if self._act_as is not None:
            claims["sub"] = self._act_as
        signed = b".".join(_coded(json.dumps(part).encode()) for part in (header, claims))
        return b".".join((signed, _coded(_signature(str(key["private_key"]), signed)))).decode()


def _signature(pem: str, data: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NotAnswered(local("Google", "private_key in the credentials is no RSA key in PEM", _REMEDY)) from None
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _coded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
