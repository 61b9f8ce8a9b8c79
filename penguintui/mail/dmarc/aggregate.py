"""Aggregate reports read as a stream: RFC 7489's and RFC 9990's, with or without namespace, and many that are neither.

Only totals are kept, so a report of a million rows costs as much memory as one of ten. Document types and entities
are refused: no report needs them, and they are how XML does harm.
"""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from penguintui.mail.dmarc.report import AggregateReport, ReportError, Source

_MOST_SOURCES = 50_000
_LONGEST_IP = 64
_MOST_FATES = 200
_PIECE = 64 * 1024
_LONGEST_ROW = 256 * 1024
_LONGEST_TEXT = 4096
_MOST_PIECES = 4
"""Pieces of a text that are kept, of 8 KiB each; one that has more is no value that a report may have."""
_DEEPEST = 32
_LARGEST_REPAIR = 8 * 1024 * 1024
_ROW = frozenset({"source_ip", "count", "disposition", "dkim", "spf"})
"""What is wanted of a row."""
_POLICY = frozenset({"p", "sp", "np", "adkim", "aspf", "pct", "fo", "psd", "t", "testing", "discovery_method"})
_STRAY = re.compile(r"<(?!/?[A-Za-z_][\w:.-]*(?:\s[^<>]*)?/?>|!--|\?|!\[CDATA\[|!DOCTYPE|!ENTITY)")
_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,100}\bencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,40})[\"']")
_ASCII = ("ascii", "us-ascii")
"""Declared by some whose reports hold UTF-8."""
_END = re.compile(r"</(?:[\w.-]+:)?feedback\s*>")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_aggregate(pieces: Iterable[bytes]) -> AggregateReport:
    """Reads one report. Raises ReportError with the reason, also for XML that is broken (`repair` may help)."""
    reader = _Reader()
    try:
        for piece in pieces:
            reader.feed(piece)
        reader.end()
    except ReportError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two of encodings that expat cannot read
        raise XmlError(f"no XML: {error}") from error
    return reader.report()


class XmlError(ReportError):
    """The report is not well-formed."""


def repair(data: bytes) -> bytes:
    """Makes well-formed what reporters usually break: stray `<` and `&`, control characters, bytes that are no UTF-8.

    It also leaves out what follows the report, and reads encodings that the parser does not know (GB2312, Shift_JIS).

    Raises ReportError when it is too large to hold in memory.
    """
    if len(data) > _LARGEST_REPAIR:
        raise ReportError(f"no XML, and larger than the {_LARGEST_REPAIR // 2**20} MiB that can be repaired")
    text = _decoded(data)
    text = _CONTROL.sub("", _DECLARATION.sub("", text)).strip()
    ends = [match.end() for match in _END.finditer(text)]
    text = text[: ends[-1]] if ends else text
    return _AMPERSAND.sub("&amp;", _STRAY.sub("&lt;", text)).encode()


def _decoded(data: bytes) -> str:
    """As the declaration says, or as UTF-8 where it says nothing that can be."""
    declared = _ENCODING.match(data)
    with contextlib.suppress(LookupError, ValueError):  # no encoding, or none of text
        if declared:
            encoding = declared.group(1).decode()
            return data.decode("utf-8" if encoding.lower() in _ASCII else encoding, "replace")
    return data.decode("utf-8-sig", "replace")


@dataclass(slots=True)
class _Fate:
    """How messages were judged and what was done with them, and how many."""

    dkim: bool
    spf: bool
    disposition: str
    messages: int = 0

    place: int = field(init=False)
    """Of its messages in a `Source`."""

    def __post_init__(self) -> None:
        self.place = 2 * self.dkim + self.spf

    @property
    def key(self) -> tuple[bool, bool, str]:
        return (self.dkim, self.spf, self.disposition)


class _Reader:
    """The state of one report while its elements pass by: a hundred thousand of them, so each costs little."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._words: deque[str] = deque(maxlen=_MOST_PIECES)
        self._parser.CharacterDataHandler = self._words.append
        self._path: list[str] = []
        self._fields: dict[tuple[str, str], str] = {}
        self._row: dict[str, str] = {}
        self._row_from: int | None = None
        self._prefix, self._end_in_row = "", self._row_reader("")
        self._records = 0
        self._fates: dict[tuple[str, str, str], _Fate] = {}
        self._sources: dict[str, list[int]] = {}

    def feed(self, data: bytes) -> None:
        """Read on. What is nested in a row is not counted, so it is the row's length that is bounded."""
        for start in range(0, len(data), _PIECE):
            self._parser.Parse(data[start : start + _PIECE], False)
            if self._row_from is not None and self._parser.CurrentByteIndex - self._row_from > _LONGEST_ROW:
                raise ReportError(f"it has a row of more than {_LONGEST_ROW // 2**10} KiB")

    def end(self) -> None:
        self._parser.Parse(b"", True)

    def _refuse_doctype(self, *_: object) -> None:
        raise ReportError("it declares a document type or an entity; reports have none")

    def _start(self, tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._path and name != "feedback":
            raise ReportError(f"no aggregate report: its root is <{name[:40]}>, not <feedback>")
        if len(self._path) >= _DEEPEST:
            raise ReportError(f"elements nested more than {_DEEPEST} deep")
        self._path.append(name)
        self._words.clear()
        if name == "record":
            prefix = tag.removesuffix(name)
            if prefix != self._prefix:
                self._prefix, self._end_in_row = prefix, self._row_reader(prefix)
            self._parser.StartElementHandler = None
            self._parser.EndElementHandler = self._end_in_row
            self._row_from = self._parser.CurrentByteIndex

    def _end(self, tag: str) -> None:
        name = self._path.pop() if self._path else ""
        if name != tag.rpartition(":")[2]:
            raise ReportError("it has a <record> within a <record>")
        value = self._value()
        if value:
            self._fields.setdefault((self._path[-1] if self._path else "", name), value)

    def _row_reader(self, prefix: str) -> Callable[[str], None]:
        """What is called at the end of each element of a record. A closure, since it is called for most of a report.

        An element is known by its name alone: those that share one hold elements, not text. What follows a record's
        <row> is passed over. prefix: of all names.
        """
        wanted = {prefix + name: name for name in _ROW}
        row, record = f"{prefix}row", f"{prefix}record"
        parser, words, fields, join = self._parser, self._words, self._row, "".join

        def end(tag: str) -> None:
            if tag in wanted:
                value = join(words).strip()
                if value:
                    fields.setdefault(wanted[tag], value)
                words.clear()
            elif tag == row:
                parser.EndElementHandler = passed
                parser.CharacterDataHandler = None
            elif tag == record:
                self._end_row()
            elif words:
                words.clear()

        def passed(tag: str) -> None:
            if tag == record:
                self._end_row()

        return end

    def _end_row(self) -> None:
        self._path.pop()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words.append
        self._words.clear()
        self._count_row()
        self._row_from = None

    def _value(self) -> str:
        """The text since the last element began or ended."""
        text = "".join(self._words).strip()
        self._words.clear()
        return text[:_LONGEST_TEXT]

    def _count_row(self) -> None:
        row = self._row
        messages = _number(row.get("count", ""), "a row's <count>")
        written = (row.get("dkim", ""), row.get("spf", ""), row.get("disposition", "none"))
        fate = self._fates.get(written) or self._fate(written)
        fate.messages += messages
        self._records += 1
        ip = row.get("source_ip", "")[:_LONGEST_IP]
        source = self._sources.get(ip)
        if source is None and len(self._sources) < _MOST_SOURCES:
            source = self._sources[ip] = [0, 0, 0, 0]
        if source is not None:
            source[fate.place] += messages
        row.clear()

    def _fate(self, written: tuple[str, str, str]) -> _Fate:
        """The count of the rows that were judged so. All writings of one fate share it, and there are few."""
        dkim, spf = (word.lower() == "pass" for word in written[:2])
        disposition = written[2].lower()[:32]
        fate = _Fate(dkim, spf, disposition)
        alike = next((one for one in self._fates.values() if one.key == fate.key), None)
        if len(self._fates) < _MOST_FATES:
            self._fates[written] = alike or fate
            return self._fates[written]
        raise ReportError(f"its rows were judged in more than {_MOST_FATES} ways")

    def report(self) -> AggregateReport:
        email = self._fields.get(("report_metadata", "email"), "")
        org = self._fields.get(("report_metadata", "org_name"), "") or email.rpartition("@")[2]
        if "." in org and " " not in org:
            org = org.lower()  # a domain: the same reporter however it writes itself
        fates = {fate.key: fate for fate in self._fates.values()}.values()
        dispositions: dict[str, int] = {}
        for fate in fates:
            dispositions[fate.disposition] = dispositions.get(fate.disposition, 0) + fate.messages
        return AggregateReport(
            org=org,
            report_id=self._wanted("report_metadata", "report_id").strip("<>"),
            domain=self._wanted("policy_published", "domain").lower().removesuffix("."),
            begin=_time(self._wanted("date_range", "begin")),
            end=_time(self._wanted("date_range", "end")),
            records=self._records,
            messages=sum(fate.messages for fate in fates),
            dkim_aligned=sum(fate.messages for fate in fates if fate.dkim),
            spf_aligned=sum(fate.messages for fate in fates if fate.spf),
            aligned=sum(fate.messages for fate in fates if fate.dkim or fate.spf),
            email=email,
            policy={name: value for (parent, name), value in self._fields.items() if _is_policy(parent, name)},
            dispositions=dispositions,
            sources={ip: Source(*source) for ip, source in self._sources.items()},
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
        number = int(text) if text.isdecimal() and len(text) < 16 else int(float(text))
    except (ValueError, OverflowError):
        raise ReportError(f"{what} is {text[:40]!r}, not a number") from None
    if not 0 <= number < 2**53:
        raise ReportError(f"{what} is {text[:40]!r}: out of range")
    return number


def _time(text: str) -> float:
    """Seconds since 1970; some reporters write milliseconds."""
    number = float(_number(text, "the time in <date_range>"))
    return number / 1000 if number > 1e11 else number
