"""Bounces, complaints and automatic answers: what a mail to the bounce address says, of whom, and what follows."""

from penguintui.mail.bounce.notice import Kind, Notice
from penguintui.mail.bounce.read import read
from penguintui.mail.bounce.reason import HARD, REASONS

__all__ = ["HARD", "REASONS", "Kind", "Notice", "read"]
