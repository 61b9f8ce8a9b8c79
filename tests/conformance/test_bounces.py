"""The bounce set: what must come out right, in shares, and what must never be suppressed."""

from __future__ import annotations

import json

from penguintui.mail.bounce import Kind, read
from tests.conformance import data
from tests.conformance.bounces import score

_FOLDER = data("mail/bounces")


def test_shares() -> None:
    result = score(_FOLDER)
    listing = "\n".join(result.misses)
    assert result.share("both") >= 0.97, listing
    assert result.share("exact") >= 0.90, listing
    assert result.counts["complaint"] == 0, listing
    assert result.counts["vacation"] == 0, listing


def test_nothing_is_suppressed_that_is_no_bounce() -> None:
    for path in sorted((_FOLDER / "not-bounces").glob("*.eml")):
        for notice in read(path.read_bytes()):
            assert notice.kind in (Kind.OTHER, Kind.AUTO_REPLY), f"{path.name}: {notice}"
            assert not notice.suppress


def test_no_automatic_answer_is_suppressed() -> None:
    expected = json.loads((_FOLDER / "expected.json").read_text())
    for name, records in expected.items():
        if any(record["reason"] == "vacation" for record in records):
            assert not any(notice.suppress for notice in read((_FOLDER / "mails" / name).read_bytes())), name
