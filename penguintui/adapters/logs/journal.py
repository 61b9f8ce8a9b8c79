"""Lines that the journal, or Docker, kept of a log, made into lines as syslog writes them.

What is read is told line by line, since a file may change its form on the way: `journalctl -o json` and `-o export`,
its stamps with a weekday (`short-full`) or in seconds (`short-unix`), and Docker's JSON around any of these.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

EXPORTED = b"__CURSOR="
"""How an entry of the journal's export format begins (systemd.io/JOURNAL_EXPORT_FORMATS)."""

_FULL = re.compile(r"[^\W\d]{1,9}\.? (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) (\S+) ")
_UNIX = re.compile(r"(\d{9,11}\.\d{1,6}) ")
_FIELD = re.compile(r"(_{0,2}[A-Z][A-Z0-9_]*)=(.*)", re.DOTALL)
_FIRST = frozenset("_SM")
"""How the names begin of the fields that are wanted."""
_WANTED = frozenset(
    {"__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "SYSLOG_PID", "_PID", "MESSAGE"}
)
_DEEPEST = 3


class Plain:
    """Makes lines plain. Remembers an entry of the export format, each line of which is a field, until it ends."""

    def __init__(self) -> None:
        self._entry: dict[str, str] = {}

    def __call__(self, lines: Iterable[str]) -> Iterator[str]:
        """Each line as it is, or as syslog would have written it; what cannot be read is given as it stands."""
        for line in lines:
            # The usual `Nov 24 …` and `2026-11-24T…` cost no more than this.
            if (line[6:7] == " " or line[7:8] == "-") and line[:1] != "_":
                if self._entry:
                    yield from self._end()
                yield line
            elif line[:1] in _FIRST and (field := _FIELD.fullmatch(line)):
                if field[1] == "__CURSOR":
                    yield from self._end()
                if field[1] in _WANTED:
                    self._entry[field[1]] = field[2]
            else:
                yield from self._end()
                yield _plain(line)

    def _end(self) -> Iterator[str]:
        if self._entry:
            yield from _told(self._entry)
            self._entry = {}


def _plain(line: str, depth: int = 0) -> str:
    if line[:1] == "{" and depth < _DEEPEST:
        return _of_json(line, depth)
    if match := _FULL.match(line):
        zone = "Z" if match[3] in ("UTC", "GMT") else ""  # any other is this machine's own: journalctl wrote it here
        return f"{match[1]}T{match[2]}{zone} {line[match.end() :]}"
    if match := _UNIX.match(line):
        return f"{_stamp(float(match[1]))} {line[match.end() :]}"
    return line


def _of_json(line: str, depth: int) -> str:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if isinstance(found.get("log"), str):  # Docker
        return _plain(found["log"].rstrip("\n"), depth + 1)
    entry = {name: _text(found[name]) for name in _WANTED if name in found}
    return next(_told(entry), line)


def _text(value: Any) -> str:
    """A field of the journal's JSON: a text, or a list of bytes where it is none."""
    if isinstance(value, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _told(entry: dict[str, str]) -> Iterator[str]:
    """An entry as a line; none where it has no message."""
    micros, message = entry.get("__REALTIME_TIMESTAMP", ""), entry.get("MESSAGE", "")
    if not message or not re.fullmatch(r"[0-9]{1,17}", micros):
        return
    program = entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM") or "unknown"
    process = entry.get("SYSLOG_PID") or entry.get("_PID") or ""
    head = f"{_stamp(int(micros) / 1e6)} {entry.get('_HOSTNAME') or 'localhost'} {program}"
    yield f"{head}{f'[{process}]' if process else ''}: {' '.join(message.split())}"


def _stamp(seconds: float) -> str:
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00Z"
