"""What is wrong with a configuration: a list of problems, each with its place and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Trail = tuple[str | int, ...]
"""Where a value is inside the configuration: keys and list positions from the top."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    file: the file as it was named. line, column: from 1; both 0 when the whole file is meant.
    path: the value's place, such as `targets[0].probes[1].url`; empty for the whole.
    message: what is wrong. suggestion: what would be right; may be empty.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = f"{place}: {self.path}" if self.path else place
        return f"{where}: {self.message}" + (f", {self.suggestion}" if self.suggestion else "")


class ConfigurationErrors(Exception):  # noqa: N818 - it is several errors, and says so
    """A configuration that is refused, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def path_of(trail: Trail) -> str:
    """A trail as people write it: `targets[0].labels.tier`, keys that are no plain words in quotes."""
    text = ""
    for part in trail:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "").replace("-", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text


def shown(text: str, limit: int = 60) -> str:
    """A piece of the file in quotes, on one line and not too long."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return repr(short)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near enough."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower()[:100], by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], what: str = "known") -> str:
    """The nearest known word as a question, or all that are known."""
    names = list(known)
    near = nearest(word, names)
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    if near is not None:
        return f"did you mean {near!r}?"
    return f"{what}: {listed}" if names else f"{what}: none"
