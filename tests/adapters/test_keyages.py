"""How long DKIM keys have been seen, over restarts and changes of the key."""

from __future__ import annotations

from penguintui.adapters.dns.keyages import KeyAges, aged
from penguintui.mail.records import Verdict
from penguintui.model.status import Status

_NAME, _DAY = "pm._domainkey.shop.example", 86_400.0
_FINE = Verdict(Status.OK, "published", evidence={"record": "x"})


def _status(ages: KeyAges, key: str, day: float) -> Status:
    return aged(_FINE, ages.judge(_NAME, ["a note", f"v=DKIM1; p={key}"], day * _DAY)).status


def _restarted(ages: KeyAges) -> KeyAges:
    later = KeyAges()
    later.go_on({one.place: one.mark for one in ages.bookmarks()} | {"DKIM key x": "nonsense", "/var/log/a": "1 2"})
    return later


def test_a_key_grows_old_over_restarts_and_a_new_one_is_new() -> None:
    ages = KeyAges()
    assert _status(ages, "AAAA", 1000) is Status.OK
    ages = _restarted(ages)
    assert _status(ages, "AAAA", 1100) is Status.OK
    ages = _restarted(ages)
    assert _status(ages, "AA AA", 1181) is Status.WARNING, "white space is no new key"
    assert _status(ages, "BBBB", 1182) is Status.OK
    assert _status(_restarted(ages), "BBBB", 1300) is Status.OK


def test_what_is_wrong_stays_the_reason() -> None:
    broken = Verdict(Status.CRITICAL, "revoked")
    old = Verdict(Status.WARNING, "old", evidence={"seen for": "200 days"})
    assert aged(broken, old).summary == "revoked"
    assert aged(_FINE, old).evidence == {"record": "x", "seen for": "200 days"}
    assert aged(_FINE, None) == _FINE


def test_of_several_keys_nobody_knows_the_age() -> None:
    assert KeyAges().judge(_NAME, ["v=DKIM1; p=A", "v=DKIM1; p=B"], 0.0) is None
    assert KeyAges().judge(_NAME, ["v=DKIM1; p=", "v=DKIM1; p=A; p=B"], 0.0) is None
