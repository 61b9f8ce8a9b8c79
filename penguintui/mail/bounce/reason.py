"""Why a mail was not delivered, out of what servers write.

A phrase is looked for in lower case with single spaces; `*` stands for up to 60 characters of anything. The first
reason with a matching phrase wins, so what is precise stands before what is general, and what blames the sender
or the mail before what blames the recipient.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from penguintui.mail.bounce.code import REASON_OF_CODE, find_reply
from penguintui.mail.bounce.phrases import PHRASES

HARD = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
"""Reasons for which the address itself is at fault and will stay so."""

REASONS = (*dict.fromkeys(reason for reason, _ in PHRASES), "undefined")

_SEARCHED = tuple(
    (
        reason,
        tuple(phrase for phrase in phrases if "*" not in phrase),
        tuple(tuple(phrase.split("*")) for phrase in phrases if "*" in phrase),
    )
    for reason, phrases in PHRASES
)
_SPACE = re.compile(r"\s+")
_CONTINUED = re.compile(r"[245]\d\d-(?:#?[245]\.\d{1,3}\.\d{1,3})?|\b[45]\d\d [45]\.\d{1,3}\.\d{1,3} ?")
_NAMES = re.compile(r"(?<![\w.])host [\w.-]+ ?\[[^\]]{0,60}\]|[^\s<>\"(:@]{1,64}@[^\s<>\":;,)]{1,255}")
"""Names of hosts and mailboxes: what they are called is no reason."""
_LABELS = re.compile(
    r"^[ \t]*(?:original )?sender(?: address)?[ \t]*:[ \t]*<?[^\s<>@]+@[^\s<>@]+>?[ \t]*$", re.MULTILINE
)
"""Lines that only name the sender; no words of blame."""
_GAP = 60
_LONGEST = 4000
_STAGE = re.compile(
    r"(?:>>>|<<<|-->|\b(?:smtp|sent|command):|\[|\b(?:reply to|after|error following|for|our(?: final)?|in|on))\s*"
    r"(?:the )?(?:end of )?"
    r"(rcpt|mail|data|ehlo|helo)(?![a-z])(?: ?to| ?from|_to| command)?|"
    r"(does not like recipient|\(state 14\))|(sender was rejected)|(my name was rejected|initial connection|connected)|"
    r"(end of data|after i sent the message|text command|body of message)",
)

_OWN_WORDS = re.compile(
    r"@[^<>\s]+>: user unknown|destinataire invalide|doesn't have an? \S+ account|"
    r"recipient name is not recognized|final delivery userid|"
    r"check if address is correct|other recipients in the same domain|address couldn't be found|"
    r"invalid user address|no valid recipients for this mm|"
    r"mail\.local: unknown user|^\s*unknown user: |not listed in|unknown user: \"|"
    r"no mailbox here by that name|unrouteable user",
    re.MULTILINE,
)
"""Texts that only a server has that looked among the mailboxes."""
_GAVE_UP = re.compile(r"in the queue too long|giving up on", re.IGNORECASE)
"""What qmail adds to everything that it returns; a reason only where there is no other."""
_FILTER = re.compile(r"\b5\d\d[ :]*: user unknown|unknown user \S+@\S*docomo")
"""How filters of Japanese mobile networks hide: without the address."""

_OF_OTHERS = re.compile(
    # the sender, by his names and addresses
    r"return[- ]path|(?:return|bounce|reply|source) address|reply-to\b|-to address|envelope from|sender(?!-mta)"
    r"(?<!to sender)(?<!to the sender)\b|\boriginator|\bauthor\b|\bpostmaster of|rfc-ignorant|"
    r"\bfrom:? (?:address|domain|header)|invalid from|\bmail from (?!any)|\bmail from: (?:no|un|in|user|domain)|"
    r"(?:message|e-?mail) from (?:an?|unknown|invalid)\b|mailfrom|send(?:ing)? from|"
    # whatever is yours, but what was written and to whom
    r"\byours\b|your (?!(?:message|mail|e-?mail|recipient|request)\b(?! (?:account|address|server|domain)))"
    r"(?!address book|contacts)|"
    # the server that sent
    r"(?:sending|source|client|connecting) (?:host|server|domain|name|ip)|remote host (?:is )?(?:not|unknown)|"
    r"\bpeer\b|\bhostname|\b(?:helo|ehlo)\b|\bspf\b|\bdkim\b|authentication|certificate|"
    r"invalid dns|(?:white|allow) ?list|too many|"
    # the mail itself
    r"\bheader\b|message-id|unsubscribe|attachment(?! contains)|message body|\burls?\b|\blink\b|\bin cc\b"
)
"""What else may be missing or wrong: something of the sender, of the server that sent, or in the mail itself."""
_ADVICE = re.compile(r"\b(?:please|contact|ask|if you|visit)\b[^.;]*")
"""What somebody should do: it may name the sender, and blames nobody."""
_OF_LOGIN = ("530", "534", "535", "538")
"""Replies to who sends, not to whom is written (RFC 4954, 6)."""
_PASSING = re.compile(r"temporar|maintenance|\b(?:try|again) later")
"""Words that no server uses of an address that is gone for good."""

_OF_SENDER = ("1.7", "1.8")
"""Codes that blame the sender's address (RFC 3463, 3.2), whatever the text calls unknown."""
_REPLY_REASON = {"551": "hasmoved", "552": "mailboxfull", "523": "exceedlimit", "525": "suspend", "556": "notaccept"}


def normal(text: str) -> str:
    """A server's text as phrases are looked for in it: lower case, single spaces, no codes between its lines."""
    text = _LABELS.sub("", text[:_LONGEST].lower().replace("’", "'"))
    text = _CONTINUED.sub(" ", _NAMES.sub(" ", text))
    return _SPACE.sub(" ", text).replace("unknown address error '", "'")  # a gateway's prefix to all it quotes


def stage_of(text: str) -> str:
    """The SMTP command to which the server's text answered: rcpt, mail, data, helo; empty when not told."""
    found = ""
    for match in _STAGE.finditer(text[:_LONGEST].lower()):
        command, recipient, sender, name, data = match.groups()
        found = command or (recipient and "rcpt") or (sender and "mail") or (name and "helo") or (data and "data") or ""
        if command:
            break
    return "helo" if found == "ehlo" else found


def classify(text: str, *, status: str, reply: str, stage: str, stated: bool) -> str:
    """The reason that a server's text, its codes and its stage give together.

    `onhold`: something is said that is not understood; `undefined`: nothing is said.

    stated: whether a machine-readable report stated the failure.
    """
    reason = by_text(text)
    if not reason:
        reason = REASON_OF_CODE.get(status.partition(".")[2], "") or _REPLY_REASON.get(reply, "")
    if not reason and _GAVE_UP.search(text):
        reason = "expired"
    if reason in HARD:
        if find_reply(text) and (blamed := _blamed(normal(text), reply)):
            return blamed
        if stage == "mail" or status.partition(".")[2] in _OF_SENDER:
            return "rejected"
        if stage == "helo":
            return "blocked"
    if reason == "userunknown" and not _certain(text, status=status, reply=reply, stage=stage, stated=stated):
        return "filtered"
    return reason or ("onhold" if text.strip() else "undefined")


def _blamed(text: str, reply: str) -> str:
    """The reason, where a server's reply speaks of something else than the recipient; empty where it does not."""
    if reply in _OF_LOGIN:
        return "securityerror"
    if _OF_OTHERS.search(_ADVICE.sub("", text)):
        return "rejected"
    return "onhold" if _PASSING.search(text) else ""


def by_text(text: str) -> str:
    """The first reason of which a phrase is in the text; empty when none is."""
    text = normal(text)
    for reason, plain, gapped in _SEARCHED:
        if any(phrase in text for phrase in plain) or any(_in_order(pieces, text) for pieces in gapped):
            return reason
    return ""


def _in_order(pieces: Sequence[str], text: str) -> bool:
    """Whether the pieces of a phrase follow each other, with no more than a gap between them."""
    first, *rest = pieces
    position = text.find(first)
    while position >= 0:
        end: int = position + len(first)
        for piece in rest:
            at = text.find(piece, end, end + _GAP + len(piece))
            if at < 0:
                break
            end = at + len(piece)
        else:
            return True
        position = text.find(first, position + 1)
    return False


def _certain(text: str, *, status: str, reply: str, stage: str, stated: bool) -> bool:
    """Whether "user unknown" can be believed.

    A server that says so in answer to RCPT, by its code, or of its own mailboxes knows. Said after the content was
    seen, or without a word of when, it may be a filter that hides; then the address is not given up.
    """
    if stage == "rcpt" or status.partition(".")[2].startswith("1."):
        return True
    if _OWN_WORDS.search(text.lower()):
        return True
    if stage == "data" or _FILTER.search(text.lower()):
        return False
    return stated and bool(reply) and not status.partition(".")[2].startswith("7.")
