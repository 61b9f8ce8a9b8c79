"""Running unit tests of rules, and judging as promtool does.

Where no rule reads what it or a later one leaves, each expression is evaluated once, at all steps of the test together;
otherwise step by step, in the order of the groups.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from penguintui.alerting.courses import AlertingCourse, Course, FiringAlert, RecordingCourse
from penguintui.alerting.differences import alerts_differ, samples_differ
from penguintui.alerting.durations import format_duration
from penguintui.alerting.expressions import may_read, own_moment_only, with_subquery_step
from penguintui.alerting.memory import MemorySamples
from penguintui.alerting.notation import unfold
from penguintui.alerting.raising import ALERTS, ALERTS_FOR_STATE
from penguintui.alerting.rulefiles import AlertingRule, Group, RecordingRule, Rule, RuleFile, read_rules
from penguintui.alerting.templates import Ask, asks
from penguintui.alerting.templatewords import QueriedSample
from penguintui.alerting.unittests import ExpressionTest, TestFile, TestGroup, read_tests
from penguintui.query.errors import QueryError
from penguintui.query.language.nodes import Kind, kind_of
from penguintui.query.language.parse import parse
from penguintui.query.limits import Budget, Limits
from penguintui.query.vectors.block import Block, any_row, finish, single

LIMITS = Limits(steps=2_000_000, seconds=600.0)
_LOOKBACK = 300_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tests of one file came to; fine when nothing failed."""

    file: str
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def judge(path: Path, semantics: int = 3, chosen: re.Pattern[str] | None = None) -> Verdict:
    """Run the tests of a file. `semantics`: PromQL's, 3 or 2. Never raises for what is in the files.

    chosen: run only those in whose name it is found.
    """
    tests = read_tests(path)
    warnings = tuple(f"no file match pattern {pattern}" for pattern in tests.unmatched)
    if tests.problems:
        return Verdict(tests.file, tuple(map(str, tests.problems)), warnings)
    files = [read_rules(file) for file in tests.rule_files]
    problems = [str(problem) for file in files for problem in file.problems]
    if problems:
        return Verdict(tests.file, tuple(problems), warnings)
    groups = _in_order(files, tests.order)
    wanted = [test for test in tests.tests if chosen is None or chosen.search(test.name)]
    failures = [failure for test in wanted for failure in _Trial(tests, test, groups, semantics).failures()]
    return Verdict(tests.file, tuple(failures), warnings)


def _in_order(files: Sequence[RuleFile], order: Sequence[str]) -> list[Group]:
    """The groups as they are evaluated: those that the order does not name come first."""
    places = {name: place for place, name in enumerate(order, 1)}
    return sorted((group for file in files for group in file.groups), key=lambda group: places.get(group.name, 0))


def leaves(rule: Rule) -> tuple[str, ...]:
    """The metrics that a rule leaves."""
    return (rule.name,) if isinstance(rule, RecordingRule) else (ALERTS, ALERTS_FOR_STATE)


def twins(rules: Sequence[Rule]) -> bool:
    """Whether two rules may record the same series."""
    recording = [(rule.name, frozenset(rule.labels.items())) for rule in rules if isinstance(rule, RecordingRule)]
    return len(set(recording)) < len(recording)


def one_by_one(rules: Sequence[Rule]) -> bool:
    """Whether each rule can be evaluated at all steps before the next is looked at."""
    if twins(rules):
        return False
    later: set[str] = set()
    for rule in reversed(rules):
        later.update(leaves(rule))
        if not own_moment_only(rule.expr) or any(may_read(rule.expr, metric) for metric in later):
            return False
        if isinstance(rule, AlertingRule) and any(map(asks, [*rule.labels.values(), *rule.annotations.values()])):
            return False
    return True


@dataclass(slots=True)
class _Trial:
    """One test under way. Times are milliseconds."""

    file: TestFile
    test: TestGroup
    groups: Sequence[Group]
    semantics: int
    memory: MemorySamples = field(default_factory=MemorySamples)
    looks: dict[int, list[float]] = field(default_factory=dict)
    firing: dict[tuple[float, str], list[FiringAlert]] = field(default_factory=dict)
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def start(self) -> int:
        return round(self.test.start * 1000)

    @property
    def step(self) -> int:
        return max(1, round(self.file.interval * 1000))

    @property
    def steps(self) -> range:
        return range(self.start, self.start + round(self.test.last * 1000) + 1, self.step)

    def failures(self) -> Iterator[str]:
        """Everything that is not as expected, as promtool words it."""
        if len(self.steps) > LIMITS.steps:
            yield f"    {self.test.name}: the test takes {len(self.steps):,} steps, at most {LIMITS.steps:,} may be"
            return
        self._load()
        for at in {test.at for test in self.test.alerts}:
            step = self.start + round(at * 1000) // self.step * self.step
            self.looks.setdefault(step, []).append(at)
        rules = [rule for group in self.groups for rule in group.rules]
        try:
            if not one_by_one(rules) or not self._together():
                self._step_by_step()
        except QueryError as error:
            yield f"    {error}"
            return
        first = min((time for time, _ in self.errors), default=None)
        yield from self._alert_failures(first)
        if first is not None:
            yield from (text for time, text in self.errors if time == first)
            return
        for test in self.test.expressions:
            yield from self._expression_failures(test)

    def _load(self) -> None:
        self.memory = MemorySamples()
        self.memory.until = self.steps[-1]
        interval = max(1, round(self.test.interval * 1000))
        given = {tuple(sorted(one.labels.items())): one for one in self.test.series}
        for one in given.values():
            series = self.memory.series(one.labels)
            for i, value in enumerate(unfold(one.values, (self.steps[-1] - self.start) // interval + 1)):
                if value is not None:
                    series.add(self.start + i * interval, value)

    def _courses(self) -> list[Course]:
        expressions = [rule.expr for group in self.groups for rule in group.rules]
        expressions += [test.expr for test in self.test.expressions]
        shows = any(_reads_alerts(expr) for expr in expressions)
        found: list[Course] = []
        for group in self.groups:
            for rule in group.rules:
                if isinstance(rule, RecordingRule):
                    found.append(RecordingCourse(rule, group, self.memory))
                else:
                    queried = any(map(asks, [*rule.labels.values(), *rule.annotations.values()]))
                    found.append(AlertingCourse(rule, group, self.memory, self.test.external, shows or queried))
        return found

    def _together(self) -> bool:
        """Evaluate each rule at all steps. False when an expression fails somewhere: then the steps tell where."""
        for course in self._courses():
            try:
                block = self._evaluate(course.rule.expr, self.steps, course.group.offset)
            except QueryError:
                self._load()
                self.firing.clear()
                self.errors.clear()
                return False
            busy: list[bool] = any_row(block.present).tolist()
            for column, time in enumerate(self.steps):
                if busy[column] or not course.idle:
                    course.step(block, column, time, None)
                    self._note(course, time)
                self._look(course, time, None)
        return True

    def _step_by_step(self) -> None:
        courses = self._courses()
        for time in self.steps:
            self.memory.until = time

            def ask(expr: str, time: int = time) -> Sequence[QueriedSample]:
                block = self._evaluate(expr, range(time, time + 1), 0.0)
                return [
                    QueriedSample(labels, float(v)) for labels, v in zip(block.labels, block.values[:, 0], strict=True)
                ]

            for course in courses:
                try:
                    block = self._evaluate(course.rule.expr, range(time, time + 1), course.group.offset)
                except QueryError as error:
                    if isinstance(course, AlertingCourse):
                        course.fail(str(error), time)
                    course.error = str(error)
                else:
                    course.step(block, 0, time, ask)
                self._note(course, time)
            if self.errors:
                return
            for course in courses:
                self._look(course, time, ask)

    def _note(self, course: Course, time: int) -> None:
        if course.error:
            at = format_duration((time - self.start) / 1000)
            self.errors.append((time, f"    rule: {course.rule.name}, time: {at}, err: {course.error}"))
            course.error = ""

    def _look(self, course: Course, time: int, ask: Ask | None) -> None:
        """Keep the alerts that fire at a step which is looked at."""
        if time in self.looks and isinstance(course, AlertingCourse):
            for at in self.looks[time]:
                wanted = any(test.at == at and test.name == course.rule.name for test in self.test.alerts)
                if wanted:
                    self.firing.setdefault((at, course.rule.name), []).extend(course.firing(ask))

    def _evaluate(self, expr: str, times: range, offset: float) -> Block:
        """An expression at some times. Raises QueryError."""
        from penguintui.query.answers import answer

        node = with_subquery_step(parse(expr), self.step)
        if kind_of(node) not in (Kind.VECTOR, Kind.SCALAR):
            raise QueryError("rule result is not a vector or scalar", expr)
        shift = round(offset * 1000)
        frame = (times[0] - shift, times[-1] - shift, self.step if len(times) > 1 else 0)
        answered = answer(self.memory, node, frame, _LOOKBACK, self.semantics == 2, Budget(LIMITS))
        if isinstance(answered.value, Block):
            return finish(answered.value)
        return single({}, answered.value)  # type: ignore[arg-type]

    def _alert_failures(self, before: int | None) -> Iterator[str]:
        tests = sorted(self.test.alerts, key=lambda test: test.at)
        for test in tests:
            if before is not None and self.start + round(test.at * 1000) // self.step * self.step >= before:
                return
            expected: list[FiringAlert] = [(alert.labels, alert.annotations) for alert in test.expected]
            difference = alerts_differ(expected, self.firing.get((test.at, test.name), []))
            if difference:
                name = f"    name: {self.test.name},\n" if self.test.name else ""
                at = format_duration(test.at)
                yield f"{name}    alertname: {test.name}, time: {at}, \n{difference}"

    def _expression_failures(self, test: ExpressionTest) -> Iterator[str]:
        where = f'    expr: "{test.expr}", time: {format_duration(test.at)},'
        time = self.start + round(test.at * 1000)
        try:
            block = self._evaluate(test.expr, range(time, time + 1), 0.0)
        except QueryError as error:
            yield f"{where} err: {error}"
            return
        got = [(labels, float(v)) for labels, v in zip(block.labels, block.values[:, 0], strict=True)]
        expected = [(sample.labels, sample.value) for sample in test.expected]
        difference = samples_differ(expected, got, _close if self.file.fuzzy else _same)
        if difference:
            yield f"{where}\n{difference}"


def _reads_alerts(expr: str) -> bool:
    try:
        return may_read(expr, ALERTS) or may_read(expr, ALERTS_FOR_STATE)
    except QueryError:
        return False


def _same(left: float, right: float) -> bool:
    return left == right


def _close(left: float, right: float) -> bool:
    """Equal but for the last digit that a float has."""
    return left == right or math.nextafter(left, -math.inf) == right or math.nextafter(left, math.inf) == right
