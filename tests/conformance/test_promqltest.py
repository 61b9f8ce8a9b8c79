"""All of Prometheus' own query tests that are at hand, and the runner itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conformance.promqltest import main, run
from tests.conformance.series import STALE, expand, read_labels

_REPOSITORY = Path(__file__).parents[2]
_DATA = Path(os.environ.get("PENGUINTUI_CONFORMANCE_DATA") or _REPOSITORY.parent / "shared" / "data")
_OWN = [Path(__file__).with_name(name) for name in ("language.test", "corners.test")]
_SCRIPTS = sorted((_DATA / "alerting" / "promqltest").glob("*.test"))


@pytest.mark.skipif(not _SCRIPTS, reason=f"no promqltest scripts in {_DATA} (PENGUINTUI_CONFORMANCE_DATA)")
@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda path: path.stem)
def test_script(script: Path) -> None:
    tally = run(script)
    assert not tally.failed, "\n".join(tally.failed)
    assert tally.passed
    for line in tally.skipped:
        assert "native histogram" in line or "the parser cannot parse it" in line


@pytest.mark.parametrize("script", _OWN, ids=lambda path: path.stem)
def test_own_script(script: Path) -> None:
    tally = run(script)
    assert not tally.failed, "\n".join(tally.failed)
    assert not tally.skipped


def test_runner_tells_right_from_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "own.test"
    script.write_text(
        "load 1m\n  queue{host='a'} 1+1x3 _ stale\n  sizes {{schema:0 count:1}}\n\n"
        "eval instant at 1m queue\n  queue{host='a'} 2\n\n"
        "eval instant at 1m queue\n  queue{host='a'} 3\n\n"
        "eval range from 0 to 2m step 1m queue * 2\n  {host='a'} 2 4 6\n\n"
        "eval instant at 1m sum(sizes)\n\n"
        "  eval instant at 1m nosuch(queue)\n\n"
        "eval instant at 1m -queue\n  expect fail\n",
        encoding="utf-8",
    )
    assert main([str(script)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "2 passed, 2 failed, 2 skipped"
    assert [line.split(" ")[0] for line in lines[:-1]].count("FAILED") == 2


def test_notation_of_series() -> None:
    labels, values = read_labels('{"my.name", a="x\\"y", b=\'}\'} 1+2x2 -1x1 _x2 0x1 {{count:1}} Inf NaN stale')
    assert labels == (("__name__", "my.name"), ("a", 'x"y'), ("b", "}"))
    found = list(expand(values))
    assert found[:9] == [1, 3, 5, -1, -1, None, None, 0, 0]
    assert found[9:11] == ["histogram", float("inf")]
    assert str(found[11]) == "nan"
    assert str(found[12]) == str(STALE)
