"""What is suppressed, what never is, and what the placement of canaries says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.mail.placement import FEWEST, PATIENCE, Canary, Place, placements, wilson
from penguintui.mail.suppression import SoftBounce, SoftRule, enough, process
from tests.mail.test_bounce import dsn, plain

NOW = 1_790_000_000.0


def failed(address: str, status: str, text: str = "") -> bytes:
    return dsn(f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {text}")


def complaint(kind: str, recipient: str = "eva@d.example", sender: str = "news@ours.example") -> bytes:
    return (
        "From: fbl@provider.example\nMessage-ID: <fbl-1@provider.example>\nSubject: complaint\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nA complaint.\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n"
        f"Original-Rcpt-To: {recipient}\n\n--b\nContent-Type: message/rfc822\n\nFrom: {sender}\nTo: {recipient}\n"
        "Subject: news\n\nhello\n--b--\n"
    ).encode()


def test_who_will_never_get_mail_and_who_complains_is_suppressed() -> None:
    (decision,) = process(failed("Eva@D.example", "5.1.1", "550 5.1.1 no such user here"), NOW).decisions
    assert decision.suppression is not None
    assert (decision.suppression.address, decision.suppression.reason) == ("eva@d.example", "userunknown")
    assert (decision.suppression.status, decision.suppression.created) == ("5.1.1", NOW)
    assert decision.why == "userunknown, 5.1.1"
    processed = process(complaint("abuse"), NOW)
    (decision,) = processed.decisions
    assert decision.suppression is not None
    assert (decision.suppression.reason, processed.message_id) == ("complaint", "fbl-1@provider.example")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (failed("a@d.example", "5.2.2", "552 5.2.2 mailbox full"), "mailboxfull, 5.2.2: that says nothing"),
        (failed("a@d.example", "4.1.1", "450 4.1.1 try again"), "4.1.1: temporary"),
        (failed("a@d.example", "5.7.1", "550 5.7.1 blocked by Spamhaus"), "that says nothing against the address"),
        (plain("I am away.", "Auto-Submitted: auto-replied\n", "eva@d.example"), "an automatic answer"),
        (complaint("not-spam"), "feedback of the type not-spam asks for nothing"),
        (complaint("auth-failure"), "feedback of the type auth-failure asks for nothing"),
        (b"From: eva@d.example\nSubject: hello\n\nHow are you?\n", "no bounce and no complaint"),
        (failed("nobody", "5.1.1", "550 5.1.1 no such user"), "'nobody' is no address"),
        (b"", "no bounce and no complaint"),
    ],
)
def test_what_never_suppresses(data: bytes, why: str) -> None:
    decisions = process(data, NOW).decisions
    assert [decision.suppression for decision in decisions] == [None] * len(decisions)
    assert why in decisions[0].why


@pytest.mark.parametrize(
    ("sender", "counts"),
    [
        ("news@ours.example", True),
        ("a@mail.ours.example", True),
        ("a@theirs.example", False),
        ("a@notours.example", False),
    ],
)
def test_only_mails_of_ours_count_when_we_say_which(sender: str, counts: bool) -> None:
    (decision,) = process(complaint("abuse", sender=sender), NOW, ["Ours.example."]).decisions
    assert (decision.suppression is not None) is counts
    assert counts or "it may be forged" in decision.why
    nothing_returned = plain("<eva@d.example>: 550 5.1.1 user unknown")
    assert all(one.suppression is None for one in process(nothing_returned, NOW, ["ours.example"]).decisions)


def leaving(to: str, subject: str = "unsubscribe", more: str = "", sender: str = "Eva@d.example") -> bytes:
    return f"From: Eva <{sender}>\nTo: <{to}>\nSubject: {subject}\nMessage-ID: <u1@d.example>\n{more}\nbye\n".encode()


@pytest.mark.parametrize(
    ("data", "leaves"),
    [
        (leaving("unsubscribe@ours.example"), True),
        (leaving("Unsubscribe+a1b2@ours.example", subject="x"), True),
        (leaving("unsubscribe@ours.example", subject="Cheap watches"), False),
        (leaving("news@ours.example"), False),
        (leaving("unsubscribe+a1b2@theirs.example"), False),
        (leaving("unsubscribe@ours.example", more="Auto-Submitted: auto-replied\n"), False),
        (leaving("unsubscribe@ours.example", sender="nobody"), False),
        (failed("eva@d.example", "2.0.0", "250 ok").replace(b"To: ", b"To: unsubscribe+1@ours.example, "), False),
    ],
)
def test_who_writes_to_the_address_of_list_unsubscribe_gets_nothing_more(data: bytes, leaves: bool) -> None:
    decisions = process(data, NOW, (), ["unsubscribe@ours.example"]).decisions
    found = [one.suppression for one in decisions if one.suppression is not None]
    assert [(one.address, one.reason) for one in found] == ([("eva@d.example", "unsubscribed")] if leaves else [])
    assert not any(one.suppression for one in process(data, NOW).decisions), "only when such addresses are named"


def test_temporary_failures_of_a_mailbox_are_told_apart_from_ours() -> None:
    def soft(status: str, text: str) -> SoftBounce | None:
        (decision,) = process(failed("Eva@d.example", status, text), NOW, ()).decisions
        assert decision.suppression is None
        return decision.soft

    full = soft("4.2.2", "452 4.2.2 mailbox full")
    assert full is not None
    assert (full.address, full.reason) == ("eva@d.example", "mailboxfull")
    assert soft("5.7.1", "550 5.7.1 blocked by Spamhaus") is None
    assert soft("4.7.28", "421 4.7.28 too many mails from your address, rate limited") is None
    foreign = process(failed("eva@d.example", "4.2.2", "452 mailbox full"), NOW, ["other.example"]).decisions
    assert foreign[0].soft is None, "a forged bounce counts nothing"


def test_enough_is_on_so_many_days_and_not_so_many_mails() -> None:
    rule, day = SoftRule(3, 7 * 86_400), 86_400.0

    def on(*days: float) -> list[SoftBounce]:
        return [SoftBounce("e@d.example", "mailboxfull", "4.2.2", "full", NOW - one * day) for one in days]

    assert enough(rule, on(0, 0.01, 0.02, 0.03), "m", NOW) is None, "one bad day"
    assert enough(rule, on(0, 1), "m", NOW) is None
    assert enough(rule, on(0, 1, 9), "m", NOW) is None, "too long ago"
    assert enough(rule, on(0, 1, -1), "m", NOW) is None, "not from the future"
    found = enough(rule, on(0, 1, 2), "m", NOW)
    assert found is not None
    assert (found.reason, found.address, found.status) == ("soft-bounces", "e@d.example", "4.2.2")
    assert found.evidence.startswith("temporary failures on 3 days within 7 days, the last: mailboxfull")


@given(st.binary(max_size=400))
def test_any_bytes_are_decided_on(data: bytes) -> None:
    processed = process(data, NOW)
    assert processed.decisions
    assert processed == process(data, NOW)
    assert 0 < len(processed.message_id) <= 255


def canaries(inbox: int = 0, spam: int = 0, pending: int = 0, provider: str = "gmail") -> list[Canary]:
    kinds = [(Place.INBOX, inbox), (Place.SPAM, spam), (Place.PENDING, pending)]
    return [Canary(provider, "pool-a", NOW - 60 * n, place) for place, count in kinds for n in range(count)]


def test_placement_is_told_with_its_uncertainty_or_as_too_little() -> None:
    (gmail,) = placements(canaries(inbox=18, spam=2), NOW)
    assert (gmail.count, gmail.share, gmail.age) == (20, 0.9, 0.0)
    assert gmail.words == "gmail: 90 % in the inbox (70 to 97 %, n=20)"
    few, none = placements([*canaries(inbox=FEWEST - 1), *canaries(pending=1, provider="yahoo")], NOW)
    assert few.share is None
    assert few.words == "gmail: too little data (9 of at least 10 canaries)"
    assert none.words == "yahoo: too little data (none has arrived yet)"


def test_a_canary_under_way_counts_only_when_it_is_too_late() -> None:
    (early,) = placements(canaries(pending=12), NOW)
    assert (early.count, early.pending) == (0, 12)
    (late,) = placements(canaries(pending=12), NOW + PATIENCE + 800)
    assert (late.count, late.missing, late.share) == (12, 12, 0.0)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(successes: int, failures: int) -> None:
    low, high = wilson(successes, successes + failures)
    assert 0 <= low <= high <= 1
    if successes + failures:
        assert low - 1e-9 <= successes / (successes + failures) <= high + 1e-9


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(9, 10)  # Newcombe (1998) gives such values for his method 3
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)
