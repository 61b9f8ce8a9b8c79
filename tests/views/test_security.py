"""The security screen in words."""

from __future__ import annotations

from pathlib import Path

from penguintui.model.moment import Moment
from penguintui.model.observation import Finding
from penguintui.model.status import Status
from penguintui.store.records import EventRecord
from penguintui.views import security
from penguintui.views.models.security import Security
from penguintui.views.models.what import Value
from tests.views.making import Making, World, at
from tests.views.settings import configuration


def build(of: World, moment: Moment | None = None) -> Security:
    moment = moment or Moment()
    return security.build(of.reader(moment), of.ask(moment))


def test_a_login_after_failures_comes_before_everything(trouble: World) -> None:
    view = build(trouble)
    assert view.status is Status.CRITICAL
    assert view.headline == ("mx1-logins since 14:10: root logged in to sshd from 198.51.100.77 after 412 failures.")
    (breach,) = view.breaches
    assert (breach.time, breach.target, breach.remedy) == ("14:13", "mx1-logins", "Lock root and end its sessions.")


def test_attempts_by_source_and_by_account(trouble: World) -> None:
    view = build(trouble)
    (source,) = view.sources
    assert (source.name, source.failures.text, source.others) == ("198.51.100.77", "412", "root 300, admin 112")
    assert source.reason.endswith("Block 198.51.100.77.")
    assert [(a.name, a.failures.text, a.status.word, a.reason) for a in view.accounts] == [
        ("root", "300", "CRITICAL", "tried by 198.51.100.77"),
        ("admin", "112", "CRITICAL", "tried by 198.51.100.77"),
    ]


def test_certificates_by_what_is_left_of_them(trouble: World, calm: World) -> None:
    (web,) = build(trouble).certificates
    assert (web.target, web.days.text, web.ends, web.status) == ("web", "4.8 days", "2026-11-29", Status.CRITICAL)
    assert web.remedy == "Renew the certificate."
    assert build(calm).certificates[0].days.text == "61 days"


def test_calm_is_quiet_and_says_how_many(calm: World) -> None:
    view = build(calm)
    assert (view.status, view.headline) == (
        Status.OK,
        "Quiet: 3 failed logins in an hour, none beyond a limit.",
    )


def test_changes_are_what_was_done(trouble: World) -> None:
    assert [change.text for change in build(trouble).changes] == [
        "Deploy release 2026.11.24-3: running (run 2, ana@ops1)",
        "release 2026.11.24-2 by ben",
        "Back up the database: succeeded (run 1, ana@ops1)",
    ]


def test_before_the_attack_nothing_was_known_of_it(trouble: World) -> None:
    view = build(trouble, Moment(at("14:00")))
    assert (view.sources, view.breaches) == ((), ())


def test_without_a_log_nobody_knows_who_is_at_the_door(nothing: World) -> None:
    view = build(nothing)
    assert (view.status, view.headline) == (
        Status.UNKNOWN,
        "Nobody knows who is at the door: no log is watched.",
    )
    assert [need.title for need in view.needs] == ["Attempts", "Certificates", "Controls", "Vulnerabilities"]


def test_the_number_and_the_tables_speak_of_the_same_hour() -> None:
    ok = Status.OK
    events = [
        EventRecord(1, 1.0, "mx1", "login.failed", ok, "", {"count": "3"}),
        EventRecord(2, 2.0, "mx1", "login.failed", ok, "", {}),
    ]
    unknown = security._with_events(Value("no data", Status.UNKNOWN), events)
    assert (unknown.text, unknown.number) == ("no data", None)
    young = security._with_events(Value("0", None, 0.0, source="a counter"), events)
    assert (young.text, young.number, young.source) == ("4", 4.0, "login events")
    whole = security._with_events(Value("9.07", None, 9.07, source="a counter"), events)
    assert (whole.text, whole.number, whole.source) == ("9", 9.07, "a counter")


def test_what_a_query_finds_of_controls_and_scans_stands_there_worst_first(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration())
    making.find(
        "mail",
        Finding("compliance.GDPR-retention", Status.OK, "nothing is kept longer than 8 h"),
        Finding("compliance.SOC-2-incidents", Status.WARNING, "1 incident took longer than 4 h", "", "Write down why."),
        Finding("mail.bounces", Status.CRITICAL, "9 % of mail bounces"),
    )
    view = build(making.made())
    assert [(one.name, one.status, one.text, one.age) for one in view.controls] == [
        ("SOC-2-incidents", Status.WARNING, "1 incident took longer than 4 h", "4s"),
        ("GDPR-retention", Status.OK, "nothing is kept longer than 8 h", "4s"),
    ]
    needs = {need.title: need.remedy for need in view.needs}
    assert "Controls" not in needs
    assert "check: security.NAME" in needs["Vulnerabilities"]
