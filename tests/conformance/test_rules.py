"""Rule unit tests that others wrote: all of them pass, as promtool 2.42 says; and those that were broken fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from penguintui.alerting.judging import judge
from penguintui.alerting.rulefiles import read_rules

_REPOSITORY = Path(__file__).parents[2]
_DATA = Path(os.environ.get("PENGUINTUI_CONFORMANCE_DATA") or _REPOSITORY.parent / "shared" / "data")
_RULES = _DATA / "alerting" / "rules"
_TESTS = sorted(_RULES.glob("**/*_test.yaml"))
_FILES = sorted(path for path in _RULES.glob("team-*/**/*.yaml") if path not in _TESTS)

pytestmark = pytest.mark.skipif(not _TESTS, reason=f"no rule tests in {_RULES} (PENGUINTUI_CONFORMANCE_DATA)")


@pytest.mark.parametrize("path", _TESTS, ids=lambda path: str(path.relative_to(_RULES)))
def test_passes(path: Path) -> None:
    verdict = judge(path, semantics=2)
    assert not verdict.failures, "\n".join(verdict.failures)
    assert not verdict.warnings


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_RULES)))
def test_file_is_read(path: Path) -> None:
    found = read_rules(path)
    assert not found.problems, "\n".join(map(str, found.problems))
    assert found.rules


def test_broken_tests_fail(tmp_path: Path) -> None:
    """Every file whose tests expect an alert fails once that expects another summary."""
    told = 0
    for path in _TESTS:
        text = path.read_text(encoding="utf-8")
        broken = text.replace("summary: ", "summary_that_is_not_there: ")
        if broken == text or path.stat().st_size > 20_000:
            continue
        copy = tmp_path / "broken_test.yaml"
        for rules in path.parent.glob("*.yaml"):
            (tmp_path / rules.name).write_text(rules.read_text(encoding="utf-8"), encoding="utf-8")
        copy.write_text(broken, encoding="utf-8")
        assert judge(copy, semantics=2).failures, path
        told += 1
    assert told > 20
