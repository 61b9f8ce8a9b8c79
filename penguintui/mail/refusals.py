"""The codes with which Gmail, Yahoo and Microsoft refuse mail: what each means, and what to do.

From the providers' pages for senders (support.google.com/a/answer/3726730, senders.yahooinc.com/smtp-error-codes,
Microsoft's "Email non-delivery reports" and "Policies, Practices, and Guidelines" of Outlook.com).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Refusal(NamedTuple):
    """retry: whether trying again later can help; None where the reply's class says so."""

    meaning: str
    remedy: str
    retry: bool | None = None


_POINTER = Refusal("the sending address has no PTR record, or it does not lead back", "Set PTR and forward name.")
_POLICY = Refusal("the domain has no DMARC record", "Publish one, p=none at least.")

GMAIL = {
    "1.1": Refusal("the address does not exist", "Suppress it."),
    "1.2": Refusal("the domain of the recipient does not exist", "Correct or suppress the address."),
    "1.3": Refusal("the address of the recipient has no valid form", "Correct or suppress the address."),
    "2.1": Refusal("the mailbox is inactive, or gets too much at once", "Do not send there for now."),
    "2.2": Refusal("the mailbox is full", "Try later; do not suppress."),
    "2.3": Refusal("the mail is larger than Gmail takes", "Send a link instead of the file."),
    "3.0": Refusal("Gmail has trouble of its own", "Wait; the queue tries again.", True),
    "4.5": Refusal("the daily quota of the sending account is used up", "Send less, or from another account."),
    "5.2": Refusal("the mail or a command has no valid form", "Send mail by RFC 5322, and SMTP by RFC 5321."),
    "6.0": Refusal("the mail has no valid form", "Send one From, Date and Message-ID, and valid MIME."),
    "7.0": Refusal("the address or the mail is not trusted", "Authenticate; see Postmaster Tools."),
    "7.1": Refusal(
        "low reputation of the address or domain, or content like spam",
        "See Postmaster Tools; send less, to people who read.",
    ),
    "7.23": _POINTER,
    "7.25": _POINTER,
    "7.26": Refusal("neither SPF nor DKIM passed", "Sign with DKIM and allow the address in SPF."),
    "7.27": Refusal("SPF did not pass", "Allow the address in the SPF record."),
    "7.28": Refusal(
        "too much at once from the address, network, domain or link", "Slow down; see what is complained about."
    ),
    "7.29": Refusal("the connection was not encrypted", "Let Postfix use TLS (smtp_tls_security_level=may)."),
    "7.30": Refusal("DKIM did not pass", "See whether the published key is the signer's."),
    "7.31": _POLICY,
    "7.32": Refusal("From aligns with neither SPF nor DKIM", "Sign with the domain of From."),
    "7.40": Refusal("the domain has no DMARC policy", "Publish one, p=none at least."),
}
"""Gmail's by what stands after the class."""

_SLOW = Refusal("too much for the reputation of the address", "Slow down; see SNDS.", True)
_DYNAMIC = Refusal("the address looks dynamic", "Send from an address with a PTR record of its own.", False)
_BANNED = Refusal("the sending address is banned", "Ask at the delist portal (sender.office.com).", False)

MICROSOFT = {
    "RP-001": _SLOW,
    "RP-002": _SLOW,
    "RP-003": _SLOW,
    "SC-001": Refusal("content or reputation like spam", "See SNDS; clean the list.", False),
    "SC-002": Refusal("guessing of addresses", "Send only to known addresses.", False),
    "SC-003": Refusal("the server is an open relay", "Close it.", False),
    "SC-004": Refusal("complaints about the address", "Process JMRP complaints; then ask for relief.", False),
    "DY-001": _DYNAMIC,
    "DY-002": _DYNAMIC,
    "OU-001": Refusal("the address is listed by Spamhaus", "Have it removed at Spamhaus.", False),
    "OU-002": Refusal("policy of the receiver", "See SNDS and ask for relief.", False),
    "S3140": Refusal("the network of the address is blocked by Outlook.com", "Ask for relief; see SNDS.", False),
    "S3150": Refusal("the network of the address is blocked by Outlook.com", "Ask for relief; see SNDS.", False),
    "5.7.515": Refusal(
        "SPF, DKIM and DMARC are demanded of senders of more than 5,000 a day",
        "Let both pass, publish DMARC (p=none at least), and align From with one of them.",
        False,
    ),
    "5.7.509": Refusal("the mail failed our own DMARC policy p=reject", "Sign with DKIM in the domain of From.", False),
    "5.7.511": Refusal("the sending address is banned for good", "Write to delist@microsoft.com.", False),
    "5.7.23": Refusal("SPF did not pass", "Allow the address in the SPF record.", False),
    "5.7.705": Refusal("the sending tenant has sent too much that is suspicious", "Clean up the tenant.", False),
    "5.7.708": Refusal("the address of the sending tenant has a low reputation", "Use an address with history.", False),
    "5.7.750": Refusal("the tenant sends from a domain that it has not registered", "Register the domain.", False),
    "4.7.650": Refusal("too much for the reputation of the address", "Slow down; see SNDS.", True),
    "5.1.10": Refusal("the address does not exist", "Suppress it.", False),
    "5.4.1": Refusal("the domain takes no mail for this address", "Suppress it.", False),
    "5.5.0": Refusal("the mailbox does not exist or is closed", "Suppress it.", False),
    "5.2.2": Refusal("the mailbox is full", "Try later; do not suppress.", True),
    "5.2.121": Refusal("the recipient gets too much from one sender", "Send less to this address.", True),
    "5.2.122": Refusal("the recipient gets too much at once", "Send less to this address.", True),
}
"""Microsoft's by their own codes and by enhanced codes."""

_UNWELCOME = "complaints or unusual volume: mail is put off"
_LATER = "Slow down and clean the list; try again hours later."
_NEVER = "Do not try again; see the senders' page, and ask there for a review."

YAHOO = {
    "TSS": Refusal(_UNWELCOME, _LATER, True),
    "TS": Refusal(
        "complaints about the address: all its mail is put off, and trying again does not help", _NEVER, False
    ),
    "BL": Refusal("the address is listed by Spamhaus", "Have it removed at Spamhaus.", False),
    "GL": Refusal("the connection comes from an address that is not trusted", _LATER, True),
    "PH": Refusal("the content looks like phishing or spam", "See its links and domains; authenticate it.", False),
}
"""Yahoo's by the letters of the mark in brackets."""

YAHOO_STATUS = {
    "5.7.9": Refusal(
        "SPF, DKIM or DMARC did not pass, and policy says no", "Sign with DKIM in the domain of From.", False
    ),
    "4.7.9": Refusal("SPF, DKIM or DMARC did not pass", "Sign with DKIM in the domain of From.", True),
    "4.1.8": Refusal("the domain of the sender does not resolve", "Publish MX or A records of it.", True),
    "5.1.8": Refusal("the domain of the sender does not resolve", "Publish MX or A records of it.", False),
    "5.2.2": Refusal("the mailbox is full", "Try later; do not suppress.", True),
}
_YAHOO_MARK = re.compile(r"\[(TSS|TS|BL|GL|PH)[\d/]*\]")
_YAHOO_GONE = re.compile(
    r"mailbox is disabled|doesn't have a|user does not exist|no such user|\(554\.30\)", re.IGNORECASE
)
_MICROSOFT_MARK = re.compile(r"\b((?:RP|SC|DY|OU)-00\d|S31[45]0)\b")
_BANNED_STATUS = re.compile(r"5\.7\.6(?:0[6-9]|[1-4]\d)")


def gmail(text: str, status: str) -> tuple[str, Refusal] | None:
    """Gmail's code in a refusal, with what it means; None when it says nothing special. The same for the others."""
    return _looked_up(GMAIL, status.partition(".")[2], status)


def microsoft(text: str, status: str) -> tuple[str, Refusal] | None:
    mark = _MICROSOFT_MARK.search(text)
    if mark:
        return _looked_up(MICROSOFT, mark.group(1), mark.group(1))
    if _BANNED_STATUS.fullmatch(status):
        return status, _BANNED
    return _looked_up(MICROSOFT, status, status)


def yahoo(text: str, status: str) -> tuple[str, Refusal] | None:
    mark = _YAHOO_MARK.search(text)
    if mark:
        refusal = YAHOO[mark.group(1)]
        # a mark of deferrals in a refusal for good: "553 5.7.2 [TSS09] … retrying will NOT succeed"
        refused = text.lstrip().startswith("5") and refusal.retry
        return mark.group().strip("[]"), YAHOO["TS"] if refused else refusal
    if _YAHOO_GONE.search(text):
        return status or text.lstrip()[:3], Refusal("the mailbox does not exist or is closed", "Suppress it.", False)
    if status in YAHOO_STATUS:
        return status, YAHOO_STATUS[status]
    if re.match(r"\s*55[34]", text):
        return text.lstrip()[:3], Refusal("refused for good", "Do not try again; see the senders' page.", False)
    return None


def _looked_up(table: Mapping[str, Refusal], key: str, code: str) -> tuple[str, Refusal] | None:
    return (code, table[key]) if key in table else None
