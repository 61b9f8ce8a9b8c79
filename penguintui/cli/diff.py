"""`penguintui diff`: what changed between two moments, the most surprising first."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.given import past_moment, places_for, store_for
from penguintui.cli.options import ConfigOption, JsonOption, StoreOption
from penguintui.cli.printing import speaks_utf8


def diff(
    since: Annotated[
        str, typer.Argument(metavar="FROM", help="A time, or deploy, release, incident, an action's name, run:NUMBER.")
    ],
    until: Annotated[str, typer.Argument(metavar="[TO]", help="Until then; now when left out.")] = "now",
    config: ConfigOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """What changed between two moments. Exit code: 0 compared (and nothing differs, too), 1 cannot be, 64 wrong time.

    Example: penguintui diff 14:00 14:10
    Example: penguintui diff deploy
    """
    from penguintui.clock import SystemClock
    from penguintui.model.words import parse_time
    from penguintui.store.errors import StoreError
    from penguintui.views.document import document
    from penguintui.views.models.question import Question
    from penguintui.views.plain import ascii_only, lines
    from penguintui.views.reading import Reading

    now = SystemClock().now()
    moment = past_moment(until)
    try:
        began: float | str = parse_time(since, now)
    except ValueError:
        began = since.replace(":", " ")
    if isinstance(began, float) and began > now:
        fail(f"{since} has not come yet")
    places = places_for(config)
    try:
        _, found = Reading(store_for(places, store), places.config).read(Question("diff", moment, since=began), now)
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)
    if as_json:
        show(json.dumps(document(found), ensure_ascii=False, indent=1))
    elif not found.trouble:
        text = "\n".join(lines(found))
        show(text if speaks_utf8() else ascii_only(text))
    if found.trouble:
        fail(found.trouble, Exit.WARNING)
