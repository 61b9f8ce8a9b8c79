"""Scores the reading of bounces against a folder with `expected.json`: `python -m tests.conformance.bounces FOLDER`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from penguintui.mail.bounce import Kind, Notice, read


@dataclass
class Score:
    """How many of the expected records came out right."""

    counts: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def share(self, name: str) -> float:
        return self.counts[name] / max(1, self.counts["bounces"])

    def __str__(self) -> str:
        shares = ", ".join(f"{name} {self.share(name):.1%}" for name in ("class", "hard", "both", "exact", "reason"))
        return f"{self.counts['bounces']} bounces: {shares}; complaints {self.counts['complaint']} wrong"


def matched(wanted: list[dict[str, Any]], found: list[Notice]) -> Iterator[tuple[dict[str, Any], Notice | None]]:
    """Each wanted record with the notice that fits it best; the order of recipients is no matter."""
    rest = list(found)
    for record in wanted:
        fits = sorted(rest, key=lambda notice: -_fit(record, notice))
        if fits:
            rest.remove(fits[0])
        yield record, fits[0] if fits else None


def _fit(record: dict[str, Any], notice: Notice) -> int:
    status, hard, reason = str(record["status"]), bool(record["hardbounce"]), str(record["reason"])
    return 4 * (status == notice.status) + 2 * (hard == notice.hard) + (reason == notice.reason)


def score(folder: Path) -> Score:
    result = Score()
    expected: dict[str, list[dict[str, Any]]] = json.loads((folder / "expected.json").read_text())
    for path in sorted((folder / "mails").glob("*.eml")):
        if path.name in expected:
            found = read(path.read_bytes())
            for record, notice in matched(expected[path.name], found):
                _count(result, path.name, record, notice)
    return result


def _count(result: Score, name: str, record: dict[str, Any], notice: Notice | None) -> None:
    if record["reason"] == "feedback":
        wrong = notice is None or notice.kind is not Kind.COMPLAINT or notice.feedback_type != record["other"]
        result.counts["complaint"] += wrong
    elif record["reason"] == "vacation":
        wrong = notice is None or notice.kind is not Kind.AUTO_REPLY
        result.counts["vacation"] += wrong
    else:
        result.counts["bounces"] += 1
        same = notice if notice is not None and notice.kind is Kind.BOUNCE else None
        klass = same is not None and same.status[:1] == record["status"][:1]
        hard = same is not None and same.hard == record["hardbounce"]
        wrong = not (klass and hard)
        result.counts["class"] += klass
        result.counts["hard"] += hard
        result.counts["both"] += klass and hard
        result.counts["exact"] += same is not None and same.status == record["status"]
        result.counts["reason"] += same is not None and same.reason == record["reason"]
        if not wrong and same is not None and same.status != record["status"]:
            result.misses.append(
                f"exact {name}: {record['status']} {record['reason']}, not {same.status} {same.reason}"
            )
    if wrong:
        result.misses.append(f"WRONG {name}: {record}\n        {notice}")


def main() -> int:
    result = score(Path(sys.argv[1]))
    print(*result.misses, result, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
