"""`penguintui demo`: lab, agent and viewer together, in a temporary folder that is gone afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penguintui.cli.demofolder import clear_abandoned, make_folder
from penguintui.cli.exits import Exit, fail
from penguintui.clock import AHEAD, SystemClock

if TYPE_CHECKING:
    from penguintui.config.places import Places
    from penguintui.screens.desk import ExtraCommand

_PATIENCE = 5.0


class DemoError(Exception):
    """The demo could not be started; the text says why."""


class Demo:
    """A world, its agent, and the folder that both live in. They end with this process, however it ends."""

    def __init__(self, seed: int, broken: list[str], ahead: float = 0.0) -> None:
        """ahead: seconds by which the demo's clocks run before the machine's; negative when they run behind."""
        self.folder, self._held = make_folder()
        self._seed = seed
        self._broken = broken
        self._ahead = ahead
        self._processes: list[subprocess.Popen[bytes]] = []
        # Whoever holds the reading end sees the end of this process, even of one that was killed.
        self._parent, self._alive = os.pipe()
        self._starting = threading.Lock()
        self._ending = threading.Event()

    @property
    def lab_json(self) -> Path:
        return self.folder / "lab" / "lab.json"

    @property
    def environment(self) -> Mapping[str, str]:
        """Where the demo's own configuration, state and socket are."""
        return {
            "PENGUINTUI_CONFIG": str(self.folder / "lab" / "config.yaml"),
            "PENGUINTUI_STATE": str(self.folder / "state"),
            "PENGUINTUI_RUNTIME": str(self.folder / "run"),
            "PENGUINTUI_LAB": str(self.lab_json),
            AHEAD: str(self._ahead),
        }

    def start(self) -> None:
        """Start the lab, write its history, start the agent. Raises DemoError."""
        with self._starting:
            clear_abandoned()
            for step in (self._start_lab, self._write_history, self._start_agent):
                if self._ending.is_set():
                    raise DemoError("the demo was left before it had begun")
                step()

    def stop(self) -> None:
        """End everything, wait for its end, and remove the folder.

        A terminal that is lost tells so more than once: this is not to end half-way at the second time.
        """
        self._ending.set()
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGTERM)}
        try:
            self._end_processes()
            # Whoever is still at starting it, in another thread, writes into the folder too.
            if self._starting.acquire(timeout=_PATIENCE):
                self._starting.release()
                self._end_processes()
            os.close(self._alive)
            os.close(self._parent)
            shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._held)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end_processes(self) -> None:
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_lab(self) -> None:
        self._start("penguintui.lab.main", "--folder", str(self.folder / "lab"), "--seed", str(self._seed))
        self._wait_for_lab()

    def _start_agent(self) -> None:
        from penguintui.lab import control

        self._start("penguintui", "agent")
        for fault in self._broken:
            control.break_(fault, self.lab_json)

    def _start(self, module: str, *arguments: str) -> None:
        with (self.folder / f"{module}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", module, *arguments, "--parent", str(self._parent)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE if module.endswith("lab.main") else log,
                    stderr=log,
                    env={**os.environ, **self.environment},
                    pass_fds=[self._parent],
                    start_new_session=True,
                )
            )

    def _wait_for_lab(self) -> None:
        out = self._processes[0].stdout
        line = out.readline() if out is not None else b""
        try:
            json.loads(line)
        except ValueError:
            words = (self.folder / "penguintui.lab.main.log").read_text(encoding="utf-8", errors="replace").strip()
            last = words.splitlines()[-1] if words else "it said nothing"
            raise DemoError(f"the lab did not start: {last}") from None

    def _write_history(self) -> None:
        from penguintui.config.loading import load
        from penguintui.lab.control import find_lab
        from penguintui.lab.history import write_history
        from penguintui.store.writer import Writer

        lab = find_lab(self.lab_json)
        places = self.places()
        places.prepare()
        writer = Writer(places.store_url)
        source = Path(lab.configuration)
        try:
            write_history(writer, load(source, os.environ), str(source), began=lab.began, seed=lab.seed)
        finally:
            writer.close(30.0)

    def places(self) -> Places:
        """The demo's own places."""
        from penguintui.config.places import find_places

        return find_places(self.environment)

    def commands(self) -> dict[str, ExtraCommand]:
        """`:break` and `:heal`, with the names of the faults completed."""
        from penguintui.lab import control
        from penguintui.lab.faults import FAULTS
        from penguintui.screens.desk import ExtraCommand

        def complete(prefix: str) -> list[str]:
            return [name for name in FAULTS if name.startswith(prefix)]

        def broken(name: str) -> str:
            fault = control.break_(name.strip(), self.lab_json)
            return f"broken: {fault.title.lower()}. Find it on the {fault.screen} screen; it heals so: {fault.heals}"

        def healed(name: str) -> str:
            return f"healed: {control.heal(name.strip(), self.lab_json).name}"

        return {
            "break": ExtraCommand("Break something in the demo's platform", complete, broken),
            "heal": ExtraCommand("Make it good again", complete, healed),
        }


def ahead_of(clock: str | None) -> float:
    """Seconds from now to a time of day of today, in UTC: negative when it has passed."""
    if clock is None:
        return 0.0
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", clock, re.ASCII)
    if found is None:
        fail(f"{clock} is no time of day; write it as 03:10", Exit.USAGE)
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0 - SystemClock().now() % 86400


def demo(
    broken: Annotated[
        list[str] | None, typer.Option("--break", metavar="FAULT", help="Begin with it broken: see `lab faults`.")
    ] = None,
    seconds: Annotated[float | None, typer.Option("--seconds", help="End by itself after so long.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same world.")] = 1,
    clock: Annotated[
        str | None,
        typer.Option("--clock", metavar="HH:MM", help="Begin at this time of day (UTC): the night is not the noon."),
    ] = None,
) -> None:
    """The dashboard over a small mail platform that runs on loopback. Leaving it leaves nothing behind.

    Example: penguintui demo --break blocklisted --clock 03:10
    """
    from penguintui.cli.viewer import watch

    if find_spec("aiohttp") is None:  # to import it would take as long as the dashboard's frame
        fail("the demo needs the lab's libraries: pip install 'penguintui[lab]'")
    from penguintui.lab.faults import FAULTS

    for name in broken or []:
        if name not in FAULTS:
            fail(f"there is no fault {name}; there are {', '.join(FAULTS)}", Exit.USAGE)
    one = Demo(seed, broken or [], ahead_of(clock))
    os.environ.update(one.environment)
    store = f"sqlite:///{one.folder / 'state' / 'store.db'}"
    try:
        watch(one.places(), store, extra_commands=one.commands(), prepare=one.start, seconds=seconds)
    finally:
        one.stop()
