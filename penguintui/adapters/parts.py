"""Several questions to one target, side by side: one that fails is one finding and does not cost the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from penguintui.adapters.asking import Answer
from penguintui.adapters.failure import Failure, NotAnswered, from_httpx
from penguintui.model.observation import Finding
from penguintui.model.status import Status

_SHARE = 0.9
"""Of the time given, each part has this much, so that one that hangs leaves time to tell of the others."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One question. check, subject: the finding that carries its failure; place: what is asked, for its sentence."""

    check: str
    place: str
    ask: Callable[[], Awaitable[Answer]]
    subject: str = ""


async def side_by_side(parts: Sequence[Part], seconds: float, unreachable: Status = Status.UNKNOWN) -> Answer:
    """All answers as one, complete when every part answered. Raises NotAnswered when none did.

    seconds: for all of them; unreachable: how bad it is when a part does not serve.
    """
    room, limit = asyncio.Semaphore(_AT_ONCE), asyncio.get_running_loop().time() + _SHARE * max(seconds, 0.0)

    async def one(part: Part) -> Answer | Failure:
        try:
            async with asyncio.timeout_at(limit), room:
                return await part.ask()
        except Exception as error:
            return from_httpx(error, part.place, _SHARE * seconds)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(part)) for part in parts]
    results = [task.result() for task in tasks]
    failures = [result for result in results if isinstance(result, Failure)]
    if failures and len(failures) == len(results):
        raise NotAnswered(failures[0])
    answers = [
        _failed(part, result, unreachable) if isinstance(result, Failure) else result
        for part, result in zip(parts, results, strict=True)
    ]
    return Answer(
        samples=tuple(sample for answer in answers for sample in answer.samples),
        findings=tuple(finding for answer in answers for finding in answer.findings),
        complete=all(answer.complete for answer in answers),
    )


def _failed(part: Part, failure: Failure, unreachable: Status) -> Answer:
    evidence = {"reason": failure.reason.value}
    status = failure.status(unreachable)
    finding = Finding(part.check, status, failure.text, part.subject, failure.remedy, evidence)
    return Answer(findings=(finding,), complete=False)
