"""The tables. Times are seconds since 1970 (UTC); a sample's time is whole milliseconds.

What changes over time is kept as intervals, `valid_from` <= t < `valid_to` (open when `valid_to` is NULL),
so that the state as of any moment can be read.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("metric", Text, nullable=False),
    Column("labels", Text, nullable=False),  # canonical JSON, without __name__
    Column("valid_for", Float, nullable=False),  # seconds for which a sample holds
    UniqueConstraint("metric", "labels"),
)

samples = Table(
    "samples",
    metadata,
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("time", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Float),  # NULL is NaN: SQLite keeps none
    sqlite_with_rowid=False,
)

# Older samples of one series in one span of time, coded together; and the same as roll-ups. See `store/chunks.py`.
chunks = Table(
    "chunks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series_id", Integer, nullable=False),
    Column("resolution", Integer, nullable=False),  # seconds of a bucket of a roll-up; 0: the samples themselves
    Column("begins", BigInteger, nullable=False),  # where its span of time begins
    Column("ends", BigInteger, nullable=False),  # time of its last sample
    Column("count", Integer, nullable=False),  # samples, or buckets
    Column("state", Integer, nullable=False),
    Column("checksum", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("chunks_series", "series_id", "resolution", "begins", "ends", "state"),
    Index("chunks_ends", "ends"),
)

# Which batch of observations brought a sample of a metric last, so that answers about others can be kept.
metrics = Table(
    "metrics",
    metadata,
    Column("name", Text, primary_key=True),
    Column("change", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Spans of time whose samples lie further apart than their probes would ask, such as generated history.
eras = Table(
    "eras",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("begins", Float, nullable=False),
    Column("ends", Float, nullable=False),
    Column("resolution", Float, nullable=False),  # seconds for which a sample of this span holds at least
    Column("origin", Text, nullable=False),  # where these samples come from, in words
)

targets = Table(
    "targets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("runbook", Text, nullable=False),
    Column("probes", Text, nullable=False),  # JSON: [{job, type, interval, valid_for}]
    Column("valid_from", Float, nullable=False),
    Column("valid_to", Float),
    Index("targets_valid", "valid_to", "valid_from"),
)

configurations = Table(
    "configurations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("document", Text, nullable=False),  # JSON, secrets hidden
    Column("source", Text, nullable=False),
    Column("valid_from", Float, nullable=False),
    Column("valid_to", Float),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("target", Text, nullable=False),
    Column("probe", Text, nullable=False),
    Column("check", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("since", Float, nullable=False),  # when it took this status
    Column("summary", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("observed", Float, nullable=False),
    Column("valid_for", Float, nullable=False),
    Column("valid_from", Float, nullable=False),
    Column("valid_to", Float),
    Column("change", Integer, nullable=False, server_default="0"),  # number of the batch that touched it last
    Index("findings_change", "change"),
    Index("findings_valid", "valid_to", "valid_from"),
    Index("findings_target", "target", "valid_from"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group", Text, nullable=False),  # file;group of the rule
    Column("rule", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("state", Text, nullable=False),  # pending or firing; a resolved one has ended
    Column("active_at", Float, nullable=False),
    Column("fired_at", Float),
    Column("value", Float),  # NULL is NaN
    Column("annotations", Text, nullable=False),
    Column("observed", Float, nullable=False),  # when the rule was last evaluated
    Column("holds", Float, nullable=False),  # seconds for which that holds
    Column("valid_from", Float, nullable=False),
    Column("valid_to", Float),
    Index("alerts_valid", "valid_to", "valid_from"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", Float, nullable=False),
    Column("target", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Index("events_kind_time", "kind", "time"),
    Index("events_time", "time"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("intent", Text, nullable=False, unique=True),  # a repeated intent acts once
    Column("action", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("danger", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("plan_hash", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("result", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("pid", Integer),
    Column("pid_started", Float),
    Column("host", Text, nullable=False, server_default=""),  # where its process lives
    Index("runs_status", "status"),
)

# What was planned and can still be confirmed, or approved, whoever holds the lease by then.
plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE")),  # the run that waits for approval with it
    Column("asker", Text, nullable=False),  # JSON: who planned it, or asked for the run
    Column("document", Text, nullable=False),  # JSON: the plan and what was seen, without secrets
    Column("created", Float, nullable=False),
    Column("lapses", Float, nullable=False),
    Index("plans_hash", "hash"),
)

run_steps = Table(
    "run_steps",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("does", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("detail", Text, nullable=False),
)

run_output = Table(
    "run_output",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("time", Float, nullable=False),
    Column("step", Integer, nullable=False),
    Column("stream", Text, nullable=False),
    Column("text", Text, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    Column("environment", Text, primary_key=True),
    Column("run_id", Integer),  # NULL while nobody holds it; the row stays, so that the token only grows
    Column("holder", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("token", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("time", Float, nullable=False),
    Column("document", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("key", Text, nullable=False, server_default=""),  # the public key that it is checked with
)

# Whose the public keys are that sign the record, in words. It makes none of them trusted: see `actions/verifying.py`.
audit_keys = Table(
    "audit_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("since", Float, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("time", Float, nullable=False),
    Column("started", Float, nullable=False),
    Column("tick", Float, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("message", Text, nullable=False),  # what the agent has to say of itself; empty when all is well
    Column("standby", Integer, nullable=False, server_default="0"),  # 1: it waits for the lease of another
    Column("configuration", Text, nullable=False, server_default=""),  # digest of the one that it has
)

# Who may write into a shared store: one row, whose token only grows. In a file, a lock on a file says the same.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),  # an agent's own number; empty while nobody holds it
    Column("holder", Text, nullable=False),  # the same for people
    Column("since", Float, nullable=False),
    Column("beat", BigInteger, nullable=False),  # grows with each renewal
    Column("store", Text, nullable=False),  # made once, so that another store at this address is told
)

# How far what grows had been read; `agent` is empty where all agents see the same.
bookmarks = Table(
    "bookmarks",
    metadata,
    Column("target", Text, primary_key=True),
    Column("probe", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("agent", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("time", Float, nullable=False),
)
# What viewers elsewhere ask of the agent. Who asks is the database's word: see the migration that makes this table.
intents = Table(
    "intents",
    metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # a repeated one acts once
    Column("who", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("visit", Text, nullable=False),  # which start of a viewer asks
    Column("viewer", Integer, nullable=False),  # 1: read-only until it is armed
    Column("method", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("patience", Float, nullable=False),  # seconds after which nobody waits any more
    Column("taken", BigInteger),  # token of the lease under which it was taken up
    Column("answered", Float),
    Column("answer", Text),
    Column("refused", Text),
    Index("intents_answered", "answered"),
)
