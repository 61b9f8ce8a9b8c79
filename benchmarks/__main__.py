"""`python -m benchmarks [NAME…]`: measures everything, or what is named, and prints a table."""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.measuring import Row, table

NAMES = (
    "start",
    "status",
    "wall",
    "agent",
    "ingest",
    "chunks",
    "switching",
    "models",
    "screens",
    "keys",
    "chart",
    "rules",
    "questions",
    "mail",
    "takeover",
    "targets",
)


def machine() -> str:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, load {load}"


def main() -> int:
    wanted = sys.argv[1:] or list(NAMES)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"there is no benchmark {unknown[0]}; there are {', '.join(NAMES)}")
        return 2
    # Programs are measured as they are installed: with compiled bytecode.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rows: list[Row] = []
    for name in wanted:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        rows += import_module(f"benchmarks.{name}").measure()
    print(f"{machine()}\n\n{table(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
