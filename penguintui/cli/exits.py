"""Exit codes, and ending with a sentence on standard error."""

from __future__ import annotations

import enum
import sys
from typing import NoReturn


class Exit(enum.IntEnum):
    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3
    USAGE = 64
    TRY_AGAIN = 75


def say(text: str) -> None:
    """One line for the person, on standard error."""
    print(text, file=sys.stderr)  # noqa: T201


def show(text: str) -> None:
    """What was asked for, on standard output."""
    print(text)  # noqa: T201


def fail(text: str, code: Exit = Exit.USAGE) -> NoReturn:
    """End with a sentence and a code."""
    say(text)
    raise SystemExit(int(code))
