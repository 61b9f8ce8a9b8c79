"""A fake of Mailu, made of its API's Swagger document: lists, single domains, its errors, and the records it wants."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .webservice import service

TOKEN = "mailu-token-4711"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 392


def domain(name: str, **more: Any) -> dict[str, Any]:
    """A domain as Mailu gives it: records as lines of a zone file, a long key as one string."""
    return {
        "name": name,
        "comment": "",
        "managers": [],
        "max_users": -1,
        "max_aliases": -1,
        "max_quota_bytes": 0,
        "alternatives": [],
        "dns_mx": f"{name}. 600 IN MX 10 mail.d.example.",
        "dns_spf": f'{name}. 600 IN TXT "v=spf1 mx a:mail.d.example ~all"',
        "dns_dkim": f'dkim._domainkey.{name}. 600 IN TXT "{KEY}"',
        "dns_dmarc": f'_dmarc.{name}. 600 IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s"',
        "dns_dmarc_report": f'{name}._report._dmarc.d.example. 600 IN TXT "v=DMARC1;"',
        "dns_autoconfig": [f"_submission._tcp.{name}. 600 IN SRV 20 1 587 mail.d.example."],
        "dns_tlsa": [f"_25._tcp.mail.d.example. 86400 IN TLSA 2 1 1 {'0b' * 32}"],
    } | more


def user(email: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "password": "$bcrypt-sha256$hash", "quota_bytes": 1000, "enabled": True} | more


@dataclass
class Mailu:
    """What it has; a test may change it. asked: the paths, in order."""

    domains: list[dict[str, Any]] = field(default_factory=lambda: [domain("d.example"), domain("e.example")])
    users: list[dict[str, Any]] = field(default_factory=lambda: [user("eva@d.example"), user("tom@d.example")])
    aliases: list[dict[str, Any]] = field(default_factory=lambda: [{"email": "info@e.example", "destination": []}])
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        given = request.headers.get("Authorization", "")
        if not given:
            return _said(401, "Authorization header missing")
        if given != f"Bearer {TOKEN}":
            return _said(403, "Invalid authorization header")
        kind, name = request.match_info["kind"], request.match_info.get("name")
        lists = {"domain": self.domains, "user": self.users, "alias": self.aliases}
        if kind not in lists:
            return _said(404, "Not found")
        if name is None:
            return web.json_response(lists[kind])
        found = next((one for one in lists[kind] if one.get("name") == name), None)
        return web.json_response(found) if found else _said(404, f"Domain {name} does not exist")


def _said(status: int, message: str) -> web.Response:
    return web.json_response({"code": status, "message": message}, status=status)


@contextlib.asynccontextmanager
async def mailu() -> AsyncIterator[Mailu]:
    fake = Mailu()
    paths = {"/api/v1/{kind}": fake.answer, "/api/v1/{kind}/{name}": fake.answer}
    async with service(paths) as url:
        fake.url = f"{url}/api/v1"
        yield fake
