"""Unit tests of rules in promtool's format, read whole (its documentation, "Unit testing for rules")."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import yaml

from penguintui.alerting.notation import Run, read_metric, read_values
from penguintui.alerting.raising import ALERTNAME, External
from penguintui.alerting.yamlnodes import Document
from penguintui.config.problems import Problem, shown

_FILE = ("rule_files", "evaluation_interval", "group_eval_order", "fuzzy_compare", "tests")
_GROUP = (
    "name",
    "interval",
    "start_timestamp",
    "input_series",
    "alert_rule_test",
    "promql_expr_test",
    "external_labels",
    "external_url",
)


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AlertTest:
    """The alerts of a name that must be firing, and no others. Times here are seconds after the test's start."""

    at: float
    name: str
    expected: tuple[ExpectedAlert, ...]


@dataclass(frozen=True, slots=True)
class ExpectedSample:
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class ExpressionTest:
    at: float
    expr: str
    expected: tuple[ExpectedSample, ...]


@dataclass(frozen=True, slots=True)
class InputSeries:
    """A series: its labels, and its values, which lie one `interval` apart."""

    labels: Mapping[str, str]
    values: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class TestGroup:
    """One test: series, and what must be at some times."""

    __test__ = False

    name: str
    interval: float
    start: float
    series: tuple[InputSeries, ...]
    alerts: tuple[AlertTest, ...]
    expressions: tuple[ExpressionTest, ...]
    external: External

    @property
    def last(self) -> float:
        """When the last thing is looked at."""
        return max([0.0, *(test.at for test in self.alerts), *(test.at for test in self.expressions)])


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file of tests. `unmatched` are patterns of rule files that matched none."""

    __test__ = False

    file: str
    rule_files: tuple[Path, ...]
    unmatched: tuple[str, ...]
    interval: float
    order: tuple[str, ...]
    fuzzy: bool
    tests: tuple[TestGroup, ...]
    problems: tuple[Problem, ...] = field(default=())


def read_tests(path: Path) -> TestFile:
    """Read a file of tests. Never raises: what is wrong is in `problems`."""
    reader = _Reader(Document(str(path)))
    return reader.file(path)


@dataclass(slots=True)
class _Reader:
    document: Document

    def file(self, path: Path) -> TestFile:
        document = self.document
        nodes = document.mapping(document.read(path), "", _FILE)
        patterns = self._texts(nodes.get("rule_files"), "rule_files")
        for pattern in patterns:
            if pattern.count("[") > pattern.count("]"):
                document.fault(nodes["rule_files"], "rule_files", f"the pattern {shown(pattern)} lacks a `]`")
        matched = {pattern: _matching(path.parent, pattern) for pattern in patterns}
        interval = document.duration(nodes.get("evaluation_interval"), "evaluation_interval") or 60.0
        order = self._texts(nodes.get("group_eval_order"), "group_eval_order")
        for name in order:
            if order.count(name) > 1:
                document.fault(nodes["group_eval_order"], "group_eval_order", f"the group {shown(name)} is there twice")
                break
        fuzzy = document.truth(nodes.get("fuzzy_compare"), "fuzzy_compare") or False
        tests = tuple(
            self._test(node, f"tests[{i}]", interval)
            for i, node in enumerate(document.sequence(nodes.get("tests"), "tests"))
        )
        return TestFile(
            document.file,
            tuple(found for paths in matched.values() for found in paths),
            tuple(pattern for pattern, paths in matched.items() if not paths),
            interval,
            order,
            fuzzy,
            tests,
            tuple(document.problems),
        )

    def _test(self, node: yaml.Node, path: str, interval: float) -> TestGroup:
        document = self.document
        nodes = document.mapping(node, path, _GROUP)
        series = document.sequence(nodes.get("input_series"), f"{path}.input_series")
        alerts = document.sequence(nodes.get("alert_rule_test"), f"{path}.alert_rule_test")
        expressions = document.sequence(nodes.get("promql_expr_test"), f"{path}.promql_expr_test")
        return TestGroup(
            document.text(nodes.get("name"), f"{path}.name"),
            document.duration(nodes.get("interval"), f"{path}.interval") or interval,
            self._start(nodes.get("start_timestamp"), f"{path}.start_timestamp"),
            tuple(self._series(one, f"{path}.input_series[{i}]") for i, one in enumerate(series)),
            tuple(self._alert_test(one, f"{path}.alert_rule_test[{i}]") for i, one in enumerate(alerts)),
            tuple(self._expression_test(one, f"{path}.promql_expr_test[{i}]") for i, one in enumerate(expressions)),
            External(
                document.texts(nodes.get("external_labels"), f"{path}.external_labels"),
                document.text(nodes.get("external_url"), f"{path}.external_url"),
            ),
        )

    def _start(self, node: yaml.Node | None, path: str) -> float:
        """Seconds since 1970, or a time such as 2026-01-31T10:00:00Z."""
        text = self.document.text(node, path)
        if node is None or not text:
            return 0.0
        time = _time(text)
        if time is None:
            self.document.fault(node, path, f"{shown(text)} is no time", "write seconds, or 2026-01-31T10:00:00Z")
        return time or 0.0

    def _series(self, node: yaml.Node, path: str) -> InputSeries:
        document = self.document
        nodes = document.mapping(node, path, ("series", "values"))
        labels: dict[str, str] = {}
        values: tuple[Run, ...] = ()
        try:
            labels = read_metric(document.text(nodes.get("series"), f"{path}.series"))
        except ValueError as error:
            document.fault(nodes.get("series", node), f"{path}.series", str(error))
        try:
            values = read_values(document.text(nodes.get("values"), f"{path}.values"))
        except ValueError as error:
            document.fault(nodes.get("values", node), f"{path}.values", str(error))
        return InputSeries(labels, values)

    def _alert_test(self, node: yaml.Node, path: str) -> AlertTest:
        document = self.document
        nodes = document.mapping(node, path, ("eval_time", "alertname", "exp_alerts"))
        name = document.text(nodes.get("alertname"), f"{path}.alertname")
        if not name:
            document.fault(node, path, "it lacks `alertname`")
        expected = []
        for i, one in enumerate(document.sequence(nodes.get("exp_alerts"), f"{path}.exp_alerts")):
            inner = f"{path}.exp_alerts[{i}]"
            found = document.mapping(one, inner, ("exp_labels", "exp_annotations"))
            labels = document.texts(found.get("exp_labels"), f"{inner}.exp_labels")
            annotations = document.texts(found.get("exp_annotations"), f"{inner}.exp_annotations")
            expected.append(ExpectedAlert({**labels, ALERTNAME: name}, annotations))
        at = document.duration(nodes.get("eval_time"), f"{path}.eval_time") or 0.0
        return AlertTest(at, name, tuple(expected))

    def _expression_test(self, node: yaml.Node, path: str) -> ExpressionTest:
        document = self.document
        nodes = document.mapping(node, path, ("expr", "eval_time", "exp_samples"))
        expected = []
        for i, one in enumerate(document.sequence(nodes.get("exp_samples"), f"{path}.exp_samples")):
            expected.append(self._sample(one, f"{path}.exp_samples[{i}]"))
        at = document.duration(nodes.get("eval_time"), f"{path}.eval_time") or 0.0
        return ExpressionTest(at, document.text(nodes.get("expr"), f"{path}.expr"), tuple(expected))

    def _sample(self, node: yaml.Node, path: str) -> ExpectedSample:
        document = self.document
        found = document.mapping(node, path, ("labels", "value", "histogram"))
        labels: dict[str, str] = {}
        if "histogram" in found:
            document.fault(found["histogram"], f"{path}.histogram", "native histograms are not supported")
        text = document.text(found.get("labels"), f"{path}.labels")
        try:
            labels = read_metric(text) if text else {}
        except ValueError as error:
            document.fault(found.get("labels", node), f"{path}.labels", str(error))
        return ExpectedSample(labels, document.number(found.get("value"), f"{path}.value") or 0.0)

    def _texts(self, node: yaml.Node | None, path: str) -> tuple[str, ...]:
        return tuple(self.document.text(one, path) for one in self.document.sequence(node, path))


def _time(text: str) -> float | None:
    """Seconds since 1970 of a number, or of a time with its zone; None for anything else."""
    try:
        return float(text)
    except ValueError:
        moment = _moment(text)
    return moment.timestamp() if moment is not None and moment.tzinfo is not None else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _matching(folder: Path, pattern: str) -> Sequence[Path]:
    """The files that a pattern names; a relative one counts from the test file."""
    names = glob.glob(pattern, root_dir=folder, include_hidden=True)  # noqa: PTH207 - absolute patterns, too
    return [folder / name for name in sorted(names)]
