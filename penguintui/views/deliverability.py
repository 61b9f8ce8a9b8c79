"""Screen 3: does our mail arrive?"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from penguintui.model.checks import CHECKS
from penguintui.model.clock import Time
from penguintui.model.status import Status
from penguintui.views import addresses, dmarcsources, domains, providers, queues, xray
from penguintui.views import format as say
from penguintui.views.ask import Ask
from penguintui.views.models.deliverability import Deliverability, Reason
from penguintui.views.models.what import Need
from penguintui.views.settings import Settings, need, settings
from penguintui.views.standing import Standing, began, effective, reason, stand

if TYPE_CHECKING:
    from penguintui.store.reader import Reader
    from penguintui.store.records import FindingRecord

_LABEL_VALUES = re.compile(r'="([^"]*)"')
_MOST_REASONS = 50
_TOLD = frozenset({"dns.mx", *dmarcsources.CHECKS, *addresses.CHECKS})
"""Checks that are shown with what they saw, or when, also while they find nothing wrong."""
_OURS = ("mail.", "smtp.starttls")


class Kept:
    """What is remembered of domains from reading to reading."""

    def __init__(self) -> None:
        self.domains = domains.Domains()
        self.nodes: xray.Made = {}


def build(reader: Reader, ask: Ask, *, standing: Standing | None = None, kept: Kept | None = None) -> Deliverability:
    """The deliverability screen as of the reader's moment. kept: of the reading before."""
    kept = kept or Kept()
    known = settings(reader)
    standing = standing or stand(reader)
    standing = standing.looking_at(standing.names_found_by(_TOLD.__contains__))
    limits = providers.limits(known)
    domain_rows = kept.domains.rows(standing, known)
    provider_rows = providers.rows(known, limits, ask)
    address_rows = addresses.rows(standing, ask)
    queue_rows = queues.rows(standing, ask)
    senders = dmarcsources.sources(standing, ask)
    platform = known.platform or known.environment
    tree = xray.tree(platform, domain_rows, address_rows, queue_rows, provider_rows, senders, kept.nodes)
    return Deliverability(
        status=tree.status if tree else Status.UNKNOWN,
        domains=domain_rows,
        providers=provider_rows,
        addresses=address_rows,
        queues=queue_rows,
        sources=senders,
        reasons=_reasons(standing),
        xray=tree,
        chain=xray.chain(tree) if tree else "",
        limits=limits.words,
        needs=tuple(_needs(known, bool(domain_rows), bool(address_rows), bool(queue_rows), bool(senders.rows))),
    )


def _reasons(standing: Standing) -> tuple[Reason, ...]:
    """What is wrong with our mail: the findings of deliverability that are not fine, worst first."""
    at = standing.at
    ours = filter(_is_mail, standing.faults())
    return tuple(_reason(finding, at) for finding in islice(ours, _MOST_REASONS))


def _is_mail(finding: FindingRecord) -> bool:
    """Whether a finding speaks of mail."""
    return _asks_of_mail(finding.check)


@functools.lru_cache(maxsize=1024)
def _asks_of_mail(name: str) -> bool:
    """Whether a check does: by the catalogue, or by its name where a query made it (`mail.bounces`)."""
    check = CHECKS.get(name)
    return name.startswith(_OURS) or (check is not None and check.area == "deliverability")


def _reason(finding: FindingRecord, at: Time) -> Reason:
    return Reason(
        status=effective(finding, at),
        where=f"{finding.target} {_subject(finding.subject)}".strip(),
        text=reason(finding, at),
        remedy=finding.remedy,
        since=say.short(began(finding, at), at),
        age=say.span(at - finding.observed),
        target=finding.target,
    )


def _subject(subject: str) -> str:
    """What a finding speaks of; of a series the values of its labels, since its text says what was measured."""
    name, brace, labels = subject.partition("{")
    return " ".join(_LABEL_VALUES.findall(labels)) or name if brace else subject


def _needs(known: Settings, any_domain: bool, any_address: bool, any_queue: bool, any_source: bool) -> Iterable[Need]:
    if not any_domain:
        yield need("Domains", "No target has a dns probe.", "targets of kind domain with a probe of type dns")
    if not known.section("deliverability").get("providers"):
        text = "A provider is a name and the value of the label provider in your metrics."
        yield need("Providers", text, "deliverability: providers:")
    if not any_address:
        text = "Reputation comes from a platform probe, blocklists from a dns probe with addresses."
        yield need("Sending addresses", text, "a probe of type platform, or dns with blocklists and addresses")
    if not any_queue:
        yield need("Queues", "No queue is asked.", "a probe of type postfix-queue or platform")
    if not any_source:
        yield need("DMARC sources", "No mailbox of DMARC reports is read.", "a probe of type imap with read: reports")
