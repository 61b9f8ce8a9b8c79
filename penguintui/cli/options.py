"""The options that every command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration; the host's or the user's own.")
]
StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="The store: sqlite:///FILE; one in the state folder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document with stable keys.")]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="As of then: 14:05, yesterday 14:05, -2h, ISO 8601.")
]
