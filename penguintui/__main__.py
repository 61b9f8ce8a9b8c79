"""Starts the command line; what is started most often does not wait for the library of the command line."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_OF_THE_VIEWER = ("--screen", "--goto", "--at")
_OF_STATUS = ("--config", "--store", "--at")


def main() -> None:
    """The command `penguintui`."""
    words = sys.argv[1:]
    if words[:1] == ["status"] and (given := plainly(words[1:], _OF_STATUS, ("--json",))) is not None:
        gc.disable()
        from penguintui.cli.printing import print_status

        sys.exit(print_status(**given))
    if (given := plainly(words, _OF_THE_VIEWER)) is not None:
        # What is made while starting stays: to look for garbage in it takes a tenth of the start.
        gc.disable()
        from penguintui.cli.viewer import view

        view(**given)
        return
    from penguintui.cli import main as command_line

    command_line.main()


def plainly(words: Sequence[str], valued: Sequence[str], flags: Sequence[str] = ()) -> Mapping[str, Any] | None:
    """Options by their names, as they were given; None when the command line's library has to look at the words.

    valued: the options that take a value. flags: those that take none.
    """
    given: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        if word in flags:
            given[word.removeprefix("--")] = True
            continue
        value = next(rest, "-")
        if word not in valued or value.startswith("-"):
            return None
        given[word.removeprefix("--")] = value
    return given


if __name__ == "__main__":
    main()
