"""Log lines of Postfix taken apart: what the platform's queues and servers did, line by line."""

from penguintui.mail.postfix.entries import (
    ConnectionTrouble,
    Delivery,
    Entry,
    Expired,
    Line,
    LoginFailure,
    Notified,
    Problem,
    Queued,
    Refusal,
    ServerAnswer,
    TlsSession,
)
from penguintui.mail.postfix.read import (
    DELIVERY,
    LONGEST,
    deliveries,
    is_counted,
    read_delivery,
    read_entry,
    read_line,
    read_refusal,
)

__all__ = [
    "DELIVERY",
    "LONGEST",
    "ConnectionTrouble",
    "Delivery",
    "Entry",
    "Expired",
    "Line",
    "LoginFailure",
    "Notified",
    "Problem",
    "Queued",
    "Refusal",
    "ServerAnswer",
    "TlsSession",
    "deliveries",
    "is_counted",
    "read_delivery",
    "read_entry",
    "read_line",
    "read_refusal",
]
