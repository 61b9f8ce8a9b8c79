"""`:query EXPR`: opens Explore, and knows the names that expressions are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from penguintui.screens.acting import Acting
from penguintui.screens.desk import Question
from penguintui.screens.keys import TITLES

if TYPE_CHECKING:
    from penguintui.screens.explore import ExplorePage
    from penguintui.screens.reading import Read
    from penguintui.views.models.explore import Explore, Vocabulary


class Exploring(Acting):
    """Asks in the query language. The names come with every answer of Explore, or when a query is first typed."""

    vocabulary: Vocabulary | None = None
    _learning = False

    async def explore(self, expression: str) -> None:
        """Shows what an expression gives; without one, what can be asked for."""
        if self.page_name != "explore":
            self.came_from = self.shown
            await self.bring_up("explore")
        cast("ExplorePage", self.query_one("#explore")).ask(expression, TITLES[self.came_from])
        self.want()

    async def on_explore_page_asked(self, message: ExplorePage.Asked) -> None:
        await self.explore(message.expression)

    def learn(self) -> None:
        """Looks the names up, once: they are needed while a query is typed, before the first is asked."""
        if not self._learning and self.vocabulary is None:
            self._learning = True
            self._reader.read_also(Question("explore", self.moment, viewer=self.viewer))

    def on_read(self, message: Read) -> None:
        """The message goes on to `Viewing`, too."""
        self._learning = False
        if message.answer is not None and message.answer.question.screen == "explore":
            self.vocabulary = cast("Explore", message.answer.model).words
