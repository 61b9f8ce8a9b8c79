"""Completing an expression at its end: metrics, functions, labels, and the values of labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from penguintui.views.models.explore import Vocabulary

_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*$")
_VALUE = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)\s*"([^"\\]*)$')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)$", re.IGNORECASE)
_MODIFIERS = ("and", "bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "or", "unless", "without")


def completions(text: str, words: Vocabulary) -> list[str]:
    """What an expression that ends here could become, each as the whole expression."""
    strings = text.count('"') - text.count('\\"')
    if strings % 2:
        value = _VALUE.search(text)
        return _ended(text, value[2], words.values.get(value[1], ()), '"') if value and _inside_braces(text) else []
    found = _WORD.search(text)
    word = found[0] if found else ""
    if _inside_braces(text):
        return _ended(text, word, words.labels, '="')
    if _GROUPING.search(text):
        return _ended(text, word, words.labels, "")
    if not word:
        return []
    return [
        *_ended(text, word, words.metrics, ""),
        *_ended(text, word, words.functions, "("),
        *_ended(text, word, _MODIFIERS, " "),
    ]


def _inside_braces(text: str) -> bool:
    return text.rfind("{") > text.rfind("}")


def _ended(text: str, word: str, choices: Iterable[str], after: str) -> list[str]:
    """The text with its last word replaced by each choice that begins so, and what must follow."""
    before = text[: len(text) - len(word)]
    return [f"{before}{choice}{after}" for choice in choices if choice.startswith(word)]
