"""What a receiver found out about a mail: `Authentication-Results` (RFC 8601), of the server that is trusted only.

Anybody can write such a header before the mail arrives; the receiver's own stands topmost and begins with its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from penguintui.mail.mime import Headers

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([A-Za-z0-9-]+)(?:/\d+)?\s*=\s*([A-Za-z0-9]+)(.*)", re.DOTALL)
_PROPERTY = re.compile(r"([A-Za-z0-9-]+)\.([A-Za-z0-9-]+)\s*=\s*(\"[^\"]*\"|[^\s;]+)")
_DEEPEST = 5
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Result:
    """One method: spf, dkim, dmarc …; its result in lower case; domain: for which it was found."""

    method: str
    result: str
    domain: str = ""


def read_results(headers: Headers, trusted: str) -> list[Result]:
    """What the server of this name says, from its first header; empty when it says nothing."""
    for value in headers.all("authentication-results"):
        text = _without_comments(value[:_LONGEST])
        server, _, rest = text.partition(";")
        if (server.split() or [""])[0].lower().rstrip(".") == trusted.lower().rstrip("."):
            return [result for part in rest.split(";") if (result := _result(part)) is not None]
    return []


def _without_comments(text: str) -> str:
    for _ in range(_DEEPEST):
        text, count = _COMMENT.subn(" ", text)
        if not count:
            break
    return text


def _result(part: str) -> Result | None:
    match = _RESULT.match(part)
    if match is None:
        return None
    method, result, rest = match.group(1).lower(), match.group(2).lower(), match.group(3)
    found = {(kind.lower(), name.lower()): value.strip('"') for kind, name, value in _PROPERTY.findall(rest)}
    value = {
        "spf": found.get(("smtp", "mailfrom")) or found.get(("smtp", "helo"), ""),
        "dkim": found.get(("header", "d")) or found.get(("header", "i"), ""),
        "dmarc": found.get(("header", "from"), ""),
    }.get(method, "")
    return Result(method, result, value.rpartition("@")[2].lower().rstrip("."))
