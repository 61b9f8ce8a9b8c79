"""Queries of a configuration that are no PromQL: told with their place; those of others' languages are not judged."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from penguintui.config.loading import read
from penguintui.query.configured import check_queries
from tests.config.example import EXAMPLE

BROKEN = """\
promises:
- {name: a, query: "sum(", target: ">= 1"}
- name: b
  query: rate(up)
  target: ">= 1"
- {name: c, query: max(up), target: ">= 1"}
business:
- {name: d, query: "up)", trend: "up{"}
deliverability:
  sent: nosuch(up)
"""


def _said(path: Path, content: str) -> list[str]:
    path.write_text(content, encoding="utf-8")
    return [str(problem).removeprefix(f"{path}:") for problem in read(path, {}, check_queries).problems]


def test_what_is_no_promql_is_told_with_its_place(tmp_path: Path) -> None:
    said = _said(tmp_path / "c.yaml", BROKEN)
    assert [line.partition(": this is no PromQL: ")[0] for line in said] == [
        "2:20: promises[0].query",
        "4:10: promises[1].query",
        "8:20: business[0].query",
        "8:34: business[0].trend",
        "10:9: deliverability.sent",
    ]
    assert "unclosed left parenthesis" in said[0]
    assert "expected type matrix" in said[1]


def test_a_server_that_answers_refuses_by_itself(tmp_path: Path) -> None:
    assert _said(tmp_path / "c.yaml", f"query: {{type: prometheus, url: 'https://m.example'}}\n{BROKEN}") == []


def test_gates_are_read_too_and_what_a_run_completes_is_not() -> None:
    def gate(query: str) -> dict[str, object]:
        return {"actions": {"deploy": {"steps": [{"type": "gate", "metric": {"query": query}}]}}}

    assert [fault.trail for fault in check_queries(gate("max("))] == [
        ("actions", "deploy", "steps", 0, "metric", "query")
    ]
    assert list(check_queries(gate("max({idle}_up"))) == []


def test_the_example_is_promql() -> None:
    assert list(check_queries(yaml.safe_load(re.sub(r"!\w+", "", EXAMPLE.read_text(encoding="utf-8"))))) == []
