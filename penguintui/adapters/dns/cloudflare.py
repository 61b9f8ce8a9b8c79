"""Publishing by Cloudflare's API: read, compare, and change in one batch, which is done as a whole or not at all.

Cloudflare has no compare-and-set. What is there is read just before the change, and what is changed or deleted is named
by its id, so that a record that somebody else deleted meanwhile fails the batch.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.dns.authority import plain
from penguintui.adapters.dns.publisher import ConflictError, PublishError
from penguintui.adapters.failure import from_httpx
from penguintui.config.zones import Cloudflare
from penguintui.mail.changes import Change
from penguintui.mail.desired import Held, Key

_PAGE = 100
_MOST_PAGES = 20
_AUTOMATIC = 1
"""The TTL that means "automatic" to Cloudflare, which answers with 300 s then."""
_SHORTEST, _LONGEST = 60, 86_400
_FIELDS = {
    "CAA": ("flags", "tag", "value"),
    "SRV": ("priority", "weight", "port", "target"),
    "TLSA": ("usage", "selector", "matching_type", "certificate"),
}
"""Of the types that are written, and told, as fields of `data`; their `content` is only for reading."""
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class _Record:
    id: str
    value: str
    ttl: float


class CloudflareZone:
    """A zone at Cloudflare."""

    place = "Cloudflare"

    def __init__(self, settings: Cloudflare) -> None:
        self._settings = settings

    async def read(self, keys: Iterable[Key], seconds: float) -> dict[Key, Held]:
        """What the API lists. Never raises: trouble is in what is held."""
        found: dict[Key, Held] = {}
        for key in keys:
            try:
                records = await self._listed(key, seconds)
                alias = "" if records or key[1] == "CNAME" else await self._alias(key[0], seconds)
            except PublishError as error:
                found[key] = Held(trouble=str(error))
            else:
                ttl = min((record.ttl for record in records), default=0.0)
                found[key] = Held(tuple(sorted(record.value for record in records)), ttl, alias)
        return found

    async def publish(self, change: Change, seconds: float) -> str:
        """Make one change, all of it or none; says what was done. Raises PublishError, ConflictError among them."""
        there = await self._listed(change.key, seconds)
        values = [record.value for record in there]
        ttl = _ttl(change.new_ttl)
        if sorted(values) == sorted(change.new) and all(record.ttl == ttl for record in there):
            return f"{change.type} {change.name} is so already"
        if set(values) != set(change.old):
            raise ConflictError(change, values, self.place)
        batch = _batch(change, there, ttl)
        await self._call("POST", "/dns_records/batch", seconds, json={k: v for k, v in batch.items() if v})
        return change.words

    async def _alias(self, name: str, seconds: float) -> str:
        return next((record.value for record in await self._listed((name, "CNAME"), seconds)), "")

    async def _listed(self, key: Key, seconds: float) -> list[_Record]:
        records: list[_Record] = []
        for page in range(1, _MOST_PAGES + 1):
            parameters = {"name": key[0], "type": key[1], "page": str(page), "per_page": str(_PAGE)}
            answer = await self._call("GET", "/dns_records", seconds, params=parameters)
            result, info = answer.get("result"), answer.get("result_info")
            if not isinstance(result, list):
                raise PublishError(f"{self.place} answered a list of records without records")
            records += [_record(key[1], entry) for entry in result if plain(str(entry.get("name"))) == key[0]]
            if page >= int((info or {}).get("total_pages") or 1):
                return records
        raise PublishError(f"{self.place} lists more than {_PAGE * _MOST_PAGES} records of {key[1]} {key[0]}")

    async def _call(self, method: str, path: str, seconds: float, **asked: Any) -> Mapping[str, Any]:
        import httpx

        settings = self._settings
        headers = {"Authorization": f"Bearer {settings.token.reveal()}"}
        place = f"{self.place} ({settings.url})"
        try:
            async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False, timeout=seconds) as client:
                url = f"{settings.url.rstrip('/')}/zones/{settings.zone_id}{path}"
                async with client.stream(method, url, headers=headers, **asked) as answer:
                    body = b""
                    async for piece in answer.aiter_bytes():
                        body += piece
                        if len(body) > MAX_ANSWER:
                            raise PublishError(f"{place} answered more than {MAX_ANSWER} bytes")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise PublishError(from_httpx(error, place, seconds).text) from error
        return _document(answer.status_code, body, place)


def _document(status: int, body: bytes, place: str) -> Mapping[str, Any]:
    import json

    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise PublishError(f"{place} answered {status}, and no JSON")
    if status < 400 and document.get("success") is True:
        return document
    errors = document.get("errors")
    said = [f"{e.get('message')} ({e.get('code')})" for e in errors if isinstance(e, dict)] if errors else []
    words = "; ".join(said)[:500] or "no reason given"
    if status in (401, 403):
        raise PublishError(
            f"{place} does not accept the token: {words}; it needs the permission DNS Write for the zone"
        )
    if status == 429:
        raise PublishError(f"{place} wants fewer calls (1,200 in five minutes): {words}; wait five minutes")
    raise PublishError(f"{place} answered {status}: {words}")


def _batch(change: Change, there: Sequence[_Record], ttl: int) -> dict[str, list[dict[str, Any]]]:
    """The change as one batch, which Cloudflare executes in the order deletes, patches, puts, posts."""
    kept = [record for record in there if record.value in change.new]
    come = [value for value in change.new if value not in {record.value for record in kept}]
    gone = [record for record in there if record.value not in change.new]
    patches = [{"id": record.id, **_written(change, value, ttl)} for record, value in zip(gone, come, strict=False)] + [
        {"id": record.id, "ttl": ttl} for record in kept if record.ttl != ttl
    ]
    return {
        "deletes": [{"id": record.id} for record in gone[len(come) :]],
        "patches": patches,
        "posts": [_written(change, value, ttl) for value in come[len(gone) :]],
    }


def _written(change: Change, value: str, ttl: int) -> dict[str, Any]:
    record: dict[str, Any] = {"name": change.name, "type": change.type, "ttl": ttl}
    if change.type in _FIELDS:
        *names, last = _FIELDS[change.type]
        *pieces, text = value.split(None, len(names))
        numbers = {name: int(piece) if piece.isdecimal() else piece for name, piece in zip(names, pieces, strict=True)}
        return record | {"data": {**numbers, last: text.strip('"')}}
    record["content"] = value
    if change.type == "TXT":
        pieces = [value[start : start + 255] for start in range(0, len(value), 255)] or [""]
        record["content"] = " ".join(f'"{_escaped(piece)}"' for piece in pieces)
    elif change.type == "MX":
        preference, _, host = value.partition(" ")
        record |= {"priority": int(preference), "content": host}
    elif change.type in ("A", "AAAA", "CNAME"):
        record["proxied"] = False
    return record


def _record(type: str, entry: Mapping[str, Any]) -> _Record:
    content, ttl = str(entry.get("content", "")), float(entry.get("ttl") or _AUTOMATIC)
    data = entry.get("data")
    if type in _FIELDS and isinstance(data, dict):
        pieces = [str(data.get(name, "")) for name in _FIELDS[type]]
        value = " ".join([*pieces[:-1], f'"{pieces[-1]}"' if type == "CAA" else plain(pieces[-1])])
    elif type == "TXT":
        value = _unquoted(content)
    elif type == "MX":
        value = f"{entry.get('priority', 0)} {plain(content)}"
    else:
        value = plain(content)
    return _Record(str(entry.get("id")), value, 300.0 if ttl == _AUTOMATIC else ttl)


def _unquoted(content: str) -> str:
    """The text of a TXT record, which Cloudflare gives quoted, or, where it was written so, plain."""
    strings = _STRING.findall(content)
    if not strings or _STRING.sub("", content).strip():
        return content
    return re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if len(m[1]) == 3 else m[1], "".join(strings))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _ttl(seconds: float) -> int:
    return int(min(max(seconds, _SHORTEST), _LONGEST))
