"""Each entry of the record names the key that signed it, and the store says whose the keys are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("audit", sa.Column("key", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "audit_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
