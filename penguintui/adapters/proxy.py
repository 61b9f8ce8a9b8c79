"""Which colour a proxy sends traffic to, and the switch to the other: compare-and-set, verified afterwards."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from penguintui.adapters.base import MAX_ANSWER
from penguintui.config.actions import HaproxyProxy, HttpProxy

if TYPE_CHECKING:
    import httpx

ProxySettings = HttpProxy | HaproxyProxy


class ProxyError(Exception):
    """The proxy could not be asked or told; the text says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class ProxyState:
    """The colour that gets the traffic, and the one that had it before (None when nothing was ever switched)."""

    active: str
    previous: str | None


def idle_colour(settings: ProxySettings, state: ProxyState) -> str:
    """The colour that gets no traffic. Raises ProxyError unless there are exactly two."""
    others = [colour for colour in settings.colours if colour != state.active]
    if state.active not in settings.colours or len(others) != 1:
        raise ProxyError(f"active is {state.active}, known are {', '.join(settings.colours)}: no single colour is idle")
    return others[0]


async def read(settings: ProxySettings, timeout: float = 5.0) -> ProxyState:
    """The state now. Raises ProxyError when the proxy does not tell."""
    try:
        async with asyncio.timeout(timeout):
            return await (_read_http(settings) if isinstance(settings, HttpProxy) else _read_haproxy(settings))
    except TimeoutError:
        raise ProxyError(f"{_place(settings)} did not tell its active colour within {timeout:g} s") from None


async def switch(settings: ProxySettings, *, expected: str, to: str, timeout: float = 10.0) -> ProxyState:
    """Send traffic to `to`, if `expected` has it still. Raises ProxyError when not, or when it did not work."""
    if to not in settings.colours:
        raise ProxyError(f"{_place(settings)} knows no colour {to}; it knows {', '.join(settings.colours)}")
    try:
        async with asyncio.timeout(timeout):
            if isinstance(settings, HttpProxy):
                await _switch_http(settings, expected, to)
            else:
                await _switch_haproxy(settings, expected, to)
            state = await read(settings)
    except TimeoutError:
        raise ProxyError(f"{_place(settings)} did not switch to {to} within {timeout:g} s; read its state") from None
    if state.active != to:
        raise ProxyError(f"{_place(settings)} was told to switch to {to}, but says {state.active}")
    return state


def _place(settings: ProxySettings) -> str:
    return f"the proxy at {settings.url if isinstance(settings, HttpProxy) else settings.socket}"


def _client(settings: HttpProxy) -> httpx.AsyncClient:
    import ssl

    import httpx

    context = ssl.create_default_context(cafile=settings.ca_file) if settings.url.startswith("https:") else False
    headers = {name: value if isinstance(value, str) else value.reveal() for name, value in settings.headers.items()}
    return httpx.AsyncClient(headers=headers, verify=context, trust_env=False, timeout=30.0)


async def _read_http(settings: HttpProxy) -> ProxyState:
    import httpx

    try:
        async with _client(settings) as client:
            answer = await client.get(settings.url)
        answer.raise_for_status()
        if len(answer.content) > MAX_ANSWER:
            raise ProxyError(f"{_place(settings)} answered with {len(answer.content):,} bytes")
        said = answer.json()
        return ProxyState(str(said["active"]), said.get("previous") and str(said["previous"]))
    except (httpx.HTTPError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ProxyError(
            f"{_place(settings)} did not tell its active colour: {error or type(error).__name__}"
        ) from error


async def _switch_http(settings: HttpProxy, expected: str, to: str) -> None:
    import httpx

    try:
        async with _client(settings) as client:
            answer = await client.put(settings.url, json={"active": to, "expected": expected})
    except httpx.HTTPError as error:
        raise ProxyError(f"{_place(settings)} could not be told to switch: {error or type(error).__name__}") from error
    if answer.status_code == 409:
        raise ProxyError(f"{_place(settings)} refused: {expected} is no longer active; plan again")
    if answer.status_code >= 300:
        raise ProxyError(f"{_place(settings)} answered {answer.status_code}: {answer.text[:200]}")


async def _haproxy(settings: HaproxyProxy, command: str) -> str:
    """One command to HAProxy's runtime socket (management guide, section 9.3)."""
    try:
        reader, writer = await asyncio.open_unix_connection(settings.socket)
    except OSError as error:
        raise ProxyError(f"{_place(settings)} cannot be reached: {error.strerror or error}") from error
    try:
        writer.write(command.encode() + b"\n")
        await writer.drain()
        return (await reader.read(MAX_ANSWER)).decode(errors="replace")
    finally:
        writer.close()


async def _read_haproxy(settings: HaproxyProxy) -> ProxyState:
    told = await _haproxy(settings, f"show map {settings.map}")
    for line in told.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1] == settings.key:
            return ProxyState(words[2], _previous_of(settings))
    raise ProxyError(f"{_place(settings)} has no entry {settings.key} in {settings.map}: {told.strip()[:200]}")


def _previous_of(settings: HaproxyProxy) -> str | None:
    """HAProxy remembers no previous colour: it is kept in a comment of the map's file."""
    try:
        text = Path(settings.map).read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^# previous (\S+)$", text, re.MULTILINE)
    return found.group(1) if found else None


async def _switch_haproxy(settings: HaproxyProxy, expected: str, to: str) -> None:
    state = await _read_haproxy(settings)
    if state.active != expected:
        raise ProxyError(f"{_place(settings)} has {state.active} active, not {expected}; plan again")
    told = (await _haproxy(settings, f"set map {settings.map} {settings.key} {to}")).strip()
    if told:
        raise ProxyError(f"{_place(settings)} refused the switch: {told[:200]}")
    _keep_map(settings, expected, to)


def _keep_map(settings: HaproxyProxy, previous: str, active: str) -> None:
    """Write the map's file too: the runtime state is memory only, and a reload would forget the switch."""
    path = Path(settings.map)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.split()[:1] != [settings.key]]
    lines = [line for line in lines if not line.startswith("# previous ")]
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("\n".join([*lines, f"# previous {previous}", f"{settings.key} {active}", ""]), encoding="utf-8")
    fresh.replace(path)


def describe(settings: ProxySettings, expected: str, to: str) -> str:
    """The exact call that a switch makes, for a plan."""
    if isinstance(settings, HttpProxy):
        return f"PUT {settings.url} {json.dumps({'active': to, 'expected': expected})}"
    return f"set map {settings.map} {settings.key} {to} (was {expected}) on {settings.socket}"
