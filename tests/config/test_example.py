"""The example configuration is right, complete, and what its schema says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, get_args

import jsonschema
import promql_parser
import yaml

from penguintui.config.actions import StepSettings
from penguintui.config.document import digest, document, from_document
from penguintui.config.loading import load, read
from penguintui.config.probes import Probe
from penguintui.config.schema import json_schema
from penguintui.config.settings import Configuration
from tests.config.example import CANARY, EXAMPLE, SECRETS


class _Tagged(yaml.SafeLoader):
    """Reads the file as an editor does: tagged values are their texts."""


_Tagged.add_constructor("!env", lambda _loader, node: node.value)
_Tagged.add_constructor("!file", lambda _loader, node: node.value)


def _validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _raw() -> dict[str, Any]:
    return yaml.load(EXAMPLE.read_text(encoding="utf-8"), _Tagged)


def test_example_loads_and_has_every_kind() -> None:
    configuration = load(EXAMPLE, SECRETS)
    probes = {type(probe) for target in configuration.targets for probe in target.probes}
    steps = {type(step) for action in configuration.actions.values() for step in action.steps}
    assert probes == set(get_args(get_args(Probe)[0]))
    assert steps == set(get_args(get_args(StepSettings)[0]))
    assert {"deploy", "rollback", "backup"} <= configuration.actions.keys()


def test_example_mentions_every_block() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").replace("# ", "").splitlines()
    written = {line.split(":")[0] for line in lines}
    assert set(Configuration.model_fields) - written == {"demo"}


def test_expressions_of_the_example_are_promql() -> None:
    configuration = load(EXAMPLE, SECRETS)
    for query in [entry.query for entry in (*configuration.promises, *configuration.business)]:
        promql_parser.parse(query)


def test_example_fits_the_schema() -> None:
    assert [error.message for error in _validator().iter_errors(_raw())] == []


def test_schema_refuses_what_the_loader_refuses() -> None:
    raw = _raw()
    raw["targets"][0]["probes"][0]["urll"] = "x"
    raw["agent"]["tick"] = "soon"
    del raw["targets"][1]["kind"]
    places = {tuple(error.absolute_path)[:2] for error in _validator().iter_errors(raw)}
    assert places == {("targets", 0), ("targets", 1), ("agent", "tick")}


def test_schema_says_how_secrets_are_written() -> None:
    text = json.dumps(json_schema())
    assert "!env NAME" in text
    assert "!file PATH" in text
    assert json_schema()["$defs"]["HttpProbe"]["title"].startswith("A web address")


def test_document_is_canonical_and_hides_secrets() -> None:
    configuration = load(EXAMPLE, SECRETS)
    text = document(configuration)
    assert CANARY not in text
    assert document(from_document(text)) == text
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text


def test_digest_covers_settings_but_not_secrets() -> None:
    configuration = load(EXAMPLE, SECRETS)
    other = load(EXAMPLE, {name: f"other-{name}" for name in SECRETS})
    assert configuration != other
    assert digest(configuration) == digest(other)
    assert digest(configuration) != digest(configuration.model_copy(update={"region": "us-west-2"}))


def test_nothing_heavy_is_imported() -> None:
    program = (
        "import sys, pkgutil, importlib, penguintui.config as room\n"
        "for module in pkgutil.iter_modules(room.__path__):\n"
        "    importlib.import_module('penguintui.config.' + module.name)\n"
        "print(sorted({'textual', 'sqlalchemy', 'httpx', 'numpy', 'psutil'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_examples_of_the_documentation_are_right(tmp_path: Path) -> None:
    """Each block of docs/configuration.md, put where it belongs, is a configuration without errors of its own."""
    text = (EXAMPLE.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    found = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    blocks = [block for block in found if not block.startswith(("#", "token"))]
    assert len(blocks) > 12
    names = re.findall(r"!env ([A-Z_]+)", text)
    for written in blocks:
        block = written
        if block.startswith(("- type", "- {type")):
            block = "targets:\n- name: a\n  kind: service\n  probes:\n" + textwrap.indent(block, "  ")
        if block.startswith("actions:"):
            block += "".join(f"\n{other}" for other in blocks if other.startswith(("targets:", "proxies:")))
        (tmp_path / "c.yaml").write_text(block, encoding="utf-8")
        assert [str(problem) for problem in read(tmp_path / "c.yaml", dict.fromkeys(names, "x")).problems] == []
