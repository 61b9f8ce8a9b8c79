"""Pydantic's errors in the operator's words. What was written is repeated only where it cannot be a secret."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from penguintui.config.problems import Trail, did_you_mean, shown
from penguintui.config.shape import Shape
from penguintui.config.tree import Fault, Tree
from penguintui.model.secret import Secret

Shapes = Mapping[Trail, Shape]
Detail = Mapping[str, Any]

_SECRET = "a secret (`!env NAME` or `!file PATH`)"  # noqa: S105 - says how one is written
_WANTED = {
    "string_type": "a text",
    "is_instance_of": _SECRET,
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LIMITS = {
    "greater_than": ("{value:g} is too small", "it must be greater than {gt:g}"),
    "greater_than_equal": ("{value:g} is too small", "it must be at least {ge:g}"),
    "less_than": ("{value:g} is too large", "it must be less than {lt:g}"),
    "less_than_equal": ("{value:g} is too large", "it must be at most {le:g}"),
    "too_short": ("the list is too short", "it needs at least {min_length}"),
    "string_too_short": ("the text is too short", "it needs at least {min_length} characters"),
    "string_too_long": ("the text is too long", "it may have {max_length} characters"),
}


def faults_of(error: ValidationError, tree: Tree, shapes: Shapes) -> list[Fault]:
    """Every error as a fault. The several errors of a value that fits none of several types become one."""
    by_trail: dict[tuple[Trail, bool], list[Detail]] = {}
    for detail in error.errors(include_url=False):
        trail, whole = _located(detail, tree.data, shapes)
        if not any(trail[:end] in tree.broken for end in range(len(trail) + 1)):
            by_trail.setdefault((trail, whole), []).append(detail)
    return [_fault(trail, details, shapes) for (trail, _), details in by_trail.items()]


def _located(detail: Detail, data: Any, shapes: Shapes) -> tuple[Trail, bool]:
    """The trail of an error, and whether pydantic's own location ends there too.

    Pydantic's location also names the tag of a tagged union and the member of a plain one; those are left out.
    """
    trail: Trail = ()
    value = data
    tag_seen = False
    for part in detail["loc"]:
        shape = shapes.get(trail)
        if shape and part == shape.tag and not tag_seen:
            tag_seen = True
        elif (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int)):
            trail, value, tag_seen = (*trail, part), value[part], False
        elif detail["type"] == "missing":
            return (*trail, part), True
        else:
            return trail, False
    return trail, True


def _fault(trail: Trail, details: list[Detail], shapes: Shapes) -> Fault:
    detail = details[0]
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    shape = shapes.get(trail[:-1])
    field = shape.fields.get(str(trail[-1])) if shape and trail else None
    if kind == "extra_forbidden":
        known = tuple(shape.fields) if shape else ()
        message, suggestion = f"unknown key {shown(str(trail[-1]))}", did_you_mean(str(trail[-1]), known, "known keys")
        return Fault(trail, message, suggestion, at_key=True)
    if kind == "missing":
        return Fault(trail, f"the key {shown(str(trail[-1]))} is missing", _how_to_add(str(trail[-1]), field))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _tag_fault(trail, value, shapes[trail].tags)
    if all(entry["type"] in _WANTED for entry in details):
        return Fault(trail, *_wrong_type(value, [_WANTED[entry["type"]] for entry in details]))
    return Fault(trail, *_wrong_value(detail, value, context, field))


def _how_to_add(key: str, field: FieldInfo | None) -> str:
    words = field.annotation if field else None
    if isinstance(words, enum.EnumMeta):
        return f"add `{key}: …`, one of {', '.join(str(word.value) for word in words)}"
    return f"add `{key}: …`" + (f" ({field.description.rstrip('.')})" if field and field.description else "")


def _tag_fault(trail: Trail, value: dict[str, Any], known: tuple[str, ...]) -> Fault:
    if "type" not in value:
        return Fault((*trail, "type"), "the key 'type' is missing", f"known types: {', '.join(known)}")
    name = str(value["type"])
    return Fault((*trail, "type"), f"unknown type {shown(name)}", did_you_mean(name, known, "known types"))


def _wrong_type(value: Any, wanted: list[str]) -> tuple[str, str]:
    wants = " or ".join(dict.fromkeys(wanted))
    if isinstance(value, Secret):
        return "a secret cannot stand here, since this is shown", f"{wants} is wanted"
    if wanted == [_SECRET]:
        return "a secret must not be written into this file", "write `!env NAME` or `!file PATH`"
    if value is None:
        return "nothing stands here", f"{wants} is wanted (or leave the key out)"
    if "a text" in wanted and isinstance(value, bool | int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"{wants} is wanted, not {_kind(value)}", f'put it in quotes: "{text}"'
    return f"{wants} is wanted, not {_kind(value)}", ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a list" if isinstance(value, list) else "a mapping"


def _wrong_value(detail: Detail, value: Any, context: Detail, field: FieldInfo | None) -> tuple[str, str]:
    kind: str = detail["type"]
    if kind in ("literal_error", "enum"):
        return _wrong_word(value, str(context["expected"]))
    if kind in _LIMITS:
        message, suggestion = _LIMITS[kind]
        return message.format(value=value), suggestion.format(**context)
    if kind == "string_pattern_mismatch":
        help_text = field.description if field and field.description else f"it must match {context['pattern']}"
        return f"{shown(value)} does not have the right form", help_text[0].lower() + help_text[1:].rstrip(".")
    if kind == "value_error":
        message, _, suggestion = str(context["error"]).partition("; ")
        return message[:200], suggestion
    message = detail["msg"]
    return message[0].lower() + message[1:], ""


def _wrong_word(value: Any, expected: str) -> tuple[str, str]:
    known = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    if not isinstance(value, str):
        return _wrong_type(value, [f"one of the words {', '.join(known)}"])
    return f"{shown(value)} is none of the words that can stand here", did_you_mean(value, known, "they are")
