"""Alerts of rules beside findings: one count, one verdict, one list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from penguintui.model.moment import Moment
from penguintui.model.status import Status
from penguintui.store.alerts import AlertRecord, keep_alerts
from penguintui.store.reader import Store
from penguintui.store.writer import Writer
from penguintui.views import executive, frame, plain, technical, wall
from penguintui.views.models.frame import Counts
from tests.views import world
from tests.views.making import NOW, World

SLOW = AlertRecord(
    group="shipped/web.yaml;web",
    rule="EndpointSlow",
    labels={"alertname": "EndpointSlow", "instance": "api", "severity": "warning"},
    state="firing",
    active_at=NOW - 900,
    fired_at=NOW - 600,
    value=4.0,
    annotations={"summary": "api takes 4s to answer", "runbook": "service-slow"},
    observed=NOW - 5,
    holds=40.0,
)
BOUNCES = replace(
    SLOW,
    rule="BouncesHigh",
    labels={"alertname": "BouncesHigh", "provider": "gmail", "severity": "critical"},
    annotations={"summary": "4% of the mails to gmail bounce"},
)


@pytest.fixture
def calm(tmp_path: Path) -> World:
    """A world of its own: these tests write."""
    return world.calm(tmp_path)


@pytest.fixture
def trouble(tmp_path: Path) -> World:
    return world.trouble(tmp_path)


def keep(of: World, *alerts: AlertRecord) -> None:
    writer = Writer(of.url)
    writer.submit(lambda connection: keep_alerts(connection, "g", alerts, NOW - 600)).result(5)
    writer.close()
    of.store = Store(of.url, of.clock)


def counts(of: World, moment: Moment | None = None) -> Counts:
    return frame.build(of.reader(moment or Moment()), now=NOW).counts


def test_one_alert_is_one_count(calm: World) -> None:
    before = counts(calm)
    keep(calm, SLOW, BOUNCES)
    after = counts(calm)
    assert (after.critical, after.warning) == (before.critical + 1, before.warning + 1)
    assert (after.ok, after.unknown) == (before.ok, before.unknown)


@pytest.mark.parametrize(("state", "severity"), [("pending", "critical"), ("firing", "info")])
def test_what_does_not_worry_is_not_counted(calm: World, state: str, severity: str) -> None:
    before = counts(calm)
    keep(calm, replace(SLOW, state=state, labels={**SLOW.labels, "severity": severity}))
    assert counts(calm) == before


def test_what_the_target_tells_is_not_counted_twice(trouble: World) -> None:
    before = counts(trouble)
    keep(trouble, replace(SLOW, labels={**SLOW.labels, "instance": "mx2"}))
    assert counts(trouble) == before


def test_yesterday_had_its_own(calm: World) -> None:
    keep(calm, SLOW)
    assert counts(calm, Moment(NOW - 601)).warning == 0
    assert counts(calm, Moment(NOW - 300)).warning == 1


def test_an_alert_that_nobody_looks_after_is_unknown(calm: World) -> None:
    before = counts(calm)
    keep(calm, replace(SLOW, observed=NOW - 60))
    after = counts(calm)
    assert (after.unknown, after.warning) == (before.unknown + 1, before.warning)
    (line,) = technical.build(calm.reader(), calm.ask()).alerts
    assert line.summary == "api takes 4s to answer (1m ago, not evaluated since)"


def test_the_verdict_speaks_of_it(calm: World) -> None:
    keep(calm, BOUNCES)
    verdict = executive.build(calm.reader(), calm.ask(), now=NOW).verdict
    assert verdict.status is Status.CRITICAL
    assert "4% of the mails to gmail bounce" in verdict.text


def test_the_wall_shows_it_and_is_not_calm(calm: World) -> None:
    keep(calm, BOUNCES)
    view = wall.build(calm.reader(), calm.ask())
    assert (view.status, [(item.name, item.text) for item in view.items]) == (
        Status.CRITICAL,
        [("BouncesHigh", "4% of the mails to gmail bounce")],
    )


def test_the_target_lists_its_own(calm: World) -> None:
    keep(calm, SLOW, BOUNCES)
    view = technical.build(calm.reader(), calm.ask(), selected="api")
    assert [alert.title for alert in view.alerts] == ["BouncesHigh", "EndpointSlow"]
    assert view.selected is not None
    (alert,) = view.selected.alerts
    assert (alert.status, alert.summary, alert.since, alert.remedy) == (
        Status.WARNING,
        "api takes 4s to answer",
        "14:05",
        "see the runbook service-slow",
    )
    assert "EndpointSlow: api takes 4s to answer" in "\n".join(plain.lines(view))
