"""Runs a file of SPF cases in the openspf YAML format: `python -m tests.conformance.spf FILE`."""

from __future__ import annotations

import asyncio
import ipaddress
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from penguintui.mail.resolver import Answer, Outcome
from penguintui.mail.spf import Verdict, check_host


class Zone:
    """A resolver over the `zonedata` of one scenario."""

    def __init__(self, zonedata: dict[str, list[Any]]) -> None:
        self._names: dict[str, dict[str, list[str]]] = {}
        self._silent: set[str] = set()
        for name, entries in zonedata.items():
            records: dict[str, list[str]] = defaultdict(list)
            for entry in entries:
                if entry == "TIMEOUT":
                    self._silent.add(name.lower())
                else:
                    ((kind, value),) = entry.items()
                    records[kind].append(_text(kind, value))
            if not records["TXT"]:
                records["TXT"] = records["SPF"]
            records["TXT"] = [text for text in records["TXT"] if text != "NONE"]
            self._names[name.lower()] = records

    async def query(self, name: str, type: str) -> Answer:
        name = name.lower()
        for _ in range(10):
            records = self._names.get(name)
            if records is None:
                return Answer(Outcome.NXDOMAIN)
            if records[type]:
                return Answer(Outcome.RECORDS, tuple(records[type]))
            if not records["CNAME"]:
                return Answer(Outcome.TIMEOUT if name in self._silent else Outcome.NODATA)
            name = records["CNAME"][0].removesuffix(".").lower()
        return Answer(Outcome.SERVFAIL)


def _text(kind: str, value: Any) -> str:
    if kind in ("TXT", "SPF"):
        text = "".join(value) if isinstance(value, list) else str(value)
        return text.encode("utf-8").decode("latin-1")
    if kind == "MX":
        return f"{value[0]} {value[1]}"
    return str(ipaddress.ip_address(value)) if kind in ("A", "AAAA") else str(value)


@dataclass(frozen=True)
class Case:
    """One case of a scenario and what is accepted."""

    name: str
    fields: dict[str, Any]
    zone: Zone

    async def run(self) -> Verdict:
        return await check_host(self.zone, self.fields["host"], self.fields["mailfrom"], self.fields["helo"])

    def accepts(self, verdict: Verdict) -> bool:
        wanted = self.fields["result"]
        explanation = self.fields.get("explanation")
        wanted_explanation = "" if explanation == "DEFAULT" else explanation
        return verdict.result in (wanted if isinstance(wanted, list) else [wanted]) and (
            explanation is None or verdict.explanation == wanted_explanation
        )


def cases(path: Path) -> Iterator[Case]:
    for scenario in yaml.safe_load_all(path.read_bytes()):
        if scenario:
            zone = Zone(scenario["zonedata"])
            for name, fields in scenario["tests"].items():
                yield Case(name, fields, zone)


def main() -> int:
    failures = total = 0
    for case in cases(Path(sys.argv[1])):
        verdict = asyncio.run(case.run())
        total += 1
        if not case.accepts(verdict):
            failures += 1
            print(f"{case.name}: {verdict}, wanted {case.fields['result']} {case.fields.get('explanation')}")
    print(f"{total - failures} of {total}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
