"""The records that the block `dns` asks for, as the rules of mail take them."""

from __future__ import annotations

from collections.abc import Iterator

from penguintui.config.zones import DkimRecord, DmarcRecord, MailDomain, ZoneSettings, plain_name
from penguintui.mail import wanted as texts
from penguintui.mail.desired import PURPOSES, Wanted
from penguintui.mail.signer import record_for
from penguintui.model.secret import Secret


def wanted(zone_name: str, zone: ZoneSettings, domain: str) -> tuple[Wanted, ...]:
    """What should be there for one of the zone's `names`. Raises ValueError when a key or an address is none."""
    domain, apex = plain_name(domain), plain_name(zone_name)
    found = [one for name, mail in zone.domains.items() if plain_name(name) == domain for one in _of_mail(domain, mail)]
    below = sorted((name for name in zone.names(zone_name) if name != apex), key=len, reverse=True)
    for record in zone.records:
        name = plain_name(record.name)
        if next((one for one in below if name == one or name.endswith(f".{one}")), apex) == domain:
            values = tuple(value if record.type == "TXT" else plain_name(value) for value in record.values)
            found.append(Wanted(name, record.type, values, PURPOSES.get(record.type, ""), record.ttl))
    if domain == apex:
        for address, host in zone.pointers.items():
            found.append(Wanted(texts.pointer_name(address), "PTR", (plain_name(host),), "ptr"))
    return tuple(found)


def _of_mail(domain: str, mail: MailDomain) -> Iterator[Wanted]:
    if mail.mx:
        yield Wanted(domain, "MX", tuple(plain_name(value) for value in mail.mx), "mx")
    for selector, key in mail.dkim.items():
        yield Wanted(f"{selector}._domainkey.{domain}".lower(), "TXT", _key_values(selector, key), "dkim")
    if mail.spf:
        spf = mail.spf
        text = texts.spf_text(addresses=spf.addresses, includes=spf.include, mx=spf.mx, rest=spf.rest)
        yield Wanted(domain, "TXT", (text,), "spf")
    if mail.dmarc:
        yield Wanted(f"_dmarc.{domain}", "TXT", (_dmarc_text(mail.dmarc),), "dmarc")
    if mail.tls_rpt:
        yield Wanted(f"_smtp._tls.{domain}", "TXT", (texts.tls_rpt_text(mail.tls_rpt),), "tls-rpt")
    if mail.mta_sts:
        yield Wanted(f"_mta-sts.{domain}", "TXT", (texts.mta_sts_text(mail.mta_sts),), "mta-sts")
    if mail.bimi:
        text = texts.bimi_text(mail.bimi.logo, mail.bimi.certificate)
        yield Wanted(f"default._bimi.{domain}", "TXT", (text,), "bimi")


def _dmarc_text(dmarc: DmarcRecord) -> str:
    return texts.dmarc_text(
        dmarc.policy,
        subdomains=dmarc.subdomains,
        reports=dmarc.reports,
        failures=dmarc.failures,
        strict_dkim=dmarc.strict_dkim,
        strict_spf=dmarc.strict_spf,
    )


def _key_values(selector: str, key: DkimRecord) -> tuple[str, ...]:
    if key.retired:
        return ()
    if key.record is not None:
        return (key.record,)
    if key.key is None:
        raise ValueError(f"the DKIM selector {selector} has neither key nor record, and is not retired")
    pem = key.key.reveal() if isinstance(key.key, Secret) else key.key
    return (record_for(pem.encode()),)
