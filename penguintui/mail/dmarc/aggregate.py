"""Aggregate reports read as a stream: RFC 7489's and RFC 9990's, with or without namespace, and many that are neither.

Only totals are kept, so a report of a million rows costs as much memory as one of ten. Document types and entities
are refused: no report needs them, and they are how XML does harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from penguintui.mail.dmarc.report import AggregateReport, ReportError, Source

_MOST_SOURCES = 50_000
_LONGEST_TEXT = 4096
_DEEPEST = 32
_LARGEST_REPAIR = 8 * 1024 * 1024
_POLICY = frozenset({"p", "sp", "np", "adkim", "aspf", "pct", "fo", "psd", "t", "testing", "discovery_method"})
_STRAY = re.compile(r"<(?!/?[A-Za-z_][\w:.-]*(?:\s[^<>]*)?/?>|!--|\?|!\[CDATA\[|!DOCTYPE|!ENTITY)")
_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_aggregate(pieces: Iterable[bytes]) -> AggregateReport:
    """Reads one report. Raises ReportError with the reason, also for XML that is broken (`repair` may help)."""
    reader = _Reader()
    try:
        for piece in pieces:
            reader.feed(piece)
        reader.feed(b"", last=True)
    except expat.ExpatError as error:
        raise XmlError(f"no XML: {error}") from error
    return reader.report()


class XmlError(ReportError):
    """The report is not well-formed."""


def repair(data: bytes) -> bytes:
    """Makes well-formed what reporters usually break: stray `<` and `&`, control characters, bytes that are no UTF-8.

    Raises ReportError when it is too large to hold in memory.
    """
    if len(data) > _LARGEST_REPAIR:
        raise ReportError(f"no XML, and larger than the {_LARGEST_REPAIR // 2**20} MiB that can be repaired")
    text = data.decode("utf-8-sig", "replace")
    text = _CONTROL.sub("", _DECLARATION.sub("", text)).strip()
    return _AMPERSAND.sub("&amp;", _STRAY.sub("&lt;", text)).encode()


class _Reader:
    """The state of one report while its elements pass by."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._path: list[str] = []
        self._words: list[str] = []
        self._length = 0
        self._fields: dict[tuple[str, str], str] = {}
        self._row: dict[tuple[str, str], str] = {}
        self._counts = {"records": 0, "messages": 0, "dkim": 0, "spf": 0, "either": 0}
        self._dispositions: dict[str, int] = {}
        self._sources: dict[str, Source] = {}

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        self._parser.Parse(piece, last)

    def _refuse_doctype(self, *_: object) -> None:
        raise ReportError("it declares a document type or an entity; reports have none")

    def _start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._path and local != "feedback":
            raise ReportError(f"no aggregate report: its root is <{local[:40]}>, not <feedback>")
        if len(self._path) >= _DEEPEST:
            raise ReportError(f"elements nested more than {_DEEPEST} deep")
        self._path.append(local)
        self._words, self._length = [], 0

    def _text(self, text: str) -> None:
        if self._length < _LONGEST_TEXT:
            self._words.append(text[:_LONGEST_TEXT])
            self._length += len(text)

    def _end(self, _: str) -> None:
        name = self._path.pop()
        parent = self._path[-1] if self._path else ""
        value = "".join(self._words).strip()
        self._words, self._length = [], 0
        if name == "record":
            self._count_row()
        elif value:
            inside = self._row if "record" in self._path else self._fields
            inside.setdefault((parent, name), value)

    def _count_row(self) -> None:
        row, self._row = self._row, {}
        messages = _number(row.get(("row", "count"), ""), "count")
        dkim = row.get(("policy_evaluated", "dkim"), "").lower() == "pass"
        spf = row.get(("policy_evaluated", "spf"), "").lower() == "pass"
        counts = self._counts
        counts["records"] += 1
        counts["messages"] += messages
        counts["dkim"] += messages * dkim
        counts["spf"] += messages * spf
        counts["either"] += messages * (dkim or spf)
        disposition = row.get(("policy_evaluated", "disposition"), "none").lower()[:32]
        if disposition in self._dispositions or len(self._dispositions) < 16:
            self._dispositions[disposition] = self._dispositions.get(disposition, 0) + messages
        ip = row.get(("row", "source_ip"), "")
        if ip in self._sources or len(self._sources) < _MOST_SOURCES:
            before = self._sources.get(ip, Source())
            self._sources[ip] = Source(before.messages + messages, before.aligned + messages * (dkim or spf))

    def report(self) -> AggregateReport:
        email = self._fields.get(("report_metadata", "email"), "")
        org = self._fields.get(("report_metadata", "org_name"), "") or email.rpartition("@")[2]
        if "." in org and " " not in org:
            org = org.lower()  # a domain: the same reporter however it writes itself
        counts = self._counts
        return AggregateReport(
            org=org,
            report_id=self._wanted("report_metadata", "report_id").strip("<>"),
            domain=self._wanted("policy_published", "domain").lower().removesuffix("."),
            begin=_time(self._wanted("date_range", "begin")),
            end=_time(self._wanted("date_range", "end")),
            records=counts["records"],
            messages=counts["messages"],
            dkim_aligned=counts["dkim"],
            spf_aligned=counts["spf"],
            aligned=counts["either"],
            email=email,
            policy={name: value for (parent, name), value in self._fields.items() if _is_policy(parent, name)},
            dispositions=self._dispositions,
            sources=self._sources,
        )

    def _wanted(self, parent: str, name: str) -> str:
        value = self._fields.get((parent, name), "")
        if not value:
            raise ReportError(f"the report lacks <{name}> in <{parent}>")
        return value


def _is_policy(parent: str, name: str) -> bool:
    return parent == "policy_published" and name in _POLICY


def _number(text: str, what: str) -> int:
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        raise ReportError(f"a row's <{what}> is {text[:40]!r}, not a number") from None
    if not 0 <= number < 2**53:
        raise ReportError(f"a row's <{what}> is {text[:40]!r}: out of range")
    return number


def _time(text: str) -> float:
    """Seconds since 1970; some reporters write milliseconds."""
    number = float(_number(text, "date"))
    return number / 1000 if number > 1e11 else number
