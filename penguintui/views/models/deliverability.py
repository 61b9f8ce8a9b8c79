"""Screen 3: does our mail arrive?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penguintui.model.status import Status
    from penguintui.views.models.what import Need, Trend, Value

RECORDS = ("SPF", "DKIM", "DMARC", "MTA-STS", "TLS-RPT", "MX", "TLS", "BIMI")
"""The matrix' columns, in the order of every row's cells."""


@record
class Cell:
    """One record of one domain.

    status: None when no probe asks for it. word: what is drawn, at most 8 characters ("ok", "missing", "-").
    reason: why it is not fine, with the remedy after it, or why nobody asks. age: since it was last seen so, when that
    is late.
    """

    record: str
    status: Status | None
    word: str
    reason: str
    remedy: str = ""
    since: str = ""
    age: str = ""
    stale: bool = False
    target: str = ""


@record
class DomainRow:
    """One domain; its cells stand in the order of `RECORDS`.

    target: the watched thing behind it. reason: why it is not fine; "" when it is.
    """

    domain: str
    target: str
    tenant: str
    status: Status
    cells: tuple[Cell, ...]
    reason: str = ""


@record
class ProviderRow:
    """One mailbox provider: each number judged by its limit; `reason` says what is beyond it.

    seeds: how many seed mails `placed` rests on; None where nobody counts them.
    """

    name: str
    status: Status
    volume: Value
    delivery_p50: Value
    delivery_p95: Value
    deferred: Value
    bounced: Value
    complained: Value
    placed: Value
    trend: Trend
    reason: str
    seeds: int | None = None


@record
class AddressRow:
    """One sending address. warm_up and reverse (PTR) say what they need while nothing watches them."""

    address: str
    provider: str
    target: str
    status: Status
    reputation: Value
    listings: Value
    volume: Value
    reverse: Value
    warm_up: Value
    reason: str


@record
class QueueRow:
    """One queue, or one destination of it (destination "" is the whole queue, and comes before its destinations)."""

    target: str
    queue: str
    destination: str
    status: Status
    messages: Value
    oldest: Value
    trend: Trend
    reason: str


@record
class SourceRow:
    """Who sends in a domain's name, as DMARC reports tell it.

    source: its network, `other` for those beyond the bound. name: from DNS, "" for none. new: whether it was first
    seen lately. dkim, spf: the shares that aligned. status: None where nobody judges a source by itself.
    """

    domain: str
    source: str
    name: str
    target: str
    status: Status | None
    new: bool
    mails: Value
    unaligned: Value
    dkim: Value
    spf: Value
    first_seen: str
    reason: str


@record
class Sources:
    """Rows, new ones first, then by how many mails do not align. note: the window and ages, for the subtitle.

    domains: the worst verdict on each domain, with its reason.
    """

    rows: tuple[SourceRow, ...]
    note: str
    domains: Mapping[str, tuple[Status, str]]


@record
class Reason:
    """One thing that is wrong with our mail, where, and what to do about it; worst first."""

    status: Status
    where: str
    text: str
    remedy: str
    since: str
    age: str
    target: str


@record
class XrayNode:
    """A branch of the x-ray; its status is the worst of its own and its children's, worst children first.

    kind: platform, tenant, domain, pool, address, provider, queue or record. reason: of the worst beneath it.
    """

    name: str
    kind: str
    status: Status
    reason: str
    children: tuple[XrayNode, ...] = ()


@record
class Deliverability:
    """`chain`: the way from the top of the x-ray to the worst leaf, in one line; "" while all is fine.

    limits: what the providers are judged by, in words, for the panel's subtitle.
    """

    status: Status
    domains: tuple[DomainRow, ...]
    providers: tuple[ProviderRow, ...]
    addresses: tuple[AddressRow, ...]
    queues: tuple[QueueRow, ...]
    sources: Sources
    reasons: tuple[Reason, ...]
    xray: XrayNode | None
    chain: str
    limits: str
    needs: tuple[Need, ...] = ()
