"""`penguintui status`."""

from __future__ import annotations

import typer

from penguintui.cli.options import AtOption, ConfigOption, JsonOption, StoreOption
from penguintui.cli.printing import print_status


def status(
    config: ConfigOption = None, store: StoreOption = None, at: AtOption = None, as_json: JsonOption = False
) -> None:
    """What the store knows now: the targets, the worst first. Exit code: that of the worst (0, 1, 2; 3 unknown).

    Example: penguintui status --at 14:05
    """
    raise typer.Exit(print_status(config=config, store=store, at=at, json=as_json))
