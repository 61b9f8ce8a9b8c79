"""The deliverability screen in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from penguintui.model.observation import Finding
from penguintui.model.status import Status
from penguintui.views import deliverability
from penguintui.views.ask import Answer, Point
from penguintui.views.models.deliverability import RECORDS, Deliverability
from penguintui.views.models.what import Value
from penguintui.views.providers import judge_placed
from tests.views import world
from tests.views.making import Making, World
from tests.views.settings import configuration


def build(of: World) -> Deliverability:
    return deliverability.build(of.reader(), of.ask())


def test_the_matrix(trouble: World) -> None:
    worst, fine = build(trouble).domains
    words = dict(zip(RECORDS, (cell.word for cell in worst.cells), strict=True))
    assert (worst.domain, worst.tenant, worst.status) == ("acme.test", "acme", Status.CRITICAL)
    assert words["SPF"] == "missing"
    assert words["DKIM"] == "ok"
    assert worst.reason == "SPF of acme.test is missing: none is published"
    assert worst.cells[0].remedy == "Publish the record again."
    assert {cell.word for cell in fine.cells} == {"ok"}


def test_tls_is_that_of_the_mail_servers_to_which_mx_leads(calm: World) -> None:
    tls = build(calm).domains[0].cells[RECORDS.index("TLS")]
    assert (tls.status, tls.target) == (Status.OK, "mx1-smtp")


def test_a_record_that_nobody_asks_for_has_no_verdict(tmp_path: Path) -> None:
    targets = [
        {"name": "bare.test", "kind": "domain", "probes": [{"type": "dns", "domain": "bare.test"}]},
    ]
    making = Making(tmp_path, configuration(targets=targets))
    made = making.made()
    (row,) = build(made).domains
    assert (row.status, row.reason) == (Status.UNKNOWN, "not asked yet")
    assert {(cell.status, cell.word) for cell in row.cells} == {(None, "-")}


def test_providers_are_judged_by_their_limits(trouble: World) -> None:
    outlook = build(trouble).providers[0]
    assert (outlook.name, outlook.status) == ("Outlook", Status.CRITICAL)
    assert (outlook.delivery_p95.text, outlook.delivery_p95.reason) == ("3m12s", "limit 60 s")
    assert outlook.reason == "delivery p95 3m12s: limit 60 s"
    assert outlook.bounced.status is Status.OK


def test_a_placement_says_how_many_seed_mails_it_rests_on_and_how_old_it_is(calm: World) -> None:
    placed = {row.name: (row.seeds, row.placed.age) for row in build(calm).providers}
    assert all(seeds and seeds >= 30 and age for seeds, age in placed.values()), placed


@pytest.mark.parametrize(
    ("share", "n", "status", "text"),
    [
        (0.97, 400, Status.OK, "97 % ±1.7"),
        (0.93, 400, Status.UNKNOWN, "93 % ±2.5"),
        (0.93, 4000, Status.WARNING, "93 % ±0.79"),
        (0.5, 400, Status.CRITICAL, "50 % ±4.9"),
        (0.5, 2, Status.UNKNOWN, "50 % ±41"),
        (1.0, 2, Status.UNKNOWN, "100 % ±33"),
    ],
)
def test_a_share_of_few_seed_mails_is_no_verdict(share: float, n: int, status: Status, text: str) -> None:
    counts = Answer("n", 0.0, (Point({"provider": "gmail"}, float(n)),))
    value = judge_placed(Value(f"{share:.0%}".replace("%", " %"), None, share, "ratio"), counts, "gmail", 0.95)
    assert (value.status, value.text) == (status, text)
    assert f"n = {n}" in value.reason


def test_a_share_without_its_count_is_unknown() -> None:
    value = judge_placed(Value("97 %", None, 0.97, "ratio"), Answer("n", 0.0), "gmail", 0.95)
    assert (value.status, value.reason) == (Status.UNKNOWN, "how many seed mails it rests on is not known")


def test_a_listed_address_comes_first(trouble: World) -> None:
    listed, other = build(trouble).addresses
    assert (listed.address, listed.status, listed.reputation.text) == ("203.0.113.12", Status.CRITICAL, "97")
    assert listed.reason == "203.0.113.12 is listed by zen.dnsbl.test"
    assert (other.status, other.warm_up.status) == (Status.OK, Status.UNKNOWN)


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        ({"in progress": "1", "day": "9", "daily limit": "400", "sent today": "300"}, "day 9, 300 of 400"),
        ({"in progress": "1"}, "yes"),
        ({"in progress": "0"}, "no"),
        ({}, "not asked"),
    ],
)
def test_warm_up_is_what_the_pools_tell(tmp_path: Path, evidence: dict[str, str], text: str) -> None:
    words = "192.0.2.9 of shared is warming"
    row = _address(tmp_path, Finding("pools.address", Status.OK, words, "192.0.2.9", evidence=evidence)).addresses[0]
    assert (row.address, row.warm_up.text) == ("192.0.2.9", text)
    assert row.warm_up.status is (Status.UNKNOWN if text == "not asked" else Status.OK)


def test_an_address_that_outlook_refuses_is_no_good_one(tmp_path: Path) -> None:
    words = "192.0.2.9 at Outlook.com until 2026-11-22: red (more than 90 % spam)"
    view = _address(tmp_path, Finding("snds.address", Status.CRITICAL, words, "192.0.2.9", "See which mail it is."))
    assert [(row.address, row.status, row.reason) for row in view.addresses] == [("192.0.2.9", Status.CRITICAL, words)]
    assert [one.where for one in view.reasons] == ["addresses 192.0.2.9"]


@pytest.mark.parametrize(
    ("status", "word"),
    [(Status.OK, "ok"), (Status.WARNING, "weak"), (Status.CRITICAL, "bad"), (Status.UNKNOWN, "unknown")],
)
def test_the_name_of_an_address_is_told(tmp_path: Path, status: Status, word: str) -> None:
    row = _address(tmp_path, Finding("dns.ptr", status, "192.0.2.9 and its name", "192.0.2.9")).addresses[0]
    assert (row.address, row.reverse.text, row.reverse.status) == ("192.0.2.9", word, status)


def test_policy_and_servers_of_a_domain_count_to_its_cells(tmp_path: Path) -> None:
    probes = [{"type": "mail-tls", "domain": "a.test"}]
    making = Making(tmp_path, configuration(targets=[{"name": "a.test", "kind": "domain", "probes": probes}]))
    making.find(
        "a.test",
        Finding("dns.mta-sts", Status.OK, "MTA-STS of a.test is published"),
        Finding("mta-sts.policy", Status.CRITICAL, "the policy redirects"),
        Finding("mail-tls.server", Status.OK, "mx1.a.test takes mail by TLSv1.3", "mx1.a.test"),
        Finding("dane.tlsa", Status.CRITICAL, "no TLSA record matches", "mx1.a.test"),
    )
    (row,) = build(making.made()).domains
    cells = dict(zip(RECORDS, row.cells, strict=True))
    assert (cells["MTA-STS"].status, cells["MTA-STS"].word) == (Status.CRITICAL, "1 of 2")
    assert (cells["TLS"].status, cells["TLS"].reason) == (Status.CRITICAL, "no TLSA record matches")


def _address(folder: Path, finding: Finding) -> Deliverability:
    """The screen of a world in which only this was found."""
    probes = [{"type": "smtp-pools", "url": "https://api.penguinmails.test/api/v1/smtp/admin"}]
    making = Making(folder, configuration(targets=[{"name": "addresses", "kind": "address", "probes": probes}]))
    making.find("addresses", finding)
    return build(making.made())


def test_queues_with_their_destinations(trouble: World) -> None:
    rows = [(r.queue, r.destination, r.messages.text, r.oldest.text, r.status.word) for r in build(trouble).queues]
    assert rows == [
        ("deferred", "", "2,500", "no data", "WARNING"),
        ("deferred", "outlook.com", "2,300", "33m", "WARNING"),
        ("active", "", "12", "40s", "OK"),
    ]


def test_the_chain_names_the_worst_leaf(trouble: World, calm: World) -> None:
    assert build(trouble).chain == (
        "PenguinMails → domains → acme → acme.test → SPF: SPF of acme.test is missing: none is published"
    )
    assert (build(calm).chain, build(calm).status) == ("", Status.OK)


def test_reasons_are_the_findings_on_mail(trouble: World) -> None:
    where = [reason.where for reason in build(trouble).reasons]
    assert where == ["acme.test", "sending-addresses 203.0.113.12 zen.dnsbl.test", "mail outlook", "mx1-queue"]


def test_without_a_configuration_every_panel_says_what_it_needs(nothing: World) -> None:
    view = build(nothing)
    assert [need.title for need in view.needs] == [
        "Domains",
        "Providers",
        "Sending addresses",
        "Queues",
        "DMARC sources",
    ]
    assert view.status is Status.UNKNOWN


def test_providers_without_numbers_are_unknown(tmp_path: Path) -> None:
    view = build(world.calm(tmp_path, deliverability={"providers": [{"name": "GMX", "label": "gmx"}]}))
    (gmx,) = view.providers
    assert (gmx.status, gmx.volume.text) == (Status.UNKNOWN, "no data")
    assert "no data yet, asked at 14:15:09Z" in gmx.reason
