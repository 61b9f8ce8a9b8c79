"""Who sends in our domains' names: new ones first, those that do not align worst, too little data said."""

from __future__ import annotations

from pathlib import Path

from penguintui.model.moment import Moment
from penguintui.model.observation import Finding
from penguintui.model.status import Status
from penguintui.views import deliverability, plain
from penguintui.views.models.deliverability import Deliverability
from tests.views.making import DAY, HOUR, NOW, Making, World
from tests.views.settings import configuration

TARGETS = [
    {
        "name": "reports",
        "kind": "service",
        "probes": [{"type": "imap", "host": "mail.test", "user": "dmarc", "read": "reports"}],
    }
]
EVIDENCE = {"window": "7 days", "newest report": "9 h ago"}


def aligned(domain: str, status: Status = Status.OK, summary: str = "0.1 % did not align") -> Finding:
    return Finding("dmarc.alignment", status, summary, domain, evidence=EVIDENCE)


def source(making: Making, domain: str, network: str, first: float, new: bool = False, **mails: float) -> None:
    """A source with its mails by what aligned."""
    for one, count in mails.items():
        labels = {"domain": domain, "source": network, "aligned": one}
        making.numbers("reports", "penguintui_dmarc_source_messages", count, **labels)
    seen = {"domain": domain, "source": network, "name": f"mx.{network[:4]}test", "new": "yes" if new else "no"}
    making.numbers("reports", "penguintui_dmarc_source_first_seen_seconds", first, **seen)


def build(of: World, moment: Moment | None = None) -> Deliverability:
    return (
        deliverability.build(of.reader(), of.ask())
        if moment is None
        else deliverability.build(of.reader(moment), of.ask(moment))
    )


def a_week(folder: Path) -> World:
    making = Making(folder, configuration(targets=TARGETS))
    source(making, "a.test", "203.0.113.0/24", NOW - 30 * DAY, both=900, dkim=100)
    source(making, "a.test", "192.0.2.0/24", NOW - 20 * DAY, none=5, dkim=45)
    source(making, "a.test", "198.51.100.0/24", NOW - 2 * HOUR, new=True, none=60)
    source(making, "b.test", "203.0.113.0/24", NOW - 30 * DAY, both=3)
    making.numbers("reports", "penguintui_dmarc_source_messages", 7, domain="a.test", source="other", aligned="none")
    making.numbers("reports", "penguintui_dmarc_sources", 203, domain="a.test")
    told = Finding("dmarc.source", Status.WARNING, "198.51.100.0/24 is new and sends", "a.test 198.51.100.0/24")
    few = aligned("b.test", Status.UNKNOWN, "3 mails of b.test in 7 days: too little for a verdict")
    none = aligned("c.test", Status.UNKNOWN, "no report on c.test in 7 days")
    making.find("reports", aligned("a.test"), told, few, none, since=NOW - HOUR)
    return making.made()


def test_new_ones_first_and_the_rest_last(tmp_path: Path) -> None:
    view = build(a_week(tmp_path)).sources
    assert [(row.domain, row.source, row.status, row.new) for row in view.rows] == [
        ("a.test", "198.51.100.0/24", Status.WARNING, True),
        ("a.test", "192.0.2.0/24", None, False),
        ("a.test", "203.0.113.0/24", Status.OK, False),
        ("b.test", "203.0.113.0/24", Status.UNKNOWN, False),
        ("c.test", "no sources", Status.UNKNOWN, False),
        ("a.test", "other", None, False),
    ]
    new, mixed, ours, few, silent, rest = view.rows
    assert (new.mails.text, new.unaligned.text, new.dkim.text, new.first_seen) == ("60", "60", "0 %", "12:15")
    assert (mixed.dkim.text, mixed.reason) == ("90 %", "10 % of its mails do not align")
    assert (ours.spf.text, ours.name, ours.target) == ("90 %", "mx.203.test", "reports")
    assert few.reason.startswith("3 mails of b.test in 7 days: too little")
    assert (silent.mails.text, silent.mails.status) == ("no data", Status.UNKNOWN)
    assert rest.name == "the rest of 203 sources and more"
    assert view.note == "mails of 7 days, newest report 9 h ago, mailbox read 4s ago"


def test_the_worst_bubbles_up_and_is_said_in_lines(tmp_path: Path) -> None:
    view = build(a_week(tmp_path))
    assert view.chain == "PenguinMails → DMARC sources → a.test: 198.51.100.0/24 is new and sends"
    assert view.status is Status.WARNING
    (line,) = [line for line in plain.lines(view) if "a.test from 198.51.100.0/24" in line]
    assert line.startswith(
        "WARNING a.test from 198.51.100.0/24, mx.198.test, new, mails 60, not aligned 60, by DKIM 0 %"
    )


def test_as_of_a_moment_before_it_was_found(tmp_path: Path) -> None:
    view = build(a_week(tmp_path), Moment(NOW - 2 * HOUR)).sources
    assert {row.status for row in view.rows} == {Status.UNKNOWN}, "nothing had been found of alignment then"
    assert view.note == ""


def test_a_mailbox_that_is_read_no_more_is_not_fine(tmp_path: Path) -> None:
    making = Making(tmp_path, configuration(targets=TARGETS))
    making.find("reports", aligned("a.test"), seen=NOW - HOUR)
    (row,) = build(making.made()).sources.rows
    assert (row.domain, row.status) == ("a.test", Status.UNKNOWN)
