"""`penguintui check`: what a word that names nothing may have been meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from penguintui.cli.main import app


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("localhost", "localhost:25 for mail, localhost:443 for TLS, https://localhost/"),
        ("192.0.2.10", "192.0.2.10:25 for mail"),
        ("2001:db8::1", "[2001:db8::1]:25 for mail"),
        ("no such", "no target, domain, URL or HOST:PORT"),
    ],
)
def test_a_bare_host_is_answered_with_how_to_ask_it(tmp_path: Path, word: str, hint: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("targets: []\n")
    done = CliRunner().invoke(app, ["check", word, "--config", str(config)])
    assert (done.exit_code, hint in done.output) == (64, True), done.output
