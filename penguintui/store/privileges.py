"""What the role of viewers may do in a shared store, as SQL (PostgreSQL manual, "GRANT")."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")

ASKED = ("key", "visit", "viewer", "method", "parameters", "patience")
"""The columns of an intent that its writer gives; the server writes who asks, from where and when."""


def statements(*, viewers: str, agents: str, database: str) -> list[str]:
    """Statements for the owner of the store's database. Raises ValueError for a name that is none.

    viewers: a role for all who look, of which each person's own role is a member: it reads everything but others'
    intents, and inserts intents. agents: the role that agents connect as; it made the tables, and so owns them.
    """
    for name in (viewers, agents, database):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a role or a database")
    return [
        f'CREATE ROLE "{viewers}" NOLOGIN;',
        f'GRANT CONNECT ON DATABASE "{database}" TO "{viewers}";',
        f'GRANT USAGE ON SCHEMA public TO "{viewers}";',
        f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{viewers}";',
        f'ALTER DEFAULT PRIVILEGES FOR ROLE "{agents}" IN SCHEMA public GRANT SELECT ON TABLES TO "{viewers}";',
        f'GRANT INSERT ({", ".join(ASKED)}) ON intents TO "{viewers}";',
        f'-- for each person: CREATE ROLE alice LOGIN; GRANT "{viewers}" TO alice;',
    ]
