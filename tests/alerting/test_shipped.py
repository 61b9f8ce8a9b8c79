"""The rules that come along: each has a unit test that sees it fire and be silent, and a runbook."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import penguintui
from penguintui.alerting.judging import judge
from penguintui.alerting.rulefiles import AlertingRule, duplicates, read_rules
from penguintui.alerting.unittests import read_tests
from penguintui.model.checks import CHECKS
from penguintui.model.metrics import METRICS
from tests.conftest import find_program

RULES = Path(penguintui.__file__).parent / "rules"
RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
FILES = sorted(RULES.glob("*.yaml"))
TESTS = [RULES / "tests" / f"{path.stem}_test.yaml" for path in FILES]


def stems(path: Path) -> str:
    return path.stem


def test_there_are_some() -> None:
    assert len(FILES) >= 7


@pytest.mark.parametrize("semantics", [2, 3])
@pytest.mark.parametrize("path", TESTS, ids=stems)
def test_unit_tests_pass(path: Path, semantics: int) -> None:
    verdict = judge(path, semantics)
    assert not verdict.failures, "\n".join(verdict.failures)
    assert not verdict.warnings


@pytest.mark.needs("promtool", "prometheus")
@pytest.mark.parametrize("path", TESTS, ids=stems)
def test_promtool_says_so_too(path: Path) -> None:
    promtool = find_program("promtool")
    assert promtool
    done = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("rules", "tests"), zip(FILES, TESTS, strict=True), ids=map(stems, FILES))
def test_every_alert_is_seen_to_fire_and_to_be_silent(rules: Path, tests: Path) -> None:
    looks = [look for test in read_tests(tests).tests for look in test.alerts]
    asked = " ".join(one.expr for test in read_tests(tests).tests for one in test.expressions)
    for rule in read_rules(rules).rules:
        if not isinstance(rule, AlertingRule):
            assert rule.name in asked, f"{rule.name} is not asked for in {tests.name}"
            continue
        assert any(look.name == rule.name and look.expected for look in looks), f"{rule.name} is never seen to fire"
        assert any(look.name == rule.name and not look.expected for look in looks), f"{rule.name} is never silent"


@pytest.mark.parametrize("path", FILES, ids=stems)
def test_alerts_say_how_bad_and_what_to_do(path: Path) -> None:
    found = read_rules(path)
    assert not duplicates(found.groups)
    for rule in found.rules:
        if isinstance(rule, AlertingRule):
            assert rule.labels["severity"] in ("warning", "critical"), rule.name
            assert rule.annotations["summary"], rule.name
            assert (RUNBOOKS / f"{rule.annotations['runbook']}.md").is_file(), rule.name


def test_names_are_told_apart() -> None:
    names = [rule.name for path in FILES for rule in read_rules(path).rules]
    assert len(set(names)) == len(names)


def test_checks_have_their_runbooks() -> None:
    missing = {check.runbook for check in CHECKS.values() if check.runbook} - {p.stem for p in RUNBOOKS.glob("*.md")}
    assert not missing


def test_metrics_are_those_of_the_catalogue() -> None:
    """A rule on a metric that nobody makes would never fire."""
    from penguintui.alerting.expressions import selectors

    own = {rule.name for path in FILES for rule in read_rules(path).rules}
    configured = {"penguinmails_db_connections_ratio"}  # a query of the example configuration
    for path in FILES:
        for rule in read_rules(path).rules:
            for selector in selectors(rule.expr):
                (name,) = (matcher.value for matcher in selector.matchers if matcher.name == "__name__")
                assert name in METRICS or name in own or name in configured, f"{rule.name}: {name}"


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=stems)
def test_runbooks_have_all_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Look at", "## Do", "## Undo"]
    assert len(text) < 4000
