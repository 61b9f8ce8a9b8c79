"""Programs for a pseudo-terminal, over desks made by hand: `python -m tests.screens.programs NAME [OPTION…]`.

viewer [THEME], wall, growing-wall: what they are. With LOW in the environment the link is called slow from the start.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

from penguintui.terminal import prepare_terminal

prepare_terminal(os.environ, low_bandwidth=bool(os.environ.get("LOW")))


def viewer(*names: str) -> None:
    """The viewer in a theme; when it is restless, everything that it shows changes once a second."""
    from penguintui.app import PenguinApp
    from penguintui.clock import SystemClock
    from tests.screens.desk import FakeDesk

    class Restless(FakeDesk):
        """In trouble and calm by turns; writes a byte into a file each time it is asked, for those who cannot see."""

        def version(self) -> int:
            self.trouble = not self.trouble
            self.number += 1
            with Path(os.environ["BEATS"]).open("a") as beats:
                beats.write(".")
            return self.number

    theme = names[0] if names else None
    desk = Restless() if "restless" in names else FakeDesk()
    PenguinApp(desk, SystemClock(), theme=theme, low_bandwidth=bool(os.environ.get("LOW"))).run()


def wall(*names: str) -> None:
    """A wall; a growing one is too large as soon as it is judged, once."""
    from penguintui.cli.wall import AGAIN, run
    from penguintui.clock import SystemClock
    from penguintui.screens.wall import WallApp
    from penguintui.screens.watchdog import Bounds
    from tests.screens.walls import WallDesk, item
    from tests.screens.walls import wall as made

    growing = "growing" in names and not os.environ.get(AGAIN)
    bounds = Bounds(memory=1, up=0.5) if growing else Bounds()
    make = partial(WallApp, WallDesk(made(item("mx2"))), SystemClock(), bounds=bounds, look_every=0.1)
    run(make, dict(os.environ))


if __name__ == "__main__":
    {"viewer": viewer, "wall": wall}[sys.argv[1]](*sys.argv[2:])
