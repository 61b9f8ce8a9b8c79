"""The dashboard over a store whose agent is a benchmark's: `python -m benchmarks.viewer URL [SCREEN]`."""

from __future__ import annotations

import sys

from penguintui.cli.given import places_for
from penguintui.cli.viewer import watch


def main() -> None:
    watch(places_for(None), sys.argv[1], screen=sys.argv[2] if len(sys.argv) > 2 else "technical")


if __name__ == "__main__":
    main()
