"""What the documents say is true of the program: links, commands, tables, sentences."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main
import yaml

from penguintui.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_VALUE = "\0"
"""Stands for what a sentence fills in."""


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _prose(text: str) -> str:
    return _FENCED.sub("", text)


def _anchors(path: Path) -> set[str]:
    """The headings as web pages of repositories name them."""
    headings = _HEADING.findall(_prose(path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_links_lead_somewhere(document: Path) -> None:
    for link in _LINK.findall(_prose(document.read_text(encoding="utf-8"))):
        if re.match(r"https?:|mailto:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in _anchors(target), f"{link}: there is no such heading"


def _commands(text: str) -> Iterator[str]:
    """Each `penguintui …` in a fenced block or between backticks."""
    for language, block in _FENCED.findall(text):
        if language in ("", "sh", "console"):
            yield from (line for line in block.splitlines() if line.startswith("penguintui"))
    yield from (code for code in _CODE.findall(_prose(text)) if re.match(r"penguintui(\s|$)", code))


def _check_command(line: str) -> None:
    command: Any = typer.main.get_command(app)
    known = {name for parameter in command.params for name in parameter.opts}
    for word in shlex.split(line, comments=True)[1:]:
        if word == ">":
            return
        if word.startswith("--"):
            assert word in known, f"{line}: there is no {word}"
        elif (inner := getattr(command, "commands", {}).get(word)) is not None:
            command = inner
            known |= {name for parameter in command.params for name in parameter.opts}
        elif hasattr(command, "commands"):
            given = re.search(rf"--[\w-]+ {re.escape(word)}(\s|$)", line)
            assert given or word == "…", f"{line}: there is no command {word}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_commands_exist(document: Path) -> None:
    for line in _commands(document.read_text(encoding="utf-8")):
        _check_command(line)


@pytest.mark.parametrize("line", ["penguintui frobnicate", "penguintui status --frob", "penguintui audit frob"])
def test_a_command_that_is_not_there_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        _check_command(line)


@cache
def _tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "docs" / "make_tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("name", "marker"), _tables().TABLES, ids=str)
def test_tables_are_those_of_the_program(name: str, marker: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    wanted = _tables().filled(text, marker, _tables().TABLES[name, marker]())
    assert text == wanted, "run: python docs/make_tables.py"


def test_rooms_stand_in_their_order() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    layers = contracts["importlinter:contract:rooms"]["layers"].split()
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", text, re.MULTILINE)
    assert [f"penguintui.{room}" for room in rooms] == [one for one in reversed(layers) if one != "penguintui.__main__"]


def _blocks_of_configuration() -> Iterator[Any]:
    for document in (ROOT / "README.md", ROOT / "docs" / "actions.md", ROOT / "docs" / "security.md"):
        for number, (language, block) in enumerate(_FENCED.findall(document.read_text(encoding="utf-8"))):
            if language == "yaml":
                yield pytest.param(block, id=f"{document.name}-{number}")


@pytest.mark.parametrize("block", _blocks_of_configuration())
def test_configuration_in_the_documents_is_right(block: str, tmp_path: Path) -> None:
    from penguintui.config.loading import load

    written = yaml.safe_load(block)
    if "targets" not in written:
        target = {"name": "api", "kind": "service", "probes": [{"type": "http", "url": "http://127.0.0.1"}]}
        block += yaml.safe_dump({"targets": [target]})
    file = tmp_path / "config.yaml"
    file.write_text(block, encoding="utf-8")
    load(file, {})


def _text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) or _VALUE for part in node.values)
    return None


@cache
def _sentences() -> str:
    """Every text in the program's code, its filled-in parts replaced."""
    texts = []
    for file in sorted((ROOT / "penguintui").rglob("*.py")):
        texts += [text for node in ast.walk(ast.parse(file.read_bytes())) if (text := _text_of(node))]
    return "\n".join(texts)


def _sentences_of_troubleshooting() -> list[str]:
    found = []
    for line in (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").splitlines():
        first = line.split("|")[1] if line.startswith("|") else ""
        found += [code for code in _CODE.findall(first) if " " in code and not re.search(r"\d", code)]
    return found


@pytest.mark.parametrize("sentence", _sentences_of_troubleshooting())
def test_troubleshooting_quotes_the_program(sentence: str) -> None:
    for part in sentence.split("…"):
        words = part.strip(" ()")
        assert len(words.split()) < 2 or words in _sentences(), f"the program does not say {words!r}"


def test_enough_sentences_are_looked_at() -> None:
    assert len(_sentences_of_troubleshooting()) > 25


_NOT_FOR_OTHERS = [
    re.compile(pattern)
    for pattern in (
        r"(?<![\w.~-])/wor" + r"k/",
        r"/opt/py" + "pi",
        r"/root/\.p" + "yenv",
        r"(?i)py" + r"pi\.org|pythonho" + r"sted\.org",
        r"(?i)(?:extra-)?inde" + r"x-url|find-li" + "nks",
    )
]
"""An index of packages, and paths of one machine."""


def test_no_file_names_an_index_or_this_machine() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run([git, "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        file = ROOT / name
        if not file.is_file():
            continue
        text = file.read_bytes().decode("utf-8", errors="replace")
        for pattern in _NOT_FOR_OTHERS:
            found = pattern.search(text)
            assert found is None, f"{name} has {found.group() if found else ''}"
