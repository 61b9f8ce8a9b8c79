"""What can go wrong with a query, as sentences a person can act on."""

from __future__ import annotations


class QueryError(Exception):
    """A query that has no answer.

    `message` says what is wrong, `expression` is the offending part of the query (the whole of it where no part can be
    blamed), `position` the character at which that part begins, where it is known.
    """

    def __init__(self, message: str, expression: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.expression = expression
        self.position = position

    def __str__(self) -> str:
        if not self.expression:
            return self.message
        place = "" if self.position is None else f" at character {self.position + 1}"
        return f"{self.message}{place}, in: {shorten(self.expression)}"


class ParseError(QueryError):
    """What the grammar does not know."""


class Unsupported(QueryError):  # noqa: N818 - it is refused, not wrong
    """A part of the language that is left out on purpose; the message names it."""


class LimitExceeded(QueryError):  # noqa: N818 - the field's word
    """The query would touch too much. `limit` is the name of the limit, as in `Limits`."""

    def __init__(self, limit: str, message: str, expression: str = "", position: int | None = None) -> None:
        super().__init__(message, expression, position)
        self.limit = limit


class NotAnswered(QueryError):  # noqa: N818 - nobody knows whether the expression is wrong
    """The server could not be asked, or had no answer; the expression may be right. The message names the server."""


def shorten(text: str, width: int = 200) -> str:
    """A text that fits into a message: a label of a mebibyte does not belong there."""
    return text if len(text) <= width else f"{text[: width - 1]}…"
