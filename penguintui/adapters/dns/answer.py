"""What a name server's answer says, in the words of `mail.resolver`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.mail.resolver import Answer, Outcome

if TYPE_CHECKING:
    from dns.name import Name
    from dns.rdata import Rdata
    from dns.resolver import Answer as Found


def answer_of(found: Found) -> Answer:
    """Records, that there are none of this type, or that there is no such name."""
    import dns.flags
    import dns.rcode

    if found.response.rcode() == dns.rcode.NXDOMAIN:
        return Answer(Outcome.NXDOMAIN)
    authenticated = bool(found.response.flags & dns.flags.AD)
    if found.rrset is None:
        return Answer(Outcome.NODATA, authenticated=authenticated)
    return Answer(
        Outcome.RECORDS,
        tuple(_presented(rdata) for rdata in found.rrset),
        "" if found.canonical_name == found.qname else _plain_name(found.canonical_name),
        float(found.rrset.ttl),
        authenticated,
    )


def _plain_name(name: Name) -> str:
    """A name as `_wire_name` takes it; the root is a dot. A dot within a label is escaped, and leads nowhere."""
    return b".".join(label.replace(b".", rb"\.") for label in name.labels if label).decode("latin-1") or "."


def _presented(rdata: Rdata) -> str:
    """A record as `mail.resolver.Answer` wants it."""
    from dns.rdtypes.ANY.MX import MX
    from dns.rdtypes.ANY.NS import NS
    from dns.rdtypes.ANY.PTR import PTR
    from dns.rdtypes.ANY.TXT import TXT

    match rdata:
        case TXT():
            return b"".join(rdata.strings).decode("latin-1")
        case MX():
            return f"{rdata.preference} {_plain_name(rdata.exchange)}"
        case NS() | PTR():
            return _plain_name(rdata.target)
    return rdata.to_text()
