"""A lease, intents, and agents that stand by: what a store that several hosts share needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# Who asked, from where and when is what the server knows of the session, whatever the row says.
_IDENTITY = (
    """
    CREATE FUNCTION intents_identity() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
        NEW.who := session_user;
        NEW.address := coalesce(host(inet_client_addr()), 'local');
        NEW.created := extract(epoch FROM clock_timestamp());
        NEW.taken := NULL;
        NEW.answered := NULL;
        NEW.answer := NULL;
        NEW.refused := NULL;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER intents_identity BEFORE INSERT ON intents FOR EACH ROW EXECUTE FUNCTION intents_identity()",
    "ALTER TABLE intents ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY intents_read ON intents FOR SELECT USING (who = session_user)",
    "CREATE POLICY intents_ask ON intents FOR INSERT WITH CHECK (who = session_user)",
)


def upgrade() -> None:
    op.add_column("heartbeats", sa.Column("standby", sa.Integer(), server_default="0", nullable=False))
    op.add_column("heartbeats", sa.Column("configuration", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "intents",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("viewer", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("patience", sa.Float(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=True),
        sa.Column("answered", sa.Float(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("intents_answered", "intents", ["answered"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for statement in _IDENTITY:
            op.execute(statement)
