"""Rule files: what is read, and every error with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.alerting.durations import format_duration, parse_duration
from penguintui.alerting.rulefiles import AlertingRule, RecordingRule, RuleFile, duplicates, read_rules


def read(tmp_path: Path, text: str) -> RuleFile:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return read_rules(path, "rules.yaml")


def test_everything_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
groups:
- name: queues
  interval: 1m30s
  limit: 7
  query_offset: 30s
  labels: {team: mail, severity: low}
  rules:
  - record: queue:age:max
    expr: max by (queue) (age)
    labels: {version: 1.10}
  - alert: Old
    expr: queue:age:max > 60
    for: 1h
    keep_firing_for: 5m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.queue }} is old"}
""",
    )
    assert found.problems == ()
    (group,) = found.groups
    assert (group.name, group.interval, group.limit, group.offset) == ("queues", 90.0, 7, 30.0)
    record, alert = group.rules
    assert record == RecordingRule(
        "queue:age:max", "max by (queue) (age)", {"team": "mail", "severity": "low", "version": "1.10"}, 9
    )
    assert isinstance(alert, AlertingRule)
    assert (alert.hold, alert.keep, alert.labels) == (3600.0, 300.0, {"team": "mail", "severity": "page"})
    assert alert.annotations == {"summary": "{{ $labels.queue }} is old"}


def test_all_errors_with_their_places(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """groups:
- name: a
  interval: often
  colour: red
  rules:
  - alert: A
    expr: up ==
    for: 5
    labels: {__name__: x, "a-b": y}
    annotations: {summary: "{{ nosuch }}"}
  - record: not a name
    expr: up
    for: 5m
  - expr: up
  - alert: B
    record: b
    expr: up
  - alert: C
- name: a
- rules: []
""",
    )
    assert found.groups == ()
    places = [(p.line, p.path) for p in found.problems]
    assert places == [
        (3, "groups[0].interval"),
        (4, "groups[0]"),
        (7, "groups[0].rules[0].expr"),
        (8, "groups[0].rules[0].for"),
        (9, "groups[0].rules[0].labels"),
        (9, "groups[0].rules[0].labels"),
        (10, "groups[0].rules[0].annotations.summary"),
        (11, "groups[0].rules[1].record"),
        (13, "groups[0].rules[1].for"),
        (14, "groups[0].rules[2]"),
        (15, "groups[0].rules[3]"),
        (18, "groups[0].rules[4].expr"),
        (19, "groups[1].name"),
        (20, "groups[2].name"),
    ]
    assert all("\n" not in str(p) for p in found.problems)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ""),
        ("groups:", ""),
        ("groups: 1", "a list is wanted"),
        ("[]", "a mapping is wanted"),
        ("groups: [{name: a, rules: [{alert: A, expr: [1]}]}]", "a text is wanted"),
        ("a: b: c", "this `:` cannot stand here"),
        ("rules: []", "'rules' is not known"),
        ("groups: [{name: a, name: b}]", "is there twice"),
        ("groups: [null, {name: a, limit: 0x10, rules: [~]}]", ""),
        ("groups: [{name: a, limit: 5.5}]", ""),
        ("groups: [{name: a, limit: '5'}]", "is a text, not a number"),
        ("groups: [{name: a, limit: .inf}]", "is no whole number"),
    ],
)
def test_shapes(tmp_path: Path, text: str, wanted: str) -> None:
    problems = "\n".join(map(str, read(tmp_path, text).problems))
    assert (wanted in problems) if wanted else not problems


def test_missing_and_huge_files(tmp_path: Path) -> None:
    assert "cannot be read" in str(read_rules(tmp_path / "none.yaml").problems[0])
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert read(tmp_path, bomb + "groups: *h").problems


def test_anchors(tmp_path: Path) -> None:
    text = "groups:\n- name: a\n  rules:\n  - &one {alert: A, expr: up, labels: {x: y}}\n  - {<<: *one, alert: B}\n"
    rules = read(tmp_path, text).rules
    assert [(r.name, r.expr, r.labels) for r in rules] == [("A", "up", {"x": "y"}), ("B", "up", {"x": "y"})]


def test_duplicates(tmp_path: Path) -> None:
    rule = "  - {alert: A, expr: up, labels: {x: '%s'}}\n"
    text = "groups:\n- name: a\n  rules:\n" + rule % 1 + rule % 2 + "- name: b\n  rules:\n" + rule % 2
    assert [(d.name, d.labels) for d in duplicates(read(tmp_path, text).groups)] == [("A", {"x": "2"})]


@given(st.integers(min_value=0, max_value=9 * 10**12))
def test_durations_read_back(milliseconds: int) -> None:
    assert round(parse_duration(format_duration(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "1.5m", "-1m", "1m1h", "1m 1s", "1x", "99999999999999999999y"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@given(st.text(alphabet="groups: []{}-\n\t&*<!alertexpr\"'|>up0", max_size=200))
def test_any_text_is_an_answer(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    read_rules(path)
