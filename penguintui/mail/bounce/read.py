"""What a mail to the bounce address is: the order in which it is asked whether it is this or that."""

from __future__ import annotations

import re
from collections.abc import Iterable

from penguintui.mail.bounce import service
from penguintui.mail.bounce.autoreply import is_auto_reply, looks_automatic
from penguintui.mail.bounce.code import derive, find_reply, find_status, is_vague
from penguintui.mail.bounce.complaint import read_complaint
from penguintui.mail.bounce.dsn import Delivery, read_deliveries
from penguintui.mail.bounce.notice import Kind, Notice
from penguintui.mail.bounce.reason import HARD, by_text, classify, stage_of
from penguintui.mail.bounce.text import addresses, passages, report_text, returned, whole_text
from penguintui.mail.mime import Headers, Mail, Part, read_mail, split_headers

_DSN_TYPES = ("message/delivery-status", "message/global-delivery-status")
_DAEMON = re.compile(r"mailer-daemon|mail[ ._-]?delivery|post_?master|<>|^\s*$|mail administrator", re.IGNORECASE)
_UNATTENDED = re.compile(r"no-?reply|do-?not-?reply", re.IGNORECASE)
_MACHINES = ("auto-submitted", "x-mlserver", "x-mailer-daemon-recipients", "x-mailer-daemon-error")
_ADDRESSED = re.compile(r"not be delivered to:? ?<[^<>\s]+@", re.IGNORECASE)
"""What a server writes that calls itself no-reply, and no parcel service does: to which address."""
_SUBJECT = re.compile(
    r"\W*(?:bounce\b|undeliver|un-deliver|returned mail|return(?:ed)? to sender|failure notice|"
    r"delivery (?:status|failure|report|"
    r"notification|has failed|failed|problem|error)|mail (?:delivery|failure|system error|could not)|message delivery|"
    r"message (?:not delivered|undeliverable)|could not deliver|non[- ]?deliver|nondeliver|notice: mail delivery|"
    r"warning: (?:could not|message)|delayed mail|you .{0,80} are not member|loop (?:alert|"
    r"back warning)|there was an error sending your mail|permanent delivery failure|postfix smtp server: errors)",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"contact|assist|\bhelp|question|support|\babuse|administrator|enquir|inquir|hilfe|kontakt|\bfragen|aide\b|ayuda|"
    r"contacte|aiuto|contatta|appeal|delist|unblock|removal|report(?:ing)? (?:this|to)",
    re.IGNORECASE,
)
_UNCLEAR = ("undefined", "onhold")
_MOST_PASSAGES = 100
_INLINE_DSN = re.compile(r"^(?:final|original)-recipient\s*:", re.IGNORECASE | re.MULTILINE)
_REPORT = re.compile(r"\s*(?:reporting-mta|(?:final|original)-recipient)\s*:", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr)\s*:", re.IGNORECASE)
_ANSWER = re.compile(r"\s*(?:re|aw|sv)\s*:", re.IGNORECASE)
_PHRASES = (
    "not be delivered",
    "not delivered",
    "wasn't delivered",
    "unable to deliver",
    "undeliverable",
    "delivery failed",
    "delivery to the following recipient",
    "did not reach the following recipient",
    "returned to sender",
    "permanent error",
    "permanent fatal errors",
    "delivery problems",
    "delivery errors",
    "transcript of session follows",
    "non-delivered information",
    "rejected by a remote mail server",
    "final delivery userid",
    "failure reasons",
    "wasn't able to deliver",
    "error delivering your mail",
    "attempting to deliver a message",
    "message is delayed",
    "could not be sent",
    "error message below",
    "had trouble delivering",
    "was automatically rejected",
    "has been frozen",
    "was frozen on arrival",
    "encountered the following error",
    "a problem with the e-mail address",
    "failed recipient",
    "address(es) failed",
    "recipient addresses that were",
    "not a member of this mailing list",
    "duplicated message-id",
)
_TEMPORARY = re.compile(
    r"warning message only|warning only|has been delayed|only a temporary failure|"
    r"temporarily suspended|will be retried|still trying|"
    r"retry timeout exceeded|retry time not reached|failing for a long time|temporary failure: ?$",
    re.IGNORECASE | re.MULTILINE,
)


def read(data: bytes) -> list[Notice]:
    """Reads one mail. Never raises; a mail that says nothing of a delivery brings one notice of kind `other`."""
    mail = read_mail(data)
    return (
        read_complaint(mail)
        or _service_notices(mail)
        or _dsn_notices(mail)
        or _text_notices(mail)
        or [_no_bounce(mail)]
    )


def _no_bounce(mail: Mail) -> Notice:
    if is_auto_reply(mail):
        sender = next(iter(addresses(mail.headers.get("from"))), "")
        return Notice(Kind.AUTO_REPLY, sender, reason="vacation")
    return Notice(Kind.OTHER)


def _bounce(recipient: str, *, text: str, context: str = "", status: str = "", temporary: bool = False) -> Notice:
    """A bounce out of what is told of one recipient.

    text: what the refusing server said. context: the rest of the report, asked only for what `text` leaves open.
    temporary: whether the report says that delivery is only late; then no code makes it a failure (RFC 3464, 2.3.3).
    """
    if "envelope expired" in context.lower():  # how OpenSMTPD gives up, under the heading of a delay
        status, temporary = "", False
    stated, delayed = bool(status), temporary
    said = find_status(text) or ("" if find_reply(text) else find_status(context))
    if said and (not status or (said[0] == status[0] and (is_vague(status) or not said.endswith(".0")))):
        status = said
    reply = find_reply(text) or ("" if text and status else find_reply(context))
    stage = stage_of(text) or stage_of(context)
    evidence = text if find_reply(text) or by_text(text) else f"{text}\n{context}"
    reason = classify(evidence, status=status, reply=reply, stage=stage, stated=stated)
    waits = not reply and "envelope expired" not in context.lower() and _TEMPORARY.search(f"{text}\n{context}")
    temporary = temporary or reply.startswith("4") or bool(waits)
    derived = not status
    status = status or derive(reason, temporary=temporary)
    hard = reason in HARD and status.startswith("5") and not delayed
    diagnosis = " ".join((text or context).split())[:500]
    return Notice(Kind.BOUNCE, recipient, status, reason, hard, "", reply, derived, diagnosis)


def _service_notices(mail: Mail) -> list[Notice]:
    if not mail.parts:
        return []
    document = service.read_notification(mail.parts[0].text())
    complaint, bounce = service.section(document, "complaint"), service.section(document, "bounce")
    if complaint:
        kind = str(complaint.get("complaintFeedbackType") or "abuse").lower()
        names = [entry.get("emailAddress", "") for entry in service.recipients(complaint, "complainedRecipients")]
        return [Notice(Kind.COMPLAINT, name.lower(), reason="feedback", feedback_type=kind) for name in names]
    notices = []
    for entry in service.recipients(bounce, "bouncedRecipients"):
        text, status = entry.get("diagnosticCode", ""), entry.get("status", "")
        fallback = service.reason_of(bounce)
        temporary = service.is_transient(bounce)
        notice = _bounce(
            entry.get("emailAddress", "").lower(),
            text=text,
            context=service.kind_of(bounce),
            status=status,
            temporary=temporary,
        )
        notices.append(_with_reason(notice, fallback, temporary=temporary) if notice.reason in _UNCLEAR else notice)
    return notices


def _with_reason(notice: Notice, reason: str, *, temporary: bool) -> Notice:
    """The notice with a reason that was told in another way than by a text."""
    if not reason:
        return notice
    status = derive(reason, temporary=temporary) if notice.derived else notice.status
    hard = reason in HARD and status.startswith("5")
    return Notice(
        Kind.BOUNCE, notice.recipient, status, reason, hard, "", notice.reply, notice.derived, notice.diagnosis
    )


def _dsn_notices(mail: Mail) -> list[Notice]:
    parts = [part for part in mail.parts if part.type in _DSN_TYPES] or _unnamed(mail)
    human = report_text(mail)
    if parts:
        return _of_deliveries(read_deliveries("\n\n".join(part.text() for part in parts)), human)
    inline = whole_text(mail) if _daemon_like(mail) else ""
    if not _INLINE_DSN.search(inline):
        return []
    return _of_deliveries(read_deliveries(inline.replace("\n\nDiag", "\nDiag")), human)


def _unnamed(mail: Mail) -> list[Part]:
    """A machine-readable part that a mail server attached as a file, or as no type at all."""
    attached = [part for part in mail.parts if part.type == "application/octet-stream"]
    return [part for part in attached if _daemon_like(mail) and _REPORT.match(part.text(1024))][:1]


def _of_deliveries(deliveries: list[Delivery], human: str) -> list[Notice]:
    """A notice for each, and for each of several only what the text says of it."""
    if len(deliveries) < 2:
        return [_of_delivery(delivery, human) for delivery in deliveries]
    names = [delivery.recipient.lower() for delivery in deliveries]
    said = {passage.recipient: passage.text for passage in passages(human, known=names[:_MOST_PASSAGES], own="")}
    return [_of_delivery(delivery, said.get(name, "")) for delivery, name in zip(deliveries, names, strict=True)]


def _of_delivery(delivery: Delivery, human: str) -> Notice:
    if delivery.action in ("delivered", "relayed", "expanded"):
        return Notice(
            Kind.OTHER, delivery.recipient.lower(), reason="delivered", diagnosis=f"Action: {delivery.action}"
        )
    if delivery.status.startswith("2"):
        return Notice(Kind.OTHER, delivery.recipient.lower(), reason="delivered", diagnosis=delivery.status)
    return _bounce(
        delivery.recipient.lower(),
        text=f"{delivery.diagnosis} {delivery.status_comment}".strip(),
        context=human,
        status=delivery.status,
        temporary=delivery.action == "delayed",
    )


def _daemon_like(mail: Mail) -> bool:
    headers = mail.headers
    path = headers.get("return-path")
    return bool(
        _DAEMON.search(headers.get("from"))
        or ("return-path" in headers and _DAEMON.search(path))
        or "x-failed-recipients" in headers
    )


def _text_notices(mail: Mail) -> list[Notice]:
    text = report_text(mail)
    if not _is_bounce(mail, text):
        return []
    known = addresses(", ".join(mail.headers.all("x-failed-recipients")))
    own = next(iter(addresses(mail.headers.get("to"))), "")
    found = passages(text, known=known, own=own)
    if not found:
        names = _returned_to(mail) or _sole_address(mail, text, own)
        return [_bounce(name, text=text) for name in names or [""]]
    if len(found) == 1:
        return [_group(_bounce(found[0].recipient, text=found[0].text, context=text))]
    return [_group(_bounce(passage.recipient, text=passage.text or text)) for passage in found]


def _group(notice: Notice) -> Notice:
    """Google Groups explains itself in forty languages; it always means that the group takes no such mail."""
    if notice.recipient.endswith("@googlegroups.com") and notice.reason in _UNCLEAR:
        return _with_reason(notice, "rejected", temporary=False)
    return notice


def _returned_to(mail: Mail) -> Iterable[str]:
    """The recipient of the returned mail, where it had only one: of several nobody knows which one failed."""
    part = returned(mail)
    headers = split_headers(part.content)[0] if part else Headers()
    found = addresses(", ".join((headers.get("to"), headers.get("cc"))))
    return found if len(found) == 1 else []


def _sole_address(mail: Mail, text: str, own: str) -> list[str]:
    """The only address of a report that is neither the sender's nor the server's own, however it is named there.

    Whom to ask for help is nobody's recipient: such lines are left out.
    """
    servers = addresses(mail.headers.get("from"))
    text = "\n".join(line for line in text.splitlines() if not _HELP.search(line))
    found = [name for name in addresses(text) if name not in (own, *servers) and not _DAEMON.search(name)]
    return found if len(found) == 1 else []


def _is_bounce(mail: Mail, text: str) -> bool:
    """Two signs of a bounce are needed; one alone may be a person's mail about a bounce."""
    headers = mail.headers
    subject, sender = headers.get("subject"), headers.get("from")
    daemon = bool(_DAEMON.search(sender)) or bool(_UNATTENDED.search(sender) and _ADDRESSED.search(text[:16384]))
    if _FORWARDED.match(subject) or looks_automatic(mail) or (_ANSWER.match(subject) and not daemon):
        return False
    subject_tells = bool(_SUBJECT.match(subject))
    failed = "x-failed-recipients" in headers
    if not (daemon or failed or subject_tells) and is_auto_reply(mail):
        return False
    lower = text[:16384].lower()
    envelope = (daemon, "return-path" in headers and bool(_DAEMON.search(headers.get("return-path"))), failed)
    machine = any(envelope) or any(name in headers for name in _MACHINES) or returned(mail) is not None
    refusal = (daemon or failed) and bool(find_status(lower) or find_reply(lower))  # in whatever language it is told
    return machine and sum((*envelope, subject_tells, refusal or any(phrase in lower for phrase in _PHRASES))) > 1
