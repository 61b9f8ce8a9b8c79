"""`penguintui rules`: what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from penguintui.cli.main import app

RULES = "groups: [{name: a, rules: [{alert: A, expr: up == 0, for: 1m}]}]"
TESTS = """
rule_files: [rules.yaml]
tests:
- input_series: [{series: up, values: '0x5'}]
  alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: [{}]}]
"""


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_check(tmp_path: Path) -> None:
    path = write(tmp_path, "rules.yaml", RULES)
    result = CliRunner().invoke(app, ["rules", "check", path])
    assert (result.exit_code, result.output) == (0, f"Checking {path}\n  SUCCESS: 1 rules found\n\n")


def test_check_names_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, "rules.yaml", RULES.replace("up ==", "up =="))
    bad = write(tmp_path, "bad.yaml", "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up +\n")
    result = CliRunner().invoke(app, ["rules", "check", path, bad])
    assert result.exit_code == 1
    assert f"{bad}:5:11: groups[0].rules[0].expr: could not parse expression" in result.output
    assert "SUCCESS" in result.output


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--lint-fatal"], 3), (["--lint-fatal", "--lint=none"], 0)])
def test_lint(tmp_path: Path, options: list[str], code: int) -> None:
    path = write(tmp_path, "rules.yaml", RULES.replace("]}]", ", {alert: A, expr: up}]}]"))
    result = CliRunner().invoke(app, ["rules", "check", *options, path])
    assert result.exit_code == code
    assert ("1 duplicate rule(s) found" in result.output) == ("--lint=none" not in options)


def test_test(tmp_path: Path) -> None:
    write(tmp_path, "rules.yaml", RULES)
    path = write(tmp_path, "tests.yaml", TESTS)
    result = CliRunner().invoke(app, ["rules", "test", "--promql", "2", path])
    assert (result.exit_code, result.output) == (0, f"Unit Testing:  {path}\n  SUCCESS\n\n")


def test_test_that_fails(tmp_path: Path) -> None:
    write(tmp_path, "rules.yaml", RULES)
    good = write(tmp_path, "tests.yaml", TESTS)
    bad = write(tmp_path, "bad.yaml", TESTS.replace("1m", "59s").replace("rules.yaml", "none.yaml, rules.yaml"))
    result = CliRunner().invoke(app, ["rules", "test", bad, good])
    assert result.exit_code == 1
    assert "WARNING: no file match pattern none.yaml" in result.output
    assert "alertname: A, time: 59s" in result.output
    assert "SUCCESS" in result.output


@pytest.mark.parametrize(
    ("options", "code"), [(["--run", "go+d"], 0), (["--run", "nosuch", "--run", "good|bad"], 1), (["--run", "("], 64)]
)
def test_some_tests(tmp_path: Path, options: list[str], code: int) -> None:
    write(tmp_path, "rules.yaml", RULES)
    _, _, test = TESTS.partition("tests:\n")
    bad = test.replace("1m", "59s").replace("- input", "- name: bad\n  input")
    text = TESTS.replace("- input", "- name: good\n  input")
    assert CliRunner().invoke(app, ["rules", "test", *options, write(tmp_path, "t.yaml", text + bad)]).exit_code == code


def test_missing_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "test", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1
    assert "cannot be read" in result.output
