"""How alembic reaches the store."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

from penguintui.store.tables import metadata

_engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with _engine.connect() as _connection:
    context.configure(connection=_connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
_engine.dispose()
