"""`penguintui store`: a store that hosts share, for whoever sets it up."""

from __future__ import annotations

from typing import Annotated

import typer

from penguintui.cli.exits import Exit, fail, show

store_app = typer.Typer(help="A store that several hosts share.", no_args_is_help=True)


@store_app.callback()
def _store() -> None:
    """A store that several hosts share."""


@store_app.command()
def grants(
    role: Annotated[str, typer.Argument(help="The role that viewers' own roles are members of.")] = "penguintui_viewer",
    agents: Annotated[str, typer.Option("--agents", help="The role of agents; it owns the tables.")] = "penguintui",
    database: Annotated[str, typer.Option("--database", help="The store's database.")] = "penguintui",
) -> None:
    """The SQL that lets viewers read the store, and ask its agent in their own names; for psql.

    Example: penguintui store grants | psql penguintui
    """
    from penguintui.store.privileges import statements

    try:
        text = "\n".join(statements(viewers=role, agents=agents, database=database))
    except ValueError as error:
        fail(str(error), Exit.USAGE)
    show(text)
