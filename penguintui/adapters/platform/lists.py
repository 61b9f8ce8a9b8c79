"""One list of the platform's API: asked for, judged row by row, and said to be empty where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from penguintui.adapters.asking import Answer
from penguintui.adapters.failure import NotAnswered, garbled
from penguintui.adapters.parts import Part
from penguintui.adapters.platform.answers import Row, rows_of
from penguintui.adapters.platform.api import PlatformApi
from penguintui.model.observation import Finding
from penguintui.model.status import Status

S = TypeVar("S")


@dataclass(frozen=True)
class ApiList(Generic[S]):
    """One address below the API, the list in its answer, the check that it is for, and who judges its rows."""

    path: str
    rows: str
    check: str
    judge: Callable[[Sequence[Row], S], Answer]


def part(api: PlatformApi, one: ApiList[S], settings: S) -> Part:
    """The asking for a list. One that names nothing is UNKNOWN, never fine."""
    place = api.place_of(one.path)

    async def ask() -> Answer:
        document = await api.get(one.path)
        try:
            answer = one.judge(rows_of(document, one.rows), settings)
        except ValueError as error:
            raise NotAnswered(garbled(place, str(error))) from error
        if answer.findings:
            return answer
        words = f"{place} names no {one.rows}, so nothing can be said of them"
        return replace(answer, findings=(Finding(one.check, Status.UNKNOWN, words),))

    return Part(one.check, place, ask)
