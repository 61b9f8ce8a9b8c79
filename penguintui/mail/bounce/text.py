"""Bounces without a machine-readable part: what the text of Exim, qmail, Gmail and many others says, and of whom."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from penguintui.mail.mime import Mail, Part

_ADDRESS = r"[^\s<>\"(),:;\[\]\\\u3000-\u303f\uff00-\uffef]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?"
_BARE = re.compile(_ADDRESS)
_LONGEST_LINE = 2000
_MOST_LINES = 400

_RETURNED = re.compile(
    r"(?:[-=*#>\s]|this is |here is |below (?:this line )?is |included is |enclosed is )*"
    r"(?:a copy of (?:the|your)|the header of the original|(?:the )?original (?:message|"
    r"mail)(?: follows| as follows|:|\b *[-=])"
    r"|unsent message|returned message|returned mail follows|message headers? follow|text of (?:the )?original|"
    r"your message was:|begin original message|original message$|-+ ?message header)"
    r"| ?(?:received|return-path|dkim-signature|domainkey-signature|x-received|arc-seal): ?\S"
    r"|-{20,}$(?=\Z)",
    re.IGNORECASE,
)
"""A line after which comes the mail that is returned, not the report."""
_RULE = re.compile(r"\s*-{20,}\s*")
"""A line of dashes, which ends no report that has named nobody yet."""

_INTRODUCTION = (
    re.compile(rf"\s*[\"'<]*({_ADDRESS})[\"'>]*\s*:\s*(.*)"),
    re.compile(rf"\s*(?:[*•-]\s*)?<?({_ADDRESS})>?\s*()$"),
    re.compile(rf"\s*(?:>>>|\*|-|•)?\s*<?({_ADDRESS})>?[,;]?\s+(.*)"),
    re.compile(
        rf".*?(?:rcpt to|rcpt_to|recipient(?: address)?|addressed to|e-?mail address)\s*:\s*<?({_ADDRESS})>?(.*)", re.I
    ),
    re.compile(
        rf".*?\b(?:deliver\w*|undeliverable|sent|mail|message|userid|attempts|failed|address|user|recipients?)"
        rf"(?: \w+){{0,3}}\s*(?:to|for|:)?\s*:?\s*(?<![\w.+-])<?({_ADDRESS})>?(.*)",
        re.IGNORECASE,
    ),
)
"""How a line names the recipient of which the lines after it speak."""

_CLOSING = re.compile(rf"\s*[45]\d\d (?:[45]\.\d+\.\d+ )?<?({_ADDRESS})>?\.\.\. .*")
"""Sendmail ends what it did for a recipient with such a line; the talk with the server stands before it."""

_ANSWERED = re.compile(r"\bsaid:|(?<![\w.])[45]\d\d[ :-]", re.IGNORECASE)

_NO_RECIPIENT = re.compile(
    r"\s*(?:[>\s]*(?:from|to|cc|subject|date|sent|sender|message-id|reply-to|mail from|original sender|reporting-mta|"
    r"remote-mta|sender-mta|in-reply-to)\b\s*:|\(|hello |hi |dear |>>> mail|mail from|<<<|contact |please )",
    re.IGNORECASE,
)
"""Lines whose addresses are not the recipient's."""

_INVISIBLE = re.compile(r"<(style|script)\b")
_BLOCK_END = re.compile(r"<(?:br|/p|/div|/tr|/h\d|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^@<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Passage:
    """What a report says of one recipient."""

    recipient: str
    text: str


def report_text(mail: Mail) -> str:
    """The part of a mail that people are meant to read, without the mail that it returns."""
    return before_returned(whole_text(mail))


def whole_text(mail: Mail) -> str:
    """All text before a mail that is returned as a part of its own."""
    texts: list[str] = []
    for part in mail.parts:
        if part.type.startswith("message/") or part.type == "text/rfc822-headers":
            break
        if part.type.startswith("text/plain") or (part.type == "text" and not texts):
            texts.append(part.text(64 * 1024))
    if not any(text.strip() for text in texts):
        texts = [strip_html(part.text(64 * 1024)) for part in mail.parts if part.type == "text/html"]
    return "\n".join(texts)


def returned(mail: Mail) -> Part | None:
    """The mail, or its headers, that the report returns."""
    return mail.first("message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers")


def before_returned(text: str) -> str:
    """The lines before the returned mail."""
    lines: list[str] = []
    for line in text.splitlines()[:_MOST_LINES]:
        if (
            lines
            and _RETURNED.match(line[:_LONGEST_LINE])
            and not (_RULE.fullmatch(line) and "@" not in "".join(lines))
        ):
            break
        lines.append(line[:_LONGEST_LINE])
    return "\n".join(lines)


def strip_html(text: str) -> str:
    """The text of a page, one line per block."""
    lower, kept, position = text.lower(), [], 0
    for match in _INVISIBLE.finditer(lower):
        if match.start() >= position:
            kept.append(text[position : match.start()])
            end = lower.find(f"</{match.group(1)}", match.end())
            position = end if end >= 0 else len(text)
    kept.append(text[position:])
    text = _BLOCK_END.sub("\n", " ".join(kept))
    return html.unescape(_TAG.sub(" ", text))


def passages(text: str, *, known: Iterable[str], own: str) -> list[Passage]:
    """The recipients of a report, each with the lines about it.

    known: the recipients that a header names; then no others are looked for.
    own: the address to which the report was sent, that is the sender of the returned mail.
    """
    names = [address.lower() for address in known]
    if not names and (closed := _transcript(text)):
        return closed
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        name, rest = _introduced(line, names, own.lower())
        if name and found and _ANSWERED.search(line[: line.lower().find(name)]):
            current.append(line)  # the server's answer names an address, by which it knows the recipient
        elif name and name not in found:
            current = found.setdefault(name, [])
            current.append(rest)
        elif name:
            current = found[name]
            current.append(rest)
        else:
            current.append(line)
    for name in names:
        found.setdefault(name, [])
    return [Passage(name, "\n".join(lines).strip()) for name, lines in found.items()]


def _transcript(text: str) -> list[Passage]:
    """The recipients of a transcript of Sendmail, each with the lines that led to its end."""
    found: dict[str, str] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if "while talking to" in line.lower():
            lines = []
        lines.append(line)
        match = _CLOSING.match(line)
        if match:
            found.setdefault(match.group(1).lower(), "\n".join(lines))
            lines = []
    return [Passage(name, passage) for name, passage in found.items()]


def _introduced(line: str, known: list[str], own: str) -> tuple[str, str]:
    """The recipient that a line introduces, and what it says after it."""
    if "@" not in line:
        return "", ""
    if known:
        lower = line.lower()
        return next(((name, line) for name in known if name in lower), ("", ""))
    if _NO_RECIPIENT.match(line):
        return "", ""
    for pattern in _INTRODUCTION:
        match = pattern.match(line)
        if match:
            name = match.group(1).lower().strip("'")
            if name == own or name.startswith("mailer-daemon@"):
                return "", ""
            return name, line if pattern is not _INTRODUCTION[0] else match.group(2)
    return "", ""


def addresses(text: str) -> list[str]:
    """All addresses in a header's value, in their order."""
    return list(dict.fromkeys(address.lower().strip("'") for address in _BARE.findall(text[: _LONGEST_LINE * 8])))
