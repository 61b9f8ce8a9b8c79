"""Migrations with alembic, imported only when a store is older than the program."""

from __future__ import annotations

from pathlib import Path


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations on the store at `url` up to `revision`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, revision)
