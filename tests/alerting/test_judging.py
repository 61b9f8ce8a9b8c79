"""Unit tests of rules: what passes, what fails and how it is said, and that both ways of evaluating agree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penguintui.alerting import judging
from penguintui.alerting.judging import Verdict, judge, one_by_one
from penguintui.alerting.notation import STALE, read_metric, read_values, unfold
from penguintui.alerting.rulefiles import AlertingRule, RecordingRule
from tests.conftest import find_program

RULES = """
groups:
- name: mail
  rules:
  - record: queue:age:max
    expr: max by (queue) (age)
  - alert: Old
    expr: queue:age:max > 100
    for: 2m
    labels: {severity: '{{ if gt $value 1000.0 }}page{{ else }}ticket{{ end }}'}
    annotations:
      summary: 'queue {{ $labels.queue }} is {{ $value | humanizeDuration }} old at {{ $externalLabels.site }}'
"""
TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 1m
tests:
- interval: 1m
  external_labels: {site: eu}
  input_series:
  - {series: 'age{queue="a", host="1"}', values: '0+100x10 stale'}
  - {series: 'age{queue="b"}', values: '7x20'}
  alert_rule_test:
  - {eval_time: 3m, alertname: Old, exp_alerts: []}
  - eval_time: 4m
    alertname: Old
    exp_alerts:
    - exp_labels: {queue: a, severity: ticket}
      exp_annotations: {summary: queue a is 6m 40s old at eu}
  - {eval_time: 11m, alertname: Old}
  promql_expr_test:
  - expr: queue:age:max
    eval_time: 11m
    exp_samples: [{labels: 'queue:age:max{queue="b"}', value: 7}]
  - expr: ALERTS
    eval_time: 4m
    exp_samples:
    - {labels: 'ALERTS{alertname="Old", alertstate="firing", queue="a", severity="ticket"}', value: 1}
  - expr: ALERTS_FOR_STATE{queue="a"} - 0
    eval_time: 4m
    exp_samples: [{labels: '{alertname="Old", queue="a", severity="ticket"}', value: 120}]
"""


def write(tmp_path: Path, rules: str = RULES, tests: str = TESTS) -> Path:
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    path = tmp_path / "tests.yaml"
    path.write_text(tests, encoding="utf-8")
    return path


def failures(tmp_path: Path, rules: str = RULES, tests: str = TESTS) -> str:
    return "\n".join(judge(write(tmp_path, rules, tests), 2).failures)


def test_passes(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert judge(path, 2) == Verdict(str(path))
    assert judge(path, 3) == Verdict(str(path))


@pytest.mark.needs("promtool", "prometheus")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("value: 7", "value: 8"),
        ("summary: queue a is 6m 40s old at eu", "summary: other"),
        ("eval_time: 3m", "eval_time: 2m59s"),
        ("eval_time: 3m", "eval_time: 5m"),
        ("queue: a, severity: ticket", "queue: a"),
        ("7x20", "7x3 _x3 7+200x10"),
        ("0+100x10 stale", "0+1000x10"),
        ("for: 2m", "for: 4m"),
        ("> 100", ">= bool 100"),
        ("expr: max by", "expr: max by by"),
        ("rule_files: [rules.yaml]", "rule_files: [none.yaml]"),
        ("tests:", "unknown: 1\ntests:"),
        ("'7x20'", "'7 x20'"),
        ("value: 7", "value: '7'"),
        ("value: 7", "value: +Inf"),
        ("value: 7", "value: 7e0"),
        ("{eval_time: 3m, alertname: Old,", "{eval_time: 3m,"),
        ("- name: mail", "- name: mail\n  limit: -1"),
        ("- name: mail", "- name: mail\n  limit: 1"),
        ("- record: queue:age:max", "- record: queue:age:max\n    annotations: {}\n    for: 0s"),
        ("is {{ $value | humanizeDuration }}", 'is {{ block "t" $value }}{{ humanizeDuration . }}{{ end }}'),
    ],
)
def test_judges_as_promtool(tmp_path: Path, old: str, new: str) -> None:
    path = write(tmp_path, RULES.replace(old, new) if old else RULES, TESTS.replace(old, new) if old else TESTS)
    promtool = find_program("promtool")
    assert promtool
    theirs = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert bool(judge(path, 2).failures) == (theirs.returncode != 0), theirs.stderr


def test_failed_alert_shows_both_sides(tmp_path: Path) -> None:
    found = failures(tmp_path, tests=TESTS.replace("severity: ticket}", "severity: page}"))
    assert "alertname: Old, time: 4m" in found
    assert 'exp:[\n            0:\n              Labels:{alertname="Old", queue="a", severity="page"}' in found
    assert 'got:[\n            0:\n              Labels:{alertname="Old", queue="a", severity="ticket"}' in found
    assert 'differs: label severity: expected "page", got "ticket"' in found


def test_failed_expression_shows_both_sides(tmp_path: Path) -> None:
    found = failures(tmp_path, tests=TESTS.replace("value: 7", "value: 8"))
    assert 'exp: {__name__="queue:age:max", queue="b"} 8' in found
    assert 'got: {__name__="queue:age:max", queue="b"} 7' in found


@pytest.mark.parametrize(
    ("first", "second", "fails"),
    [
        ("{record: r, expr: x}", "{record: r, expr: x + 1}", True),
        ("{record: r, expr: x}", "{record: r, expr: x * 1}", False),
        ("{record: r, expr: x}", "{record: r, expr: x + 1, labels: {b: c}}", False),
        ("{record: r, expr: x < 3}", "{record: r, expr: x >= 3}", True),  # the first one ends what the second begins
        ("{alert: A, expr: x > 1}", "{alert: A, expr: x > 2, labels: {b: c}}", False),
    ],
)
@pytest.mark.needs("promtool", "prometheus")
def test_two_rules_that_leave_the_same_series(tmp_path: Path, first: str, second: str, fails: bool) -> None:
    path = write(
        tmp_path,
        f"groups: [{{name: a, rules: [{first}, {second}]}}]",
        "rule_files: [rules.yaml]\ntests:\n- interval: 1m\n  input_series: [{series: x, values: 0+1x5}]\n"
        "  promql_expr_test: [{eval_time: 5m, expr: vector(1), exp_samples: [{value: 1}]}]\n",
    )
    found = "\n".join(judge(path, 2).failures)
    assert ("duplicate sample for timestamp" in found) is bool(found) is fails
    promtool = find_program("promtool")
    assert promtool
    theirs = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, check=False)
    assert theirs.returncode == fails


def test_rule_that_fails_says_when(tmp_path: Path) -> None:
    rules = "groups: [{name: a, rules: [{alert: A, expr: 'x + on() y'}]}]"
    tests = """
rule_files: [rules.yaml]
tests:
- input_series:
  - {series: 'x{a="1"}', values: '1x5'}
  - {series: 'x{a="2"}', values: '_x2 1x5'}
  - {series: 'y', values: '1x5'}
  alert_rule_test: [{eval_time: 4m, alertname: A}]
"""
    found = failures(tmp_path, rules, tests)
    assert "rule: A, time: 2m, err: " in found
    assert "time: 3m" not in found


def test_native_histograms_are_refused_by_name(tmp_path: Path) -> None:
    assert "native histograms" in failures(tmp_path, tests=TESTS.replace("'7x20'", "'{{schema:0 count:1}}x3'"))
    assert "native histograms" in failures(tmp_path, tests=TESTS.replace("value: 7", "histogram: '{{count:1}}'"))


def test_start_and_fuzziness(tmp_path: Path) -> None:
    tests = """
fuzzy_compare: true
tests:
- start_timestamp: 2026-01-01T00:00:00Z
  input_series: [{series: x, values: '0.1 0.2'}]
  promql_expr_test:
  - {expr: time(), eval_time: 1m, exp_samples: [{labels: '{}', value: 1767225660}]}
  - {expr: 'x + 0.1', eval_time: 1m, exp_samples: [{labels: '{}', value: 0.3}]}
"""
    assert not failures(tmp_path, tests=tests)
    assert failures(tmp_path, tests=tests.replace("fuzzy_compare: true", ""))


def test_values_unfold_only_as_far_as_needed() -> None:
    runs = read_values("1+2x3 _x2 stale 5x99999999999")
    found = list(unfold(runs, 9))
    assert found[:6] == [1, 3, 5, 7, None, None]
    assert str(found[6]) == str(STALE)
    assert found[7:] == [5, 5]


@pytest.mark.parametrize("text", ["1 x4", "_ x3", "1+1", "1+-1x2", "1,2", "{{count:1}}", "x", "1_000", "5x", "stale1"])
def test_values_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|native"):
        read_values(text)


def test_metrics() -> None:
    assert read_metric("""m{a="x\\"y", b='}', c=`z`, d=""}""") == {"__name__": "m", "a": 'x"y', "b": "}", "c": "z"}
    assert read_metric('{"my.name", a="1"}') == {"__name__": "my.name", "a": "1"}
    assert read_metric('m{__name__="n"}') == {"__name__": "m"}
    for wrong in (
        "",
        "m{",
        "m{a=b}",
        'm{a="b"} x',
        "m x",
        'm {a="b"}',
        'm{a!="b"}',
        'm{é="b"}',
        'm{a="b", a="c"}',
        "{a}",
    ):
        with pytest.raises(ValueError, match=r"no series|cannot be read|follows|twice|no value"):
            read_metric(wrong)


def test_when_rules_can_be_evaluated_together() -> None:
    record, reads = RecordingRule("r", "m"), AlertingRule("A", "r > 1")
    assert one_by_one([record, reads])
    assert not one_by_one([reads, record])
    assert not one_by_one([RecordingRule("r", "r + 1")])
    assert not one_by_one([AlertingRule("A", "ALERTS")])
    assert not one_by_one([AlertingRule("A", "m offset -5m")])
    assert not one_by_one([AlertingRule("A", "m @ 60")])
    assert not one_by_one([AlertingRule("A", "m", annotations={"x": '{{ query "m" }}'})])
    assert not one_by_one([AlertingRule("A", '{__name__=~"r.*"}'), record])


EXPRESSIONS = [
    "m > 2",
    "r > 3",
    "rate(m[3m]) > 0.01",
    "absent(m)",
    "count(m) > 1",
    "sum by (a) (m) == 4",
    "m offset 2m",
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["1 2 3x4", "5-1x6", "_ 4x3 stale 4x3", "0x9", "NaN 3 NaN 3"]), min_size=1, max_size=3),
    st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=3),
    st.sampled_from(["0s", "1m", "2m"]),
    st.sampled_from(["0s", "2m"]),
)
def test_both_ways_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[str], exprs: list[str], hold: str, keep: str
) -> None:
    """All steps at once and step by step come to the same alerts and samples."""
    alerts = "".join(
        f"  - {{alert: A{i}, expr: '{e}', for: {hold}, keep_firing_for: {keep}, "
        "annotations: {v: '{{ $value }}'}}\n"
        for i, e in enumerate(exprs)
    )
    rules = f"groups:\n- name: a\n  rules:\n  - {{record: r, expr: 'sum by (a) (m) > 1'}}\n{alerts}"
    series = "".join(f"  - {{series: 'm{{a=\"{i}\"}}', values: '{v}'}}\n" for i, v in enumerate(values))
    looks = "".join(
        f"  - {{eval_time: {t}m, alertname: A{i}, exp_alerts: [{{exp_labels: {{no: such}}}}]}}\n"
        for t in range(9)
        for i in range(len(exprs))
    )
    asked = "".join(
        f"  - {{expr: '{e}', eval_time: 8m, exp_samples: [{{labels: none, value: 0}}]}}\n"
        for e in ("r", "ALERTS", "ALERTS_FOR_STATE")
    )
    given_ = f"rule_files: [rules.yaml]\ntests:\n- input_series:\n{series}"
    tests = f"{given_}  alert_rule_test:\n{looks}  promql_expr_test:\n{asked}"
    path = write(tmp_path, rules, tests)
    together = judge(path, 2)
    with monkeypatch.context() as patched:
        patched.setattr(judging, "one_by_one", lambda rules: False)
        assert judge(path, 2) == together
