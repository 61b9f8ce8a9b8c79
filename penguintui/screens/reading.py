"""The reading thread: asks the desk away from the event loop, one question at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

from textual.message import Message

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from penguintui.screens.desk import Desk, Question
    from penguintui.views.models.actions import Actions
    from penguintui.views.models.frame import FrameView


@record
class Answer:
    """What a reading brought. `model` belongs to the question's screen; `pane` to the action pane, when it is open."""

    question: Question
    version: int
    frame: FrameView
    model: object
    pane: Actions | None


class Read(Message):
    """A reading is over. answer: None when nothing changed since the one before. trouble: why it failed."""

    def __init__(self, answer: Answer | None, trouble: str = "") -> None:
        super().__init__()
        self.answer = answer
        self.trouble = trouble

    def can_replace(self, message: Message) -> bool:
        """A later reading stands for this one, unless it only says that nothing changed since."""
        return isinstance(message, Read) and (message.answer is not None or self.answer is None)


class Reader:
    """Reads in a thread of its own: the default threads of the loop are not for things that can hang."""

    def __init__(self, desk: Desk, post: Callable[[Message], object]) -> None:
        self._desk = desk
        self._post = post
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reading")
        self._under_way: Future[Answer | None] | None = None
        self._closed = False

    @property
    def busy(self) -> bool:
        return self._under_way is not None and not self._under_way.done()

    def read(self, question: Question, pane: Question | None, known: int | None) -> None:
        """Starts a reading; its `Read` comes by message.

        known: the version that is shown; when the store still has it, nothing is read. None reads in any case.
        """
        if self._closed:  # the last keys of a viewer that is leaving
            return
        self._under_way = self._thread.submit(self._read, question, pane, known)
        self._under_way.add_done_callback(self._done)

    async def over(self, seconds: float) -> None:
        """Waits for the reading that is under way, so many seconds at most."""
        if self._under_way is not None:
            done, _ = await asyncio.wait([asyncio.wrap_future(self._under_way)], timeout=seconds)
            for future in done:
                future.exception()  # told by its `Read`

    def read_also(self, question: Question) -> None:
        """Reads once something that is not in front; its `Read` comes like the others."""
        if not self._closed:
            self._thread.submit(self._read, question, None, None).add_done_callback(self._done)

    def _read(self, question: Question, pane: Question | None, known: int | None) -> Answer | None:
        version = self._desk.version()
        if known is not None and version == known:
            return None
        frame, model = self._desk.read(question)
        actions = self._desk.read(pane)[1] if pane is not None else None
        return Answer(question, version, frame, model, cast("Actions | None", actions))

    def _done(self, future: Future[Answer | None]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._post(Read(future.result()))
        else:
            self._post(Read(None, f"the store could not be read: {str(error) or type(error).__name__}"))

    def close(self) -> None:
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
