"""The mail queue of Postfix, by `postqueue -j`, added up while it streams.

The listing of a long queue is legitimately longer than any other answer, so it is bounded by the length of a line
and by the deadline instead of its size. A program of another kind, which says much and no message, is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process, SubprocessStreamProtocol

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.base import MAX_ANSWER
from penguintui.adapters.failure import Failure, NotAnswered, Reason, denied, garbled, too_large
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.postfix.postqueue import Queue, Totals, earlier, printable
from penguintui.adapters.span import span
from penguintui.config.probes import Levels, PostfixQueueProbe
from penguintui.model.clock import Clock, Time
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

MAX_LINE = 1 << 16
MAX_STDERR = 2000
TOP = 20
_SHARE = 0.9
"""Of the time given, this much is spent on listing; then what was counted so far is the answer."""


class PostfixQueueAdapter:
    """Runs the configured command, in a process group of its own that is gone when the asking ends."""

    def __init__(self, settings: PostfixQueueProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._place = shlex.join(settings.command)

    async def probe(self, target: Target, deadline: float) -> Observation:
        """List and judge the queue. A command that fails is `probe.answer`, UNKNOWN, with what it said."""
        return await observe(
            self._ask(deadline),
            check="probe.answer",
            place=self._place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
        )

    async def close(self) -> None:
        """Nothing is kept between askings."""

    async def _ask(self, deadline: float) -> Answer:
        totals = Totals()
        now = self._clock.monotonic()
        transport, process = await _start(self._settings.command)
        try:
            async with asyncio.timeout(_SHARE * max(deadline - now, 0.0)):
                async with asyncio.TaskGroup() as group:
                    complaints = group.create_task(_read_stderr(process))
                    group.create_task(self._read(process, totals))
                code = await process.wait()
        except TimeoutError:
            if not totals.messages:
                raise
            return _unfinished(totals, self._settings, self._place)
        finally:
            await _end(transport, process)
        said = complaints.result()
        if code != 0:
            raise NotAnswered(_failed(self._place, code, said))
        if totals.rubbish and not totals.messages:
            raise NotAnswered(garbled(self._place, f"no JSON of a message: {totals.first_rubbish!r}"))
        return _judge(totals, self._settings, self._clock.now(), said)

    async def _read(self, process: Process, totals: Totals) -> None:
        stream = process.stdout
        assert stream is not None  # noqa: S101 - it was asked for
        rest, too_long, read = b"", False, 0
        while chunk := await stream.read(MAX_LINE):
            read += len(chunk)
            *whole, last = chunk.split(b"\n")
            for piece in whole:
                line, rest = rest + piece, b""
                if too_long or len(line) > MAX_LINE:
                    totals.add_beginning(line[:MAX_LINE])
                else:
                    totals.add_line(line)
                too_long = False
            rest += last
            if len(rest) > MAX_LINE:
                rest, too_long = rest[:MAX_LINE], True
            if read > MAX_ANSWER and not totals.messages:
                raise NotAnswered(too_large(self._place))
            await asyncio.sleep(0)  # a writer that is faster than we are leaves no other pause
        if rest:
            totals.add_line(rest)


async def _read_stderr(process: Process) -> str:
    """The first of what the program complains about; the rest is read too, so that it does not block."""
    stream = process.stderr
    assert stream is not None  # noqa: S101 - it was asked for
    said = b""
    while chunk := await stream.read(4096):
        said = (said + chunk)[:MAX_STDERR]
    return " / ".join(printable(line) for line in said.decode("utf-8", "replace").splitlines() if line.strip())


async def _start(command: list[str]) -> tuple[asyncio.SubprocessTransport, Process]:
    """Start in a process group of its own. asyncio's short form hides the transport, which must be closed."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: SubprocessStreamProtocol(limit=MAX_LINE, loop=loop),
        *command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return transport, Process(transport, protocol, loop)


async def _end(transport: asyncio.SubprocessTransport, process: Process) -> None:
    """Kill what is left of the process group and reap it. Its pipes are closed, full of unread lines or not."""
    with contextlib.suppress(ProcessLookupError):  # all of it has ended
        os.killpg(process.pid, signal.SIGKILL)
    transport.close()
    await process.wait()


def _failed(place: str, code: int, said: str) -> Failure:
    if "not allowed" in said or "ermission denied" in said:
        return denied(place, said)
    ended = f"was killed by signal {-code}" if code < 0 else f"failed with code {code}"
    down = _is_down(said)
    return Failure(
        Reason.REFUSED if down else Reason.CLOSED if code < 0 else Reason.GARBLED,
        f"{place} {ended}{f': {said}' if said else ''}",
        _START if down else "Run the command by hand as the agent's user.",
    )


def _is_down(said: str) -> bool:
    return "mail system is down" in said.lower()


def _judge(totals: Totals, settings: PostfixQueueProbe, now: Time, said: str) -> Answer:
    return Answer(
        samples=_samples(totals, now),
        findings=(_judge_waiting(totals, settings.waiting, said), _judge_age(totals, settings.oldest_seconds, now)),
    )


def _samples(totals: Totals, now: Time) -> tuple[Sample, ...]:
    samples: list[Sample] = []
    for name, queue in totals.queues.items():
        labels = {"queue": name}
        samples += (
            Sample("postfix_queue_messages", float(queue.messages), labels),
            Sample("postfix_queue_bytes", float(queue.bytes), labels),
            Sample("postfix_queue_oldest_seconds", _age(queue.oldest, now), labels),
        )
    for name, domain, waiting in totals.busiest(TOP):
        labels = {"queue": name, "destination": domain}
        samples += (
            Sample("postfix_queue_destination_messages", float(waiting.messages), labels),
            Sample("postfix_queue_destination_oldest_seconds", _age(waiting.oldest, now), labels),
        )
    return tuple(samples)


def _judge_waiting(totals: Totals, levels: Levels, said: str = "") -> Finding:
    waiting = sum(queue.messages for queue in _moving(totals).values())
    status = judge(waiting, levels)
    words = [f"{waiting} messages wait"]
    if _is_down(said):  # root's postqueue then reads the queue by itself, and ends well
        status, words = Status.CRITICAL, ["the mail system is down", *words]
    if crossed := limit_crossed(status, levels):
        words.append(crossed)
    if held := totals.queues["hold"].messages:
        words.append(f"{held} more are on hold")
    if totals.rubbish:
        words.append(f"{totals.rubbish} lines were not understood")
    return Finding(
        "queue.waiting",
        status,
        ", ".join(words),
        remedy=_START if _is_down(said) else "" if status is Status.OK else _REMEDY,
        evidence=_evidence(totals, said),
    )


def _judge_age(totals: Totals, levels: Levels, now: Time) -> Finding:
    oldest: Time | None = None
    where = ""
    for name, queue in _moving(totals).items():
        if queue.oldest is not None and (oldest is None or queue.oldest < oldest):
            oldest, where = earlier(oldest, queue.oldest), name
    if oldest is None:
        return Finding("queue.age", Status.OK, "no message waits")
    age = _age(oldest, now)
    status = judge(age, levels)
    words = f"the oldest message has waited {span(age)} in {where}"
    if status is not Status.OK:
        words += f", over the limit of {span(_limit(levels, status))}"
        if totals.reasons:
            words += f"; most often: {totals.reasons.most_common(1)[0][0]}"
    remedy = "" if status is Status.OK else _REMEDY
    return Finding("queue.age", status, words, remedy=remedy, evidence=_evidence(totals))


def _limit(levels: Levels, status: Status) -> float:
    return (levels.critical if status is Status.CRITICAL else levels.warning) or 0.0


_START = "Start Postfix: postfix start."
_REMEDY = "Read the reasons, repair what they name, then deliver again: postqueue -f."


def _evidence(totals: Totals, said: str = "") -> dict[str, str]:
    evidence = {name: f"{queue.messages} messages" for name, queue in totals.queues.items() if queue.messages}
    for place, (reason, count) in enumerate(totals.reasons.most_common(5), 1):
        evidence[f"reason {place}"] = f"{count} × {reason}"
    busiest = [f"{domain} {waiting.messages}" for _, domain, waiting in totals.busiest(5)]
    notes = {
        "destinations": ", ".join(busiest),
        "not understood": f"{totals.rubbish} lines, the first: {totals.first_rubbish}" if totals.rubbish else "",
        "cut": f"{totals.cut} lines over {MAX_LINE} bytes, their recipients not counted" if totals.cut else "",
        "said": said,
    }
    return evidence | {name: note for name, note in notes.items() if note}


def _unfinished(totals: Totals, settings: PostfixQueueProbe, place: str) -> Answer:
    """What is known when the time was over before the listing: a lower bound, so it can be bad but never fine."""
    finding = _judge_waiting(totals, settings.waiting)
    return Answer(
        findings=(
            Finding(
                "queue.waiting",
                max(finding.status, Status.UNKNOWN),
                f"at least {finding.summary}; {place} did not end in time",
                remedy="Give the probe more time (timeout) and ask less often (interval).",
                evidence=finding.evidence,
            ),
        ),
        complete=False,
    )


def _moving(totals: Totals) -> dict[str, Queue]:
    """The queues whose messages are to be delivered; what is on hold waits for a person."""
    return {name: queue for name, queue in totals.queues.items() if name != "hold"}


def _age(arrival: Time | None, now: Time) -> float:
    return 0.0 if arrival is None else max(now - arrival, 0.0)
