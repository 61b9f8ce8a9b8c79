"""The x-ray: from the platform down to the record, the worst child's state bubbling up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penguintui.model.status import Status
from penguintui.views.models.deliverability import AddressRow, DomainRow, ProviderRow, QueueRow, Sources, XrayNode


def node(name: str, kind: str, children: Iterable[XrayNode], status: Status = Status.OK, reason: str = "") -> XrayNode:
    """A branch: its status is the worst of its own and its children's, whose reason it takes; worst children first."""
    below = sorted(children, key=lambda child: (-child.status, child.name))
    if below and below[0].status > status:
        status, reason = below[0].status, below[0].reason
    return XrayNode(name, kind, status, reason, tuple(below))


def chain(root: XrayNode) -> str:
    """The way from the top to the worst leaf and its reason, in one line; "" while all is fine."""
    if root.status is Status.OK:
        return ""
    names, at = [root.name], root
    while at.children and at.children[0].status is at.status:
        at = at.children[0]
        names.append(at.name)
    return f"{' → '.join(names)}: {at.reason}" if at.reason else " → ".join(names)


Made = dict[str, tuple[DomainRow, XrayNode]]
"""The nodes of domains by name, and the rows that they were made of: a row that is the same has the same node."""


def tree(
    platform: str,
    domains: Sequence[DomainRow],
    addresses: Sequence[AddressRow],
    queues: Sequence[QueueRow],
    providers: Sequence[ProviderRow],
    sources: Sources,
    made: Made | None = None,
) -> XrayNode | None:
    """The tree of what mail goes through; None when nothing of it is watched. made: of the reading before."""
    branches = [
        node("domains", "pool", _domains(domains, {} if made is None else made)),
        node("sending addresses", "pool", (node(a.address, "address", (), a.status, a.reason) for a in addresses)),
        node("queues", "pool", _queues(queues)),
        node("providers", "pool", (node(p.name, "provider", (), p.status, p.reason) for p in providers)),
        node(
            "DMARC sources", "pool", (node(name, "domain", (), *verdict) for name, verdict in sources.domains.items())
        ),
    ]
    watched = [branch for branch in branches if branch.children]
    return node(platform, "platform", watched) if watched else None


def _domains(rows: Sequence[DomainRow], made: Made) -> list[XrayNode]:
    """Domains under their tenants where the targets carry the label `tenant`."""
    by_tenant: dict[str, list[XrayNode]] = {}
    before = dict(made)
    made.clear()
    for row in rows:
        kept = before.get(row.target)
        made[row.target] = kept if kept is not None and kept[0] is row else (row, _domain(row))
        by_tenant.setdefault(row.tenant, []).append(made[row.target][1])
    loose = by_tenant.pop("", [])
    return [*loose, *(node(tenant, "tenant", below) for tenant, below in by_tenant.items())]


def _domain(row: DomainRow) -> XrayNode:
    asked = [cell for cell in row.cells if cell.status is not None]
    records = [node(cell.record, "record", (), cell.status or Status.OK, cell.reason) for cell in asked]
    return node(row.domain, "domain", records, row.status, row.reason)


def _queues(rows: Sequence[QueueRow]) -> list[XrayNode]:
    below: dict[tuple[str, str], list[XrayNode]] = {}
    for row in rows:
        if row.destination:
            name = f"{row.destination} {row.messages.text}, oldest {row.oldest.text}"
            below.setdefault((row.target, row.queue), []).append(XrayNode(name, "provider", Status.OK, ""))
    heads = [row for row in rows if not row.destination]
    return [
        node(f"{row.target}/{row.queue}", "queue", below.get((row.target, row.queue), ()), row.status, row.reason)
        for row in heads
    ]
