"""The business screen in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from penguintui.views import business
from penguintui.views.models.business import ShareLine
from tests.views.making import HOUR, NOW, Making, World, total
from tests.views.settings import configuration


def _world(folder: Path) -> World:
    """A hundred mails an hour, of which a few are opened; twice as much revenue as a week ago."""
    making = Making(folder, configuration())
    making.heartbeat()
    making.numbers("mail", "penguinmails_mails_sent_total", total(1000), provider="gmail")
    making.numbers("mail", "penguinmails_mails_delivered_total", total(970), provider="gmail")
    making.numbers("mail", "penguinmails_opens_total", total(250))
    making.numbers("mail", "penguinmails_revenue_dollars_total", _doubled, source="attributed")
    making.numbers("mail", "penguinmails_revenue_dollars_total", total(20), source="other")
    return making.made()


def _doubled(time: float) -> float:
    hours = (time - (NOW - 31 * 24 * HOUR)) / HOUR
    return 30 * hours + 30 * max(hours - 28 * 24, 0.0)


def _change(line: ShareLine) -> float:
    return float(line.change.removesuffix(" %"))


def test_the_funnel_is_told_of_the_last_day_as_shares_of_what_was_sent(tmp_path: Path) -> None:
    world = _world(tmp_path)
    told = business.build(world.reader(), world.ask())
    assert [(one.name, one.share_text) for one in told.funnel] == [
        ("sent", "100 %"),
        ("delivered", "97 %"),
        ("opened", "25 %"),
    ]
    assert told.funnel[0].value.number == pytest.approx(24_000, rel=0.02)
    assert [_change(one) for one in told.funnel] == pytest.approx([0.0] * 3, abs=2)
    assert not [need for need in told.needs if need.title == "Funnel"]


def test_revenue_is_told_by_source_against_a_week_ago(tmp_path: Path) -> None:
    world = _world(tmp_path)
    told = business.build(world.reader(), world.ask())
    assert [(one.name, one.share_text) for one in told.revenue] == [("attributed", "75 %"), ("other", "25 %")]
    assert [_change(one) for one in told.revenue] == pytest.approx([100.0, 0.0], abs=3)


def test_what_nobody_counts_is_left_out_and_what_it_needs_is_said(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    world = making.made()
    told = business.build(world.reader(), world.ask())
    assert (told.funnel, told.revenue) == ((), ())
    needed = next(need for need in told.needs if need.title == "Funnel")
    assert "penguinmails_opens_total" in needed.text
    assert "sql" in needed.remedy
