"""Alerts as intervals: what stood at a moment, and what goes on in its state."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from penguintui.model.moment import Moment
from penguintui.store import keeping
from penguintui.store.alerts import AlertRecord, alerts, keep_alerts, keep_groups
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from tests.conftest import FrozenClock

PENDING = AlertRecord("f;g", "A", {"alertname": "A", "x": "1"}, "pending", 100.0, None, 5.0, {"s": "five"}, 100.0, 40.0)
FIRING = replace(PENDING, state="firing", fired_at=160.0, observed=160.0)


class House:
    def __init__(self, url: str) -> None:
        self.url = url
        self.writer = Writer(self.url)
        self.store = Store(self.url, FrozenClock(1000.0))

    def keep(self, now: float, *records: AlertRecord, group: str = "f;g") -> None:
        self.writer.submit(lambda connection: keep_alerts(connection, group, records, now)).result(5)

    def at(self, moment: float) -> list[AlertRecord]:
        return alerts(self.store.reader(Moment(moment)))

    def live(self) -> list[AlertRecord]:
        return alerts(self.store.reader())


@pytest.fixture
def house(url: str) -> Iterator[House]:
    made = House(url)
    yield made
    made.store.close()
    made.writer.close()


def test_each_moment_has_its_state(house: House) -> None:
    house.keep(100, PENDING)
    house.keep(160, FIRING)
    house.keep(220)
    assert house.at(99) == []
    assert [a.state for a in house.at(130)] == ["pending"]
    assert [a.state for a in house.at(160)] == ["firing"]
    assert house.at(220) == house.live() == []


def test_going_on_is_one_interval(house: House) -> None:
    house.keep(160, FIRING)
    house.keep(175, replace(FIRING, observed=175.0, value=7.0, fired_at=175.0))
    (found,) = house.live()
    assert (found.fired_at, found.value, found.observed) == (160.0, 7.0, 175.0)
    assert (house.at(161)[0].observed, house.at(161)[0].stale(161)) == (161.0, False)
    assert found.stale(216)


def test_words_of_the_past_stay(house: House) -> None:
    house.keep(160, FIRING)
    house.keep(170, replace(FIRING, annotations={"s": "six"}))
    house.keep(230, replace(FIRING, annotations={"s": "seven"}))
    assert [house.at(t)[0].annotations["s"] for t in (165, 229, 230)] == ["six", "six", "seven"]
    assert house.at(230)[0].fired_at == 160.0


def test_groups_do_not_touch_each_other(house: House) -> None:
    other = replace(FIRING, group="f;h")
    house.keep(160, FIRING)
    house.keep(160, other, group="f;h")
    house.keep(200)
    assert [a.group for a in house.live()] == ["f;h"]
    house.writer.submit(lambda connection: keep_groups(connection, {"f;g"}, 210)).result(5)
    assert house.live() == []
    assert [a.group for a in house.at(205)] == ["f;h"]


def test_a_value_that_is_no_number(house: House) -> None:
    house.keep(160, replace(FIRING, value=math.nan))
    assert math.isnan(house.live()[0].value)


def test_old_ones_are_let_go(house: House) -> None:
    house.keep(160, FIRING)
    house.keep(200)
    house.keep(300, replace(FIRING, active_at=300.0))
    limits = keeping.Limits(250, 250, 250, 250)
    house.writer.submit(lambda connection: keeping.let_go(connection, limits)).result(5)
    assert house.at(170) == []
    assert len(house.live()) == 1
