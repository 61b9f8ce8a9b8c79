"""What a configuration says of the viewer, read as the viewer will read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penguintui.config.selecting import texts
from penguintui.config.tree import Fault
from penguintui.screens.keymap import keymap
from penguintui.screens.keys import BY_ID
from penguintui.widgets.theme import ThemeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penguintui.widgets.theme import Themes


def check_viewer(data: Any, themes: Themes) -> Iterator[Fault]:
    """Keys that cannot be followed, and a theme that is missing or broken, among a configuration's plain values."""
    _, problems = keymap({str(trail[-1]): keys for trail, keys in texts(data, "keys.*")})
    for name, (message, right) in problems.items():
        yield Fault(("keys", name), message, right, at_key=name not in BY_ID)
    for trail, name in texts(data, "theme"):
        try:
            themes.load(name)
        except ThemeError as error:
            yield Fault(trail, str(error))
