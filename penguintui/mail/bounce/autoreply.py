"""Automatic answers of people's mailboxes (RFC 3834): vacation notes, which are no failure and no complaint."""

from __future__ import annotations

import re

from penguintui.mail.mime import Mail

_SUBJECT = re.compile(
    r"\s*(?:re: ?)?(?:auto(?:matic|mated|)[- ]?(?:reply|response|responder|antwort)|auto: |autoreply|"
    r"out of (?:the )?office|"
    r"away (?:from|until)|(?:on|i am on) (?:vacation|holiday|leave)|vacation|i am away|abwesenheit|absence|"
    r"automatische antwort|réponse automatique|respuesta automática|risposta automatica|automatisch antwoord|"
    r"自動応答|自动回复|\[?auto\]?:)",
    re.IGNORECASE,
)
_PRECEDENCE = re.compile(r"auto[_-]?reply|auto[_-]?respond", re.IGNORECASE)
_FIELDS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply", "x-vacation")


def looks_automatic(mail: Mail) -> bool:
    """Whether the subject calls the mail an automatic answer."""
    return bool(_SUBJECT.match(mail.headers.get("subject")))


def is_auto_reply(mail: Mail) -> bool:
    """Whether a mail that is no bounce was answered by a machine for a person."""
    headers = mail.headers
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    return (
        submitted.startswith(("auto-replied", "auto-generated"))
        or looks_automatic(mail)
        or any(name in headers and headers.get(name).lower() != "no" for name in _FIELDS)
        or bool(_PRECEDENCE.search(headers.get("precedence")))
    )
