"""What is typed after `:`: finding its parts, completing it, and naming what is nearest to what nobody knows."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penguintui.screens.expressions import completions
from penguintui.screens.keys import commands as viewer_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from penguintui.screens.desk import ExtraCommand
    from penguintui.views.models.explore import Vocabulary

_SINCE = ("deploy", "release", "incident", "configuration")

HELP = {
    "at": "at TIME: shows the screens as of a time, such as 14:05, yesterday 14:05, -2h or now",
    "since": "since WHAT: what changed since the last deploy, release, incident, an action's run, or a time",
    "diff": "diff FROM TO: what changed between two moments, the most surprising first",
    "arm": "arm 10m REASON: makes this viewer able to act",
    "disarm": "disarm: read-only again",
    "run": "run ACTION [NAME=VALUE…]: shows the plan of an action",
    "runs": "runs NUMBER: shows a run with its output",
    "goto": "goto TARGET: opens a target",
    "query": "query EXPR: asks in PromQL; a chart, a table, and what was asked before",
    "filter": "filter TEXT: shows only what matches; without text everything",
    "release": "release REASON: gives up on the interrupted run and frees its lock",
    "theme": "theme NAME: other colours; without a name it says which there are",
    "search": "search TEXT: finds a text in the output shown",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What can be completed."""

    targets: Sequence[str] = ()
    actions: Sequence[str] = ()
    themes: Sequence[str] = ()
    extra: Mapping[str, ExtraCommand] = field(default_factory=dict)
    words: Vocabulary | None = None


def names(extra: Iterable[str] = ()) -> list[str]:
    """All commands, without the colon."""
    return sorted({*viewer_commands(), *HELP, *extra})


def split(text: str) -> tuple[str, str]:
    """The command's name and the rest."""
    name, _, rest = text.strip().removeprefix(":").strip().partition(" ")
    return name, rest.strip()


def complete(text: str, known: Known) -> list[str]:
    """What a command line's beginning could become."""
    name, blank, rest = text.lstrip(" :").partition(" ")
    if not blank:
        return [one for one in names(known.extra) if one.startswith(name)]
    if name in known.extra:
        choices = known.extra[name].complete(rest)
    elif name == "goto":
        choices = [target for target in known.targets if target.startswith(rest)]
    elif name == "query":
        choices = completions(rest, known.words) if known.words is not None else []
    elif name == "run":
        choices = [action for action in known.actions if action.startswith(rest)]
    elif name == "since":
        choices = [word for word in (*_SINCE, *known.actions) if word.startswith(rest)]
    elif name == "theme":
        choices = [theme for theme in known.themes if theme.startswith(rest)]
    elif name == "arm":
        choices = [f"{span} " for span in ("10m", "30m") if span.startswith(rest)] if " " not in rest else []
    else:
        choices = []
    return [f"{name} {choice}" for choice in choices]


def nearest(name: str, extra: Iterable[str] = ()) -> str:
    """The answer to a command that nobody knows."""
    known = names(extra)
    near = difflib.get_close_matches(name, known, 1, 0.5) or [one for one in known if name and one.startswith(name)][:1]
    return f"there is no :{name}" + (f"; did you mean :{near[0]}?" if near else "; Tab lists what there is")


def parameters(words: Sequence[str]) -> tuple[dict[str, str], str]:
    """`name=value` words as parameters, and a sentence about the first that is none."""
    given: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            return given, f"{word}: a parameter is written NAME=VALUE"
        given[name] = value
    return given, ""
