"""Migrations with alembic, imported only when a store is older than the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(url: str, revision: str = "head", connection: Connection | None = None) -> None:
    """Run the migrations on the store at `url` up to `revision`; in the connection's transaction when one is given."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
