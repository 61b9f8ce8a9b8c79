"""What a mail to the bounce address turns out to be."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """`OTHER` is a mail that is none of these: a person's, or a report of success."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto-reply"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one mail says of one recipient.

    recipient: the address that was written to; empty when the mail does not say, and where it is of no delivery.
    status: the enhanced code (RFC 3463). Where the mail states none it is derived from the reason, with a
        detail above 900 (`5.0.911`), and `derived` is true; empty for all but bounces.
    reply: the SMTP reply code, such as `550`; empty when not stated.
    reason: a word of `reason.REASONS`, or `feedback` for a complaint and `vacation` for an automatic answer.
    hard: whether the address will never work again and should be suppressed. Complaints are not hard, but
        their recipients should be suppressed all the same.
    feedback_type: of a complaint (RFC 5965): abuse, opt-out, auth-failure …
    diagnosis: the text on which the reason stands, for people.
    """

    kind: Kind
    recipient: str = ""
    status: str = ""
    reason: str = ""
    hard: bool = False
    feedback_type: str = ""
    reply: str = ""
    derived: bool = False
    diagnosis: str = ""

    @property
    def suppress(self) -> bool:
        """Whether nothing more should be sent to the recipient."""
        complained = self.kind is Kind.COMPLAINT and self.feedback_type not in ("auth-failure", "not-spam", "dmarc")
        return bool(self.recipient) and (self.hard or complained)
