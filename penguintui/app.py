"""The Textual application: what the keys do (`screens.acting`), the `:` commands, and the palette."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

from penguintui.model.status import Status
from penguintui.screens.acting import PAST
from penguintui.screens.keys import ACTIONS, commands
from penguintui.screens.looking import MOMENT, Looking
from penguintui.widgets.log import LogView
from penguintui.widgets.theme import ThemeError

if TYPE_CHECKING:
    from penguintui.screens.commands import Known
    from penguintui.widgets.prompt import Prompt


class ViewerCommands(Provider):
    """The viewer's actions for the palette (Ctrl+P)."""

    async def discover(self) -> Hits:
        for action in ACTIONS:
            if action.command:
                yield DiscoveryHit(action.title, partial(self._run, action.method), help=action.tooltip)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in ACTIONS:
            score = matcher.match(action.title)
            if score:
                yield Hit(
                    score, matcher.highlight(action.title), partial(self._run, action.method), help=action.tooltip
                )

    async def _run(self, method: str) -> None:
        await self.app.run_action(method)


class Palette(CommandPalette):
    """Textual's palette. A search that ends while it is being taken down has no list to fill, and ends nothing else."""

    def _refresh_command_list(self, *found: Any) -> None:
        if self.query(CommandList):
            super()._refresh_command_list(*found)


class PenguinApp(Looking):
    """The viewer. `desk` is the store and the agent as it knows them; `clock` its time."""

    TITLE = "penguintui"
    COMMANDS = {ViewerCommands}  # noqa: RUF012  (Textual reads it from the class)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(id="--command-palette"))

    async def action_command(self) -> None:
        await self.open_prompt(":", "", "a command; Tab completes, Esc leaves")

    def complete(self, text: str) -> list[str]:
        if self.prompt_kind != ":":
            return self.moments(text) if self.prompt_kind == MOMENT else []
        from penguintui.screens.commands import complete

        if text.lstrip(" :").startswith("query"):
            self.learn()
        return complete(text, self._known())

    def _known(self) -> Known:
        """What is on the screen can be completed."""
        from penguintui.screens.commands import Known
        from penguintui.views.models.actions import Actions
        from penguintui.views.models.technical import Technical

        model = self.page.model if self.page is not None else None
        targets = list(model.rows.names) if isinstance(model, Technical) else []
        actions = [choice.name for choice in model.catalogue] if isinstance(model, Actions) else []
        if isinstance(model, Technical) and model.selected is not None:
            actions = [choice.name for choice in model.selected.actions]
        return Known(targets, actions, self.themes(), self.desk.extra_commands, self.vocabulary)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        self.close_prompt()

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        """Shows what Tab found where it cannot decide: above the prompt, in the footer's place."""
        self.query_one("#message").display = True
        self.say("  ".join(message.lines[:40]))

    async def on_prompt_given(self, message: Prompt.Given) -> None:
        self.close_prompt()
        if message.kind == "/":
            self.set_filter(message.text)
        elif message.kind == MOMENT:
            self.look_at(message.text)
        elif message.text:
            await self.execute(message.text)

    async def execute(self, text: str) -> None:
        """Does what was typed after the colon."""
        from penguintui.screens.commands import nearest, split

        name, rest = split(text)
        action = commands().get(name)
        if action is not None:
            await self.run_action(action.method if "(" in action.method else f"{action.method}()")
        elif name in self.desk.extra_commands and not self.moment.live:
            self.say(PAST, Status.WARNING)
        elif name in self.desk.extra_commands:
            self.run_worker(self._extra(name, rest), exit_on_error=False, group="extra", description=f":{name}")
        elif not await self.moment_command(name, rest) and not await self._own_command(name, rest):
            self.say(nearest(name, self.desk.extra_commands), Status.WARNING)

    async def _own_command(self, name: str, rest: str) -> bool:
        """Commands that take an argument; False when there is none of this name."""
        match name:
            case "arm":
                self.arm(rest)
            case "disarm":
                self.disarm()
            case "run":
                await self._run_command(rest)
            case "runs":
                await self._show_run(rest)
            case "goto":
                await self.goto(rest)
            case "query":
                await self.explore(rest)
            case "filter":
                self.set_filter(rest)
            case "release":
                self.release(rest)
            case "theme":
                self._change_theme(rest)
            case "search":
                self._search(rest)
            case _:
                return False
        return True

    async def _run_command(self, text: str) -> None:
        from penguintui.screens.commands import parameters

        name, *words = text.split()[:20] or [""]
        given, trouble = parameters(words)
        if not name or trouble:
            self.say(trouble or "which action? :run ACTION, or x shows them", Status.WARNING)
        else:
            await self.plan_action(name, given)

    async def _show_run(self, text: str) -> None:
        if not text.isdecimal():
            self.say("which run? :runs NUMBER", Status.WARNING)
            return
        await self.bring_up("actions")
        self.look_at_run(int(text))

    def _change_theme(self, name: str) -> None:
        if not name:
            self.say(f"themes: {', '.join(self.themes())}")
            return
        try:
            self.say(self.put_on(name))
        except ThemeError as error:
            self.say(str(error), Status.WARNING)

    def _search(self, text: str) -> None:
        logs = [log for log in self.query(LogView) if log.display and log.size.height]
        if not logs:
            self.say("no output is shown here")
        else:
            self.say(f"{logs[0].search(text)} lines have it")

    async def _extra(self, name: str, rest: str) -> None:
        """Runs in a thread what may take its time."""
        try:
            self.say(await asyncio.to_thread(self.desk.extra_commands[name].run, rest))
        except Exception as error:
            self.say(f":{name} {rest}: {error}", Status.WARNING)
        self.want()
