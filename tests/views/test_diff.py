"""What changed between two moments, in sentences, the most surprising first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penguintui.model.moment import LIVE, Moment
from penguintui.model.observation import Finding
from penguintui.model.status import Status
from penguintui.views import diff, plain
from penguintui.views.ask import asking
from penguintui.views.compare.settings import settings
from penguintui.views.models.diff import Diff
from tests.views.making import World, at
from tests.views.scripted import BEGAN, STEP, Deploy, Told, happen


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The scripted history up to its end, ten minutes after its beginning."""
    found = Told(Path(tmp_path_factory.mktemp("diff")))
    deploy: list[Deploy] = []
    for tick in range(40):
        found.clock.advance(BEGAN + tick * STEP - found.clock.now())
        happen(found, tick * STEP, deploy)
    yield found
    found.store.close()
    found.writer.close()


def compared(told: Told, since: float | str, until: float | None = None) -> Diff:
    """Between two times in seconds after the beginning; up to now, or since what a word means."""
    reader = told.store.reader(LIVE if until is None else Moment(BEGAN + until))
    return diff.build(reader, asking(reader), BEGAN + since if isinstance(since, float) else since)


def answers(status: Status) -> Finding:
    return Finding("http.reach", status, "answers" if status is Status.OK else "refused the connection")


def texts(found: Diff) -> list[str]:
    return [one.text for one in found.differences]


def test_a_fault_comes_before_what_else_changed(told: Told) -> None:
    found = compared(told, 100.0, 140.0)
    assert texts(found)[0] == "mx2: Disk in use /var is CRITICAL, and was OK: /var is 97 % full."
    first = found.differences[0]
    assert (first.before, first.after, first.status, first.time) == ("OK", "CRITICAL", Status.CRITICAL, "14:17")
    assert first.why == "had no fault for a day"
    ranks = [one.surprise for one in found.differences]
    assert ranks == sorted(ranks, reverse=True)


def test_what_was_ill_is_fine_again(told: Told) -> None:
    assert "mx2: Disk in use /var is fine again, and was CRITICAL: /var is 41 % full." in texts(
        compared(told, 200.0, 320.0)
    )


def test_what_was_ill_only_in_between_is_told(told: Told) -> None:
    assert "mx2: Disk in use /var was CRITICAL in between: /var is 97 % full." in texts(compared(told, 90.0, 390.0))


def test_a_silent_probe_is_unknown_and_never_fine(told: Told) -> None:
    found = compared(told, 90.0, 240.0)
    silent = next(one for one in found.differences if one.target == "redis")
    assert silent.text.startswith("redis: The address answers is UNKNOWN, and was OK: answers (1m45s ago")
    assert silent.status is Status.UNKNOWN


def test_an_alert_that_ended(told: Told) -> None:
    ended = "The alert QueueLong on mx1-queue has ended: the queue is long."
    assert ended in texts(compared(told, 300.0, 400.0))


def test_a_run_that_was_under_way(told: Told) -> None:
    assert "Deploy 3 (run 1, ana@ops1) is interrupted, and was running: its process died." in texts(
        compared(told, 90.0, 200.0)
    )
    assert "Deploy 3 (run 1, ana@ops1) is undone, and was running: c: c broke." in texts(compared(told, 90.0, 480.0))
    assert "Deploy 3 (run 1, ana@ops1) is running, and was interrupted." in texts(compared(told, 200.0, 300.0))


def test_targets_and_settings_that_changed(told: Told) -> None:
    found = texts(compared(told, 300.0, 400.0))
    assert "acme.test (domain) is watched no more; it was WARNING." in found
    assert any(one.startswith("The configuration's promises") or "promises[" in one for one in found), found
    assert not any("SPF" in one for one in found), "what is watched no more has no findings that changed"


def test_releases_and_incidents_between(told: Told) -> None:
    found = texts(compared(told, 30.0, 100.0))
    assert "Release 2026.11.2 by ben." in found
    assert "Mail is late." in found


def test_the_order_of_the_moments_does_not_matter(told: Told) -> None:
    one, other = compared(told, 100.0, 140.0), compared(told, 140.0, 100.0)
    assert texts(one) == texts(other)
    assert (one.since, one.until, one.title) == (other.since, other.until, other.title)


def test_nothing_changed_says_what_was_compared(told: Told) -> None:
    found = compared(told, 500.0, 515.0)
    assert found.differences == ()
    assert plain.lines(found)[0].endswith("12 targets and 5 numbers were compared.")
    assert plain.lines(found)[-1] == "OK nothing changed"


@pytest.mark.parametrize(
    ("since", "trouble"),
    [
        (515.0, "Both moments are 2026-11-24 14:23:35Z: nothing lies between them."),
        (-600.0, "The store begins at 2026-11-24 14:15:00Z: nothing is remembered of 2026-11-24 14:05:00Z."),
        ("backup", "Nothing is called backup: a time, deploy, release, incident, configuration, an action's name"),
        ("free-disk", "No free-disk is remembered up to 2026-11-24 14:23:35Z."),
        ("run 7", "Nothing is called run 7"),
    ],
)
def test_what_cannot_be_compared_says_why(told: Told, since: float | str, trouble: str) -> None:
    found = compared(told, since, 515.0)
    assert found.trouble.startswith(trouble)
    assert plain.lines(found) == [f"UNKNOWN {found.title}: {found.trouble}"]


@pytest.mark.parametrize(
    ("word", "began", "what"),
    [
        ("deploy", 60.0, "release 2026.11.2 by ben"),
        ("release", 60.0, "release 2026.11.2 by ben"),
        ("incident", 60.0, "mail is late"),
        ("configuration", 330.0, "when this configuration came"),
        ("run 1", 255.0, "run 1, Deploy 3"),
    ],
)
def test_since_what(told: Told, word: str, began: float, what: str) -> None:
    found = compared(told, word, 515.0)
    assert (found.since - BEGAN, found.trouble) == (began, "")
    assert f", {what}, to 14:23:35Z: " in found.title


def test_numbers_move_against_their_own_spread(trouble: World) -> None:
    reader = trouble.reader()
    found = diff.build(reader, asking(reader), at("13:40"))
    moved = [one.text for one in found.differences if one.kind == "number"]
    assert "Delivery p95 rose from 34 s to 3m12s, promised ≤ 60 s; in the 2h20m before it was 34 s." in moved
    assert any(one.startswith("mx2: disk /var rose from 41 % to 97 %") for one in moved)
    assert not any(one.startswith("api: ") for one in moved), "what swings every day has not moved"


def test_many_that_went_the_same_way_are_one(tmp_path: Path) -> None:
    told = Told(tmp_path)
    for target in told.targets:
        told.observe(target, answers(Status.OK))
    told.clock.advance(60)
    for target in told.targets:
        told.observe(target, answers(Status.CRITICAL))
    found = compared(told, 0.0)
    assert texts(found)[0].startswith("The address answers is CRITICAL on 13 targets, and was OK: ")
    told.store.close()
    told.writer.close()


def test_settings_are_told_by_their_paths() -> None:
    old = {"targets": [{"name": "api", "interval": 5}, {"name": "web"}], "environment": "production", "gone": 1}
    new = {"targets": [{"name": "web"}, {"name": "api", "interval": 9}], "environment": "production", "new": {"a": [1]}}
    assert [one.text for one in settings(old, new)] == [
        "The configuration has gone no more; it was 1.",
        'The configuration has new, and had it not: {"a": [1]}.',
        "The configuration's targets[api].interval is 9, and was 5.",
    ]
    many = list(settings({}, {"a": {}}))
    assert len(many) == 1
    wide = list(settings({"a": dict.fromkeys("abcdefghijkl", 1)}, {"a": dict.fromkeys("abcdefghijkl", 2)}))
    assert wide[-1].text == "The configuration's a differs in 4 more settings."
