"""Writes the tables that the docs take from the program: `python docs/make_tables.py`. A test holds them equal."""

from __future__ import annotations

import re
from pathlib import Path

from penguintui.lab.faults import FAULTS
from penguintui.mail import refusals
from penguintui.screens import keys

ROOT = Path(__file__).resolve().parent.parent


def faults_table() -> str:
    """Every fault of the lab as Markdown."""
    rows = ["| fault | what happens | seen first | cured by |", "|---|---|---|---|"]
    for fault in FAULTS.values():
        cure = f"`{fault.action}`" if fault.action else ""
        rows.append(f"| `{fault.name}` | {fault.breaks} | {fault.screen}, `{fault.target}` | {cure} |")
    return "\n".join(rows) + "\n"


def refusals_table() -> str:
    """Every code of a large provider that is explained, as Markdown."""
    rows = ["| by | code | means | do |", "|---|---|---|---|"]
    tables = {
        "Gmail": {f"x.{code}": found for code, found in refusals.GMAIL.items()},
        "Yahoo": {**{f"[{mark}…]": found for mark, found in refusals.YAHOO.items()}, **refusals.YAHOO_STATUS},
        "Microsoft": refusals.MICROSOFT,
    }
    for provider, table in tables.items():
        for code, found in table.items():
            rows.append(f"| {provider} | `{code}` | {found.meaning} | {found.remedy} |")
    return "\n".join(rows) + "\n"


TABLES = {
    ("docs/lab.md", "faults"): faults_table,
    ("docs/large-providers.md", "refusals"): refusals_table,
    ("README.md", "keys"): keys.markdown,
}
"""File and marker to the function that makes the table."""


def filled(text: str, marker: str, table: str) -> str:
    """The text with the table between its two marker comments. Raises ValueError when they are not there."""
    found = re.search(rf"(<!-- {marker}: [^\n]*-->\n).*?(<!-- end of {marker} -->)", text, re.DOTALL)
    if found is None:
        raise ValueError(f"there are no markers for {marker}")
    return text[: found.end(1)] + table + text[found.start(2) :]


def main() -> None:
    for (name, marker), table in TABLES.items():
        path = ROOT / name
        path.write_text(filled(path.read_text(encoding="utf-8"), marker, table()), encoding="utf-8")


if __name__ == "__main__":
    main()
