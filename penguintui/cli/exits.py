"""Exit codes, and ending with a sentence on standard error."""

from __future__ import annotations

import enum
import os
import sys
from typing import NoReturn


class Exit(enum.IntEnum):
    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    USAGE = 64
    TRY_AGAIN = 75


# What comes from the world must not steer the terminal: control characters but line feed and tab are shown as one.
_HARMLESS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def say(text: str) -> None:
    """One line for the person, on standard error; nowhere when that is closed."""
    if sys.stderr is not None:
        print(text.translate(_HARMLESS), file=sys.stderr)  # noqa: T201


def show(text: str) -> None:
    """What was asked for, on standard output. Ends with a sentence when that is closed or full."""
    if sys.stdout is None:
        fail("standard output is closed, so there is nowhere to print to", Exit.CRITICAL)
    try:
        print(text.translate(_HARMLESS), flush=True)  # noqa: T201
    except BrokenPipeError:
        forget_output()
        raise SystemExit(int(Exit.OK)) from None
    except OSError as error:
        forget_output()
        fail(f"standard output cannot be written: {error.strerror}", Exit.CRITICAL)


def forget_output() -> None:
    """Let what is still buffered go nowhere: otherwise the interpreter tries again at its end, and complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def fail(text: str, code: Exit = Exit.USAGE) -> NoReturn:
    """End with a sentence and a code."""
    say(text)
    raise SystemExit(int(code))
