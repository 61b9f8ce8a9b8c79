"""A resolver over a dictionary, for tests of the mail rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penguintui.mail.resolver import Answer, Outcome


class FakeZone:
    """`{"example.net": {"TXT": ["…"]}}`; a name that maps to an `Outcome` answers so to everything."""

    def __init__(self, names: Mapping[str, Mapping[str, Sequence[str]] | Outcome]) -> None:
        self.names = names
        self.asked: list[tuple[str, str]] = []

    async def query(self, name: str, type: str) -> Answer:
        self.asked.append((name, type))
        records = self.names.get(name.lower())
        if records is None:
            return Answer(Outcome.NXDOMAIN)
        if isinstance(records, Outcome):
            return Answer(records)
        found = tuple(records.get(type, ()))
        return Answer(Outcome.RECORDS, found) if found else Answer(Outcome.NODATA)
