"""Every test begins with a terminal that shows everything, whatever the one before chose."""

from __future__ import annotations

import pytest

from penguintui.widgets.look import UNICODE, use


@pytest.fixture(autouse=True)
def _all_characters() -> None:
    use(UNICODE)
