"""Keys that change what is seen: screens, rows, time, filter, zoom, copying, help."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from penguintui.screens.actions import ActionsPage
from penguintui.screens.clipboard import osc52
from penguintui.screens.help import Help
from penguintui.screens.keys import OPENS_LINE, TITLES
from penguintui.screens.page import Scroll
from penguintui.screens.pane import ActionPane
from penguintui.screens.technical import TargetPage
from penguintui.screens.viewing import Viewing
from penguintui.views.sources import sources
from penguintui.widgets.log import LogView
from penguintui.widgets.prompt import MessageLine, Prompt
from penguintui.widgets.table import Table


class Moving(Viewing):
    """Nothing here changes the world."""

    ALLOW_IN_MAXIMIZED_VIEW = "#message, #prompt-line, #keys"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What opens a line to type in is text while such a line is open."""
        if action in OPENS_LINE and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    # screens

    async def action_show_screen(self, name: str) -> None:
        pane = self.query_one("#pane", ActionPane)
        if pane.opened and pane.stage == "choices":
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
        elif page.target() and not isinstance(page, TargetPage):
            await self.goto(page.target())
        else:
            self.say("select something first: the arrow keys do")

    async def on_table_opened(self, message: Table.Opened) -> None:
        page = self.page
        if isinstance(page, ActionsPage):
            self._open_action(page, message)
            return
        if page is not None and page.target() and not isinstance(page, TargetPage):
            await self.goto(page.target())

    def _open_action(self, page: ActionsPage, message: Table.Opened) -> None:
        """A run of the history is looked at; an action of the catalogue shows its plan."""
        if message.table.id == "history":
            page.look_at(int(message.key))
            self.want()
        else:
            self.call_next(self.run_action, "act")

    def on_table_selected(self, message: Table.Selected) -> None:
        self.want()

    def on_table_scrolled(self, message: Table.Scrolled) -> None:
        """In a large fleet only the rows in sight are known by their numbers."""
        if self.page is not None and self.page.in_sight() is not None:
            self.want()

    async def action_back(self) -> None:
        """Out of the pane, out of a target or Explore, out of the filter; never out of the program."""
        pane = self.query_one("#pane", ActionPane)
        if self.screen.maximized is not None:
            self._unzoom()
        elif pane.opened:
            pane.back()
            self.pane_changed()
        elif self.page_name not in TITLES:
            await self.bring_up(self.came_from)
        elif isinstance(self.page, ActionsPage) and self.page.run() is not None:
            self.page.look_at(None)
            self.want()
        elif self.filter_text or self.faults_only:
            self.filter_text, self.faults_only = "", False
            self.say("everything is shown again")
            self.want()

    def pane_changed(self) -> None:
        """After the pane was opened or closed."""
        pane = self.query_one("#pane", ActionPane)
        self.screen.set_class(pane.opened, "-acting")
        page = self.page
        if not pane.opened and page is not None:
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

    def action_filter(self) -> None:
        self.open_prompt(
            "/", self.filter_text, "text, ~ fuzzy, ! inverse, label=value; Enter keeps it, empty shows all"
        )

    def open_prompt(self, kind: str, text: str, placeholder: str) -> None:
        self.query_one("#prompt-line").display = True
        self.query_one("#message").display = False
        self.query_one("#prompt-kind", MessageLine).say(kind)
        self.query_one("#prompt", Prompt).open(kind, text, self.complete, placeholder)

    def close_prompt(self) -> None:
        self.query_one("#prompt-line").display = False
        self.query_one("#message").display = True
        page = self.page
        pane = self.query_one("#pane", ActionPane)
        if pane.opened:
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
        page = self.page
        if page is None:
            return
        title = TITLES.get(self.query_one("#pages", ContentSwitcher).current or "", "Target")
        told = sources(page.model) if page.model is not None else ()
        self.push_screen(Help(title, page.question, told, self.mapping, self.desk.extra_commands))
