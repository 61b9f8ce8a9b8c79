"""Whether a web answer contains what it must: a text, values in a JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from penguintui.model.observation import Finding
from penguintui.model.status import Status

Scalar = str | int | float | bool

_SHOWN = 120


def look_up(document: Any, path: str) -> Any:
    """The value at a dotted path (`data.services.0.status`; numbers count into lists). KeyError when there is none."""
    for part in path.split("."):
        if isinstance(document, Mapping) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            raise KeyError(path)
    return document


def faults_of_text(body: str, wanted: str | None) -> list[str]:
    """What is wrong with the text of an answer, in words."""
    if wanted is None or wanted in body:
        return []
    return [f"it lacks the text {wanted!r} and begins {body[:_SHOWN]!r}"]


def faults_of_json(body: str, wanted: Mapping[str, Scalar]) -> list[str]:
    """What is wrong with the JSON document of an answer, in words; one per path that has another value."""
    if not wanted:
        return []
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return [f"it is no JSON and begins {body[:_SHOWN]!r}"]
    faults = []
    for path, value in wanted.items():
        try:
            found = look_up(document, path)
        except KeyError:
            faults.append(f"{path} is missing")
            continue
        if not _same(found, value):
            faults.append(f"{path} is {json.dumps(found, ensure_ascii=False)[:_SHOWN]}, wanted {json.dumps(value)}")
    return faults


def _same(found: Any, wanted: Scalar) -> bool:
    """JSON tells true from 1, Python does not."""
    return isinstance(found, bool) is isinstance(wanted, bool) and bool(found == wanted)


def judge_content(body: str, text: str | None, values: Mapping[str, Scalar], place: str) -> tuple[Finding, ...]:
    """The finding on the content; none when nothing is wanted of it."""
    if text is None and not values:
        return ()
    faults = faults_of_text(body, text) + faults_of_json(body, values)
    if not faults:
        return (Finding("http.content", Status.OK, f"the answer of {place} contains what it must"),)
    return (
        Finding(
            "http.content",
            Status.CRITICAL,
            f"the answer of {place} is not what it must be: {'; '.join(faults)}",
            remedy="Look into the service's log, or correct what this probe expects.",
        ),
    )
