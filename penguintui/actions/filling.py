"""Placeholders in steps: `{release}` of a parameter, `{idle_url}` of a proxy. Plain text, never given to a shell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penguintui.config.actions import ActionSettings
from penguintui.config.placeholders import PLACEHOLDER
from penguintui.model.secret import Secret


class ParameterError(Exception):
    """A parameter is missing, unknown or not allowed; the text says which and what would be right."""


def parameters_of(action: ActionSettings, given: Mapping[str, str]) -> dict[str, str]:
    """The parameters with their defaults, each checked against its pattern. Raises ParameterError."""
    unknown = sorted(set(given) - set(action.parameters))
    if unknown:
        known = ", ".join(action.parameters) or "none"
        raise ParameterError(f"{action.title} takes no parameter {unknown[0]}; it takes {known}")
    values: dict[str, str] = {}
    for name, parameter in action.parameters.items():
        value = given.get(name, parameter.default)
        if value is None:
            raise ParameterError(f"{name} is missing: {parameter.help or 'give ' + name + '=…'}")
        if not re.fullmatch(parameter.pattern, value):
            raise ParameterError(f"{name} = {value!r} is not allowed; it must match {parameter.pattern}")
        values[name] = value
    return values


def fill(value: Any, words: Mapping[str, str]) -> Any:
    """The value with every known placeholder in its texts replaced; secrets stay secrets."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda match: words.get(match.group(1), match.group(0)), value)
    if isinstance(value, Mapping):
        return {key: fill(entry, words) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [fill(entry, words) for entry in value]
    return value


def reveal(value: Any) -> Any:
    """The value with secrets in clear: only for handing it to the process that executes."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: reveal(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(entry) for entry in value]
    return value
