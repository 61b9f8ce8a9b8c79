"""What changed lately, and how old a query's number is."""

from __future__ import annotations

from pathlib import Path

from penguintui.model.observation import Finding
from penguintui.model.status import Status
from penguintui.views.changes import lately
from penguintui.views.freshness import Freshness
from tests.views.making import NOW, Making, World, at
from tests.views.settings import configuration

FINE = Finding("host.disk", Status.OK, "/var is 41 % full", "/var")
FULL = Finding("host.disk", Status.CRITICAL, "/var is 97 % full", "/var")


def texts(of: World) -> list[str]:
    return [change.text for change in lately(of.reader(), at("12:00"))]


def test_what_became_fine_again_is_told_once(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    making.find("mx1", FINE, since=at("13:00"), seen=at("13:01"))
    making.find("mx2", FINE, since=at("13:00"), seen=at("13:01"))
    making.find("mx2", FULL, since=at("13:10"), seen=at("13:11"))
    making.find("mx2", FINE, since=at("13:30"), seen=at("13:31"))
    assert texts(making.made()) == [
        "mx2: Disk in use is fine again: /var is 41 % full",
        "mx2: /var is 97 % full",
    ]


def test_what_goes_to_and_fro_is_told_once_and_hides_nothing_else(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    making.find("mx1", FULL, since=at("12:30"), seen=at("12:31"))
    for minute in range(0, 20, 2):
        making.find("mx2", FULL, since=at(f"13:{minute:02}"), seen=at(f"13:{minute:02}"))
        making.find("mx2", FINE, since=at(f"13:{minute + 1:02}"), seen=at(f"13:{minute + 1:02}"))
    assert texts(making.made()) == [
        "mx2: Disk in use wavers, 20 turns since 13:00; now OK: /var is 41 % full",
        "mx1: /var is 97 % full",
    ]


def test_a_check_that_the_configuration_named_is_called_by_its_words(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    making.find("mx1", Finding("mail.seed_placement", Status.WARNING, "92 %"), since=at("13:00"), seen=at("13:01"))
    making.find("mx1", Finding("mail.seed_placement", Status.OK, "97 %"), since=at("13:10"), seen=at("13:11"))
    assert texts(making.made())[0] == "mx1: mail seed placement is fine again: 97 %"


def test_mail_that_came_in_is_no_change(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    making.event(at("13:00"), "mail.report", "outlook.com saw 4032 mails from shop.example, 4012 of them aligned")
    making.event(at("13:01"), "release", "release 7 by ana")
    assert texts(making.made()) == ["release 7 by ana"]


def test_logins_are_no_changes(trouble: World) -> None:
    assert not any("login of" in text for text in texts(trouble))


def test_a_number_is_as_old_as_the_oldest_that_it_rests_on(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    making.numbers("mx1", "node_load1", 1.0)
    for metric, time in (("old", NOW - 500), ("new", NOW - 5)):
        making.sample("mx1", metric, 1.0, time)
    both = Freshness(making.made().ask(), ["old / new", "new"])
    assert both.of("old / new") == (NOW - 500, True)
    assert both.of("new") == (NOW - 5, False)
    assert both.of("never_heard_of") is None
