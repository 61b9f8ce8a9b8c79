"""Rule files in Prometheus' format: read whole, every error at once, each with its place.

The fields are those of Prometheus 3 (its documentation, "Recording rules" and "Alerting rules").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from penguintui.alerting.templateparts import TemplateError
from penguintui.alerting.templates import check_template
from penguintui.alerting.yamlnodes import Document
from penguintui.config.problems import Problem, shown
from penguintui.query.errors import QueryError
from penguintui.query.language.parse import parse

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_FILE = ("groups",)
_GROUP = ("name", "interval", "query_offset", "limit", "labels", "rules")
_RULE = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_ALERTS_ONLY = ("for", "keep_firing_for", "annotations")


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A query whose result is kept under a name of its own."""

    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """A query each of whose results is an alert.

    hold: seconds for which it must hold before it fires (`for`). keep: seconds for which it goes on firing after it no
    longer holds (`keep_firing_for`).
    """

    name: str
    expr: str
    hold: float = 0.0
    keep: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


Rule = RecordingRule | AlertingRule


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, at one time.

    interval: seconds; None where the file says nothing. limit: most results of one rule; 0 is no limit. offset: seconds
    by which the evaluation looks back (`query_offset`).
    """

    name: str
    file: str
    rules: tuple[Rule, ...]
    interval: float | None = None
    limit: int = 0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What one file holds, and what is wrong with it; nothing of a file with problems is to be used."""

    file: str
    groups: tuple[Group, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def rules(self) -> Sequence[Rule]:
        return [rule for group in self.groups for rule in group.rules]


def read_rules(path: Path, name: str | None = None) -> RuleFile:
    """Read a rule file. Never raises: what is wrong is in `problems`, in the order of the file."""
    reader = _Reader(Document(name or str(path)))
    groups = reader.groups(path)
    problems = tuple(
        sorted(dict.fromkeys(reader.document.problems), key=lambda problem: (problem.line, problem.column))
    )
    return RuleFile(reader.document.file, () if problems else groups, problems)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two rules with the same name and labels; what they record or raise cannot be told apart."""

    name: str
    labels: Mapping[str, str]


def duplicates(groups: Sequence[Group]) -> list[Duplicate]:
    """Rules that are there more than once, by name, as promtool's lint finds them."""
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Duplicate] = {}
    for group in groups:
        for rule in group.rules:
            key = (rule.name, tuple(sorted(rule.labels.items())))
            if key in seen:
                found[key] = Duplicate(rule.name, rule.labels)
            seen.add(key)
    return [found[key] for key in sorted(found)]


@dataclass(slots=True)
class _Reader:
    document: Document

    def groups(self, path: Path) -> tuple[Group, ...]:
        document = self.document
        nodes = document.mapping(document.read(path), "", _FILE)
        found: list[Group] = []
        names: set[str] = set()
        for i, node in enumerate(document.sequence(nodes.get("groups"), "groups")):
            group = self._group(node, f"groups[{i}]")
            if not group.name:
                document.fault(node, f"groups[{i}].name", "a group needs a name")
            elif group.name in names:
                document.fault(node, f"groups[{i}].name", f"the group {shown(group.name)} is there twice", "rename one")
            names.add(group.name)
            found.append(group)
        return tuple(found)

    def _group(self, node: yaml.Node, path: str) -> Group:
        document = self.document
        nodes = document.mapping(node, path, _GROUP)
        labels = document.texts(nodes.get("labels"), f"{path}.labels")
        self._check_labels(nodes.get("labels"), labels, f"{path}.labels")
        rules = [
            self._rule(rule, f"{path}.rules[{i}]", labels)
            for i, rule in enumerate(document.sequence(nodes.get("rules"), f"{path}.rules"))
        ]
        return Group(
            document.text(nodes.get("name"), f"{path}.name"),
            document.file,
            tuple(rule for rule in rules if rule is not None),
            document.duration(nodes.get("interval"), f"{path}.interval") or None,
            document.integer(nodes.get("limit"), f"{path}.limit") or 0,
            document.duration(nodes.get("query_offset"), f"{path}.query_offset") or 0.0,
        )

    def _rule(self, node: yaml.Node, path: str, shared: Mapping[str, str]) -> Rule | None:
        """One rule; `shared` are the group's labels, which the rule's own come before."""
        document = self.document
        nodes = document.mapping(node, path, _RULE)
        record = document.text(nodes.get("record"), f"{path}.record")
        alert = document.text(nodes.get("alert"), f"{path}.alert")
        expr = self._expression(node, nodes, path)
        own = document.texts(nodes.get("labels"), f"{path}.labels")
        self._check_labels(nodes.get("labels"), own, f"{path}.labels")
        labels = {**shared, **own}
        if record and alert:
            document.fault(nodes["alert"], path, "a rule records or alerts, not both", "leave `record` or `alert` out")
        elif record:
            return self._recording(nodes, path, RecordingRule(record, expr, labels, node.start_mark.line + 1))
        elif alert:
            return self._alerting(nodes, path, AlertingRule(alert, expr, labels=labels, line=node.start_mark.line + 1))
        else:
            document.fault(node, path, "a rule needs `record` or `alert`")
        return None

    def _expression(self, node: yaml.Node, nodes: Mapping[str, yaml.Node], path: str) -> str:
        text = self.document.text(nodes.get("expr"), f"{path}.expr")
        if not text:
            self.document.fault(nodes.get("expr", node), f"{path}.expr", "a rule needs an expression")
            return text
        try:
            parse(text)
        except QueryError as error:
            self.document.fault(nodes["expr"], f"{path}.expr", f"could not parse expression: {_line(error)}")
        return text

    def _recording(self, nodes: Mapping[str, yaml.Node], path: str, rule: RecordingRule) -> RecordingRule:
        for name in _ALERTS_ONLY:
            if name in nodes and not _says_nothing(nodes[name]):
                self.document.fault(nodes[name], f"{path}.{name}", f"a recording rule has no {name!r}", "leave it out")
        if not _METRIC.fullmatch(rule.name):
            self.document.fault(nodes["record"], f"{path}.record", f"invalid recording rule name: {rule.name[:100]}")
        return rule

    def _alerting(self, nodes: Mapping[str, yaml.Node], path: str, rule: AlertingRule) -> AlertingRule:
        document = self.document
        annotations = document.texts(nodes.get("annotations"), f"{path}.annotations")
        for name in annotations:
            if not _LABEL.fullmatch(name):
                document.fault(nodes["annotations"], f"{path}.annotations", f"invalid annotation name: {name[:100]}")
        for what, texts in (("labels", rule.labels), ("annotations", annotations)):
            for name, text in texts.items():
                try:
                    check_template(text)
                except TemplateError as error:
                    document.fault(nodes.get(what), f"{path}.{what}.{name}", f"the template cannot be read: {error}")
        return AlertingRule(
            rule.name,
            rule.expr,
            document.duration(nodes.get("for"), f"{path}.for") or 0.0,
            document.duration(nodes.get("keep_firing_for"), f"{path}.keep_firing_for") or 0.0,
            rule.labels,
            annotations,
            rule.line,
        )

    def _check_labels(self, node: yaml.Node | None, labels: Mapping[str, str], path: str) -> None:
        for name in labels:
            if not _LABEL.fullmatch(name) or name == "__name__":
                self.document.fault(node, path, f"invalid label name: {name[:100]}")


def _says_nothing(node: yaml.Node) -> bool:
    """Whether a field is there but empty, or a duration of nothing."""
    return node.value in ([], "", "~", "null", "0", "0s")


def _line(error: QueryError) -> str:
    """The error on one line, whatever the expression looks like."""
    return " ".join(str(error).split())
