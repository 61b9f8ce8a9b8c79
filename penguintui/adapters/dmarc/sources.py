"""Who sends in our domains' names: DMARC reports counted by source over a window, in a form that outlives the agent."""

from __future__ import annotations

import base64
import binascii
import contextlib
import ipaddress
import json
import socket
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from penguintui.mail.dmarc import AggregateReport, Source
from penguintui.model.clock import Time

PARTS = 7
"""Parts of a window that are counted and forgotten as one: days, of a week."""
MOST_SHOWN = 200
"""Sources of one domain that are told one by one; the rest is counted together."""
_MOST_DOMAINS = 200
_SHOWN_IN_ALL = 3000
_FEWEST_SHOWN = 15
_LONGEST_STATE = 8 << 20
_MOST_REPORTERS = 50
_UNREADABLE = "an address that is none"


@dataclass(slots=True)
class Seen:
    """One source. first, last: when the first report began that names it, and when the latest ended.

    address: one of its addresses. name: that one's name; None as long as nobody asked. parts: by when they begin.
    """

    first: Time
    last: Time
    address: str
    name: str | None = None
    parts: dict[int, Source] = field(default_factory=dict)

    @property
    def counts(self) -> Source:
        return added(self.parts.values())


@dataclass(slots=True)
class Domain:
    """One domain. since, newest: when its first report began, and the latest ended. rest: of the sources not kept.

    reporters: who reports, and until when the latest of each spoke. reports: how many, by part.
    """

    since: Time
    newest: Time
    sources: dict[str, Seen] = field(default_factory=dict)
    rest: dict[int, Source] = field(default_factory=dict)
    reports: dict[int, int] = field(default_factory=dict)
    reporters: dict[str, Time] = field(default_factory=dict)

    @property
    def counts(self) -> Source:
        return added((*(seen.counts for seen in self.sources.values()), *self.rest.values()))


class Sources:
    """All domains of one mailbox. Memory is bounded by domains and sources, whatever the reports name.

    window: seconds. A report counts where it ends; one of before the window says only since when a source sends.
    """

    def __init__(self, window: float) -> None:
        self._window, self._part = window, max(window / PARTS, 1.0)
        self.domains: dict[str, Domain] = {}
        self._text = ""

    @property
    def part(self) -> float:
        """Seconds that are counted and forgotten together."""
        return self._part

    @property
    def shown(self) -> int:
        """How many sources of a domain are told one by one: fewer where there are many domains."""
        return max(_FEWEST_SHOWN, min(MOST_SHOWN, _SHOWN_IN_ALL // max(len(self.domains), 1)))

    def add(self, report: AggregateReport, now: Time) -> None:
        """Count a report. Times that have not come yet are taken for now."""
        self._text = ""
        begin, end = min(report.begin, now), min(report.end, now)
        name = report.domain if report.domain in self.domains or len(self.domains) < _MOST_DOMAINS else "other domains"
        domain = self.domains.setdefault(name, Domain(begin, end))
        domain.since, domain.newest = min(domain.since, begin), max(domain.newest, end)
        domain.reporters[report.org] = max(domain.reporters.get(report.org, end), end)
        part = int(end // self._part * self._part)
        counted = part > now - self._window - self._part
        for network, (address, counts) in _networks(report).items():
            seen = domain.sources.setdefault(network, Seen(begin, end, address))
            seen.first, seen.last = min(seen.first, begin), max(seen.last, end)
            if counted:
                seen.parts[part] = added((seen.parts[part], counts)) if part in seen.parts else counts
        if counted:
            domain.reports[part] = domain.reports.get(part, 0) + 1
            domain.rest[part] = added((domain.rest.get(part, Source()), _unnamed(report)))
        self._make_room(domain)

    def _make_room(self, domain: Domain) -> None:
        """Keep those that send most, and twice as many as are shown: the others lose their names, not their counts."""
        most = 2 * self.shown
        if len(domain.sources) > most:
            ordered = sorted(domain.sources.items(), key=lambda item: (-item[1].counts.messages, -item[1].last))
            domain.sources = dict(ordered[:most])
            for _, seen in ordered[most:]:
                for part, counts in seen.parts.items():
                    domain.rest[part] = added((domain.rest.get(part, Source()), counts))
        if len(domain.reporters) > _MOST_REPORTERS:
            del domain.reporters[min(domain.reporters, key=domain.reporters.__getitem__)]

    def expire(self, now: Time) -> None:
        """Forget what lies before the window, but not who sent."""
        first = now - self._window - self._part
        for domain in self.domains.values():
            counted: list[dict[int, Any]] = [domain.rest, domain.reports]
            counted += [seen.parts for seen in domain.sources.values()]
            for parts in counted:
                for part in [part for part in parts if part <= first]:
                    del parts[part]
                    self._text = ""

    def nameless(self) -> Iterator[Seen]:
        """Sources of which nobody has asked the name, those that send most first."""
        found = [seen for domain in self.domains.values() for seen in domain.sources.values() if seen.name is None]
        yield from sorted((seen for seen in found if seen.parts), key=lambda seen: -seen.counts.messages)

    def name(self, seen: Seen, name: str) -> None:
        """Give a source the name that was found; empty for none."""
        seen.name, self._text = name, ""

    def text(self) -> str:
        """All of it, in words that `remember` reads; made anew only when something changed."""
        if not self._text:
            state = {name: _written(domain) for name, domain in self.domains.items()}
            packed = zlib.compress(json.dumps(state, separators=(",", ":")).encode())
            self._text = base64.b64encode(packed).decode()
        return self._text

    def remember(self, text: str) -> None:
        """Go on from what `text` said; from nothing, where that is none."""
        self._text = ""
        try:
            unpacked = zlib.decompressobj().decompress(base64.b64decode(text), _LONGEST_STATE)
            state = json.loads(unpacked) if text else {}
            self.domains = {name: _read(found) for name, found in state.items()}
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, zlib.error):
            self.domains = {}


def added(counts: Iterable[Source]) -> Source:
    """The sum of counts."""
    found = tuple(counts)
    if len(found) == 1:
        return found[0]
    return Source(*map(sum, zip(*found, strict=True))) if found else Source()


def network_of(address: str) -> str:
    """The network of an address that has one owner as a rule: /24, of IPv6 /48."""
    with contextlib.suppress(OSError, ValueError):  # no IPv4, which most are and which this is faster for
        socket.inet_pton(socket.AF_INET, address)
        return f"{address.rpartition('.')[0]}.0/24"
    try:
        ip = ipaddress.ip_address(address.strip())
    except ValueError:
        return _UNREADABLE
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def _networks(report: AggregateReport) -> Mapping[str, tuple[str, Source]]:
    """What a report says of each network, with the address that sent most of it."""
    found: dict[str, list[tuple[str, Source]]] = {}
    for address, counts in report.sources.items():
        found.setdefault(network_of(address), []).append((address, counts))
    return {
        network: (max(rows, key=lambda row: row[1].messages)[0], added(counts for _, counts in rows))
        for network, rows in found.items()
    }


def _unnamed(report: AggregateReport) -> Source:
    """What a report with more sources than are kept has of the others."""
    both = report.dkim_aligned + report.spf_aligned - report.aligned
    whole = Source(report.messages - report.aligned, report.spf_aligned - both, report.dkim_aligned - both, both)
    named = added(report.sources.values())
    return Source(*(max(all - part, 0) for all, part in zip(whole, named, strict=True)))


def _written(domain: Domain) -> dict[str, Any]:
    sources = {
        network: [seen.first, seen.last, seen.address, seen.name, seen.parts]
        for network, seen in domain.sources.items()
    }
    numbers = {"since": domain.since, "newest": domain.newest, "reporters": domain.reporters}
    return {**numbers, "sources": sources, "rest": domain.rest, "reports": domain.reports}


def _read(found: Mapping[str, Any]) -> Domain:
    sources = {
        network: Seen(float(first), float(last), str(address), name, _parts(parts))
        for network, (first, last, address, name, parts) in found["sources"].items()
    }
    reports = {int(part): int(count) for part, count in found["reports"].items()}
    reporters = {str(org): float(time) for org, time in found["reporters"].items()}
    times = float(found["since"]), float(found["newest"])
    return Domain(*times, sources, _parts(found["rest"]), reports, reporters)


def _parts(found: Mapping[str, Any]) -> dict[int, Source]:
    return {int(part): Source(*map(int, counts)) for part, counts in found.items()}
