"""What the refusals of Gmail, Yahoo and Microsoft mean to us, by their codes: whose fault, and what to do."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from penguintui.mail.bounce.code import find_status


@dataclass(frozen=True, slots=True)
class Explanation:
    """One refusal. provider: gmail, yahoo, microsoft. retry: whether trying again later can help."""

    provider: str
    code: str
    meaning: str
    remedy: str
    retry: bool = False


_GMAIL = {
    "7.1": (
        "low reputation of the address or domain, or content like spam",
        "See Postmaster Tools; send less, to people who read.",
    ),
    "7.23": ("the sending address has no PTR record", "Set PTR and forward name."),
    "7.25": ("the sending address has no PTR record, or it does not lead back", "Set PTR and forward name."),
    "7.26": ("neither SPF nor DKIM passed", "Sign with DKIM and allow the address in SPF."),
    "7.27": ("SPF did not pass", "Allow the address in the SPF record."),
    "7.28": ("too much at once from the address, network, domain or link", "Slow down; see what is complained about."),
    "7.29": ("the connection was not encrypted", "Let Postfix use TLS (smtp_tls_security_level=may)."),
    "7.30": ("DKIM did not pass", "See whether the published key is the signer's."),
    "7.31": ("the domain has no DMARC record", "Publish one, p=none at least."),
    "7.32": ("From aligns with neither SPF nor DKIM", "Sign with the domain of From."),
    "7.40": ("the domain has no DMARC policy", "Publish one, p=none at least."),
    "2.2": ("the mailbox is full", "Try later; do not suppress."),
    "1.1": ("the address does not exist", "Suppress it."),
    "2.1": ("the mailbox is inactive", "Do not send there again."),
}
_MICROSOFT = {
    "RP-001": ("too much for the reputation of the address", "Slow down; see SNDS.", True),
    "RP-002": ("too much for the reputation of the address", "Slow down; see SNDS.", True),
    "RP-003": ("too much for the reputation of the address", "Slow down; see SNDS.", True),
    "SC-001": ("content or reputation like spam", "See SNDS; clean the list.", False),
    "SC-002": ("guessing of addresses", "Send only to known addresses.", False),
    "SC-003": ("the server is an open relay", "Close it.", False),
    "SC-004": ("complaints about the address", "Process JMRP complaints; then ask for relief.", False),
    "DY-001": ("the address looks dynamic", "Send from an address with a PTR record of its own.", False),
    "DY-002": ("the address looks dynamic", "Send from an address with a PTR record of its own.", False),
    "OU-001": ("the address is listed by Spamhaus", "Have it removed at Spamhaus.", False),
    "OU-002": ("policy of the receiver", "See SNDS and ask for relief.", False),
}
_MICROSOFT_STATUS = {
    "5.7.515": (
        "SPF, DKIM and DMARC are demanded of senders of more than 5,000 a day",
        "Authenticate and align the domain.",
    ),
    "5.7.509": ("the mail failed our own DMARC policy p=reject", "Sign with DKIM in the domain of From."),
    "5.7.606": ("the sending address is banned", "Ask at the delist portal."),
}
_YAHOO = re.compile(r"\[(TSS?\d{2})\]")


def explain(text: str, host: str) -> Explanation | None:
    """What a refusal by one of the large providers means; None when it is none of theirs, or says nothing special.

    text: the answer with its codes. host: the server that gave it.
    """
    host = host.lower().rstrip(".")
    status = find_status(text)
    if host.endswith((".google.com", ".googlemail.com")):
        found = _GMAIL.get(status.partition(".")[2])
        return Explanation("gmail", status, *found, retry=status.startswith("4")) if found else None
    if host.endswith((".yahoodns.net", ".yahoo.com", ".aol.com")):
        return _explain_yahoo(text, status)
    if host.endswith((".outlook.com", ".hotmail.com", ".live.com")):
        return _explain_microsoft(text, status)
    return None


def _explain_yahoo(text: str, status: str) -> Explanation | None:
    match = _YAHOO.search(text)
    if match:
        meaning = "complaints or unusual volume: mail is put off"
        return Explanation(
            "yahoo", match.group(1), meaning, "Slow down and clean the list; try again hours later.", retry=True
        )
    if re.match(r"55[34]", text):
        return Explanation("yahoo", text[:3], "refused for good", "Do not try again; see the senders' page.")
    return None


def _explain_microsoft(text: str, status: str) -> Explanation | None:
    match = re.search(r"\b(?:RP|SC|DY|OU)-00\d\b", text)
    if match and match.group() in _MICROSOFT:
        meaning, remedy, retry = _MICROSOFT[match.group()]
        return Explanation("microsoft", match.group(), meaning, remedy, retry)
    if status in _MICROSOFT_STATUS:
        return Explanation("microsoft", status, *_MICROSOFT_STATUS[status])
    return None


_HOSTS = {
    "gmail": ("google.com", "googlemail.com"),
    "outlook": ("outlook.com", "hotmail.com", "live.com"),
    "yahoo": ("yahoodns.net", "yahoo.com", "aol.com"),
    "icloud": ("icloud.com", "apple.com"),
}
"""Names under which the large providers' mail servers stand."""
_MAILBOXES = re.compile(
    r"(?P<gmail>gmail\.com|googlemail\.com)|(?P<outlook>(?:outlook|hotmail|live|msn)\.[a-z]{2,3}(?:\.[a-z]{2})?)|"
    r"(?P<yahoo>(?:yahoo|ymail|rocketmail|aol)\.[a-z]{2,3}(?:\.[a-z]{2})?)|(?P<icloud>icloud\.com|me\.com|mac\.com)",
    re.IGNORECASE,
)
"""Domains of their users, for mails that reached no server."""


def provider_of(relay: str, recipient: str) -> str:
    """Who takes, or does not take, a mail: gmail, outlook, yahoo, icloud, other.

    relay: the server's host name; one without a dot is no server. recipient: the address, asked when there is none.
    """
    return _by_host(relay.lower()) if "." in relay else _by_domain(recipient.rpartition("@")[2].lower())


@functools.lru_cache(maxsize=4096)
def _by_host(host: str) -> str:
    for provider, names in _HOSTS.items():
        if any(host == name or host.endswith(f".{name}") for name in names):
            return provider
    return "other"


@functools.lru_cache(maxsize=4096)
def _by_domain(domain: str) -> str:
    match = _MAILBOXES.fullmatch(domain)
    return (match.lastgroup if match else None) or "other"
