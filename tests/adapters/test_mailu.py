"""Mailu's API, against a fake made of its published contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.adapters.mailu.probe import MailuAdapter, judged
from penguintui.adapters.mailu.records import wanted
from penguintui.clock import SystemClock
from penguintui.config.serverprobes import MailuProbe
from penguintui.mail.desired import Wanted
from penguintui.model.secret import Secret
from penguintui.model.status import Status

from .conftest import ask, found, measured
from .mailuservice import KEY, TOKEN, Mailu, domain, mailu, user


@pytest.fixture
async def fake() -> AsyncIterator[Mailu]:
    async with mailu() as one:
        yield one


def adapter(fake: Mailu, token: str = TOKEN) -> MailuAdapter:
    return MailuAdapter(MailuProbe(type="mailu", url=fake.url, token=Secret(token)), SystemClock())


async def test_what_it_has_is_counted(fake: Mailu) -> None:
    fake.users.append(user("old@e.example", enabled=False))
    seen = await ask(adapter(fake))
    assert seen.up and seen.complete
    assert found(seen, "mailu.reach").summary == f"{fake.url} answers: 2 domain, 3 user, 1 alias"
    assert measured(seen, "mailu_users") == 3 and measured(seen, "mailu_users_disabled") == 1
    assert measured(seen, "mailu_domain_users", domain="d.example") == 2
    assert measured(seen, "mailu_domain_aliases", domain="e.example") == 1
    assert found(seen, "mailu.dkim").status is found(seen, "mailu.room").status is Status.OK
    assert found(seen, "mailu.quota").status is Status.UNKNOWN, "what it does not tell is not fine"
    assert "$bcrypt" not in repr(seen) and TOKEN not in repr(seen)


@pytest.mark.parametrize(
    ("users", "status", "words"),
    [
        ([{}, {}], Status.UNKNOWN, "this version of Mailu does not say how full the mailboxes are"),
        ([{"quota_bytes": 0}, {"quota_bytes": 0, "quota_bytes_used": 7}], Status.OK, "none of 2 mailboxes has a quota"),
        ([], Status.OK, "none of 0 mailboxes has a quota"),
        ([{"quota_bytes_used": 10}, {}], Status.UNKNOWN, "is 1 % full; of 1 others Mailu does not say it"),
        ([{"quota_bytes_used": 999}, {}], Status.WARNING, "; of 1 others Mailu does not say it"),
    ],
)
async def test_quotas_that_nobody_tells_are_unknown(
    fake: Mailu, users: list[dict[str, int]], status: Status, words: str
) -> None:
    fake.users = [user(f"u{number}@d.example", **told) for number, told in enumerate(users)]
    quota = found(await ask(adapter(fake)), "mailu.quota")
    assert (quota.status, quota.summary.endswith(words)) == (status, True), quota.summary


async def test_limits_and_missing_keys(fake: Mailu) -> None:
    fake.domains = [domain("d.example", max_users=2), domain("e.example", max_aliases=50, dns_dkim=None)]
    fake.users = [user("eva@d.example", quota_bytes_used=950), user("tom@d.example", quota_bytes_used=1010)]
    seen = await ask(adapter(fake))
    room = found(seen, "mailu.room")
    assert room.status is Status.WARNING
    assert room.summary == "d.example has 2 of 2 allowed users, over the limit of 90 %"
    quota = found(seen, "mailu.quota")
    assert quota.status is Status.CRITICAL
    assert quota.summary == "the mailbox of tom@d.example is 101 % full, over the limit of 100 % (and 1 more)"
    unsigned = found(seen, "mailu.dkim")
    assert unsigned.status is Status.WARNING and "no DKIM key for e.example" in unsigned.summary


async def test_a_wrong_token_says_that_more_of_them_lock_out(fake: Mailu) -> None:
    seen = await ask(adapter(fake, "wrong-token"))
    finding = found(seen, "mailu.reach")
    assert finding.status is Status.UNKNOWN and finding.evidence["reason"] == "denied"
    assert "Invalid authorization header" in finding.summary and "locks out" in finding.summary
    assert "wrong-token" not in repr(seen)


async def test_an_address_where_no_api_is(fake: Mailu) -> None:
    fake.url += "/nothing"
    finding = found(await ask(adapter(fake)), "mailu.reach")
    assert finding.status is Status.UNKNOWN and "answered 404" in finding.summary and "API=true" in finding.remedy


def test_records_out_of_lines_of_a_zone_file() -> None:
    sets, refused = wanted(domain("d.example"))
    assert not refused
    assert set(sets) == {
        Wanted("d.example", "MX", ("10 mail.d.example",), "mx"),
        Wanted("d.example", "TXT", ("v=spf1 mx a:mail.d.example ~all",), "spf"),
        Wanted("dkim._domainkey.d.example", "TXT", (KEY,), "dkim"),
        Wanted("_dmarc.d.example", "TXT", ("v=DMARC1; p=reject; adkim=s; aspf=s",), "dmarc"),
        Wanted("d.example._report._dmarc.d.example", "TXT", ("v=DMARC1;",), ""),
        Wanted("_submission._tcp.d.example", "SRV", ("20 1 587 mail.d.example",), ""),
        Wanted("_25._tcp.mail.d.example", "TLSA", ("2 1 1 " + "0b" * 32,), ""),
    }


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "no line of a zone file"),
        ("d.example. 600 IN MX ten mail.d.example.", "no MX record"),
        ("d.example. 600 IN TXT v=spf1", "no quoted text"),
        ('d.example. 600 IN TXT "v=spf1" rest', "no quoted text"),
        ("d.example. 600 IN HINFO a b", "a record of the type HINFO is not looked at"),
    ],
)
def test_lines_that_are_none_are_refused_by_name(line: str, why: str) -> None:
    sets, (refused,) = wanted({"dns_mx": line})
    assert not sets and why in refused and refused.startswith(repr(line[:5])[:-1])


def test_a_key_in_several_strings_is_one_value() -> None:
    sets, _ = wanted({"dns_dkim": f'x._domainkey.d.example. 600 IN TXT "{KEY[:255]}" "{KEY[255:]}"'})
    assert sets[0].values == (KEY,)


texts = st.none() | st.text(max_size=60) | st.sampled_from(["d. 1 IN A 1.2.3.4", 'd. IN TXT "\\999"', "d. IN MX 10 ."])
FIELDS = ["dns_mx", "dns_spf", "dns_dkim", "dns_tlsa", "name", "email", "max_users", "quota_bytes", "quota_bytes_used"]
values = texts | st.integers() | st.floats() | st.lists(texts, max_size=3)
rows = st.lists(st.dictionaries(st.sampled_from(FIELDS), values), max_size=3)


@given(rows, rows)
def test_rows_of_any_content_are_read_without_an_error(
    domains: list[dict[str, Any]], users: list[dict[str, Any]]
) -> None:
    settings = MailuProbe(type="mailu", url="http://127.0.0.1", token=Secret("x"))
    assert len(judged({"domain": domains, "user": users}, settings).findings) == 3
    for one in domains:
        wanted(one)
