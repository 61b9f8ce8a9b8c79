"""Every screen as plain lines or JSON, and `penguintui status`, which is one of them and an exit code.

Imports no command-line library: a status line is asked for often, and by scripts that wait for it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.given import past_moment, places_for, store_for
from penguintui.model.status import Status
from penguintui.views.models.frame import FrameView


def print_status(
    *, config: Path | str | None = None, store: str | None = None, at: str | None = None, json: bool = False
) -> int:
    """Print the targets, the worst first. Returns the exit code: that of the worst (0, 1, 2; 3 unknown)."""
    view = plain("technical", config=Path(config) if config else None, store=store, at=at, as_json=json)
    counts = view.counts
    worst = max(
        (s for s, n in zip(Status, (counts.ok, counts.unknown, counts.warning, counts.critical), strict=True) if n),
        default=Status.UNKNOWN,
    )
    return worst.exit_code


def plain(
    screen: str,
    *,
    config: Path | None = None,
    store: str | None = None,
    at: str | None = None,
    as_json: bool = False,
    selected: str = "",
) -> FrameView:
    """Print one screen as lines in a stable order, or as JSON. Returns its frame."""
    from penguintui.clock import SystemClock
    from penguintui.store.errors import StoreError
    from penguintui.views.document import document
    from penguintui.views.models.question import READABLE, Question
    from penguintui.views.plain import ascii_only, lines
    from penguintui.views.reading import Reading

    if screen not in READABLE:
        fail(f"there is no screen {screen}; there are {', '.join(READABLE)}")
    places = places_for(config)
    opened = store_for(places, store)
    question = Question(screen, past_moment(at), selected=selected)
    try:
        frame, model = Reading(opened, places.config).read(question, SystemClock().now())
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)
    if as_json:
        show(json.dumps({"frame": document(frame), screen: document(model)}, ensure_ascii=False, indent=1))
    else:
        text = "\n".join([*lines(frame), "", *lines(model)])
        show(text if speaks_utf8() else ascii_only(text))
    return frame


def speaks_utf8() -> bool:
    """Whether standard output takes more than ASCII."""
    return sys.stdout is not None and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
