"""Automatic answers of people's mailboxes (RFC 3834): vacation notes, which are no failure and no complaint."""

from __future__ import annotations

import re

from penguintui.mail.mime import Mail

_SUBJECT = re.compile(
    r"\s*(?:(?:re|aw|sv|vs|antw|odp|ynt|r): ?)?(?:auto(?:matic|mated|)[- ]?(?:vacation )?(?:reply|response|responder|"
    r"antwort)|auto: |\[?auto-?reply|ooo\b|(?:i'm |i am |currently )*out of (?:the )?office|"
    r"away (?:from|until)|(?:on|i am on) (?:vacation|holiday|leave)|vacation|i am away|absence|\[?auto\]?:|"
    r"abwesend|abwesenheit|automatische antwort|réponse automatique|respuesta automática|fuera de la oficina|"
    r"risposta automatica|fuori (?:sede|ufficio)|automatisch (?:antwoord|bericht)|afwezig|resposta autom[áà]tica|"
    r"ausência|fora do escritório|automatyczna odpowiedź|nieobecność|autosvar|automatis(?:kt?|ch) svar|frånvaro|"
    r"fravær|automaattinen vastaus|poissa|автоматическ(?:ий|ое) (?:ответ|сообщение)|автоответ|"
    r"автоматична відповідь|automatická odpov[eě]ď|automatikus válasz|răspuns automat|otomatik (?:yanıt|cevap)|"
    r"αυτόματη απάντηση|automatski odgovor|samodejni odgovor|automatinis atsakymas|automaatvastus|"
    r"автоматичен отговор|תשובה אוטומטית|رد تلقائي|balasan otomatis|trả lời tự động|ตอบกลับอัตโนมัติ|"
    r"自動(?:応答|返信|回覆|回复)|自动(?:答复|回复)|자동 ?(?:회신|응답))",
    re.IGNORECASE,
)
"""How the subjects of automatic answers begin, in the languages of people and of their programs."""
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
