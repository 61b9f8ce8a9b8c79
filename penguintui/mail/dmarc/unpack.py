"""The bytes of a report out of gzip, zip or nothing, in pieces, never more than allowed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from penguintui.mail.dmarc.report import ReportError

MOST_BYTES = 256 * 1024 * 1024
"""Bytes that a report may have when unpacked."""
MOST_TIMES = 200
"""How many times larger unpacked than packed; real reports reach 60. Asked from `_SMALL` bytes on."""
_SMALL = 8 * 1024 * 1024
_PIECE = 64 * 1024
_DEEPEST = 3
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"


def is_packed(data: bytes) -> bool:
    return data[:2] == _GZIP or data[:4] == _ZIP


def members(data: bytes) -> list[str]:
    """The names of the files in a zip archive; one without a name for anything else, and for what cannot be read."""
    if data[:4] != _ZIP:
        return [""]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [entry.filename for entry in _files(archive)] or [""]
    except Exception:  # damaged archives make zipfile raise nearly anything; unpacking it says why
        return [""]


def unpack(data: bytes, depth: int = 0, member: int = 0) -> Iterator[bytes]:
    """The content, in pieces. A packed file inside a packed file is unpacked too, three deep.

    member: which of the files of an archive. Raises ReportError for bombs and for archives that cannot be read.
    """
    if not is_packed(data):
        yield data
        return
    if depth >= _DEEPEST:
        raise ReportError(f"packed more than {_DEEPEST} times over")
    pieces = _bounded(_gunzip(data) if data[:2] == _GZIP else _unzip(data, member), len(data))
    first = next(pieces, b"")
    if is_packed(first):
        inner = first + b"".join(pieces)
        yield from unpack(inner, depth + 1)
        return
    yield first
    yield from pieces


def _bounded(pieces: Iterator[bytes], packed: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MOST_BYTES:
            raise ReportError(f"larger than {MOST_BYTES // 2**20} MiB when unpacked")
        if total > _SMALL and total > packed * MOST_TIMES:
            raise ReportError(f"more than {MOST_TIMES} times larger unpacked than packed: a bomb, not a report")
        yield piece


def _gunzip(data: bytes) -> Iterator[bytes]:
    """All members. What breaks after some content ends it: whether that was all, the content shows."""
    some = False
    while data[:2] == _GZIP:
        member = zlib.decompressobj(wbits=31)
        rest = data
        try:
            while rest and not member.eof:
                piece = member.decompress(rest, _PIECE)
                rest = member.unconsumed_tail
                if piece:
                    some = True
                    yield piece
        except zlib.error as error:
            if not some:
                raise ReportError(f"the gzip file is broken: {error}") from error
            return
        data = member.unused_data.lstrip(b"\0")
    if not some:
        raise ReportError("the gzip file is empty or cut off")


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """What is in an archive that is no folder, and not what macOS adds."""
    return [entry for entry in archive.infolist() if not entry.is_dir() and "__MACOSX" not in entry.filename]


def _unzip(data: bytes, member: int) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _files(archive)
            if not files:
                raise ReportError("the zip file is empty")
            with archive.open(files[member]) as file:
                while piece := file.read(_PIECE):
                    yield piece
    except ReportError:
        raise
    except Exception as error:  # damaged archives make zipfile raise nearly anything, IndexError included
        raise ReportError(f"the zip file is broken: {error}") from error
