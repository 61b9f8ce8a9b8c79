"""`penguintui rules check | test`: what promtool says of rule files and of their unit tests."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penguintui.cli.exits import fail, say, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from penguintui.alerting.rulefiles import Duplicate

rules_app = typer.Typer(help="Rule files in Prometheus' format: check and test them.", no_args_is_help=True)

_FAILED, _LINT = 1, 3


class Lint(enum.StrEnum):
    """What is looked for besides errors."""

    ALL = "all"
    DUPLICATES = "duplicate-rules"
    NONE = "none"


@rules_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    lint: Annotated[Lint, typer.Option("--lint", help="What to look for besides errors.")] = Lint.DUPLICATES,
    lint_fatal: Annotated[bool, typer.Option("--lint-fatal", help="Exit with 3 when lint finds something.")] = False,
) -> None:
    """Every error of rule files, with file and line. Exit code: 0 fine, 1 errors, 3 lint only (with --lint-fatal).

    Example: penguintui rules check rules/*.yaml
    """
    from penguintui.alerting.rulefiles import duplicates, read_rules

    broken = linted = False
    for path in files:
        show(f"Checking {path}")
        found = read_rules(path)
        twice = duplicates(found.groups) if lint is not Lint.NONE else []
        if found.problems:
            broken = True
            say("  FAILED:\n" + "\n".join(map(str, found.problems)))
        elif twice:
            linted = True
            say("  FAILED:\n" + _lint(twice))
        else:
            show(f"  SUCCESS: {len(found.rules)} rules found")
        show("")
    if broken:
        raise typer.Exit(_FAILED)
    if linted and lint_fatal:
        raise typer.Exit(_LINT)


def _lint(twice: Sequence[Duplicate]) -> str:
    lines = [f"lint error {len(twice)} duplicate rule(s) found."]
    for one in twice:
        lines += [f"Metric: {one.name}", "Label(s):"]
        lines += [f"\t{name}: {value}" for name, value in one.labels.items()]
    return "\n".join([*lines, "Might cause inconsistency while recording expressions"])


@rules_app.command()
def test(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    promql: Annotated[int, typer.Option("--promql", min=2, max=3, help="PromQL as Prometheus 2 or 3 has it.")] = 3,
    run: Annotated[
        list[str] | None, typer.Option("--run", metavar="REGEX", help="Only the tests whose name this matches.")
    ] = None,
) -> None:
    """Run unit tests of rules, in promtool's format. Exit code: 0 all passed, 1 something failed.

    Example: penguintui rules test --promql 2 rules/tests/*.yaml
    """
    from penguintui.alerting.judging import judge

    chosen = _pattern(run) if run else None
    failed = False
    for path in files:
        show(f"Unit Testing:  {path}")
        verdict = judge(path, promql, chosen)
        for warning in verdict.warnings:
            say(f"  WARNING: {warning}")
        if verdict.failures:
            failed = True
            say("  FAILED:\n" + "\n".join(verdict.failures) + "\n")
        else:
            show("  SUCCESS")
        show("")
    if failed:
        raise typer.Exit(_FAILED)


def _pattern(expressions: Sequence[str]) -> re.Pattern[str]:
    from penguintui.query.language.regex import RegexError, compile_regex

    try:
        return compile_regex("|".join(expressions))
    except RegexError as error:
        fail(f"--run: {error}")
