"""`penguintui lab up | break | heal | faults`: the small mail platform on its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from penguintui.cli.exits import Exit, fail, say, show
from penguintui.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from penguintui.lab.faults import Fault

lab_app = typer.Typer(help="A small mail platform on loopback, to try, to break, to train on.", no_args_is_help=True)

LabOption = Annotated[
    Path | None, typer.Option("--lab", metavar="FILE", help="lab.json of a running lab; $PENGUINTUI_LAB when left out.")
]


@lab_app.command()
def up(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="An empty or new folder; else a temporary one.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same world.")] = 1,
) -> None:
    """Start the lab and keep it until Ctrl-C. Prints where its lab.json and its configuration are.

    Example: penguintui lab up --seed 7
    """
    try:
        from penguintui.lab.main import run
    except ImportError as error:
        fail(f"the lab needs its libraries ({error.name} is missing): pip install 'penguintui[lab]'")
    say("Ctrl-C ends the lab and removes what it made")
    raise typer.Exit(run(folder, seed))


@lab_app.command()
def faults(lab: LabOption = None, as_json: JsonOption = False) -> None:
    """What can be broken, and what is.

    Example: penguintui lab faults
    """
    from penguintui.lab import control

    try:
        found = control.faults(lab)
    except control.LabError:
        if lab is not None:
            raise
        from penguintui.lab.faults import FAULTS

        found = list(FAULTS.values())
    if as_json:
        from penguintui.views.document import document

        show(json.dumps([document(fault) for fault in found], indent=1))
        return
    for fault in found:
        show(_line(fault))


@lab_app.command(name="break")
def break_(
    fault: Annotated[str, typer.Argument(help="Its name; `lab faults` lists them.")], lab: LabOption = None
) -> None:
    """Break one thing.

    Example: penguintui lab break blocklisted
    """
    from penguintui.lab import control

    _switch(lambda: control.break_(fault, lab))


@lab_app.command()
def heal(fault: Annotated[str, typer.Argument(help="Its name.")], lab: LabOption = None) -> None:
    """Make it good again.

    Example: penguintui lab heal blocklisted
    """
    from penguintui.lab import control

    _switch(lambda: control.heal(fault, lab))


def _switch(act: Callable[[], Fault]) -> None:
    from penguintui.lab.control import LabError

    try:
        show(_line(act()))
    except LabError as error:
        fail(str(error), Exit.WARNING)


def _line(fault: Fault) -> str:
    state = "BROKEN  " if fault.since else ""
    return f"{fault.name}  {state}{fault.breaks}; seen on {fault.screen}; heals: {fault.heals}"
