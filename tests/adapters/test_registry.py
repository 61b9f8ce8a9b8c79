"""Each type of probe has its adapter, and only the adapters in use are imported."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from penguintui.adapters.registry import ADAPTERS, build
from penguintui.clock import SystemClock
from penguintui.config.probes import HttpProbe, Probe, TlsProbe


def test_every_type_of_probe_has_an_adapter() -> None:
    union, _ = get_args(Probe)
    types = {get_args(settings.model_fields["type"].annotation)[0] for settings in get_args(union)}
    assert types == set(ADAPTERS)


def test_the_adapter_is_that_of_the_type() -> None:
    assert type(build(HttpProbe(type="http", url="http://x/"), clock=SystemClock())).__name__ == "HttpAdapter"
    assert type(build(TlsProbe(type="tls", host="x"), clock=SystemClock())).__name__ == "TlsAdapter"


@pytest.mark.parametrize("heavy", ["httpx", "dns", "cryptography", "sqlalchemy", "psutil", "textual"])
def test_registry_imports_no_library(heavy: str) -> None:
    code = f"import sys, penguintui.adapters.registry; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
