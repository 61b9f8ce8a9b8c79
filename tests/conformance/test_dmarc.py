"""DMARC, failure and TLS reports: the totals that another parser recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import data
from tests.conformance.dmarc import compare

_FOUND = list(compare(data("mail/dmarc")))


@pytest.mark.parametrize(("name", "wanted", "found"), _FOUND, ids=[name for name, _, _ in _FOUND])
def test_totals(name: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    assert found == wanted
