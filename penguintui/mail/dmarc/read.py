"""The reports in a file or a mail, whatever it is wrapped in; each is read or refused by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from penguintui.mail.dmarc.aggregate import XmlError, read_aggregate, repair
from penguintui.mail.dmarc.failure import find_failure
from penguintui.mail.dmarc.report import AggregateReport, Refused, Report, ReportError, TlsReport
from penguintui.mail.dmarc.tls import read_tls
from penguintui.mail.dmarc.unpack import is_packed, members, unpack
from penguintui.mail.mime import Mail, Part, read_mail

LARGEST = 64 * 1024 * 1024
"""Bytes of a file, or of a mail, that are looked at."""
_REPORT_TYPES = ("xml", "zip", "gzip", "tlsrpt", "json")
_BARE = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:\w{1,20}:)?feedback[\s>]")
"""How a report begins that stands in a mail as its text."""
_DEEPEST = 3
_MOST_MEMBERS = 50


def read_reports(data: bytes, name: str = "") -> list[Report | Refused]:
    """All reports of a file: XML, JSON, gzip, zip, or a mail with any of them. Never raises; never empty."""
    if len(data) > LARGEST:
        return [Refused(name, f"larger than {LARGEST // 2**20} MiB")]
    if is_packed(data) or _looks_like_report(data):
        return list(_each(data, name))
    if not _looks_like_mail(data):
        return [Refused(name, "neither a report nor a mail with one")]
    return list(_of_mail(read_mail(data, LARGEST), name)) or [Refused(name, "the mail has no report attached")]


def _looks_like_report(data: bytes) -> bool:
    return _start(data) in (b"<", b"{")


def _start(data: bytes) -> bytes:
    """The first character that is neither a byte order mark nor space, also of UTF-16."""
    return data[:512].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]


def _looks_like_mail(data: bytes) -> bool:
    first = data[:2048].lstrip(b"\r\n").split(b"\n", 1)[0]
    name, colon, _ = first.partition(b":")
    return first.startswith(b"From ") or (bool(colon) and b" " not in name.strip() and name.isascii())


def _each(data: bytes, name: str) -> Iterator[AggregateReport | TlsReport | Refused]:
    """The reports of a file: of an archive, those of all its files."""
    inside = members(data)
    for place, member in enumerate(inside[:_MOST_MEMBERS]):
        yield _one(data, f"{name}/{member}" if len(inside) > 1 else name, place)
    if len(inside) > _MOST_MEMBERS:
        yield Refused(name, f"an archive of {len(inside)} files, of which {_MOST_MEMBERS} were read")


def _one(data: bytes, name: str, member: int = 0) -> AggregateReport | TlsReport | Refused:
    try:
        first = next(unpack(data, member=member), b"")
        if _start(first) == b"{":
            return read_tls(unpack(data, member=member))
        try:
            return read_aggregate(unpack(data, member=member))
        except XmlError as broken:
            try:
                return read_aggregate([repair(b"".join(unpack(data, member=member)))])
            except XmlError:
                raise broken from None
    except ReportError as error:
        return Refused(name, str(error))


def _of_mail(mail: Mail, name: str, depth: int = 0) -> Iterator[Report | Refused]:
    try:
        failure = find_failure(mail)
    except ReportError as error:
        yield Refused(name, str(error))
        return
    if failure is not None:
        yield failure
        return
    found = False
    for part in mail.parts:
        if _is_report(part):
            found = True
            yield from _each(part.content, part.filename or name)
    if not found and depth < _DEEPEST:
        for part in mail.parts:
            if part.type == "message/rfc822":
                yield from _of_mail(read_mail(part.content, LARGEST), name, depth + 1)


def _is_report(part: Part) -> bool:
    named = part.filename.lower().endswith((".xml", ".gz", ".zip", ".json"))
    typed = any(word in part.type for word in _REPORT_TYPES)
    if part.type == "text/html":
        return is_packed(part.content)
    return named or typed or is_packed(part.content) or bool(_BARE.match(part.content))
