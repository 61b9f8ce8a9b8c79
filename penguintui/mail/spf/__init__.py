"""SPF (RFC 7208): one parser, on which the evaluation of an address and the lint of a record stand."""

from penguintui.mail.spf.evaluate import Result, Verdict, check_host
from penguintui.mail.spf.lint import Lint, Look, Remark, lint
from penguintui.mail.spf.parse import Record, parse

__all__ = ["Lint", "Look", "Record", "Remark", "Result", "Verdict", "check_host", "lint", "parse"]
