"""Secrets come in by `!env` and `!file`, and never come out."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from penguintui.config.document import document, from_document
from penguintui.config.loading import load, read
from penguintui.config.probes import HttpProbe, PlatformProbe
from penguintui.config.settings import Configuration
from penguintui.model.secret import HIDDEN, Secret

CONFIGURATION = """\
targets:
- name: a
  kind: service
  probes:
  - type: platform
    url: https://a.example/api/v1
    token: !file {path}
"""


def _platform(path: Path, env: dict[str, str] | None = None) -> PlatformProbe:
    probe = load(path, env or {}).targets[0].probes[0]
    assert isinstance(probe, PlatformProbe)
    return probe


def _written(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    secret = folder / "token"
    secret.write_bytes(content)
    secret.chmod(mode)
    (folder / "c.yaml").write_text(CONFIGURATION.format(path="token"))
    return folder / "c.yaml"


@pytest.mark.parametrize("content", [b"hunter2", b"hunter2\n", b"hunter2\r\n"])
@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640])
def test_file_beside_the_configuration(tmp_path: Path, content: bytes, mode: int) -> None:
    token = _platform(_written(tmp_path, content, mode)).token
    assert token is not None
    assert token.reveal() == "hunter2"


def test_file_elsewhere(tmp_path: Path) -> None:
    _written(tmp_path, b"hunter2")
    (tmp_path / "c.yaml").write_text(CONFIGURATION.format(path=tmp_path / "token"))
    assert _platform(tmp_path / "c.yaml").token == Secret("hunter2")


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"hunter2", 0o644, "is open to others (mode 0644), run `chmod 600 {}`"),
        (b"hunter2", 0o660, "is open to others (mode 0660), run `chmod 600 {}`"),
        (b"hunter2", 0o604, "is open to others (mode 0604), run `chmod 600 {}`"),
        (b"\n", 0o600, "is empty, put the secret into it"),
        (b"hunter2\xff", 0o600, "is not UTF-8 text, save the secret as text"),
        (b"hunter2" * 10_000, 0o600, "is larger than 64 KiB, it must be a file that the agent can read"),
    ],
)
def test_file_that_is_refused(tmp_path: Path, content: bytes, mode: int, said: str) -> None:
    path = _written(tmp_path, content, mode)
    token = tmp_path / "token"
    (problem,) = read(path, {}).problems
    assert str(problem) == f"{path}:7:12: targets[0].probes[0].token: the secret's file {token} {said.format(token)}"


def test_folder_and_missing_file_are_refused(tmp_path: Path) -> None:
    for name, said in (("sub", "is a folder, not a file"), ("no", "cannot be read (no such file or directory)")):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "c.yaml").write_text(CONFIGURATION.format(path=name))
        (problem,) = read(tmp_path / "c.yaml", {}).problems
        assert problem.message == f"the secret's file {tmp_path / name} {said}"


@pytest.mark.parametrize(
    ("tag", "env", "message"),
    [
        ("!env TOKEN", {}, "the environment variable TOKEN is not set"),
        ("!env TOKEN", {"TOKEN": ""}, "the environment variable TOKEN is empty"),
        ("!env", {}, "!env wants the name of an environment variable"),
        ("!env $TOKEN", {}, "!env wants the name of an environment variable"),
        ("!file", {}, "!file wants the path of a file"),
    ],
)
def test_name_that_leads_nowhere(tmp_path: Path, tag: str, env: dict[str, str], message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(CONFIGURATION.replace("!file {path}", tag))
    assert [problem.message for problem in read(path, env).problems] == [message]


_secrets = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=8, max_size=40)


@settings(max_examples=60, deadline=None)
@given(value=_secrets.map(lambda text: f"s3cr3t{text}"))
def test_nothing_shows_a_secret(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "secret.yaml"
    path.write_text(
        CONFIGURATION.replace("!file {path}", "!env TOKEN")
        + "  - {type: http, url: 'https://a.example/', headers: {Authorization: !env TOKEN}}\n"
        + "  - {type: sql, url: !env TOKEN}\n",
        encoding="utf-8",
    )
    configuration = load(path, {"TOKEN": value})
    shown = [
        repr(configuration),
        str(configuration),
        configuration.model_dump_json(),
        str(configuration.model_dump()),
        json.dumps(configuration.model_dump(), default=str),
        document(configuration),
        repr(copy.deepcopy(configuration)),
    ]
    wrong = path.read_text(encoding="utf-8").replace("interval", "x").replace("url: ", "url: !env TOKEN #", 1)
    path.write_text(wrong.replace("type: sql", "type: sqll"), encoding="utf-8")
    shown += [str(problem) for problem in read(path, {"TOKEN": value}).problems]
    assert len(shown) > 7
    assert not [text for text in shown if value in text]


def test_validation_errors_do_not_repeat_input() -> None:
    with pytest.raises(ValidationError) as caught:
        HttpProbe.model_validate({"type": "http", "url": ["hunter2"], "interval": ["hunter2"]})
    assert "input_value" not in str(caught.value)


def test_secret_is_not_taken_apart() -> None:
    @dataclasses.dataclass
    class Holder:
        secret: Secret

    taken = dataclasses.asdict(Holder(Secret("hunter2")))
    assert "hunter2" not in str(taken)
    assert (Secret("a") == Secret("a"), Secret("a") == Secret("b"), Secret("a") == "a") == (True, False, False)
    assert f"{Secret('hunter2')!s:>5}|{Secret('hunter2')}" == f"  {HIDDEN}|{HIDDEN}"


def test_plain_passwords_are_hidden_in_documents(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        "targets:\n- name: a\n  kind: database\n  probes:\n"
        "  - {type: sql, url: 'postgresql+psycopg://me:hunter2@db.example:5432/x'}\n"
        "  - {type: http, url: 'https://me:hunter2@a.example', headers: {Authorization: hunter2, Accept: text}}\n"
    )
    text = document(load(path, {}))
    assert "hunter2" not in text
    assert f"postgresql+psycopg://me:{HIDDEN}@db.example:5432/x" in text
    assert '"Accept":"text"' in text


def test_hidden_secret_comes_only_from_documents(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(CONFIGURATION.replace("!file {path}", f'"{HIDDEN}"'))
    assert [problem.message for problem in read(path, {}).problems] == ["a secret must not be written into this file"]
    path.write_text(CONFIGURATION.replace("!file {path}", "!env TOKEN"))
    again = from_document(document(load(path, {"TOKEN": "hunter2"})))
    assert isinstance(again, Configuration)
    assert again.targets[0].probes[0].token == Secret(HIDDEN)  # type: ignore[union-attr]
