"""Copying to the clipboard of the person's own machine, through whatever lies between: OSC 52."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCREEN_CHUNK = 76
"""GNU screen passes on strings of at most 768 bytes; it is told in far shorter ones."""


def osc52(text: str, environ: Mapping[str, str]) -> str:
    """The sequence that sets the clipboard, so that tmux and GNU screen pass it on.

    tmux takes it plain with `set-clipboard on`, and passes it on in an envelope with `allow-passthrough on`. Nobody can
    ask it which of these is set, so it gets both: setting the clipboard twice to the same is setting it.
    """
    sequence = f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"
    if environ.get("TMUX"):
        return sequence + "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("STY"):
        parts = [sequence[start : start + _SCREEN_CHUNK] for start in range(0, len(sequence), _SCREEN_CHUNK)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return sequence
