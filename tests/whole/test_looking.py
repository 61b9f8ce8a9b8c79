"""A colleague opens what somebody looked at, as of then; and the command line says the same."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable

from penguintui.views.format import clock, moment
from tests.whole.program import Program, until
from tests.whole.terminal import Terminal

PROGRAM = [sys.executable, "-m", "penguintui"]
ONE = """
environment: test
targets:
  - {name: here, kind: host, probes: [{type: host, interval: 500ms}]}
"""
TWO = f"{ONE}  - {{name: there, kind: host, probes: [{{type: host, interval: 500ms}}]}}\n"


def test_a_colleague_opens_a_target_as_of_then(program: Callable[..., Program]) -> None:
    one = program(TWO)
    one.agent()
    until(lambda: one.rows("SELECT 1 FROM findings WHERE target = 'there'"))
    then = math.ceil(one.rows("SELECT max(valid_from) FROM findings")[0][0])
    until(lambda: time.time() > then)  # a whole second, so that it can be written
    one.config.write_text(ONE, encoding="utf-8")
    until(lambda: one.rows("SELECT 1 FROM targets WHERE name = 'there' AND valid_to IS NOT NULL"))

    written = moment(then).replace(" ", "T")
    viewer = Terminal([*PROGRAM, "--goto", "there", "--at", written], one.environment)
    try:
        viewer.until(rf"PAST: as of {moment(then)}, \d+s ago")
        viewer.until("there.*asked|there.*Findings|there.*host every")
        viewer.type("2")
        viewer.until(r"there +host")
        viewer.type("L")
        viewer.until(r"live \d\d:\d\d:\d\dZ.*here(?!.*there +host)")
        viewer.type(":diff " + clock(then) + "\r")
        viewer.until(r"there \(host\) is watched no more")
        viewer.type("q")
        assert viewer.ended() == 0
    finally:
        viewer.close()

    names = [
        row["name"] for row in json.loads(one.run("status", "--at", written, "--json").stdout)["technical"]["rows"]
    ]
    assert sorted(names) == ["here", "there"]
    plain = one.run("--plain", "--goto", "there", "--at", written).stdout
    assert f"Moment: as of {moment(then)}. past: read-only." in plain
    assert "there (host):" in plain
    told = one.run("diff", written)
    assert told.returncode == 0
    assert "there (host) is watched no more; it was " in told.stdout
    document = json.loads(one.run("diff", written, "--json").stdout)
    assert {"since", "until", "title", "differences", "same", "trouble"} <= document.keys()
    assert document["since"] == then


def test_moments_that_cannot_be_shown_say_why(program: Callable[..., Program]) -> None:
    one = program(ONE)
    one.agent()
    until(lambda: one.rows("SELECT 1 FROM findings"))
    for arguments, code, said in (
        (("status", "--at", "teatime"), 64, "teatime is no time: 14:05, yesterday 14:05"),
        (("--plain", "--at", "2200-01-01"), 64, "2200-01-01 00:00:00Z has not come yet"),
        (("runs", "1", "--at", "-1m", "--order", "cancel"), 64, "nothing acts on the past"),
        (("diff", "2020-01-01"), 1, "The store begins at "),
        (("diff", "deploy"), 1, "No deploy is remembered up to "),
        (("diff", "teatime"), 1, "Nothing is called teatime"),
    ):
        done = one.run(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), arguments
        assert said in done.stderr
    early = one.run("status", "--at", "2020-01-01 12:00")
    assert early.returncode == 3
    assert "Needs: The store begins at " in early.stdout
