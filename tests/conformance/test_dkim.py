"""Keys and records of dkimpy's tests: a published key is recognised as the signer's in each of its writings."""

from __future__ import annotations

import pytest

from penguintui.mail.dkimkey import judge_dkim
from penguintui.mail.signatures import judge_signatures
from penguintui.mail.signer import judge_match
from penguintui.model.status import Status
from tests.conformance import data
from tests.mail.zone import FakeZone

_FOLDER = data("mail/dkim/dkimpy")


@pytest.mark.parametrize(
    ("record", "key", "status"),
    [
        ("1024_testkey_wo_markers.pub.txt", "1024_testkey.key", Status.OK),
        ("1024_testkey_wo_markers.pub.rsa.txt", "1024_testkey.key", Status.OK),
        ("2048_testkey_wo_markers.pub.txt", "2048_testkey.key", Status.OK),
        ("2048_testkey_wo_markers.pub.rsa.txt", "2048_testkey.key", Status.OK),
        ("2048_testkey_PKCS8.key.pub.txt", "2048_testkey_PKCS8.key", Status.OK),
        ("2048_testkey_PKCS8.key.pub.txt", "2048_testkey.key", Status.CRITICAL),
        ("badversion.txt", "2048_testkey.key", Status.CRITICAL),
    ],
)
def test_published_and_signing_key(record: str, key: str, status: Status) -> None:
    text = (_FOLDER / record).read_text().strip()
    assert judge_match("s._domainkey.d.example", text, (_FOLDER / key).read_bytes()).status is status


@pytest.mark.parametrize("name", ["badk.txt", "badversion.txt"])
def test_broken_records_are_said_to_be(name: str) -> None:
    verdict = judge_dkim("s._domainkey.d.example", [(_FOLDER / name).read_text().strip()])
    assert verdict is not None
    assert verdict.status is Status.CRITICAL


@pytest.mark.parametrize(
    ("mail", "keys", "statuses"),
    [
        ("rfc6376.signed.msg", {"test": "test.txt"}, [Status.CRITICAL, Status.OK]),
        ("rfc6376.signed.rsa.msg", {"test": "test.txt"}, [Status.OK]),
        ("rfc6376.signed.rsa.msg", {"test": "2048_testkey_wo_markers.pub.txt"}, [Status.CRITICAL]),
        ("test.message", {}, [Status.CRITICAL]),
    ],
)
async def test_signatures(mail: str, keys: dict[str, str], statuses: list[Status]) -> None:
    """The first signature of the first mail has a key that is in none of the files: it is not published."""
    zone = FakeZone(
        {
            f"{selector}._domainkey.football.example.com": {"TXT": [(_FOLDER / file).read_text().strip()]}
            for selector, file in keys.items()
        }
    )
    verdicts = await judge_signatures(zone, (_FOLDER / mail).read_bytes())
    assert [verdict.status for verdict in verdicts] == statuses, verdicts
