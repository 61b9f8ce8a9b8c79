"""Findings and metrics know the batch that touched them last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "metrics",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
    op.add_column("findings", sa.Column("change", sa.Integer(), server_default="0", nullable=False))
    op.create_index("findings_change", "findings", ["change"], unique=False)
