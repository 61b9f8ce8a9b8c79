"""Names of labels and metrics: any UTF-8 text that is not empty, since Prometheus 3."""

from __future__ import annotations

from penguintui.query.errors import QueryError
from penguintui.query.language.strings import is_valid, quote


def check_label_name(name: str, what: str = "label name") -> str:
    """The name, or `QueryError` where it cannot be one."""
    if not name or not is_valid(name):
        raise QueryError(f"invalid {what} {quote(name)}")
    return name
