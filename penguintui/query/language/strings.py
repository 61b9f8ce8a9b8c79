r"""String literals with byte escapes (`\xc3\xa9`, `\303\251`), which mean bytes of UTF-8 and not characters.

The parser reads each escape as a character of its own. So before it sees the text, escapes that form characters are
replaced by these, and bytes that form none by stand-ins from a private plane that no name may contain.
"""

from __future__ import annotations

import re

_STAND_INS = 0x10FF00
_BYTES = re.compile(r"(?<!\\)((?:\\\\)*)((?:\\x[89a-fA-F][0-9a-fA-F]|\\[23][0-7]{2})+)")
_LITERALS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|#[^\n]*', re.DOTALL)


def decode_byte_escapes(text: str) -> str:
    """An expression in which no literal holds a byte escape above 0x7f any more."""
    if "\\x" not in text and "\\2" not in text and "\\3" not in text:
        return text
    return _LITERALS.sub(lambda literal: _decode(literal[0]), text)


def _decode(literal: str) -> str:
    if literal[0] in "`#":
        return literal
    return _BYTES.sub(lambda found: found[1] + _characters(found[2]), literal)


def _characters(escapes: str) -> str:
    raw = bytes(
        int(escape[2:], 16) if escape[1] == "x" else int(escape[1:], 8)
        for escape in re.findall(r"\\[x0-9][^\\]*", escapes)
    )
    decoded = raw.decode("utf-8", "surrogateescape")
    return "".join(chr(_STAND_INS + ord(c) - 0xDC00) if 0xDC80 <= ord(c) <= 0xDCFF else c for c in decoded)


def _broken(character: str) -> bool:
    return _STAND_INS + 0x80 <= ord(character) <= _STAND_INS + 0xFF


def is_valid(text: str) -> bool:
    """Whether the text is UTF-8."""
    return not any(map(_broken, text))


def quote(text: str) -> str:
    """The text in quotes, for a message."""
    shown = "".join(rf"\x{ord(c) - _STAND_INS:02x}" if _broken(c) else c for c in text)
    return f'"{shown}"'
