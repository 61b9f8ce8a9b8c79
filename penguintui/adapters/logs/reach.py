"""Whether a log can be read, and is still written: the finding `log.reach`."""

from __future__ import annotations

import errno

from penguintui.adapters import failure
from penguintui.adapters.failure import Failure, Reason
from penguintui.adapters.logs.follow import MAX_LINE, Reading
from penguintui.adapters.span import span
from penguintui.model.clock import Time
from penguintui.model.observation import Finding
from penguintui.model.status import Status

SILENT = 86400.0
"""Seconds without a line after which a log says nothing any more: quiet, or no longer written."""


def translate(error: BaseException, place: str, seconds: float | None) -> Failure:
    """Words for why a log could not be read."""
    match getattr(error, "errno", None):
        case errno.ENOENT | errno.ENOTDIR:
            return Failure(
                Reason.LOCAL,
                f"{place} is not there",
                "Correct the path, or see whether the logging service runs; where only the journal is kept, "
                "install rsyslog.",
            )
        case errno.EACCES | errno.EPERM:
            return Failure(
                Reason.DENIED,
                f"{place} may not be read by the agent's user",
                "Make the agent's user a member of the file's group (adm on Debian: usermod -aG adm USER) "
                "and start the agent again.",
            )
        case errno.EINVAL:
            return Failure(Reason.LOCAL, f"{place} is not an ordinary file", "Name the log file itself.")
    return failure.from_error(error, place, seconds)


def judge_reading(path: str, reading: Reading, now: Time, subject: str, left_out: int = 0) -> Finding:
    """Whether a log that could be read still tells of its subject. left_out: events that were only counted."""
    age = max(now - reading.written, 0.0)
    evidence = {"age": span(age), "lines": str(reading.lines)}
    notes = {
        "rotated": "rotated since the last reading" if reading.rotated else "",
        "truncated": "truncated since the last reading, read from its start" if reading.truncated else "",
        "lost": "rotated while nobody read, and the file that was read before is gone" if reading.lost else "",
        "cut": f"{reading.cut} lines were longer than {MAX_LINE} bytes and cut" if reading.cut else "",
        "events": f"{left_out} more events were only counted" if left_out else "",
    }
    evidence |= {name: note for name, note in notes.items() if note}
    if reading.behind:
        evidence["behind"] = f"{reading.behind} bytes"
        return Finding(
            "log.reach",
            Status.WARNING,
            f"{path} grows faster than it is read: {reading.behind / 1e6:.1f} MB are still to come",
            remedy="Ask more often, or see what fills the log.",
            evidence=evidence,
        )
    if reading.lost:
        return Finding(
            "log.reach",
            Status.WARNING,
            f"{path} was rotated while nobody read it, and what was added until then is gone or compressed",
            remedy="Keep the newest rotated file as it is (delaycompress of logrotate).",
            evidence=evidence,
        )
    if age > SILENT:
        return Finding(
            "log.reach",
            Status.UNKNOWN,
            f"{path} has had no line for {span(age)}, so it says nothing about {subject}",
            remedy="See whether the logging service still writes there.",
            evidence=evidence,
        )
    return Finding("log.reach", Status.OK, f"{path} was last written {span(age)} ago", evidence=evidence)
