"""Starts the command line; the dashboard itself without waiting for the library of the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

_OF_THE_VIEWER = ("--screen", "--goto", "--at")


def main() -> None:
    """The command `penguintui`."""
    wanted = only_viewer(sys.argv[1:])
    if wanted is None:
        from penguintui.cli import main as command_line

        command_line.main()
    else:
        from penguintui.cli.viewer import view

        view(**wanted)


def only_viewer(arguments: Sequence[str]) -> Mapping[str, Any] | None:
    """The viewer's options by name; None when the command line has to look at the arguments."""
    names, values = arguments[::2], arguments[1::2]
    if len(names) != len(values) or not all(name in _OF_THE_VIEWER for name in names):
        return None
    if any(value.startswith("-") for value in values):
        return None
    return {name.removeprefix("--"): value for name, value in zip(names, values, strict=True)}


if __name__ == "__main__":
    main()
