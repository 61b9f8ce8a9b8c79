"""The records that Mailu wants of a domain, out of the zone lines that its API gives. Pure, but for reading RDATA.

A line is such as `mail.example.com. 600 IN TXT "v=DKIM1; …"`. Mailu writes a TXT record as one string however long it
is, which no zone file may have; so TXT is read by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penguintui.config.zones import plain_name
from penguintui.mail.desired import PURPOSES, Wanted

_LINE = re.compile(
    r"(?P<name>\S+)\s+(?:(?P<ttl>\d{1,9})\s+)?IN\s+(?P<type>[A-Z]{1,10})\s+(?P<data>\S.*)\Z", re.IGNORECASE
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FIELDS = {"dns_mx": "mx", "dns_spf": "spf", "dns_dkim": "dkim", "dns_dmarc": "dmarc"}
"""Members of a domain, and what the records in them are for. The others are for nothing that is looked at apart."""
_LISTS = ("dns_autoconfig", "dns_tlsa")
_OTHERS = ("dns_dmarc_report",)
_KINDS = ("A", "AAAA", "CAA", "CNAME", "MX", "SRV", "TLSA", "TXT")


def wanted(domain: Mapping[str, Any]) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    """Sets of records, and why lines of the answer could not be read."""
    found: dict[tuple[str, str, str], list[str]] = {}
    refused = []
    for purpose, line in _lines(domain):
        try:
            name, kind, value = _record(line)
        except ValueError as error:
            refused.append(f"{line[:80]!r}: {error}")
            continue
        values = found.setdefault((name, kind, purpose or PURPOSES.get(kind, "")), [])
        if value not in values:
            values.append(value)
    sets = tuple(Wanted(name, kind, tuple(values), purpose) for (name, kind, purpose), values in found.items())
    return sets, tuple(refused)


def _lines(domain: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines = [(purpose, domain.get(field)) for field, purpose in _FIELDS.items()]
    lines += [("", domain.get(field)) for field in _OTHERS]
    for field in _LISTS:
        entries = domain.get(field)
        lines += [("", entry) for entry in entries[:50]] if isinstance(entries, list) else []
    texts = [(purpose, text) for purpose, text in lines if isinstance(text, str)]
    return [(purpose, line.strip()) for purpose, text in texts for line in text.split("\n")[:20] if line.strip()]


def _record(line: str) -> tuple[str, str, str]:
    """Name, type and value, as `mail.desired` compares them. Raises ValueError in words."""
    found = _LINE.match(line)
    if found is None:
        raise ValueError("no line of a zone file")
    kind = found["type"].upper()
    if kind not in _KINDS:
        raise ValueError(f"a record of the type {kind} is not looked at")
    if kind == "TXT":
        return plain_name(found["name"]), kind, _text(found["data"])
    return plain_name(found["name"]), kind, _data(kind, found["data"])


def _text(data: str) -> str:
    strings = _STRING.findall(data)
    if not strings or _STRING.sub("", data).strip():
        raise ValueError("no quoted text")
    return re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if len(m[1]) == 3 else m[1], "".join(strings))


def _data(kind: str, data: str) -> str:
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

    from penguintui.adapters.dns.authority import presented

    try:
        type_ = dns.rdatatype.from_text(kind)
        return presented(dns.rdata.from_text(dns.rdataclass.IN, type_, data, origin=dns.name.root, relativize=False))
    except (dns.exception.DNSException, ValueError, UnicodeError) as error:
        raise ValueError(f"no {kind} record ({error})") from error
