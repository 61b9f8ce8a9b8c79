"""The command `penguintui`."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=False, add_completion=False)


def run() -> None:
    app()
