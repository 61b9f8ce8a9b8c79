"""Beside Debian's Perl programs for the same rules: Mail::SPF for senders, Sisimai for bounces, both made at random."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penguintui.mail.bounce import read
from penguintui.mail.spf import check_host
from tests.mail.test_bounce import dsn
from tests.mail.test_oracles import SENDERS, ZONES
from tests.mail.zone import FakeZone

_SOME = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
_STATUSES = ("4.2.2", "4.4.1", "4.4.7", "5.1.1", "5.1.2", "5.2.1", "5.2.2", "5.3.4", "5.4.4", "5.7.1", "5.7.26")
_LOCALS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


class Oracle:
    """A Perl program that answers each line of JSON with one."""

    def __init__(self, script: str, module: str, package: str) -> None:
        perl = shutil.which("perl") or ""
        if not perl or subprocess.run([perl, f"-M{module}", "-e", "1"], capture_output=True, check=False).returncode:
            pytest.skip(f"{module} is missing: apt-get install {package}")
        self._process = subprocess.Popen(
            [perl, str(Path(__file__).with_name(script))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **asked: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def mail_spf() -> Iterator[Oracle]:
    oracle = Oracle("spf_oracle.pl", "Mail::SPF", "libmail-spf-perl")
    yield oracle
    oracle.close()


@pytest.fixture(scope="module")
def sisimai() -> Iterator[Oracle]:
    oracle = Oracle("bounce_oracle.pl", "Sisimai", "libsisimai-perl")
    yield oracle
    oracle.close()


@_SOME
@given(ZONES, SENDERS)
def test_spf_beside_mail_spf(mail_spf: Oracle, zone: dict[str, dict[str, list[str]]], ip: str) -> None:
    theirs = mail_spf.ask(zone=zone, sender="eva@a.example", ip=ip, helo="mx.example")
    ours = asyncio.run(check_host(FakeZone(zone), ip, "eva@a.example", "mx.example"))
    assert theirs["result"] == ours.result, (theirs, ours, zone)


@_SOME
@given(_LOCALS, st.sampled_from(_STATUSES))
def test_bounces_beside_sisimai(sisimai: Oracle, local: str, status: str) -> None:
    address = f"{local}@d.example"
    data = dsn(
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} no"
    )
    (ours,) = read(data)
    (theirs,) = sisimai.ask(mail=data.decode())["found"]
    assert (ours.recipient, ours.status) == (theirs["recipient"], theirs["status"])
