"""Broken files and exactly what is said of them; whatever the file, never a traceback."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from penguintui.config.loading import MAX_FILE, load, read
from penguintui.config.problems import ConfigurationErrors
from tests.config.example import CANARY, EXAMPLE, SECRETS

BROKEN = Path(__file__).with_name("broken.txt").read_text(encoding="utf-8")
"""Files and what is said of them: entries set apart by `----`, each a file and lines that begin with `=> `."""

TARGET = "targets:\n- name: a\n  kind: service\n  probes:\n  - type: http\n    url: https://a.example/\n"

EMPTY = (
    "1:1: the configuration is empty, watch something (`targets:`), or run `penguintui init` for a first configuration"
)


def _said(path: Path, content: str | bytes, env: dict[str, str] | None = None) -> list[str]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(problem).removeprefix(f"{path}:") for problem in read(path, env or {"SET": CANARY}).problems]


def _entries() -> list[tuple[str, list[str]]]:
    entries = []
    for entry in BROKEN.split("----\n"):
        content, *said = entry.split("\n=> ")
        entries.append((content + "\n", [line.rstrip("\n") for line in said]))
    return entries


@pytest.mark.parametrize(("content", "said"), _entries())
def test_broken_file(tmp_path: Path, content: str, said: list[str]) -> None:
    assert _said(tmp_path / "c.yaml", content) == said


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n", "---\n...\n"])
def test_empty_file(tmp_path: Path, content: str) -> None:
    assert _said(tmp_path / "c.yaml", content) == [EMPTY]


def test_characters_that_are_not_seen(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    assert _said(path, "a:\n\tb: 1\n") == ["2:1: a tab is used for indentation, indent with spaces"]
    assert _said(path, "a: b\x07\n") == ["1:5: the invisible character U+0007 cannot stand here, remove it"]
    assert _said(path, "[" * 60) == ["1:51: nested more than 50 deep, flatten it"]


def test_wrong_bytes(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    assert _said(path, b"a: 1\nb: \xe9\n") == ["2:4: byte 0xe9 is not UTF-8, save the file as UTF-8"]
    assert _said(path, "a: 1".encode("utf-16")) == ["1:1: the file is UTF-16, save it as UTF-8"]
    assert _said(path, codecs.BOM_UTF8 + b"demo: true\n") == []
    assert _said(path, "region: é\nregoin: x\n") == ["2:1: regoin: unknown key 'regoin', did you mean 'region'?"]


def test_files_that_are_none(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        with pytest.raises(ConfigurationErrors) as caught:
            load(path, {})
        return str(caught.value).removeprefix(f"{path}: ")

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b" " * (MAX_FILE + 1))
    assert (
        said(tmp_path / "no")
        == "the configuration cannot be read (no such file or directory), name another with --config"
    )
    assert said(tmp_path) == "the configuration is a folder, not a file, name another with --config"
    assert said(tmp_path / "pipe") == "the configuration is not an ordinary file, name another with --config"
    assert said(tmp_path / "large") == "the configuration is larger than 1024 KiB, name another with --config"


def test_anchors_that_unfold_without_end_are_stopped(tmp_path: Path) -> None:
    bomb = "x-a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"x-{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    assert _said(tmp_path / "c.yaml", bomb) == ["1:1: the file unfolds to more than 100,000 values, use fewer anchors"]


@pytest.mark.parametrize("key", ["k{}", "{}"])
def test_merges_that_unfold_without_end_are_stopped(tmp_path: Path, key: str) -> None:
    part = ", ".join(f"{key.format(number)}: 1" for number in range(2000))
    content = f"x-a: &a {{{part}}}\nx-b: {{<<: [{', '.join(['*a'] * 2000)}]}}\n"
    said = _said(tmp_path / "c.yaml", content)
    assert said == ["1:1: the file unfolds to more than 100,000 values, use fewer anchors"]


def test_merged_parts_are_checked_where_they_stand(tmp_path: Path) -> None:
    content = "x-slow: &slow\n  interval: 1h\n  timout: 3s\n" + TARGET + "    <<: *slow\n"
    assert _said(tmp_path / "c.yaml", content) == [
        "3:3: targets[0].probes[0].timout: unknown key 'timout', did you mean 'timeout'?"
    ]
    (tmp_path / "c.yaml").write_text(
        content.replace("timout", "timeout").replace("    url", "    interval: 5s\n    url")
    )
    probe = load(tmp_path / "c.yaml", {}).targets[0].probes[0]
    assert (probe.interval, probe.timeout) == (5.0, 3.0)


def test_plain_words_mean_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("region: no\nplatform: 1:30\nenvironment: 2026-01-04\ndemo: yes\n")
    configuration = load(tmp_path / "c.yaml", {})
    assert (configuration.region, configuration.platform) == ("no", "1:30")
    assert (configuration.environment, configuration.demo) == ("2026-01-04", True)


_words = st.sampled_from(
    [
        "targets",
        "probes",
        "type",
        "http",
        "gate",
        "steps",
        "actions",
        "d",
        "url",
        "name",
        "headers",
        "labels",
        "proxies",
    ]
) | st.text(max_size=8)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(data=_values, name=st.sampled_from(["targets", "actions", "proxies", "promises", "agent", "keys", "roles"]))
def test_any_values_give_problems_never_tracebacks(
    tmp_path_factory: pytest.TempPathFactory, data: object, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.yaml"
    path.write_bytes(yaml.safe_dump({name: data}, allow_unicode=True).encode("utf-8", "replace"))
    reading = read(path, {})
    assert (reading.configuration is None) == bool(reading.problems)


@settings(max_examples=150, deadline=None)
@given(
    content=st.binary(max_size=200) | st.text(alphabet=":-[]{}&*!|>'\"#%@`,?~<\t\n ab1.", max_size=80).map(str.encode)
)
def test_any_bytes_give_problems_never_tracebacks(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random.yaml"
    path.write_bytes(content)
    reading = read(path, {})
    assert (reading.configuration is None) == bool(reading.problems)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_cut_or_changed_example_never_shows_a_secret(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 400)))
    insert = data.draw(
        st.sampled_from(["", "!env PENGUINMAILS_TOKEN", "{", "x: !env PENGUINMAILS_TOKEN\n", "- ", "\n"])
    )
    path = tmp_path_factory.getbasetemp() / "example.yaml"
    path.write_text(text[:start] + insert + text[end:], encoding="utf-8")
    reading = read(path, SECRETS)
    everything = f"{reading!r} {reading.configuration} {[str(problem) for problem in reading.problems]}"
    assert CANARY not in everything
