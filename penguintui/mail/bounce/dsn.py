"""Delivery status notifications (RFC 3464): the machine-readable part, as it really is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FIELD = re.compile(r"^([A-Za-z][A-Za-z-]*)\s*:\s*(.*)$")
_ADDRESS_TYPE = re.compile(r"^\s*(?:rfc822|x400|utf-8|unknown|smtp|internet|[a-z][a-z0-9-]*)\s*;\s*", re.IGNORECASE)
_QUOTED = re.compile(r"^(\"(?:[^\"\\]|\\.)*\"@\S+).*", re.DOTALL)
"""An address whose local part is a quoted string (RFC 5321, 4.1.2), and what stands behind it."""
_ESCAPED = re.compile(r"\\x\{(0?[0-9A-Fa-f]{2,5}|10[0-9A-Fa-f]{4})\}")
"""A character of an address of type utf-8 (RFC 6533, 3)."""
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})")
_MOST_RECIPIENTS = 1000
_START = ("final-recipient", "original-recipient")


@dataclass(slots=True)
class Delivery:
    """What the fields of one recipient say."""

    fields: dict[str, str] = field(default_factory=dict)

    @property
    def begun(self) -> bool:
        """Whether it names a recipient and does not say yet what happened: some leave a blank line in between."""
        said = any(name in self.fields for name in ("action", "status", "diagnostic-code"))
        return not said and any(name in self.fields for name in _START)

    @property
    def recipient(self) -> str:
        """The address that was written to: as the sender wrote it where told, else as it ended up (2.3.1)."""
        for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
            address = bare_address(self.fields.get(name, ""))
            if "@" in address:
                return address
        return bare_address(self.fields.get("final-recipient", "") or self.fields.get("original-recipient", ""))

    @property
    def action(self) -> str:
        """failed, delayed, delivered, relayed or expanded (2.3.3); empty when missing."""
        return self.fields.get("action", "").partition(" ")[0].strip(" ;").lower()

    @property
    def status(self) -> str:
        match = _STATUS.search(self.fields.get("status", ""))
        return match.group(1) if match else ""

    @property
    def status_comment(self) -> str:
        return self.fields.get("status", "").partition("(")[2]

    @property
    def diagnosis(self) -> str:
        """The diagnostic code, with its type where that is no SMTP server's (2.3.6)."""
        return re.sub(r"^\s*smtp\s*;\s*", "", self.fields.get("diagnostic-code", ""), flags=re.IGNORECASE)


def bare_address(text: str) -> str:
    """The address of a recipient field: no type, no brackets, no quotes around it, no route before it."""
    if text.lstrip().lower().startswith("utf-8"):
        text = _ESCAPED.sub(_character, text)
    text = _ADDRESS_TYPE.sub("", text.strip())
    match = re.search(r"<([^<>]*)>", text)
    text = (match.group(1) if match else text).strip().strip("<>'")
    text = text if '"@' in text else text.strip('"')
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    return _QUOTED.sub(r"\1", text) if text.startswith('"') else text.partition(" ")[0]


def _character(match: re.Match[str]) -> str:
    number = int(match.group(1), 16)
    return match.group() if number < 0x20 or 0xD800 <= number < 0xE000 else chr(number)


def read_deliveries(text: str) -> list[Delivery]:
    """The recipients of a delivery-status part. A blank line, or a second recipient field, begins the next."""
    found: list[Delivery] = []
    current = Delivery()
    name = ""
    for line in text.splitlines():
        if not line.strip():
            name = ""
            if not current.begun:
                current = _close(current, found)
            continue
        if line[0] in " \t" and name:
            if len(current.fields[name]) < 8192:
                current.fields[name] += "\n" + line.strip()
            continue
        match = _FIELD.match(line)
        if match is None:
            continue
        name = match.group(1).lower()
        if name == "final-recipient" and name in current.fields:
            current = _close(current, found)
        current.fields.setdefault(name, match.group(2)[:8192])
        if len(found) >= _MOST_RECIPIENTS:
            return found
    _close(current, found)
    return found


def _close(current: Delivery, found: list[Delivery]) -> Delivery:
    """Keeps a recipient that is complete; fields that belong to no recipient yet stay with the next."""
    keys = current.fields.keys()
    if any(name in keys for name in _START):
        found.append(current)
        return Delivery()
    if "action" in keys and "reporting-mta" not in keys:
        return current
    return Delivery()
