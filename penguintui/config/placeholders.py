"""The `{name}` in an action's steps: which there are, and which stand for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from penguintui.config.problems import did_you_mean, shown
from penguintui.config.selecting import each, inner_texts, mapping
from penguintui.config.tree import Fault

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
"""A placeholder. Braces around anything else, such as the matchers of PromQL, stay as they are."""

COLOURS = ("idle", "active", "idle_url", "active_url")
GIVEN = (*COLOURS, "run", "backups")
"""What the planner knows: the proxy's colours and their addresses, the time of planning, the folder of backups."""

_UNTOUCHED = ("name", "type")


def check_placeholders(data: Any) -> Iterator[Fault]:
    """Placeholders that no parameter declares, and parameters that cannot be used."""
    proxies = mapping(data, "proxies")
    for trail, action in each(data, "actions.*"):
        declared = mapping(action, "parameters")
        yield from (
            fault for name in declared for fault in _check_parameter((*trail, "parameters", name), name, declared[name])
        )
        for step_trail, step in each(action, "steps.*", trail):
            parts = step if isinstance(step, dict) else {}
            for part in (key for key in parts if key not in _UNTOUCHED):
                for where, text in inner_texts(parts[part], (*step_trail, part)):
                    yield from _check_text(where, text, [*declared, *GIVEN], bool(proxies))


def _check_text(trail: tuple[str | int, ...], text: str, known: list[str], proxied: bool) -> Iterator[Fault]:
    for name in dict.fromkeys(PLACEHOLDER.findall(text)):
        if name not in known:
            yield Fault(trail, f"no parameter declares {{{name}}}", did_you_mean(name, known))
        elif name in COLOURS and not proxied:
            yield Fault(trail, f"{{{name}}} stands for nothing without a proxy", "add one to `proxies`")


def _check_parameter(trail: tuple[str | int, ...], name: str, parameter: Any) -> Iterator[Fault]:
    if not PLACEHOLDER.fullmatch(f"{{{name}}}"):
        yield Fault(
            trail, f"{shown(name)} cannot be the name of a parameter", "use letters, digits, `_` and `-`", at_key=True
        )
    elif name in GIVEN:
        yield Fault(
            trail, f"{{{name}}} already stands for something else", "give the parameter another name", at_key=True
        )
    pattern = parameter.get("pattern") if isinstance(parameter, dict) else None
    if not isinstance(pattern, str):
        return
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        yield Fault((*trail, "pattern"), f"this is no regular expression: {error}", "test it with Python's `re`")
        return
    default = parameter.get("default")
    if isinstance(default, str) and not compiled.fullmatch(default):
        yield Fault((*trail, "default"), f"{shown(default)} does not match the parameter's own pattern", "change one")
