"""What is wanted against what is held: differences, and the order in which they are set right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail import wanted as texts
from penguintui.mail.changes import Change, changes
from penguintui.mail.desired import Held, Standing, Wanted, agreeing, compare
from penguintui.mail.dmarc.record import parse_dmarc
from penguintui.mail.spf.parse import parse as parse_spf

SPF = Wanted("x.example", "TXT", ("v=spf1 ip4:192.0.2.1 -all",), "spf")
KEY = Wanted("new._domainkey.x.example", "TXT", ("v=DKIM1; k=rsa; p=NEW",), "dkim")
OLD_KEY = Wanted("old._domainkey.x.example", "TXT", (), "dkim")
REJECT = Wanted("_dmarc.x.example", "TXT", ("v=DMARC1; p=reject",), "dmarc")
MX = Wanted("x.example", "MX", ("10 mx1.x.example", "20 mx2.x.example"), "mx")


@pytest.mark.parametrize(
    ("wanted", "held", "standing"),
    [
        (SPF, Held(SPF.values), Standing.EQUAL),
        (SPF, Held(("V=SPF1  ip4:192.0.2.1 -ALL",)), Standing.EQUAL),
        (SPF, Held(("verification=1", *SPF.values)), Standing.EQUAL),
        (SPF, Held(("verification=1",)), Standing.MISSING),
        (SPF, Held(("v=spf1 -all",)), Standing.DIFFERING),
        (SPF, Held(("v=spf1 -all", *SPF.values)), Standing.EXTRA),
        (SPF, Held(trouble="ns1 did not answer"), Standing.UNKNOWN),
        (KEY, Held(("v=DKIM1;k=rsa;p=N E W",)), Standing.EQUAL),
        (KEY, Held(("v=DKIM1; k=rsa; p=OTHER",)), Standing.DIFFERING),
        (OLD_KEY, Held(), Standing.EQUAL),
        (OLD_KEY, Held(("v=DKIM1; p=OLD",)), Standing.EXTRA),
        (MX, Held(("20 MX2.x.example.", "10 mx1.x.example")), Standing.EQUAL),
        (MX, Held(("10 mx1.x.example",)), Standing.MISSING),
        (Wanted("x", "AAAA", ("2001:db8::1",)), Held(("2001:0db8:0:0::1",)), Standing.EQUAL),
        (Wanted("x", "TXT", ("a=1",)), Held(("b=2",)), Standing.MISSING),
        (Wanted("x", "TXT", ("a=1",)), Held(("b=2", "a=1")), Standing.EQUAL),
        (Wanted("x", "A", ("192.0.2.1",), ttl=60), Held(("192.0.2.1",), ttl=300), Standing.DIFFERING),
    ],
)
def test_standing(wanted: Wanted, held: Held, standing: Standing) -> None:
    difference = compare(wanted, held)
    assert difference.standing is standing
    assert bool(difference.why) is (standing is not Standing.EQUAL)


def plan(*wanted: Wanted, source: dict[str, Held], servers: dict[str, dict[str, Held]] | None = None) -> list[Change]:
    held = {one.key: source.get(one.name, Held()) for one in wanted}
    elsewhere = {one.key: (servers or {}).get(one.name, {"ns1": held[one.key]}) for one in wanted}
    return list(changes(wanted, held, elsewhere, 3600.0))


def test_what_is_equal_is_left_alone_and_so_are_others_at_the_name() -> None:
    assert plan(SPF, KEY, source={"x.example": Held(SPF.values), KEY.name: Held(KEY.values)}) == []
    (change,) = plan(SPF, source={"x.example": Held(("verification=1", "v=spf1 -all"), 300.0)})
    assert (change.old, change.new) == (("verification=1", "v=spf1 -all"), ("verification=1", *SPF.values))
    assert change.new_ttl == 300.0, "the TTL is nobody's wish: it stays"
    assert change.words == 'TXT x.example: "v=spf1 -all" → "v=spf1 ip4:192.0.2.1 -all"'
    assert change.reversed().new == change.old


def test_several_purposes_at_one_name_are_changed_one_after_the_other() -> None:
    proof = Wanted("x.example", "TXT", ("proof=1",))
    first, second = plan(SPF, proof, source={})
    assert first.new == second.old == ("proof=1",)
    assert set(second.new) == {"proof=1", *SPF.values}


def test_the_order_is_safe() -> None:
    found = plan(REJECT, SPF, OLD_KEY, KEY, MX, source={OLD_KEY.name: Held(("v=DKIM1; p=OLD",))})
    assert [change.name.split(".")[0] + change.purpose for change in found] == [
        "xmx", "newdkim", "xspf", "_dmarcdmarc", "olddkim"
    ]  # fmt: skip


def test_the_old_key_stays_until_the_new_one_is_everywhere() -> None:
    old = {OLD_KEY.name: Held(("v=DKIM1; p=OLD",))}
    both = {**old, KEY.name: Held(KEY.values)}
    (removal,) = [change for change in plan(KEY, OLD_KEY, source=old) if change.removal]
    assert removal.waits == "the old key stays until the new one is everywhere: new._domainkey.x.example at ns1"
    lagging = {KEY.name: {"ns1": Held(KEY.values), "ns2": Held()}}
    assert "at ns2" in plan(KEY, OLD_KEY, source=both, servers=lagging)[0].waits
    silent = {KEY.name: {"ns1": Held(KEY.values), "ns2": Held(trouble="ns2 did not answer")}}
    assert "at ns2" in plan(KEY, OLD_KEY, source=both, servers=silent)[0].waits, "not known is not there"
    (removal,) = plan(KEY, OLD_KEY, source=both)
    assert (removal.new, removal.waits) == ((), "")


def test_a_stricter_policy_waits_for_what_it_demands() -> None:
    none = {REJECT.name: Held(("v=DMARC1; p=none",))}
    assert "at ns1" in plan(REJECT, SPF, KEY, source=none)[-1].waits
    ready = {**none, "x.example": Held(SPF.values), KEY.name: Held(KEY.values)}
    assert [change.waits for change in plan(REJECT, SPF, KEY, source=ready)] == [""]
    relaxed = Wanted(REJECT.name, "TXT", ("v=DMARC1; p=none",), "dmarc")
    assert plan(relaxed, SPF, source={REJECT.name: Held(REJECT.values)})[-1].waits == "", "the way back is free"


def test_an_alias_is_changed_where_it_leads_to() -> None:
    (change,) = plan(KEY, source={KEY.name: Held((), alias="keys.other.example")})
    assert change.waits == "it is an alias of keys.other.example: change it there"


def test_what_is_not_known_is_not_changed() -> None:
    assert plan(SPF, source={"x.example": Held(trouble="refused")}) == []


def test_servers_that_disagree_are_told_from_those_that_are_silent() -> None:
    held, other, silent = Held(SPF.values), Held(("v=spf1 -all",)), Held(trouble="no answer")
    assert agreeing(SPF, [held, Held(("other=1", *SPF.values)), silent])
    assert not agreeing(SPF, [held, other])
    assert not agreeing(SPF, [held, Held()])


_VALUES = st.lists(st.sampled_from(["v=spf1 -all", *SPF.values, "proof=1", "other=2"]), unique=True, max_size=4).map(
    tuple
)


@given(_VALUES)
def test_after_the_change_nothing_differs(values: tuple[str, ...]) -> None:
    held = Held(values, 60.0)
    for change in changes([SPF], {SPF.key: held}, {}, 60.0):
        assert change.old == values
        held = Held(change.new, change.new_ttl)
    assert compare(SPF, held).standing is Standing.EQUAL
    assert set(held.values) - set(SPF.values) == set(values) - set(SPF.values) - {"v=spf1 -all"}


def test_texts_are_what_their_rules_read() -> None:
    spf = texts.spf_text(addresses=["192.0.2.1", "192.0.2.64/26", "2001:db8::/64"], includes=["other.example"])
    assert spf == "v=spf1 ip4:192.0.2.1 ip4:192.0.2.64/26 ip6:2001:db8::/64 include:other.example ~all"
    assert not parse_spf(spf).faults
    dmarc = texts.dmarc_text(
        "reject", subdomains="none", reports=["a@x.example", "mailto:b@y.example"], strict_spf=True
    )
    assert dmarc == "v=DMARC1; p=reject; sp=none; rua=mailto:a@x.example,mailto:b@y.example; aspf=s"
    read = parse_dmarc(dmarc)
    assert read is not None and not read.faults
    assert texts.pointer_name("192.0.2.25") == "25.2.0.192.in-addr.arpa"
    with pytest.raises(ValueError, match="mail"):
        texts.spf_text(addresses=["mail.x.example"])
