"""What Microsoft SNDS says of sending addresses, as samples and findings. Pure.

The data is CSV without a header: address, begin and end of the activity, RCPT and DATA commands, recipients, filter
result, complaint rate, begin and end of the trap period, trap hits, a HELO, a MAIL FROM, comments. An answer with a
header is taken too, by the names of its columns. Only addresses that sent enough are in it.
"""

from __future__ import annotations

import csv
import ipaddress
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from penguintui.adapters.asking import Answer
from penguintui.adapters.failure import NotAnswered, garbled
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.span import span
from penguintui.adapters.web import plain
from penguintui.config.reputationprobes import MicrosoftSndsProbe
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

MAX_ROWS = 5000
_COLUMNS = (
    *("ip", "begin", "end", "rcpt", "data", "recipients"),
    *("result", "complaints", "trap begin", "trap end", "traps"),
)
_SHOWN = ("rcpt", "data", "recipients", "result", "complaints", "traps")
_NAMES = {
    "ip": "ip",
    "activity start": "begin",
    "activity end": "end",
    "rcpt": "rcpt",
    "data": "data",
    "message recipients": "recipients",
    "recipients": "recipients",
    "filter result": "result",
    "complaint rate": "complaints",
    "trap hits": "traps",
    "trap message": "traps",
}
"""Beginnings of names of columns, in lower case and without punctuation, and what they are."""
_RESULTS = {"GREEN": (0, Status.OK), "YELLOW": (1, Status.WARNING), "RED": (2, Status.CRITICAL)}
_MEANING = {"GREEN": "less than 10 % spam", "YELLOW": "10 to 90 % spam", "RED": "more than 90 % spam"}
_DATES = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y")
_RATE = re.compile(r"\s*(?P<less><)?\s*(?P<number>\d{1,3}(?:\.\d+)?)\s*%?\s*\Z")

Row = Sequence[str]


def rows(text: str, place: str) -> list[list[str]]:
    """The lines of an answer. Raises NotAnswered when it is no CSV; an empty one is an answer."""
    if text.lstrip()[:1] == "<":
        raise NotAnswered(garbled(place, "a web page; the link may have ended"))
    try:
        found = [row for row in csv.reader(text.split("\n")[:MAX_ROWS]) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise NotAnswered(garbled(place, f"no CSV ({error})")) from error
    return [[cell.strip() for cell in row] for row in found]


def numbers(table: Sequence[Row], settings: MicrosoftSndsProbe, now: float) -> Answer:
    """The newest line of each address, judged; and each of our addresses that is not in it. Raises NotAnswered."""
    newest: dict[str, tuple[float, dict[str, str]]] = {}
    lines = _named(table)
    for line in lines:
        address, end = _address(line.get("ip", "")), _time(line.get("end", ""))
        if address and end is not None and end >= newest.get(address, (0.0, {}))[0]:
            newest[address] = (end, line)
    if lines and not newest:
        raise NotAnswered(garbled("SNDS", "lines without an address and a time"))
    samples: list[Sample] = []
    findings: list[Finding] = []
    for address, (end, line) in newest.items():
        samples += _samples(address, end, line, now)
        findings.append(_judge(address, end, line, settings, now))
    for address in dict.fromkeys(settings.addresses):
        if address not in newest:
            words = f"SNDS says nothing of {address}: it sent too little to Outlook.com, or is not registered there"
            findings.append(Finding("snds.address", Status.UNKNOWN, words, address))
    if not findings:
        findings.append(Finding("snds.address", Status.UNKNOWN, "SNDS has data of no address: too little was sent"))
    return Answer(tuple(samples), tuple(findings))


def blocked(table: Sequence[Row], settings: MicrosoftSndsProbe, place: str) -> Answer:
    """Ranges of addresses that Outlook.com blocks: first, last, whether blocked, why. Raises NotAnswered."""
    found: dict[str, str] = {}
    understood = 0
    for row in table:
        first, last = (_address(row[0]), _address(row[1])) if len(row) >= 3 else ("", "")
        if not first or not last:
            continue
        understood += 1
        if row[2].lower() in ("yes", "true", "1"):
            shown = first if first == last else f"{first} to {last}"
            found[shown] = plain(row[3] if len(row) > 3 else "")
    if table and not understood:
        raise NotAnswered(garbled(place, "no list of addresses"))
    ours = [one for one in settings.addresses if any(_within(one, shown) for shown in found)]
    samples = tuple(
        Sample("microsoft_snds_blocked", float(one in ours), {"ip": one}) for one in dict.fromkeys(settings.addresses)
    )
    if not found:
        return Answer(samples, (Finding("snds.blocked", Status.OK, "Outlook.com blocks none of our addresses"),))
    first, why = next(iter(found.items()))
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    words = f"Outlook.com blocks {first}{more}{f': {why}' if why else ''}"
    remedy = "Remove the cause, then ask for it in Microsoft's form for sender support."
    return Answer(samples, (Finding("snds.blocked", Status.CRITICAL, words, remedy=remedy, evidence=found),))


def _judge(address: str, end: float, line: Mapping[str, str], settings: MicrosoftSndsProbe, now: float) -> Finding:
    result = line.get("result", "").upper()
    date = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%d")
    verdicts = [(_RESULTS.get(result, (0, Status.UNKNOWN))[1], _result_words(result))]
    rate = _percent(line.get("complaints", ""))
    if rate is None:
        verdicts.append((Status.UNKNOWN, "no complaint rate"))
    else:
        status = Status.OK if rate[1] else judge(rate[0], settings.complaint_percent)
        crossed = limit_crossed(status, settings.complaint_percent, "%")
        shown = f"{'under ' if rate[1] else ''}{rate[0]:g} % complaints"
        verdicts.append((status, f"{shown}{crossed and f' ({crossed})'}"))
    traps = _number(line.get("traps", ""))
    if traps is not None:
        status = judge(traps, settings.trap_hits)
        crossed = limit_crossed(status, settings.trap_hits)
        verdicts.append((status, f"{traps:.0f} trap hits{crossed and f' ({crossed})'}"))
    evidence = {name: plain(line[name]) for name in _SHOWN if name in line}
    evidence["until"] = date
    words = f"{address} at Outlook.com until {date}: {', '.join(text for _, text in verdicts)}"
    if now - end > settings.oldest:
        words = f"the newest data of {address} is {span(now - end)} old; {words}"
        return Finding("snds.address", Status.UNKNOWN, words, address, evidence=evidence)
    worst = max(status for status, _ in verdicts)
    remedy = "See which mail went out from it: old lists hit traps, unwanted mail is reported."
    return Finding("snds.address", worst, words, address, "" if worst is Status.OK else remedy, evidence)


def _result_words(result: str) -> str:
    return f"{result.lower()} ({_MEANING[result]})" if result in _MEANING else f"no filter result ({plain(result, 20)})"


def _samples(address: str, end: float, line: Mapping[str, str], now: float) -> list[Sample]:
    labels = {"ip": address}
    result = _RESULTS.get(line.get("result", "").upper())
    rate = _percent(line.get("complaints", ""))
    found = {
        "microsoft_snds_rcpt_commands": _number(line.get("rcpt", "")),
        "microsoft_snds_data_commands": _number(line.get("data", "")),
        "microsoft_snds_recipients": _number(line.get("recipients", "")),
        "microsoft_snds_filter_result": float(result[0]) if result else None,
        "microsoft_snds_complaint_ratio": rate[0] / 100 if rate else None,
        "microsoft_snds_trap_hits": _number(line.get("traps", "")),
        "microsoft_snds_data_age_seconds": max(0.0, now - end),
    }
    return [Sample(metric, value, labels) for metric, value in found.items() if value is not None]


def _named(table: Sequence[Row]) -> list[dict[str, str]]:
    """Cells by their names: those of the header where there is one, otherwise by place."""
    if not table:
        return []
    columns: list[str] = list(_COLUMNS)
    if not _address(table[0][0]):
        columns = [_column(cell) for cell in table[0]]
        table = table[1:]
    return [{name: cell for name, cell in zip(columns, row, strict=False) if name} for row in table]


def _column(cell: str) -> str:
    words = " ".join(re.sub(r"[^a-z]+", " ", cell.lower()).split())
    return next((name for start, name in _NAMES.items() if words.startswith(start)), "")


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _within(address: str, shown: str) -> bool:
    first, _, last = shown.partition(" to ")
    one, low, high = (ipaddress.ip_address(text) for text in (_address(address) or "::", first, last or first))
    return one.version == low.version == high.version and int(low) <= int(one) <= int(high)


def _time(text: str) -> float | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


def _percent(text: str) -> tuple[float, bool] | None:
    """The rate, and whether it is only known to lie below; None for anything else."""
    found = _RATE.match(text)
    return None if found is None else (float(found["number"]), found["less"] is not None)


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
