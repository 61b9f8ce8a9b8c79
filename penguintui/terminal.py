"""Prepares the terminal's environment. Imports nothing of Textual, which reads these when it is imported."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

_ESCAPE_DELAY = "400"
"""Milliseconds in which the rest of a special key may follow its ESC: a slow link sends it byte by byte."""


def prepare_terminal(environ: MutableMapping[str, str], *, low_bandwidth: bool = False) -> None:
    """Sets what keeps a link quiet: no animation, no smooth scrolling, few frames. What the user set stays."""
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    environ.setdefault("TEXTUAL_FPS", "5" if low_bandwidth else "30")
    environ.setdefault("ESCDELAY", _ESCAPE_DELAY)
    term = environ.get("TERM", "")
    if term in ("linux", "dumb") or term.startswith("vt"):
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "standard")
    elif low_bandwidth:
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")


def shell_behind() -> bool:
    """Whether a shell with job control started this program, and so can wake it after it has stopped."""
    try:
        parent = os.getppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    except OSError:  # the parent is gone, or not ours to ask
        return False
