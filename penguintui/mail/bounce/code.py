"""Reply codes (RFC 5321) and enhanced codes (RFC 3463) in the text of servers, and what the codes mean alone."""

from __future__ import annotations

import re

_ENHANCED = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w]|\.\d)")
_AFTER_REPLY = re.compile(r"(?<![\w.-])([245][0-5]\d)[ -]{1,2}[#'\"<(]?([245]\.\d{1,3}\.\d{1,3})(?![\w]|\.\d)")
_REPLY = re.compile(
    r"(?:^|said:|returned:?|was:|is:|reason:|response:|with:|error:|smtp;|\]:|\]|>>|<<<|code ?:?|:|\n|\.\.\.|,)\s*"
    r"([45][0-5]\d)(?=[ :;,#-]|$)",
    re.IGNORECASE | re.MULTILINE,
)

REASON_OF_CODE = {
    "1.0": "userunknown",
    "1.1": "userunknown",
    "1.2": "hostunknown",
    "1.3": "userunknown",
    "1.4": "userunknown",
    "1.6": "hasmoved",
    "1.7": "rejected",
    "1.8": "rejected",
    "1.9": "rejected",
    "1.10": "notaccept",
    "2.0": "filtered",
    "2.1": "suspend",
    "2.2": "mailboxfull",
    "2.3": "exceedlimit",
    "2.4": "mailererror",
    "3.0": "mailererror",
    "3.1": "systemfull",
    "3.2": "notaccept",
    "3.3": "systemerror",
    "3.4": "mesgtoobig",
    "3.5": "systemerror",
    "4.0": "networkerror",
    "4.1": "expired",
    "4.2": "expired",
    "4.3": "systemerror",
    "4.4": "hostunknown",
    "4.5": "systemerror",
    "4.6": "networkerror",
    "4.7": "expired",
    "5.0": "syntaxerror",
    "5.1": "syntaxerror",
    "5.2": "syntaxerror",
    "5.3": "exceedlimit",
    "5.4": "syntaxerror",
    "5.5": "syntaxerror",
    "6.0": "contenterror",
    "6.1": "contenterror",
    "6.2": "contenterror",
    "6.3": "contenterror",
    "6.5": "contenterror",
    "6.7": "contenterror",
    "7.0": "securityerror",
    "7.1": "securityerror",
    "7.2": "rejected",
    "7.7": "securityerror",
    "7.8": "securityerror",
    "7.9": "securityerror",
    "7.10": "failedstarttls",
    "7.13": "suspend",
    "7.17": "hasmoved",
    "7.20": "authfailure",
    "7.21": "authfailure",
    "7.22": "authfailure",
    "7.23": "authfailure",
    "7.24": "authfailure",
    "7.25": "requireptr",
    "7.26": "authfailure",
    "7.27": "notaccept",
    "7.28": "toomanyconn",
    "7.29": "failedstarttls",
    "7.30": "authfailure",
    "7.31": "authfailure",
    "7.32": "authfailure",
    "7.40": "authfailure",
    "7.509": "authfailure",
    "7.515": "authfailure",
}
"""What the part after the class says by itself (RFC 3463, RFC 7372, RFC 7505, Gmail, Microsoft)."""

DETAIL_OF_REASON = {
    "userunknown": 911,
    "hostunknown": 912,
    "hasmoved": 916,
    "notaccept": 932,
    "filtered": 910,
    "mailboxfull": 922,
    "exceedlimit": 923,
    "mesgtoobig": 934,
    "suspend": 921,
    "expired": 947,
    "networkerror": 944,
    "toomanyconn": 945,
    "speeding": 945,
    "systemerror": 930,
    "systemfull": 931,
    "mailererror": 939,
    "rejected": 918,
    "blocked": 971,
    "badreputation": 975,
    "requireptr": 978,
    "authfailure": 979,
    "policyviolation": 972,
    "securityerror": 970,
    "virusdetected": 973,
    "spamdetected": 980,
    "contenterror": 960,
    "notcompliantrfc": 974,
    "norelaying": 909,
    "failedstarttls": 976,
    "syntaxerror": 902,
    "onhold": 901,
    "undefined": 900,
}
"""The detail of a derived code: no standard assigns numbers above 900, so none is mistaken for a stated one."""


def find_status(text: str) -> str:
    """The enhanced code in a server's text: the one after a reply code first, the most telling of the others."""
    after = [match.group(2) for match in _AFTER_REPLY.finditer(text) if match.group(1)[0] == match.group(2)[0]]
    found = [code for code in after or _ENHANCED.findall(text) if code[0] != "2"]
    return next((code for code in found if not is_vague(code)), found[0] if found else "")


def find_reply(text: str) -> str:
    """The SMTP reply code in a server's text; empty when there is none."""
    match = _AFTER_REPLY.search(text) or _REPLY.search(text)
    return match.group(1) if match and match.group(1)[0] != "2" else ""


def is_vague(code: str) -> bool:
    """Whether a code says no more than its class."""
    return code[1:] == ".0.0"


def derive(reason: str, *, temporary: bool) -> str:
    """The code for a reason where the mail states none."""
    return f"{4 if temporary else 5}.0.{DETAIL_OF_REASON.get(reason, 900)}"
