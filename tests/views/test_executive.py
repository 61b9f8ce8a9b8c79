"""The executive screen in words."""

from __future__ import annotations

from pathlib import Path

from penguintui.model.moment import Moment
from penguintui.model.status import Status
from penguintui.views import business, executive, incidents
from penguintui.views.models.executive import Executive, PromiseCard
from tests.views import world
from tests.views.making import NOW, World, at


def build(of: World, moment: Moment | None = None) -> Executive:
    moment = moment or Moment()
    return executive.build(of.reader(moment), of.ask(moment))


def card(view: Executive, name: str) -> PromiseCard:
    return next(card for card in view.promises if card.name == name)


def test_trouble_in_a_few_sentences(trouble: World) -> None:
    assert build(trouble).verdict.text.split("\n") == [
        "Production is degraded since 13:42. Delivery p95 is 3m12s, promised 60 s.",
        "It began with sending-addresses at 13:31: 203.0.113.12 is listed by zen.dnsbl.test.",
        "Shortly before: release 2026.11.24-2 by ben at 13:20.",
        "At risk: about $42 an hour, 41 customers affected.",
        "Also critical: web, acme.test, mail and 2 more; warning: mx1-queue; unknown: redis. 2 Technical shows all.",
    ]


def test_calm_in_one(calm: World) -> None:
    assert build(calm).verdict.text == "Production is fine. 13 targets without a fault, 5 promises kept."


def test_half_an_hour_before_it_was_another_verdict(trouble: World) -> None:
    text = build(trouble, Moment(at("13:35"))).verdict.text
    assert text.startswith("Production is degraded since 09:00. web: the certificate ends in 4.8 days")


def test_a_broken_promise_is_a_card_with_all_its_numbers(trouble: World) -> None:
    late = card(build(trouble), "Delivery p95")
    assert (late.status, late.now.text, late.target) == (Status.CRITICAL, "3m12s", "of 60 s")
    assert late.broken_since == at("13:42")
    assert late.burn_rate is not None
    assert late.burn_rate > 50
    assert late.burn_status is Status.CRITICAL
    assert late.budget_left is not None
    assert 0.85 < late.budget_left < 0.95
    assert (late.now.age, late.now.stale) == ("9s", False)
    assert late.now.source == 'max(penguinmails_delivery_seconds{quantile="0.95"})'
    assert late.trend.points[-1] == 192.0
    assert late.trend.limit == 60.0


def test_a_mean_is_shown_as_the_mean(calm: World) -> None:
    uptime = card(build(calm), "Uptime")
    assert (uptime.now.text, uptime.target, uptime.budget_text, uptime.note) == ("100 %", "of 99.9 %", "100%", "")


def test_a_promise_of_which_nothing_is_known_is_unknown(tmp_path: Path) -> None:
    promises = [
        {"name": "Placement", "query": "avg(nothing_measures_this)", "target": ">= 0.95", "unit": "ratio"},
        {"name": "Wrong", "query": "avg(", "target": ">= 0.95", "unit": "ratio"},
    ]
    view = build(world.calm(tmp_path, promises=promises))
    placement, wrong = view.promises
    assert (placement.status, placement.now.text) == (Status.UNKNOWN, "no data")
    assert placement.note == "no data yet, asked at 14:15:09Z"
    assert (placement.budget_left, placement.budget_text) == (None, "no data")
    assert wrong.status is Status.UNKNOWN
    assert "avg(" in wrong.note
    assert view.verdict.status is Status.UNKNOWN


def test_business_and_record(calm: World) -> None:
    view = build(calm)
    mails = view.business[0]
    assert (mails.name, mails.value.text, mails.goal) == ("Mails today", "6.41 M", "of 10 M")
    assert mails.share == 0.641
    lines = ["".join(part.text for part in line.parts) for line in view.record]
    assert lines == [
        "1 in 30 days   MTTR 1h50m",
        "1 in 30 days   last 5d5h ago",
        "last 9h4m ago, succeeded",
    ]


def test_mails_per_hour_today_and_a_week_ago(calm: World) -> None:
    chart = build(calm).mails
    assert chart is not None
    assert [line.name for line in chart.lines] == ["today", "a week ago"]
    assert chart.latest == ("450 k", "450 k")
    assert chart.trouble == ""


def test_a_silent_agent_is_said_first(trouble: World) -> None:
    view = executive.build(trouble.reader(), trouble.ask(), now=NOW + 60)
    assert view.verdict.headline == "Production is out of sight since 14:15: the agent is silent."


def test_without_a_configuration_it_says_what_it_needs(nothing: World) -> None:
    view = build(nothing)
    assert view.verdict.status is Status.UNKNOWN
    assert [need.title for need in view.needs] == ["Promises", "Business"]
    assert all("penguintui init" in need.remedy for need in view.needs)


def test_business_counts(trouble: World) -> None:
    view = business.build(trouble.reader(), trouble.ask())
    customers = {state: (value.text, value.status) for state, value in view.counts[1].counts}
    assert customers == {"healthy": ("1,208", None), "affected": ("41", Status.CRITICAL)}


def test_an_incident_is_told_by_its_events(trouble: World) -> None:
    (row,) = incidents.build(trouble.reader()).incidents
    assert (row.name, row.severity, row.took, row.status) == ("INC-17", "SEV-2", "1h50m", Status.OK)
    told = [change.text for change in incidents.build(trouble.reader()).story]
    assert told == ["API slow and mail late", "API slow and mail late"]
    (then,) = incidents.build(trouble.reader(Moment(at("04:00", 11)))).incidents
    assert (then.resolved, then.status, then.took) == ("", Status.CRITICAL, "1h")
