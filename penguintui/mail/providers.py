"""What the refusals of Gmail, Yahoo and Microsoft mean to us, by their codes: whose fault, and what to do."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from penguintui.mail.bounce.code import find_status
from penguintui.mail.refusals import gmail, microsoft, yahoo


@dataclass(frozen=True, slots=True)
class Explanation:
    """One refusal. provider: gmail, yahoo, microsoft. retry: whether trying again later can help."""

    provider: str
    code: str
    meaning: str
    remedy: str
    retry: bool = False


_REFUSALS = {"gmail": gmail, "yahoo": yahoo, "outlook": microsoft}
_NAMES = {"outlook": "microsoft"}
_SIGNS = {
    "gmail": re.compile(r"gsmtp|\.google\.com|google|gmail", re.IGNORECASE),
    "yahoo": re.compile(r"\[(?:TSS?|BL|GL|PH)[\d/]*\]|yahoo|\.aol\.com", re.IGNORECASE),
    "outlook": re.compile(
        r"\b(?:RP|SC|DY|OU)-00\d\b|\bS31[45]0\b|outlook|hotmail|microsoft|office\.com|"
        r"\b[45]\.7\.(?:5\d\d|6\d\d|7\d\d)\b|\bAS\(?\d{3,4}\)?",
        re.IGNORECASE,
    ),
}
"""What an answer says of who gave it, where nobody else does."""


def explain(text: str, host: str) -> Explanation | None:
    """What a refusal by one of the large providers means; None when it is none of theirs, or says nothing special.

    text: the answer with its codes. host: the server that gave it.
    """
    return _explained(_by_host(host.lower().rstrip(".")), text)


def explain_text(text: str) -> list[Explanation]:
    """The same for an answer alone: of the provider that it betrays, or else of each that has its code."""
    betrayed = [name for name, sign in _SIGNS.items() if sign.search(text)]
    found = (_explained(name, text) for name in betrayed or _REFUSALS)
    return [one for one in found if one is not None]


def _explained(provider: str, text: str) -> Explanation | None:
    status = find_status(text)
    found = _REFUSALS[provider](text, status) if provider in _REFUSALS else None
    if found is None:
        return None
    code, refusal = found
    retry = refusal.retry if refusal.retry is not None else status.startswith("4")
    return Explanation(_NAMES.get(provider, provider), code, refusal.meaning, refusal.remedy, retry)


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
