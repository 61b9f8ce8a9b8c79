"""What a wall shows, and which page of it is up: a function of what is known and the time, with no memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import executive, promises
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.frame import longest_silence
from penguintui.views.freshness import Freshness
from penguintui.views.models.executive import PromiseCard
from penguintui.views.models.technical import FindingLine
from penguintui.views.models.wall import Room, Wall, WallItem, WallPage
from penguintui.views.settings import need, settings
from penguintui.views.standing import Stand, Standing, began, reason, stand

if TYPE_CHECKING:
    from penguintui.store.reader import Reader

TURN = 20.0
"""Seconds that a calm page stays up."""

T = TypeVar("T")


def build(reader: Reader, ask: Ask, *, standing: Standing | None = None) -> Wall:
    """The wall as of the reader's moment."""
    known = settings(reader)
    standing = standing or stand(reader)
    configured = (*known.list("promises"), *known.list("business"))
    freshness = Freshness(ask, [str(one["query"]) for one in configured])
    cards = promises.cards(known.list("promises"), ask, freshness)
    at = reader.at
    items = [_missed(card, at) for card in cards if card.status is not Status.OK]
    items += [_ill(one, at) for one in standing.ill()]
    items += [_alert(one) for one in standing.untold()]
    items.sort(key=_worst_first)
    status = max((item.status for item in items), default=Status.OK) if standing.targets else Status.UNKNOWN
    since_at = min((i.since_at for i in items if i.status is status and i.since_at is not None), default=None)
    beat = reader.heartbeat()
    return Wall(
        status=status,
        since="" if since_at is None else say.short(since_at, at),
        since_at=since_at,
        items=tuple(items),
        promises=cards,
        figures=executive.business_lines(known.list("business"), ask, freshness),
        heard=beat.time if beat else None,
        silence=longest_silence(beat.tick) if beat else 0.0,
        needs=() if standing.targets else (need("Targets", "Nothing is watched yet.", "targets:"),),
    )


def _worst_first(item: WallItem) -> tuple[int, bool, Time, str]:
    return (-item.status, not item.key.startswith("promise/"), item.since_at or 0.0, item.key)


def _missed(card: PromiseCard, at: Time) -> WallItem:
    since = card.broken_since
    words = [] if card.budget_left is None else [f"budget left {card.budget_text}", card.burn_text]
    words += [card.note] if card.note else []
    return WallItem(
        key=f"promise/{card.name}",
        status=card.status,
        name=card.name,
        text=", ".join(words),
        since="" if since is None else say.short(since, at),
        since_at=since,
        big=card.now.text,
        limit=card.target,
        age=card.now.age,
        stale=card.now.stale,
        trend=card.trend,
    )


def _ill(one: Stand, at: Time) -> WallItem:
    worst = one.worst
    since = None if worst is None else began(worst, at)
    return WallItem(
        key=f"target/{one.watched.target.name}",
        status=one.status,
        name=one.watched.target.name,
        text="nothing was found out about it yet" if worst is None else reason(worst, at),
        since="" if since is None else say.short(since, at),
        since_at=since,
        age="" if one.observed is None or not one.stale else say.span(at - one.observed),
        stale=one.stale,
    )


def _alert(alert: FindingLine) -> WallItem:
    """An alert that no target's own state tells."""
    labels = ",".join(f"{name}={value}" for name, value in sorted(alert.evidence.items()))
    return WallItem(
        key=f"alert/{alert.check}/{labels}",
        status=alert.status,
        name=alert.target or alert.title,
        text=alert.summary,
        since=alert.since,
        since_at=alert.since_at,
        age=alert.age if alert.stale else "",
        stale=alert.stale,
    )


def blind_since(wall: Wall, now: Time) -> Time | None:
    """Since when the agent is silent for too long; None while it speaks, or while there never was one."""
    return wall.heard if wall.heard is not None and now - wall.heard > wall.silence else None


def page(wall: Wall, now: Time, *, turn: float = TURN, room: Room) -> WallPage:
    """The page that is up at a time. The same wall at the same time always shows the same page.

    Old data is blindness, whatever it says. The worst critical is held, and all the others stand beside it; where
    there is no room for all, they take turns. Only without a critical the pages rotate, `turn` seconds each.
    """
    step = int(now // turn)
    if blind_since(wall, now) is not None:
        items, more = _window(wall.items, room.lines, step)
        return WallPage("blind", items=items, more=more)
    if wall.criticals:
        first = wall.items[0]
        criticals, milder = wall.criticals[1:], wall.items[len(wall.criticals) :]
        shown, more = _window(criticals, room.beside, step)
        rest = milder[: max(0, room.beside - len(shown))] if not more else ()
        return WallPage("held", held=first, items=(*shown, *rest), more=more + len(milder) - len(rest))
    pages = _calm_pages(wall, room)
    number = step % len(pages)
    up = replace(pages[number], number=number + 1, of=len(pages))
    if up.kind != "items":
        return up
    # A list that is too long goes on each time its page comes up again.
    items, more = _window(wall.items, room.lines, step // len(pages))
    return replace(up, items=items, more=more)


def _calm_pages(wall: Wall, room: Room) -> list[WallPage]:
    """What rotates while nothing is critical."""
    pages = [WallPage("items")] if wall.items else []
    pages += [WallPage("promises", promises=cards) for cards in _parts(wall.promises, room.promises)]
    pages += [WallPage("figures", figures=figures) for figures in _parts(wall.figures, room.figures)]
    return pages or [WallPage("calm")]


def _parts(all_of_them: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    for start in range(0, len(all_of_them), max(size, 1)):
        yield tuple(all_of_them[start : start + max(size, 1)])


def _window(items: Sequence[T], size: int, step: int) -> tuple[tuple[T, ...], int]:
    """As many items as there is room for, and how many there are besides; a longer list is paged through in turns."""
    size = max(size, 1)
    parts = list(_parts(items, size))
    if not parts:
        return (), 0
    shown = parts[step % len(parts)]
    return shown, len(items) - len(shown)
