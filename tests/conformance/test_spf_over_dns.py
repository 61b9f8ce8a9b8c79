"""The openspf suite again, through a real name server, and through the command."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from penguintui.adapters.dns.nameserver import AT_ONCE, opened
from penguintui.cli.mail import mail_app
from penguintui.mail.spf import Verdict, check_host
from tests.adapters.servers import HOST
from tests.adapters.zoneserver import Zone, zones
from tests.conformance import data
from tests.conformance.spf import Case, cases

_PATIENCE = 0.4
"""Seconds for one question: those to silent names take as long."""


def _with_zones(path: Path) -> list[tuple[Case, Zone]]:
    scenarios = [scenario for scenario in yaml.safe_load_all(path.read_bytes()) if scenario]
    zone_of = {name: scenario["zonedata"] for scenario in scenarios for name in scenario["tests"]}
    return [(case, zone_of[case.name]) for case in cases(path)]


_CASES = [pytest.param(*one, id=one[0].name) for one in _with_zones(data("mail/spf/rfc7208-tests.yml"))]


@pytest.mark.parametrize(("case", "zone"), _CASES)
async def test_through_a_name_server(case: Case, zone: Zone) -> None:
    async with zones(zone) as server:
        resolver = await opened(f"{HOST}:{server.port}", "the test's server", 20.0, _PATIENCE)
        fields = case.fields
        verdict = await check_host(resolver, fields["host"], fields["mailfrom"], fields["helo"])
    assert case.accepts(verdict), f"{verdict}, wanted {case.fields['result']}"
    assert server.most <= AT_ONCE


def _command(fields: dict[str, Any], port: int) -> dict[str, Any]:
    arguments = ["spf", "--ip", fields["host"], "--mail-from", fields["mailfrom"], "--helo", fields["helo"]]
    done = CliRunner().invoke(
        mail_app, [*arguments, "--resolver", f"{HOST}:{port}", "--timeout", str(_PATIENCE), "--json"]
    )
    assert done.exit_code in (0, 1, 2, 3), done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(("case", "zone"), _CASES)
async def test_through_the_command(case: Case, zone: Zone) -> None:
    async with zones(zone) as server:
        told = await asyncio.to_thread(_command, case.fields, server.port)
    verdict = Verdict(told["result"], told["explanation"], told["reason"], told["lookups"], told["voids"])
    assert case.accepts(verdict), f"{verdict}, wanted {case.fields['result']}"
