"""The technical screen in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penguintui.model.moment import Moment
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store.ingest import Ingest, Reported
from penguintui.store.keeping import Watched, keep_targets
from penguintui.store.reader import Store
from penguintui.store.records import FindingRecord
from penguintui.store.writer import Writer
from penguintui.views import technical
from penguintui.views.ask import asking
from penguintui.views.models.technical import TargetDetail, TargetRow, Technical
from penguintui.views.standing import judge, worst_first
from tests.conftest import FrozenClock
from tests.views.making import DAY, NOW, World, at
from tests.views.world import ARMED


def build(of: World, moment: Moment | None = None, **wanted: Any) -> Technical:
    moment = moment or Moment()
    return technical.build(of.reader(moment), of.ask(moment), **wanted)


def finding(check: str, status: Status, *, since: float, observed: float = NOW) -> FindingRecord:
    return FindingRecord("example.org", "dns", check, "", status, since, "words", "", {}, observed, 75.0)


def row(view: Technical, name: str) -> TargetRow:
    return next(row for row in view.rows if row.name == name)


def detail(of: World, name: str, **wanted: Any) -> TargetDetail:
    found = build(of, selected=name, **wanted).selected
    assert found is not None
    return found


def test_the_worst_come_first(trouble: World) -> None:
    view = build(trouble)
    assert [r.status for r in view.rows] == sorted((r.status for r in view.rows), reverse=True)
    assert (view.total, view.faults, view.shown) == (13, 8, "13 of 13")


def test_a_red_row_says_why_and_since_when(trouble: World) -> None:
    mx2 = row(build(trouble), "mx2")
    assert (mx2.status, mx2.matters, mx2.since) == (Status.CRITICAL, "/var is 97 % full", "14:02")
    assert mx2.signals == "cpu 22 %  mem 51.4 %  disk 97 %  load 0.9"
    assert (mx2.age, mx2.stale) == ("", False)


def test_more_than_one_fault_is_counted(trouble: World) -> None:
    assert row(build(trouble), "mx1-logins").matters.endswith("(+1)")


def test_a_fine_row_shows_its_signals(calm: World) -> None:
    api = row(build(calm), "api")
    assert (api.matters, api.signals, api.since) == ("answer 28.9 ms  p95 29.2 ms", "own p95 111 ms", "")
    assert api.trend.label == "1h"
    assert None not in api.trend.points


def test_no_answer_is_unknown_and_not_fine(trouble: World) -> None:
    redis = row(build(trouble), "redis")
    assert (redis.status, redis.matters, redis.stale) == (Status.UNKNOWN, "no answer within 3 s", False)


def test_what_was_not_asked_in_time_says_so(calm: World) -> None:
    view = technical.build(calm.reader(Moment(NOW + 600)), calm.ask(Moment(NOW + 600)))
    api = row(view, "api")
    assert (api.status, api.stale, api.age) == (Status.UNKNOWN, True, "10m4s")
    assert api.matters == "answered 200 (10m4s ago, not asked since)  (+1)"
    assert view.faults == 13


def test_what_was_fine_and_is_not_asked_is_unknown_since_its_answer_holds_no_more(calm: World) -> None:
    mx2 = row(technical.build(calm.reader(Moment(NOW + 600)), calm.ask(Moment(NOW + 600))), "mx2")
    assert (mx2.status, mx2.since) == (Status.UNKNOWN, "14:16")  # seen at 14:15:05, good for 75 s


def test_of_what_began_together_stands_first_what_the_others_follow_from() -> None:
    records = [finding(check, Status.WARNING, since=NOW - 60) for check in ("dns.bimi", "dns.dmarc", "own.check")]
    watched = Watched(Target("example.org", Kind.DOMAIN, "production", {}), ())
    worst = judge(watched, records, NOW).worst
    assert worst is not None
    assert worst.check == "dns.dmarc"
    assert [f.check for f in worst_first(records, NOW)] == ["dns.dmarc", "dns.bimi", "own.check"]


def test_a_silent_probe_is_told_by_what_failed_and_not_by_what_grew_old_behind_it() -> None:
    old = finding("dns.mx", Status.OK, since=NOW - 30 * DAY, observed=NOW - 100)
    dead = finding("dns.reach", Status.UNKNOWN, since=NOW - 90, observed=NOW)
    watched = Watched(Target("example.org", Kind.DOMAIN, "production", {}), ())
    assert judge(watched, [old, dead], NOW).worst is dead


def test_a_finding_that_was_fine_is_not_fine_once_it_is_old(calm: World) -> None:
    later = Moment(NOW + 600)
    found = technical.build(calm.reader(later), calm.ask(later), selected="mx2").selected
    assert found is not None
    assert (found.findings[0].status, found.findings[0].stale) == (Status.UNKNOWN, True)
    assert found.why.startswith("UNKNOWN since")


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ("kind=host", {"mx1", "mx2"}),
        ("host=mx1 !smtp", {"mx1", "mx1-queue", "mx1-logins"}),
        ("~pnmails", {"penguinmails.test"}),
    ],
)
def test_the_filter_hides_the_rest(calm: World, filter: str, names: set[str]) -> None:
    view = build(calm, filter=filter)
    assert {r.name for r in view.rows} == names
    assert view.shown == f"{len(names)} of 13"


def test_faults_only(trouble: World) -> None:
    assert all(r.status is not Status.OK for r in build(trouble, faults_only=True).rows)
    assert build(trouble, faults_only=True).shown == "8 of 13"


def test_an_unfinished_filter_says_so(calm: World) -> None:
    view = build(calm, filter="!")
    assert (len(view.rows), view.filter_error) == (13, "! turns a word around; write the word after it")


def test_groups_have_the_worst_state_among_them(trouble: World) -> None:
    hosts = next(group for group in build(trouble).groups if group.kind == "host")
    assert (hosts.title, hosts.total, hosts.faults, hosts.status) == ("Hosts", 2, 1, Status.CRITICAL)


def test_the_selected_target_tells_its_story(trouble: World) -> None:
    mx2 = detail(trouble, "mx2")
    assert mx2.why == "CRITICAL since 14:02: /var is 97 % full."
    assert (mx2.findings[0].title, mx2.findings[0].remedy) == ("Disk in use", "Free room on it (x).")
    assert mx2.runbook == "disk-full"
    assert mx2.source == "host every 30s"
    assert [change.text for change in mx2.changes] == [
        "Deploy release 2026.11.24-3: running (run 2, ana@ops1)",
        "mx2: /var is 97 % full",
        "release 2026.11.24-2 by ben",
    ]


def test_its_charts_carry_releases_and_runs_as_marks(trouble: World) -> None:
    disk = next(chart for chart in detail(trouble, "mx2").charts if chart.title == "mx2  disk")
    assert (disk.lines[0].name, disk.latest, disk.low, disk.high) == ("/var", ("97 %",), 0.0, 100.0)
    assert [mark.kind for mark in disk.marks] == ["release", "run"]


def test_a_neighbour_is_near_by_its_label(trouble: World) -> None:
    texts = [change.text for change in detail(trouble, "mx1").changes]
    assert "mx1-queue: 2,500 messages wait" in texts
    assert "mx2: /var is 97 % full" not in texts


def test_only_actions_that_apply_are_offered(calm: World) -> None:
    api = detail(calm, "api", viewer=ARMED)
    assert [choice.name for choice in api.actions] == ["deploy", "rollback"]
    assert all(choice.can for choice in api.actions)
    assert [choice.why_not for choice in detail(calm, "api").actions] == ["read-only: arm with :arm 10m reason"] * 2


def test_what_is_watched_no_more_is_not_selected(calm: World) -> None:
    assert build(calm, selected="mx9").selected is None


def test_a_past_moment_knows_no_later_fault(trouble: World) -> None:
    then = row(build(trouble, Moment(at("13:55"))), "mx2")
    assert then.matters != "/var is 97 % full"
    assert "disk 41 %" in then.matters + then.signals


def test_nothing_watched_points_to_init(nothing: World) -> None:
    (need,) = build(nothing).needs
    assert "penguintui init" in need.remedy


def test_in_a_large_fleet_only_rows_in_sight_have_numbers(tmp_path: Path, clock: FrozenClock) -> None:
    writer, ingest = Writer(f"sqlite:///{tmp_path / 'store.db'}"), Ingest()
    fleet = [Target(f"api.{number:03}", Kind.SERVICE, "production", {}) for number in range(120)]
    fine = Finding("http.status", Status.OK, "answered 200")
    answered = Observation(clock.now() - 1, 60.0, True, (Sample("probe_duration_seconds", 0.5),), (fine,))
    batch = [Reported(target, "http", "http", answered) for target in fleet]
    watched = [Watched(target, ()) for target in fleet]
    writer.submit(lambda c: keep_targets(c, watched, clock.now() - 60)).result(5)
    writer.submit(lambda c: ingest.record(c, batch)).result(5)
    writer.close()
    reader = Store(f"sqlite:///{tmp_path / 'store.db'}", clock).reader()
    every = technical.build(reader, asking(reader)).rows
    some = technical.build(reader, asking(reader), in_sight=("api.100", "gone")).rows
    known = [row.name for row in some if "500 ms" in row.matters]
    assert len(every) == len(some) == 120
    assert all("500 ms" in row.matters for row in every)
    assert known == [f"api.{number:03}" for number in (*range(50), 100)]
    assert [row for row in every if row.name in known] == [row for row in some if row.name in known]
