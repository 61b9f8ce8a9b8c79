"""How alembic reaches the store."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from penguintui.store.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _run(_given)
else:
    _engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with _engine.connect() as _connection:
        _run(_connection)
    _engine.dispose()
