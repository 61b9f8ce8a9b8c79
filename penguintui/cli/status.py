"""`penguintui status`, and every screen as plain lines."""

from __future__ import annotations

import json

import typer

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.given import past_moment, places_for, store_for
from penguintui.cli.options import AtOption, ConfigOption, JsonOption, StoreOption
from penguintui.model.status import Status
from penguintui.views.models.frame import FrameView


def status(
    config: ConfigOption = None, store: StoreOption = None, at: AtOption = None, as_json: JsonOption = False
) -> None:
    """What the store knows now: the targets, the worst first. Exit code: that of the worst (0, 1, 2; 3 unknown).

    Example: penguintui status --at 14:05
    """
    view = plain("technical", config=config, store=store, at=at, as_json=as_json)
    counts = view.counts
    worst = max(
        (s for s, n in zip(Status, (counts.ok, counts.unknown, counts.warning, counts.critical), strict=True) if n),
        default=Status.UNKNOWN,
    )
    blind = view.live and view.agent.status is Status.CRITICAL
    raise typer.Exit(Status.UNKNOWN.exit_code if blind and worst < Status.WARNING else worst.exit_code)


def plain(
    screen: str,
    *,
    config: ConfigOption = None,
    store: StoreOption = None,
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
    import sys

    return sys.stdout is not None and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
