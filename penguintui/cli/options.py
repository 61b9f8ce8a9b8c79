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
