"""`penguintui gallery`: every widget with fixed data, to see what a terminal can show."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from penguintui.cli.given import places_for
from penguintui.cli.options import ConfigOption


def gallery(
    page: Annotated[str, typer.Argument(metavar="[PAGE]", help="The widget to begin with.")] = "table",
    config: ConfigOption = None,
    theme: Annotated[str | None, typer.Option("--theme", metavar="NAME", help="The theme to begin with.")] = None,
) -> None:
    """Every part of the screens with fixed data: to try a terminal, a font or a theme of your own.

    Example: penguintui gallery chart --theme light
    """
    from penguintui.cli.viewer import need_terminal, themes_of
    from penguintui.terminal import prepare_terminal

    need_terminal()
    prepare_terminal(os.environ)
    places = places_for(config)
    from penguintui.clock import SystemClock
    from penguintui.screens.gallery import Gallery

    Gallery(SystemClock(), page=page, themes=themes_of(places), theme=theme).run()
