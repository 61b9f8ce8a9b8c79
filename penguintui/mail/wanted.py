"""The records that a domain should publish, written out of what its operator says of its mail."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


def spf_text(
    *, addresses: Sequence[str] = (), includes: Sequence[str] = (), mx: bool = False, rest: str = "~all"
) -> str:
    """An SPF record (RFC 7208): our own first, for they match without a look-up. Raises ValueError for no address.

    addresses: IPv4 and IPv6, single or networks. includes: domains that send for us. rest: what holds for all others.
    """
    terms = ["v=spf1"]
    for text in addresses:
        network = ipaddress.ip_network(text, strict=False)
        single = network.num_addresses == 1
        terms.append(f"ip{network.version}:{network.network_address if single else network}")
    terms += ["mx"] if mx else []
    terms += [f"include:{domain}" for domain in includes]
    return " ".join([*terms, rest])


def dmarc_text(
    policy: str,
    *,
    subdomains: str | None = None,
    reports: Sequence[str] = (),
    failures: Sequence[str] = (),
    strict_dkim: bool = False,
    strict_spf: bool = False,
) -> str:
    """A DMARC record (RFC 9989). reports, failures: mail addresses for aggregate and failure reports."""
    tags = ["v=DMARC1", f"p={policy}"]
    tags += [f"sp={subdomains}"] if subdomains else []
    tags += [f"rua={_mailto(reports)}"] if reports else []
    tags += [f"ruf={_mailto(failures)}"] if failures else []
    tags += ["adkim=s"] if strict_dkim else []
    tags += ["aspf=s"] if strict_spf else []
    return "; ".join(tags)


def tls_rpt_text(reports: Sequence[str]) -> str:
    """A record for TLS reports (RFC 8460, 3)."""
    return f"v=TLSRPTv1; rua={_mailto(reports)}"


def mta_sts_text(policy_id: str) -> str:
    """The record that announces an MTA-STS policy (RFC 8461, 3.1)."""
    return f"v=STSv1; id={policy_id}"


def bimi_text(logo: str, certificate: str = "") -> str:
    """A BIMI record: the https addresses of a logo and of the certificate for it."""
    return f"v=BIMI1; l={logo}" + (f"; a={certificate}" if certificate else "")


def pointer_name(address: str) -> str:
    """Where the PTR record of an address stands. Raises ValueError."""
    return ipaddress.ip_address(address).reverse_pointer


def _mailto(places: Sequence[str]) -> str:
    return ",".join(place if ":" in place else f"mailto:{place}" for place in places)
