"""The zones of the lab's name server, as the standing faults leave them."""

from __future__ import annotations

from collections.abc import Container

from penguintui.lab.addresses import BLOCKLIST, AddressPool
from penguintui.lab.ports import LOOPBACK
from penguintui.lab.senders import SENDERS, SPOOFER

DOMAINS = ("penguinmails.test", "acme-outreach.test", "globex-mail.test")
SELECTORS = ("pm", "mailu")
PLATFORM = "penguinmails.test"

SOA = f"ns1.{PLATFORM}. hostmaster.{PLATFORM}. 1 3600 600 86400 1"

Records = dict[str, list[tuple[str, str]]]
"""For each name its records: (type, value as a zone file has it)."""


def _domain(domain: str, key: str, addresses: AddressPool, faults: Container[str]) -> Records:
    senders = " ".join(f"ip4:{row.address}" for row in addresses)
    spf = f"v=spf1 {senders} -all" if domain == PLATFORM else f"v=spf1 include:{PLATFORM} -all"
    policy = "none" if domain == "globex-mail.test" and "dmarc-none" in faults else "reject"
    records: Records = {
        domain: [
            ("SOA", SOA),
            ("A", LOOPBACK),
            ("NS", f"ns1.{PLATFORM}."),
            ("NS", f"ns2.{PLATFORM}."),
            ("MX", f"10 mx1.{PLATFORM}."),
            ("MX", f"20 mx2.{PLATFORM}."),
        ],
        f"_dmarc.{domain}": [
            ("TXT", f"v=DMARC1; p={policy}; rua=mailto:dmarc@{PLATFORM}; adkim=s; aspf=s"),
        ],
        f"_mta-sts.{domain}": [("TXT", "v=STSv1; id=20261101T000000")],
        f"mta-sts.{domain}": [("A", LOOPBACK)],
        f"_smtp._tls.{domain}": [("TXT", f"v=TLSRPTv1; rua=mailto:tlsrpt@{PLATFORM}")],
        f"default._bimi.{domain}": [("TXT", f"v=BIMI1; l=https://{PLATFORM}/assets/logo.svg")],
    }
    if domain != PLATFORM:
        records[f"{domain}._report._dmarc.{PLATFORM}"] = [("TXT", "v=DMARC1")]
    if not (domain == PLATFORM and "spf-missing" in faults):
        records[domain].append(("TXT", spf))
    for selector in SELECTORS:
        revoked = domain == "acme-outreach.test" and selector == "pm" and "dkim-revoked" in faults
        records[f"{selector}._domainkey.{domain}"] = [("TXT", f"v=DKIM1; k=rsa; p={'' if revoked else key}")]
    return records


def _hosts(addresses: AddressPool) -> Records:
    records: Records = {f"{name}.{PLATFORM}": [("A", LOOPBACK)] for name in ("ns1", "ns2", "www", "api")}
    for row in addresses:
        host = f"{row.host}.{PLATFORM}"
        records[host] = [("A", row.address)]
        records[f"{_reversed(row.address)}.in-addr.arpa"] = [("PTR", f"{host}.")]
    for sender in (*SENDERS, SPOOFER):
        if sender.host and sender.host not in records:
            records[sender.host] = [("A", sender.address)]
            records[f"{_reversed(sender.address)}.in-addr.arpa"] = [("PTR", f"{sender.host}.")]
    return records


def _blocklist(addresses: AddressPool) -> Records:
    """A DNSBL as RFC 5782 has it: the test entry 127.0.0.2 is always listed, 127.0.0.1 never."""
    listed = ["127.0.0.2", *(row.address for row in addresses.listed)]
    return {BLOCKLIST: [("SOA", SOA)]} | {
        f"{_reversed(address)}.{BLOCKLIST}": [
            ("A", "127.0.0.2"),
            ("TXT", "spam was received from it, most to Outlook"),
        ]
        for address in listed
    }


def _reversed(address: str) -> str:
    return ".".join(reversed(address.split(".")))


def build_zones(dkim_key: str, addresses: AddressPool, faults: Container[str]) -> Records:
    """Every name that exists now. `dkim_key` is the base64 of a public key (RFC 6376 section 3.6.1)."""
    records: Records = {}
    for domain in DOMAINS:
        records |= _domain(domain, dkim_key, addresses, faults)
    return records | _hosts(addresses) | _blocklist(addresses)
