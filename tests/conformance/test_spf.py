"""The openspf suite for RFC 7208."""

from __future__ import annotations

import pytest

from tests.conformance import data
from tests.conformance.spf import Case, cases

_CASES = list(cases(data("mail/spf/rfc7208-tests.yml")))


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
async def test_case(case: Case) -> None:
    verdict = await case.run()
    assert case.accepts(verdict), f"{verdict}, wanted {case.fields['result']} {case.fields.get('explanation', '')}"
