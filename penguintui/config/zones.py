"""The block `dns`: zones, their authoritative name servers, the records that should be there, how to publish them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.values import Duration, SecretValue

RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "PTR", "SRV", "TLSA", "TXT"]
Policy = Literal["none", "quarantine", "reject"]


class SpfRecord(Settings):
    """Who may send for the domain (RFC 7208)."""

    addresses: list[str] = Field(default_factory=list, description="Sending addresses and networks, IPv4 and IPv6.")
    include: list[str] = Field(default_factory=list, description="Domains of others who send for it.")
    mx: bool = Field(False, description="Whether its own mail servers send too.")
    rest: Literal["-all", "~all", "?all"] = Field("~all", description="What holds for everybody else.")


class DkimRecord(Settings):
    """The key of one selector (RFC 6376): the signer's, or the record's text."""

    key: str | SecretValue | None = Field(
        None, description="The signer's key in PEM, public or private; `!file` for a private one."
    )
    record: str | None = Field(None, description="The record itself, in place of a key.")
    retired: bool = Field(
        False, description="Nothing may be there any more. Removed only when the other keys are everywhere."
    )


class DmarcRecord(Settings):
    """The policy for mail that fails (RFC 9989)."""

    policy: Policy
    subdomains: Policy | None = None
    reports: list[str] = Field(default_factory=list, description="Addresses for aggregate reports (rua).")
    failures: list[str] = Field(default_factory=list, description="Addresses for failure reports (ruf).")
    strict_dkim: bool = False
    strict_spf: bool = False


class BimiRecord(Settings):
    """The logo that mailbox providers may show."""

    logo: str = Field(pattern=r"^https://")
    certificate: str = ""


class MailDomain(Settings):
    """What a domain should publish so that its mail arrives. What is left out is not looked at."""

    mx: list[str] = Field(default_factory=list, description="Mail servers, such as `10 mx1.example.com`.")
    spf: SpfRecord | None = None
    dkim: dict[str, DkimRecord] = Field(default_factory=dict, description="Keys by selector.")
    dmarc: DmarcRecord | None = None
    tls_rpt: list[str] = Field(default_factory=list, description="Addresses for TLS reports.")
    mta_sts: str | None = Field(
        None, pattern=r"^[A-Za-z0-9]{1,32}$", description="The id of the policy; a new one with every change."
    )
    bimi: BimiRecord | None = None


class RecordSettings(Settings):
    """Any other set of records. Of TXT records only these are looked at, others at the name are left alone."""

    name: str
    type: RecordType
    values: list[str] = Field(description="TXT as one text each; names in full. Nothing may be there when empty.")
    ttl: Duration | None = None


class Rfc2136(Settings):
    """Dynamic updates to the zone's primary (RFC 2136), signed (TSIG, RFC 8945)."""

    type: Literal["rfc2136"]
    server: str = Field(description="The primary, HOST or HOST:PORT.")
    key_name: str
    algorithm: Literal["hmac-sha256", "hmac-sha384", "hmac-sha512"] = "hmac-sha256"
    key: SecretValue = Field(description="The key in base64, as tsig-keygen prints it.")


class Cloudflare(Settings):
    """Cloudflare's API. The token needs the permission to edit DNS in this zone, and no other."""

    type: Literal["cloudflare"]
    zone_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    token: SecretValue
    url: str = "https://api.cloudflare.com/client/v4"


UpdateSettings = Annotated[Rfc2136 | Cloudflare, Field(discriminator="type")]


class MailuSource(Settings):
    """Mailu's API, which knows the records that its domains should have."""

    url: str = Field(description="Up to and including /api/v1.")
    token: SecretValue
    ca_file: str | None = None


class ZoneSettings(Settings):
    """One zone."""

    servers: list[str] = Field(
        min_length=1, description="Every authoritative name server, HOST or HOST:PORT; each is asked."
    )
    update: UpdateSettings | None = Field(None, description="How records are published; only looked at without.")
    ttl: Duration = Field(3600.0, gt=0, description="For new records.")
    domains: dict[str, MailDomain] = Field(default_factory=dict, description="The zone's own name and names below it.")
    pointers: dict[str, str] = Field(
        default_factory=dict, description="In a reverse zone: addresses and the host names that they lead to (PTR)."
    )
    records: list[RecordSettings] = Field(default_factory=list)
    mailu: MailuSource | None = Field(
        None, description="What Mailu wants of the zone's `domains` is wanted too; what is written here goes before it."
    )

    def names(self, zone: str) -> list[str]:
        """The domains by which this zone's records are asked for and published; the zone itself has all others."""
        return list(dict.fromkeys([*map(plain_name, self.domains), plain_name(zone)]))


class DnsSettings(Settings):
    """Desired records, and where they are published."""

    zones: dict[str, ZoneSettings] = Field(default_factory=dict)

    def zone_of(self, domain: str) -> tuple[str, ZoneSettings] | None:
        """The zone that declares a domain, or is it."""
        found = [name for name, zone in self.zones.items() if plain_name(domain) in zone.names(name)]
        nearest = max(found, key=len, default=None)
        return None if nearest is None else (nearest, self.zones[nearest])


def plain_name(name: str) -> str:
    return name.strip().lower().removesuffix(".")
