"""What the world thinks of our addresses, names, headers, and what its refusals mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.headers import judge_headers
from penguintui.mail.hostname import is_generic, judge_names, names_of
from penguintui.mail.listings import ZONES, Sort, listed, liveness, meaning, sender_score
from penguintui.mail.mime import parse_headers
from penguintui.mail.providers import explain, explain_text
from penguintui.mail.resolver import Answer, Outcome
from penguintui.mail.sending import judge_listed, judge_score, judge_sender, judge_senders, pause_of
from penguintui.model.status import Status
from tests.mail.zone import FakeZone


def answer(*records: str) -> Answer:
    return Answer(Outcome.RECORDS, records) if records else Answer(Outcome.NXDOMAIN)


@pytest.mark.parametrize(
    ("zone", "address", "sort"),
    [
        ("zen.spamhaus.org", "127.0.0.2", Sort.LISTED),
        ("zen.spamhaus.org", "127.0.0.10", Sort.INFO),
        ("zen.spamhaus.org", "127.255.255.254", Sort.ERROR),
        ("dbl.spamhaus.org", "127.0.1.255", Sort.ERROR),
        ("dbl.spamhaus.org", "127.0.1.2", Sort.LISTED),
        ("multi.uribl.com", "127.0.0.1", Sort.ERROR),
        ("multi.uribl.com", "127.0.0.2", Sort.LISTED),
        ("list.dnswl.org", "127.0.5.1", Sort.GOOD),
        ("list.dnswl.org", "127.0.0.255", Sort.ERROR),
        ("rep.mailspike.net", "127.0.0.14", Sort.GOOD),
        ("unknown.example", "127.0.0.2", Sort.LISTED),
        ("unknown.example", "127.255.255.1", Sort.ERROR),
        ("unknown.example", "203.0.113.1", Sort.ERROR),
        ("unknown.example", "nonsense", Sort.ERROR),
    ],
)
def test_codes_of_lists(zone: str, address: str, sort: Sort) -> None:
    assert meaning(zone, address).sort is sort


def test_the_worst_first() -> None:
    found = listed("zen.spamhaus.org", answer("127.0.0.10", "127.0.0.4"))
    assert [one.sort for one in found] == [Sort.LISTED, Sort.INFO]
    assert listed("zen.spamhaus.org", answer()) == []


@pytest.mark.parametrize(
    ("must", "must_not", "word"),
    [
        (answer("127.0.0.2"), answer(), ""),
        (answer("127.0.0.2"), answer("127.0.0.2"), "everything"),
        (answer(), answer(), "closed or empty"),
        (answer("127.255.255.254"), answer(), "refuses"),
        (Answer(Outcome.TIMEOUT), answer(), "does not answer"),
    ],
)
def test_dead_lists(must: Answer, must_not: Answer, word: str) -> None:
    said = liveness("zen.spamhaus.org", must, must_not)
    assert (said == "") if not word else (word in said)


def test_scores() -> None:
    assert sender_score(answer("127.0.4.87")) == 87
    assert sender_score(answer("127.255.255.255")) is None
    assert all(zone.every > 0 for zone in ZONES.values())


_PTR = "1.2.0.192.in-addr.arpa"


@pytest.mark.parametrize(
    ("zone", "helo", "status"),
    [
        ({_PTR: {"PTR": ["mx.d.example."]}, "mx.d.example": {"A": ["192.0.2.1"]}}, "mx.d.example", Status.OK),
        ({_PTR: {"PTR": ["mx.d.example"]}, "mx.d.example": {"A": ["192.0.2.1"]}}, "other.example", Status.WARNING),
        (
            {_PTR: {"PTR": ["ip-192-0-2-1.d.example"]}, "ip-192-0-2-1.d.example": {"A": ["192.0.2.1"]}},
            "",
            Status.WARNING,
        ),
        ({_PTR: {"PTR": ["mx.d.example"]}, "mx.d.example": {"A": ["192.0.2.9"]}}, "", Status.CRITICAL),
        ({}, "", Status.CRITICAL),
        ({_PTR: Outcome.SERVFAIL}, "", Status.UNKNOWN),
        ({_PTR: {"PTR": ["mx.d.example"]}, "mx.d.example": Outcome.TIMEOUT}, "", Status.UNKNOWN),
    ],
)
async def test_names_of_addresses(zone: dict[str, dict[str, list[str]] | Outcome], helo: str, status: Status) -> None:
    assert judge_names(await names_of(FakeZone(zone), "192.0.2.1"), helo).status is status


async def test_names_of_ipv6() -> None:
    pointer = "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"
    zone = FakeZone({pointer: {"PTR": ["mx.d.example"]}, "mx.d.example": {"AAAA": ["2001:db8:0::1"]}})
    assert (await names_of(zone, "2001:db8::1")).confirmed == ("mx.d.example",)


@pytest.mark.parametrize(
    ("name", "generic"),
    [
        ("mx1.penguin.example", False),
        ("mail-out-192.penguin.example", False),
        ("1.2.0.192.static.isp.example", True),
        ("host192002001.isp.example", True),
        ("c0000201.isp.example", True),
        ("dynamic-17.isp.example", True),
    ],
)
def test_default_names(name: str, generic: bool) -> None:
    assert is_generic(name, "192.0.2.1") is generic


_FORM = "From: a@b.c\nDate: now\nMessage-ID: <1@b.c>\n"
_CLICK = "List-Unsubscribe: <mailto:u@b.c>, <https://b.c/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"


@pytest.mark.parametrize(
    ("text", "marketing", "code", "status"),
    [
        (_FORM, False, "form", Status.OK),
        (_FORM, True, "one-click", Status.CRITICAL),
        (_FORM + _CLICK, True, "one-click", Status.OK),
        (_FORM + _CLICK.replace("https", "http"), True, "one-click", Status.CRITICAL),
        (_FORM + _CLICK.replace("=One-Click", "=Yes"), True, "one-click", Status.CRITICAL),
        (_FORM + _CLICK.replace("=One-Click", "=one-click"), True, "one-click", Status.OK),
        (_FORM + _CLICK.replace("mailto:u@b.c", "https://b.c/v"), True, "one-click", Status.WARNING),
        (_FORM + _CLICK.replace("mailto:u@b.c", "http://b.c/v"), True, "one-click", Status.WARNING),
        (_FORM + _CLICK + "DKIM-Signature: v=1; h=From:To; b=x\n", True, "one-click", Status.CRITICAL),
        (
            _FORM + _CLICK + "DKIM-Signature: v=1; h=From:List-Unsubscribe:\n List-Unsubscribe-Post; b=x\n",
            True,
            "one-click",
            Status.OK,
        ),
        (_FORM + "From: x@y.z\n", False, "repeated", Status.CRITICAL),
        ("From: a@b.c\n", False, "missing", Status.CRITICAL),
        (_FORM.replace("<1@b.c>", "1"), False, "message-id", Status.WARNING),
        (_FORM + "Feedback-ID: a:b:c:sender1\n", False, "feedback-id", Status.OK),
        (_FORM + "Feedback-ID: sender\n", False, "feedback-id", Status.WARNING),
    ],
)
def test_demands_on_headers(text: str, marketing: bool, code: str, status: Status) -> None:
    demands = {demand.code: demand.status for demand in judge_headers(parse_headers(text), marketing=marketing)}
    assert demands[code] is status


@given(st.text(max_size=200))
def test_any_headers(text: str) -> None:
    assert judge_headers(parse_headers(text), marketing=True)


@pytest.mark.parametrize(
    ("text", "host", "code"),
    [
        ("550-5.7.26 unauthenticated", "gmail-smtp-in.l.google.com", "5.7.26"),
        ("421-4.7.28 rate", "aspmx.l.google.com.", "4.7.28"),
        ("421 4.7.0 [TSS04] deferred", "mta5.am0.yahoodns.net", "TSS04"),
        ("554 no", "mta5.am0.yahoodns.net", "554"),
        ("550 SC-001 (x)", "hotmail-com.olc.protection.outlook.com", "SC-001"),
        ("550 5.7.515 Access denied", "x.mail.protection.outlook.com", "5.7.515"),
        ("553 5.7.2 [TSS09] All messages will be permanently deferred", "mta5.am0.yahoodns.net", "TSS09"),
        ("421 4.7.1 [TS03] All messages will be permanently deferred", "mta5.am0.yahoodns.net", "TS03"),
        ("553 5.7.1 [BL21] Connections will not be accepted", "mta5.am0.yahoodns.net", "BL21"),
        ("554 5.7.9 Message not accepted for policy reasons", "mta5.am0.yahoodns.net", "5.7.9"),
        ("554 delivery error: dd This user doesn't have a yahoo.com account", "mta5.am0.yahoodns.net", "554"),
        ("550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3150).", "x.olc.outlook.com", "S3150"),
        ("550 5.7.606 Access denied, banned sending IP", "x.mail.protection.outlook.com", "5.7.606"),
        ("550 5.7.649 Access denied, banned sending IP", "x.mail.protection.outlook.com", "5.7.649"),
        ("550 5.7.650 Access denied", "x.mail.protection.outlook.com", None),
        ("550 5.1.1 who", "mx.d.example", None),
        ("550 5.9.9 who", "aspmx.l.google.com", None),
    ],
)
def test_refusals_of_providers(text: str, host: str, code: str | None) -> None:
    found = explain(text, host)
    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("text", "providers", "retry"),
    [
        ("550 5.7.515 Access denied, sending domain d.example", ["microsoft"], False),
        ("550-5.7.26 Your email has been blocked. https://support.google.com/mail 1-2.3 - gsmtp", ["gmail"], False),
        ("421-4.7.28 rate - gsmtp", ["gmail"], True),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", ["yahoo"], True),
        ("553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred", ["yahoo"], False),
        ("552 5.2.2 mailbox full", ["gmail", "yahoo", "microsoft"], False),
        ("550 5.9.9 no", [], False),
        ("", [], False),
    ],
)
def test_refusals_without_their_server(text: str, providers: list[str], retry: bool) -> None:
    found = explain_text(text)
    assert [one.provider for one in found] == providers
    assert not found or found[0].retry is retry


@given(st.text(max_size=100))
def test_any_refusal(text: str) -> None:
    assert all(one.code in text for one in explain_text(text))


_POINTS = {"2.0.0.127.bl.example": {"A": ["127.0.0.2"]}}


@pytest.mark.parametrize(
    ("names", "status", "words"),
    [
        (_POINTS, Status.OK, "does not list"),
        (_POINTS | {"9.2.0.192.bl.example": {"A": ["127.0.0.2"], "TXT": ["spam"]}}, Status.CRITICAL, "192.0.2.9: spam"),
        ({}, Status.UNKNOWN, "does not list its own test entry"),
        (_POINTS | {"1.0.0.127.bl.example": {"A": ["127.0.0.2"]}}, Status.UNKNOWN, "lists everything"),
        (
            {f"{n}.bl.example": {"A": ["127.0.0.2"]} for n in ("9.2.0.192", "2.0.0.127", "1.0.0.127")},
            Status.UNKNOWN,
            "lists everything",
        ),
        ({"9.2.0.192.bl.example": Outcome.TIMEOUT}, Status.UNKNOWN, "could not be asked"),
    ],
)
async def test_a_list_is_believed_only_when_its_test_points_are_right(
    names: dict[str, dict[str, list[str]] | Outcome], status: Status, words: str
) -> None:
    found = await judge_listed(FakeZone(names), "192.0.2.9", "bl.example")
    assert (found.status, words in found.summary) == (status, True), found.summary
    assert found.subject == "192.0.2.9 bl.example"


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("127.0.0.3", Status.CRITICAL, "lists 192.0.2.9 (CSS: sends spam or is compromised)"),
        ("127.0.0.10", Status.WARNING, "the network of 192.0.2.9: PBL"),
        ("127.255.255.254", Status.UNKNOWN, "public resolvers"),
    ],
)
async def test_codes_of_spamhaus_are_told(code: str, status: Status, words: str) -> None:
    zone = "zen.spamhaus.org"
    names = {f"2.0.0.127.{zone}": {"A": ["127.0.0.2"]}, f"9.2.0.192.{zone}": {"A": [code]}}
    found = await judge_listed(FakeZone(names), "192.0.2.9", zone)
    assert (found.status, words in found.summary) == (status, True), found.summary
    assert pause_of(zone) == 7200
    assert pause_of("bl.example") == 0


_SENDING = {
    "9.2.0.192.in-addr.arpa": {"PTR": ["mx1.x.example"]},
    "mx1.x.example": {"A": ["192.0.2.9"]},
    "x.example": {"TXT": ["v=spf1 ip4:192.0.2.9 -all"]},
}


async def test_a_sending_address_has_a_name_and_spf_lets_it() -> None:
    zone = FakeZone(_SENDING)
    fine = await judge_sender(zone, "x.example", "192.0.2.9", "mx1.x.example", 0)
    assert {finding.check: finding.status for finding in fine} == {"dns.ptr": Status.OK, "dns.spf": Status.OK}
    other = await judge_sender(zone, "x.example", "192.0.2.9", "elsewhere.example", 0)
    assert other[0].status is Status.WARNING
    name, spf = await judge_sender(zone, "x.example", "192.0.2.10", "", 0)
    assert (name.status, "no name (PTR)" in name.summary) == (Status.CRITICAL, True)
    assert (spf.status, "does not let 192.0.2.10 send (fail)" in spf.summary) == (Status.CRITICAL, True)
    (only,) = await judge_sender(zone, "none.example", "192.0.2.9", "", 0)
    assert only.check == "dns.ptr", "without a record SPF says nothing"
    (wrong,) = await judge_sender(zone, "x.example", "mx1", "", 0)
    assert wrong.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("records", "status", "score"),
    [
        (["127.0.4.99"], Status.OK, 99), (["127.0.4.75"], Status.WARNING, 75), (["127.0.4.12"], Status.CRITICAL, 12),
        (["127.255.255.255"], Status.UNKNOWN, None), ([], Status.UNKNOWN, None),
    ],
)  # fmt: skip
async def test_sender_score(records: list[str], status: Status, score: int | None) -> None:
    zone = FakeZone({"9.2.0.192.score.senderscore.com": {"A": records}})
    finding, found = await judge_score(zone, "192.0.2.9")
    assert (finding.status, found) == (status, score)


async def test_all_of_it_at_once() -> None:
    zones = ["bl.example", "score.senderscore.com"]
    found = await judge_senders(FakeZone(_SENDING | _POINTS), "x.example", ["192.0.2.9"], "", zones, 0)
    assert [finding.check for finding in found] == ["dns.ptr", "dns.spf", "dns.blocklist", "dns.score"]
