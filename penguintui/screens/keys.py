"""All that a person can do in the viewer, once: bindings, footer, help, completion, palette and README read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNBOUND = ("left_square_bracket", "right_square_bracket", "O")
"""Keys that stay free: a torn escape sequence brings them."""

_WRITTEN = {
    "enter": "Enter",
    "escape": "Esc",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "comma": ",",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "ctrl+p": "Ctrl+P",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "backspace": "Backspace",
    "space": "Space",
}


@record
class ViewerAction:
    """Something a key, a command or a click does.

    id: its name in the configuration's `keys`. keys: as Textual names them, separated by commas. word: for the footer,
    "" where it does not stand. screens: where the footer shows it; everywhere when empty. command: its name after `:`.
    method: the action of the app that does it.
    """

    id: str
    title: str
    keys: str
    tooltip: str
    method: str
    word: str = ""
    screens: tuple[str, ...] = ()
    command: str = ""


_TABLES = ("technical", "deliverability", "security", "incidents", "actions", "explore", "diff")

TITLES = {
    "executive": "Executive",
    "technical": "Technical",
    "deliverability": "Deliverability",
    "security": "Security",
    "business": "Business",
    "incidents": "Incidents",
    "actions": "Actions",
}

_SCREENS = tuple(
    ViewerAction(
        f"screen-{name}",
        f"{title} screen",
        str(number),
        f"Shows the {title} screen.",
        f"show_screen('{name}')",
        command=name,
    )
    for number, (name, title) in enumerate(TITLES.items(), 1)
)

ACTIONS: tuple[ViewerAction, ...] = (
    *_SCREENS,
    ViewerAction("open", "Open", "enter", "Goes into the selected thing.", "open", "open", _TABLES),
    ViewerAction(
        "back",
        "Back",
        "escape,backspace",
        "Goes back to where you came from.",
        "back",
        "back",
        ("target", "explore", "diff"),
    ),
    ViewerAction("act", "Act", "x", "Shows what can be done to the selected thing.", "act", "act"),
    ViewerAction("undo", "Undo", "u", "Undoes the run that is shown.", "undo", "undo", ("actions",)),
    ViewerAction(
        "cancel", "Cancel", "c", "Stops the run that is shown and undoes what it did.", "cancel", "cancel", ("actions",)
    ),
    ViewerAction("resume", "Resume", "e", "Goes on with an interrupted run.", "resume", command="resume"),
    ViewerAction(
        "approve", "Approve", "A", "Approves what another person asked for.", "approve", "approve", ("actions",)
    ),
    ViewerAction("refuse", "Refuse", "n", "Refuses what another person asked for.", "refuse", "refuse", ("actions",)),
    ViewerAction("filter", "Filter", "slash", "Shows only what matches.", "filter", "filter", ("technical",)),
    ViewerAction(
        "faults", "Faults only", "f", "Hides what is fine, or shows it again.", "faults", "faults", ("technical",)
    ),
    ViewerAction("order", "Order", "o", "Sorts the table by its next column.", "order", "order", _TABLES, "order"),
    ViewerAction("time", "Time", "t", "Holds the moment, asks for another; twice returns to live.", "time", "time"),
    ViewerAction("earlier", "Earlier", "comma", "Goes back by a minute.", "earlier(60)"),
    ViewerAction("later", "Later", "full_stop", "Goes forward by a minute.", "later(60)"),
    ViewerAction("hour-earlier", "An hour earlier", "less_than_sign", "Goes back by an hour.", "earlier(3600)"),
    ViewerAction("hour-later", "An hour later", "greater_than_sign", "Goes forward by an hour.", "later(3600)"),
    ViewerAction("live", "Live", "L", "Returns to what is now.", "live", command="live"),
    ViewerAction("zoom", "Zoom", "z", "Lets one panel fill the screen, or puts it back.", "zoom", command="zoom"),
    ViewerAction("copy", "Copy", "y", "Copies what is selected to your clipboard.", "copy", command="copy"),
    ViewerAction(
        "link", "Copy a link", "Y", "Copies the command that opens this for a colleague.", "link", command="link"
    ),
    ViewerAction(
        "runbook",
        "Runbook",
        "r",
        "Says which runbook goes with what is selected.",
        "runbook",
        "runbook",
        ("target",),
        "runbook",
    ),
    ViewerAction(
        "next", "Next panel", "tab", "Moves to the next panel.", "next_panel", "next", ("deliverability", "security")
    ),
    ViewerAction("previous", "Previous panel", "shift+tab", "Moves to the panel before.", "previous_panel"),
    ViewerAction("down", "Down", "down,j", "Selects the next row.", "move(1)"),
    ViewerAction("up", "Up", "up,k", "Selects the row before.", "move(-1)"),
    ViewerAction("right", "Right", "right,l", "Goes to the next panel.", "next_panel"),
    ViewerAction("left", "Left", "left,h", "Goes to the panel before.", "previous_panel"),
    ViewerAction("page-down", "Page down", "pagedown,ctrl+f", "Moves by a page.", "page(1)"),
    ViewerAction("page-up", "Page up", "pageup,ctrl+b", "Moves back by a page.", "page(-1)"),
    ViewerAction("first", "First", "home,g", "Selects the first row.", "first"),
    ViewerAction("last", "Last", "end,G", "Selects the last row.", "last"),
    ViewerAction(
        "explain",
        "Help",
        "question_mark",
        "Explains the screen, its numbers and its keys.",
        "explain",
        "help",
        command="help",
    ),
    ViewerAction("command", "Command", "colon", "Takes a command.", "command", "command"),
    ViewerAction("palette", "Palette", "ctrl+p", "Finds a command by its title.", "command_palette"),
    ViewerAction("redraw", "Redraw", "ctrl+l", "Draws everything again.", "redraw", command="redraw"),
    ViewerAction("suspend", "To the shell", "ctrl+z", "Goes to the shell behind; `fg` comes back.", "suspend"),
    ViewerAction("quit", "Quit", "q", "Leaves; the agent and its runs go on.", "quit", "quit", command="q"),
)

BY_ID: Mapping[str, ViewerAction] = {action.id: action for action in ACTIONS}

LAST_HINTS = ("explain", "command", "quit")
"""What the footer always shows, at its end."""


OPENS_LINE = ("command", "filter", "time")
"""The actions that open a line to type in."""


def bindings() -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The app's bindings. Each has its action's id, so that the configuration can give it other keys.

    What opens a line to type in goes before everything else: what is typed behind it at once is for that line.
    """
    return [
        Binding(
            action.keys,
            action.method,
            action.title,
            show=False,
            id=action.id,
            tooltip=action.tooltip,
            priority=action.id in OPENS_LINE,
        )
        for action in ACTIONS
    ]


def written(keys: str) -> str:
    """Keys as a person reads them: `down,j` is "↓ j"."""
    return " ".join(_WRITTEN.get(key, key.replace("ctrl+", "Ctrl+")) for key in map(str.strip, keys.split(",")))


def first_written(action: ViewerAction, mapping: Mapping[str, str]) -> str:
    """The first key of an action, as the footer writes it."""
    return written(mapping.get(action.id, action.keys).split(",")[0])


def offered(screen: str) -> list[ViewerAction]:
    """What the footer offers on a screen, without what always stands at its end."""
    return [
        action
        for action in ACTIONS
        if action.word and action.id not in LAST_HINTS and (not action.screens or screen in action.screens)
    ]


def markdown(mapping: Mapping[str, str] | None = None) -> str:
    """The table of keys for the README."""
    rows = ["| key | does | command |", "|---|---|---|"]
    for action in ACTIONS:
        keys = written((mapping or {}).get(action.id, action.keys))
        command = f"`:{action.command}`" if action.command else ""
        rows.append(f"| {_code(keys)} | {action.tooltip} | {command} |")
    return "\n".join(rows) + "\n"


def _code(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split(" "))


def commands(actions: Iterable[ViewerAction] = ACTIONS) -> dict[str, ViewerAction]:
    """Actions by the name that they have after `:`."""
    return {action.command: action for action in actions if action.command}
