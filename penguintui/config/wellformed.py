"""Texts whose form a probe or a query would only stumble over later: addresses, names of metrics and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from penguintui.config.placeholders import PLACEHOLDER
from penguintui.config.problems import shown
from penguintui.config.selecting import each, texts
from penguintui.config.tree import Fault

_WEB = (
    "targets.*.probes.*.url",
    "proxies.*.url",
    "query.url",
    "history.url",
    "actions.*.steps.*.call.url",
    "actions.*.steps.*.undo.url",
    "actions.*.steps.*.http.url",
    "actions.*.steps.*.http.against",
)
_HOSTS = ("targets.*.probes.*.host", "targets.*.probes.*.*.host", "targets.*.probes.*.*.*.host")
_FILLED = {
    "targets.*.probes.*.path": "name a file",
    "targets.*.probes.*.queries.*.sql": "write the query that gives the rows",
}
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_OWN_LABELS = ("job", "instance", "environment", "check", "subject")


def check_forms(data: Any) -> Iterator[Fault]:
    """Web addresses without scheme or host, database addresses without a driver, texts and names that cannot be."""
    database = {trail for trail, _ in _database_addresses(data)}
    for pattern in _WEB:
        for trail, url in texts(data, pattern):
            if trail not in database and not PLACEHOLDER.match(url) and not _is_web(url):
                yield Fault(trail, f"{_safe(url)} is no web address", "begin it with https:// and a host")
    for trail, url in (*texts(data, "query.url"), *texts(data, "history.url")):
        if _is_web(url) and set("@?#") & set(url):
            remedy = "write secrets into `user` and `password`, `token` or `headers`"
            yield Fault(trail, f"{_safe(url)} carries more than an address", remedy)
    for trail, url in _database_addresses(data):
        if "://" not in url:
            message = f"{_safe(url)} is no database address"
            yield Fault(trail, message, "write one such as postgresql+psycopg://host/name or sqlite:///file.db")
    yield from _check_texts(data)
    for trail, name in texts(data, "targets.*.probes.*.queries.*.metric"):
        if not _METRIC.fullmatch(name):
            yield Fault(trail, f"{shown(name)} cannot be the name of a metric", "use letters, digits, `_` and `:`")
    for trail, _ in each(data, "targets.*.labels.*"):
        yield from _check_label(trail, str(trail[-1]))
    for trail, colours in each(data, "proxies.*.colours"):
        if isinstance(colours, dict) and len(colours) != 2:
            yield Fault(trail, f"a proxy switches between two colours, here are {len(colours)}", "name two")


def _check_texts(data: Any) -> Iterator[Fault]:
    for pattern in _HOSTS:
        for trail, host in texts(data, pattern):
            if not host or re.search(r"\s", host):
                yield Fault(trail, f"{shown(host)} is no host", "write one name or address, without spaces")
    for pattern, remedy in _FILLED.items():
        for trail, text in texts(data, pattern):
            if not text.strip():
                yield Fault(trail, "nothing is written here", remedy)


def _check_label(trail: tuple[str | int, ...], name: str) -> Iterator[Fault]:
    if name in _OWN_LABELS:
        yield Fault(trail, f"the agent itself sets the label {shown(name)}", "give it another name", at_key=True)
    elif not _LABEL.fullmatch(name):
        yield Fault(trail, f"{shown(name)} cannot be the name of a label", "use letters, digits and `_`", at_key=True)


def _database_addresses(data: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for trail, probe in each(data, "targets.*.probes.*"):
        if isinstance(probe, dict) and probe.get("type") == "sql" and isinstance(probe.get("url"), str):
            yield (*trail, "url"), probe["url"]


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _safe(url: str) -> str:
    """An address without the password that somebody may have written into it."""
    return shown(re.sub(r"(:)[^:@/]*(?=@)", r"\1•••", url))
