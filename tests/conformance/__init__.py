"""Runs sets of cases that others wrote, from outside the repository, against what is built here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def data(relative: str) -> Path:
    """A file or folder of the outside cases; without it the test is left out by name."""
    root = Path(os.environ.get("PENGUINTUI_CONFORMANCE_DATA") or _BESIDE)
    path = root / relative
    if not path.exists():
        pytest.skip(f"no outside cases: {path} is missing; set PENGUINTUI_CONFORMANCE_DATA", allow_module_level=True)
    return path
