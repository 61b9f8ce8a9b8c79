"""What is said over the control socket: JSON lines, a request and its answer, each with the request's number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MAX_LINE = 1 << 20
"""Bytes of one line at most."""

READ_ONLY = "this viewer is read-only; arm it first: :arm 10m reason"
"""The refusal that tells a viewer that it is not armed."""


class NoAgentError(Exception):
    """No agent answers."""


class MayNotAskError(NoAgentError):
    """The server of a shared store does not let this role ask the agent; the text is a sentence for a person."""


class Refused(Exception):  # noqa: N818 (the agent's word, not an error of the program)
    """The agent says no; the text is a sentence for a person."""


def request(number: int, method: str, parameters: Mapping[str, Any]) -> bytes:
    return _line({"id": number, "do": method, "with": dict(parameters)})


def answer(number: Any, result: Mapping[str, Any]) -> bytes:
    return _line({"id": number, "ok": True, "result": dict(result)})


def refusal(number: Any, reason: str) -> bytes:
    return _line({"id": number, "ok": False, "error": reason})


def parse(line: bytes) -> dict[str, Any]:
    """One message. Raises Refused for what is none."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise Refused(f"that is not a line of JSON: {error}") from None
    if not isinstance(message, dict):
        raise Refused("a JSON object is wanted")
    return message


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
