"""The verdict reads as a colleague would say it."""

from __future__ import annotations

from typing import Any

from penguintui.model.status import Status
from penguintui.views import format as say
from penguintui.views.models.executive import PromiseCard
from penguintui.views.models.technical import FindingLine
from penguintui.views.models.what import Change, Trend, Value
from penguintui.views.verdict import Situation, Stake, chain, verdict
from tests.views.making import NOW, at


def fault(target: str, summary: str, since: str, status: Status = Status.CRITICAL, title: str = "") -> FindingLine:
    began = at(since)
    return FindingLine(
        target, "check", title or "A check", "", status, summary, "", since, began, "4s", False, "http", {}
    )


def change(kind: str, text: str, time: str) -> Change:
    return Change(at(time), time, kind, text)


def promise(name: str, now: float, status: Status, since: str | None = None, target: str = "of 60 s") -> PromiseCard:
    value = Value(say.seconds(now), status, now, "seconds")
    broken = None if since is None else at(since)
    return PromiseCard(
        name, status, value, target, 0.03, "3%", 21.0, "burn 21×", status, "30d", Trend(), broken_since=broken
    )


def said(**known: Any) -> str:
    return verdict(Situation(**{"environment": "production", "at": NOW, "total": 12, **known})).text


LATE = promise("Delivery p95", 192, Status.CRITICAL, "13:42")
LISTED = fault("sending-addresses", "203.0.113.12 is listed by zen.dnsbl.test", "13:31")
RELEASE = change("release", "release 2026.11.24-2 by ben", "13:20")


def test_a_broken_promise_with_what_it_began_with() -> None:
    text = said(
        faults=[LISTED, fault("mail", "mail to outlook takes 192 s", "13:42")],
        promises=[LATE],
        changes=[RELEASE],
        stake=Stake(1240.4, 41),
    )
    assert text.split("\n") == [
        "Production is degraded since 13:42. Delivery p95 is 3m12s, promised 60 s.",
        "It began with sending-addresses at 13:31: 203.0.113.12 is listed by zen.dnsbl.test.",
        "Shortly before: release 2026.11.24-2 by ben at 13:20.",
        "At risk: about $1,240 an hour, 41 customers affected.",
        "Also critical: mail. 2 Technical shows all.",
    ]


def test_a_fault_without_a_broken_promise() -> None:
    text = said(faults=[fault("mx2", "/var is 97 % full", "14:02")])
    assert text == "Production is degraded since 14:02. mx2: /var is 97 % full."


def test_a_fault_long_ago_is_not_what_it_began_with() -> None:
    text = said(faults=[LISTED, fault("web", "the certificate ends in 4.8 days", "09:00")], promises=[LATE])
    assert "It began with sending-addresses at 13:31" in text
    assert "Also critical: web." in text


def test_each_target_is_named_once_and_at_its_worst() -> None:
    watched = fault("sending-addresses", "203.0.113.12 has the reputation watch", "13:40", Status.WARNING)
    loaded = fault("mx2", "load 9.1", "13:41", Status.WARNING)
    full = fault("mx2", "/var is 97 % full", "13:44")
    assert "Also critical: mx2. 2 Technical" in said(faults=[LISTED, full, watched, loaded], promises=[LATE])


def test_a_release_after_the_beginning_did_not_bring_it() -> None:
    late = change("release", "release 2026.11.24-3 by ben", "13:35")
    assert "release" not in said(faults=[LISTED], promises=[LATE], changes=[late])


def test_a_release_hours_before_is_not_shortly_before() -> None:
    assert "release" not in said(faults=[LISTED], changes=[change("release", "release 1 by ben", "09:00")])


def test_warnings_only() -> None:
    text = said(faults=[fault("mx1-queue", "2,500 messages wait", "13:50", Status.WARNING)])
    assert text == "Production needs attention since 13:50. mx1-queue: 2,500 messages wait."


def test_what_nobody_knows_is_never_fine() -> None:
    text = said(faults=[fault("redis", "no answer within 3 s", "14:12", Status.UNKNOWN)])
    assert text == "Production cannot be judged in full since 14:12. redis: no answer within 3 s."


def test_a_promise_without_data_says_when_it_was_asked() -> None:
    unknown = PromiseCard(
        "Inbox placement",
        Status.UNKNOWN,
        Value("no data", Status.UNKNOWN, reason="no data yet, asked at 14:15:09Z"),
        "of 95 %", None, "no data", None, "burn unknown", Status.UNKNOWN, "30d", Trend(),
        note="no data yet, asked at 14:15:09Z",
    )  # fmt: skip
    text = said(promises=[unknown])
    assert text == "Production cannot be judged in full. Inbox placement: no data yet, asked at 14:15:09Z."


def test_all_is_fine() -> None:
    kept = promise("Delivery p95", 34, Status.OK)
    assert said(promises=[kept, kept]) == "Production is fine. 12 targets without a fault, 2 promises kept."


def test_nothing_is_watched() -> None:
    assert said(total=0) == "Production: nothing is watched, so nothing is known."


def test_a_silent_agent_comes_before_everything() -> None:
    text = said(faults=[LISTED], promises=[LATE], blind_since=at("14:02"))
    assert text == "Production is out of sight since 14:02: the agent is silent. What is shown was true then."


def test_the_verdict_is_as_bad_as_its_worst_part() -> None:
    for status in Status:
        worst = verdict(Situation("production", NOW, 1, [fault("x", "y", "14:00", status)], []))
        assert worst.status is status


def test_customers_are_at_risk_where_nobody_knows_the_money() -> None:
    assert "At risk: 1 customer affected." in said(faults=[LISTED], stake=Stake(None, 1))


class TestChain:
    """Why one target is red, in one line."""

    def test_a_single_fault(self) -> None:
        line = chain([fault("mx2", "/var is 97 % full", "14:02")], [], NOW)
        assert line == "CRITICAL since 14:02: /var is 97 % full."

    def test_an_older_fault_of_the_same_target_comes_with_it(self) -> None:
        faults = [
            fault("mx2", "/var is 97 % full", "14:02"),
            fault("mx2", "load 9.1", "13:58", Status.WARNING, "Load"),
        ]
        line = chain(faults, [RELEASE], NOW)
        assert line == "CRITICAL since 14:02: /var is 97 % full; it began at 13:58: load 9.1."

    def test_what_was_done_shortly_before(self) -> None:
        line = chain([fault("api", "answers after 1.7 s", "13:25")], [RELEASE], NOW)
        assert line == (
            "CRITICAL since 13:25: answers after 1.7 s; shortly before: release 2026.11.24-2 by ben at 13:20."
        )

    def test_a_fine_target_has_no_chain(self) -> None:
        assert chain([], [RELEASE], NOW) == ""
