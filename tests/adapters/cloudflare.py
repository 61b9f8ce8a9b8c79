"""A fake of Cloudflare's API for DNS records, made from its published contract: the real one cannot be had here.

It knows listing by name and type with pages, and the batch, executed as a whole in the order deletes, patches, puts,
posts. It answers in the envelope of all of Cloudflare's answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from penguintui.config.zones import Cloudflare
from penguintui.model.secret import Secret

from .servers import HOST, serving

TOKEN = "the-token-of-the-fake"
ZONE_ID = "0123456789abcdef0123456789abcdef"


class _Refused(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class FakeCloudflare:
    """records: by id. calls: method and path of each. per_page: the largest page it gives. down: answers 500."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    port: int = 0
    per_page: int = 100
    status: int = 0
    _last: int = 0

    @property
    def settings(self) -> Cloudflare:
        url = f"http://{HOST}:{self.port}/client/v4"
        return Cloudflare(type="cloudflare", zone_id=ZONE_ID, token=Secret(TOKEN), url=url)

    def add(self, name: str, type: str, content: str, **more: Any) -> str:
        self._last += 1
        id = f"{self._last:032x}"
        self.records[id] = {"id": id, "name": name, "type": type, "content": content, "ttl": 1, **more}
        return id

    def answer(self, method: str, target: str, token: str, body: bytes) -> tuple[int, dict[str, Any]]:
        path, query = urlsplit(target).path, {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
        self.calls.append(f"{method} {path}")
        try:
            if self.status:
                raise _Refused(self.status, 10000 + self.status, "so it was told")
            if token != f"Bearer {TOKEN}":
                raise _Refused(403, 10000, "Authentication error")
            if not path.startswith(f"/client/v4/zones/{ZONE_ID}/dns_records"):
                raise _Refused(404, 7003, "Could not route to the zone")
            if method == "GET":
                return 200, self._list(query)
            return 200, {"success": True, "errors": [], "messages": [], "result": self._batch(json.loads(body))}
        except _Refused as refusal:
            errors = [{"code": refusal.code, "message": str(refusal)}]
            return refusal.status, {"success": False, "errors": errors, "messages": [], "result": None}

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        found = [r for r in self.records.values() if r["name"] == query["name"] and r["type"] == query["type"]]
        size, page = min(int(query["per_page"]), self.per_page), int(query["page"])
        pages = -(-len(found) // size)
        info = {"page": page, "per_page": size, "total_count": len(found), "total_pages": pages}
        result = found[(page - 1) * size : page * size]
        return {"success": True, "errors": [], "messages": [], "result": result, "result_info": info}

    def _batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        before = copy.deepcopy(self.records)
        try:
            for entry in batch.get("deletes", []):
                self._known(entry["id"])
                del self.records[entry["id"]]
            for entry in [*batch.get("patches", []), *batch.get("posts", [])]:
                if entry.get("type") in ("CAA", "SRV", "TLSA") and ("content" in entry or "data" not in entry):
                    raise _Refused(400, 9101, "data is a required data object")
            for entry in batch.get("patches", []):
                self._known(entry["id"]).update(entry)
            for entry in batch.get("posts", []):
                entry.setdefault("content", "\t".join(str(one) for one in entry.get("data", {}).values()))
                if any((r["name"], r["type"], r["content"]) == (entry["name"], entry["type"], entry["content"])
                       for r in self.records.values()):  # fmt: skip
                    raise _Refused(400, 81058, "An identical record already exists.")
                self.add(**entry)
            if any(not 60 <= record["ttl"] <= 86400 and record["ttl"] != 1 for record in self.records.values()):
                raise _Refused(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        except _Refused:
            self.records = before
            raise
        return {}

    def _known(self, id: str) -> dict[str, Any]:
        if id not in self.records:
            raise _Refused(404, 81044, "Record does not exist.")
        return self.records[id]


@contextlib.asynccontextmanager
async def cloudflare() -> AsyncIterator[FakeCloudflare]:
    fake = FakeCloudflare()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        token = next((line.split(": ", 1)[1] for line in head.splitlines() if line.lower().startswith("auth")), "")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        status, document = fake.answer(method, target, token, body)
        data = json.dumps(document).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + data
        )
        await writer.drain()

    async with serving(handle) as server:
        fake.port = server.port
        yield fake
