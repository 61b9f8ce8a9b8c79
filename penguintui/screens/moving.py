"""Keys that change what is seen: screens, rows, time, filter, zoom, copying, help."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from penguintui.screens.clipboard import osc52
from penguintui.screens.keys import OPENS_LINE, TITLES
from penguintui.screens.page import Scroll
from penguintui.screens.viewing import Viewing
from penguintui.terminal import shell_behind
from penguintui.widgets.log import LogView
from penguintui.widgets.message import MessageLine
from penguintui.widgets.table import Table

if TYPE_CHECKING:
    from penguintui.screens.actions import ActionsPage
    from penguintui.widgets.prompt import Prompt


class Moving(Viewing):
    """Nothing here changes the world."""

    ALLOW_IN_MAXIMIZED_VIEW = "#message, #prompt-line, #keys"

    prompt_kind = ""
    """What the line to type in is for: ":", "/", or another kind; "" before it was ever opened."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What opens a line to type in is text while such a line is open."""
        if action in OPENS_LINE and self._typing():
            return False
        return super().check_action(action, parameters)

    def _typing(self) -> bool:
        from textual.widgets import Input

        return isinstance(self.focused, Input)

    # screens

    async def action_show_screen(self, name: str) -> None:
        pane = self.opened_pane
        if pane is not None and pane.stage == "choices":
            pane.back()
            self.pane_changed()
        if name in TITLES:
            self.came_from = name
            await self.bring_up(name)

    async def goto(self, target: str) -> None:
        """Opens a target's own page."""
        if target:
            self.entered, self.came_from = target, self.shown
            await self.bring_up("target")

    async def action_open(self) -> None:
        page, focused = self.page, self.focused
        if page is None:
            return
        if isinstance(focused, Table) and focused.selected is not None and not page.target():
            focused.open_selected()
        elif page.target() and self.page_name != "target":
            await self.goto(page.target())
        else:
            self.say("select something first: the arrow keys do")

    async def on_table_opened(self, message: Table.Opened) -> None:
        page = self.page
        if self.page_name == "actions":
            self._open_action(message)
            return
        if page is not None and page.target() and self.page_name != "target":
            await self.goto(page.target())

    def _open_action(self, message: Table.Opened) -> None:
        """A run of the history is looked at; an action of the catalogue shows its plan."""
        if message.table.id == "history":
            self.look_at_run(int(message.key))
        else:
            self.call_next(self.run_action, "act")

    def on_table_selected(self, message: Table.Selected) -> None:
        asked, page = self.asked, self.page
        if asked is None or asked.selected is not None or page is None or not page.shows(message.key):
            self.after_drawing(self.want)

    def on_table_scrolled(self, message: Table.Scrolled) -> None:
        """In a large fleet only the rows in sight are known by their numbers."""
        if self.page is not None and self.page.in_sight() is not None:
            self.want()

    async def action_back(self) -> None:
        """Out of the pane, out of a target or Explore, out of the filter; never out of the program."""
        pane, actions = self.opened_pane, self.actions_page
        if self.screen.maximized is not None:
            self._unzoom()
        elif pane is not None:
            pane.back()
            self.pane_changed()
        elif self.page_name not in TITLES:
            await self.bring_up(self.came_from)
        elif actions is not None and actions.run() is not None:
            self.look_at_run(None)
        elif self.filter_text or self.faults_only:
            self.filter_text, self.faults_only = "", False
            self.say("everything is shown again")
            self.want()

    @property
    def actions_page(self) -> ActionsPage | None:
        """The actions screen while it is in front."""
        return cast("ActionsPage", self.page) if self.page_name == "actions" and self.page is not None else None

    def look_at_run(self, run: int | None) -> None:
        """The run that the actions screen shows, while that is in front."""
        page = self.actions_page
        if page is not None:
            page.look_at(run)
            self.want()

    def pane_changed(self) -> None:
        """After the pane was opened or closed."""
        opened, page = self.opened_pane is not None, self.page
        self.screen.set_class(opened, "-acting")
        if not opened and page is not None:
            self._focus_page(page)
        self.want()

    # rows and panels

    def _movable(self) -> Widget | None:
        """What the arrow keys move: the focused table or log, else what scrolls on the page."""
        if isinstance(self.focused, (Table, LogView, Scroll)):
            return self.focused
        page = self.page
        if page is None:
            return None
        tables = [table for table in page.query(Table) if table.display and table.size.height]
        if tables:
            tables[0].focus()
            return tables[0]
        return next(iter(page.query(Scroll)), None)

    def action_move(self, by: int) -> None:
        widget = self._movable()
        if isinstance(widget, (Table, LogView)):
            widget.move(by)
        elif widget is not None:
            widget.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        widget = self._movable()
        step = widget.page if isinstance(widget, Table) else max(1, widget.size.height - 1) if widget is not None else 1
        self.action_move(by * step)

    def action_first(self) -> None:
        self.action_move(-(10**9))

    def action_last(self) -> None:
        self.action_move(10**9)

    def action_next_panel(self) -> None:
        self.screen.focus_next()

    def action_previous_panel(self) -> None:
        self.screen.focus_previous()

    def action_order(self) -> None:
        widget = self._movable()
        if isinstance(widget, Table):
            self.say(f"in order {widget.sort_next()}")

    def action_zoom(self) -> None:
        if self.screen.maximized is not None:
            self._unzoom()
            return
        widget = self.focused or self._movable()
        while widget is not None and not widget.has_class("panel"):
            widget = widget.parent if isinstance(widget.parent, Widget) else None
        if widget is None or not self.screen.maximize(widget, container=False):
            self.say("nothing here can be zoomed: Tab chooses a panel")
        else:
            widget.styles.height = "1fr"
            self.say("z or Esc puts it back")

    def _unzoom(self) -> None:
        panel, page = self.screen.maximized, self.page
        self.screen.minimize()
        if panel is not None and page is not None:
            panel.styles.height = None
            page.lay_out_again()

    # filter

    def action_faults(self) -> None:
        self.faults_only = not self.faults_only
        self.say("only what is not fine" if self.faults_only else "everything is shown")
        self.want()

    async def action_filter(self) -> None:
        await self.open_prompt(
            "/", self.filter_text, "text, ~ fuzzy, ! inverse, label=value; Enter keeps it, empty shows all"
        )

    async def open_prompt(self, kind: str, text: str, placeholder: str) -> None:
        prompt = await self._wanted_prompt()
        self.query_one("#prompt-line").display = True
        self.query_one("#message").display = False
        self.query_one("#prompt-kind", MessageLine).say(kind)
        self.prompt_kind = kind
        prompt.open(kind, text, self.complete, placeholder)

    async def _wanted_prompt(self) -> Prompt:
        """The line to type in, made when it is first wanted."""
        from penguintui.widgets.prompt import Prompt

        if not self.query("#prompt-line"):
            self.dress("prompt")
            made = Horizontal(MessageLine(id="prompt-kind"), Prompt(id="prompt"), id="prompt-line")
            await self.default_screen.mount(made, before="#keys")  # not in the help that may stand before it
        return self.query_one("#prompt", Prompt)

    def close_prompt(self) -> None:
        self.query_one("#prompt-line").display = False
        self.query_one("#message").display = True
        page = self.page
        if self.opened_pane is not None:
            self.screen.focus_next("#pane *")
        elif page is not None:
            self._focus_page(page)

    def complete(self, text: str) -> list[str]:
        """Completions of what is typed in the prompt; commands bring theirs."""
        return []

    def set_filter(self, text: str) -> None:
        self.filter_text = text
        self.say(f"only what matches {text}; Esc shows everything" if text else "everything is shown")
        self.want()

    # leaving for a while

    def action_suspend(self) -> None:
        """Stops until the shell's `fg`. Where no shell is behind nobody could wake it."""
        if not shell_behind():
            self.say("there is no shell behind to go to: q leaves")
            return
        self.action_suspend_process()
        self.action_redraw()

    # copying and help

    def action_copy(self) -> None:
        page = self.page
        self._copy(page.copied() if page is not None else "")

    def _copy(self, text: str) -> None:
        if not text:
            self.say("nothing is selected that could be copied")
            return
        self.copy_to_clipboard(text)
        self.say(f"copied: {text}")

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(osc52(text, self.environ))

    def action_runbook(self) -> None:
        page = self.page
        runbook = page.runbook() if page is not None else ""
        self.say(f"runbook: {runbook}" if runbook else "no runbook goes with what is selected")

    def action_explain(self) -> None:
        from penguintui.screens.help import Help
        from penguintui.views.sources import sources

        page = self.page
        if page is None:
            return
        title = TITLES.get(self.query_one("#pages", ContentSwitcher).current or "", "Target")
        told = sources(page.model) if page.model is not None else ()
        self.push_screen(Help(title, page.question, told, self.mapping, self.desk.extra_commands))
