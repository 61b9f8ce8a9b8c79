"""How probes of mail servers, and of what manages them, are configured."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from penguintui.config.probebase import Levels, ProbeBase, Reachable
from penguintui.config.values import Duration, SecretValue


class DovecotProbe(Reachable):
    """Dovecot: its statistics, its sessions and services, its port for deliveries. Logins are asked by type `imap`."""

    type: Literal["dovecot"]
    metrics_url: str | None = Field(
        None, description="Its OpenMetrics address, such as http://127.0.0.1:9900/metrics (service stats)."
    )
    doveadm_url: str | None = Field(None, description="Its HTTP API, such as http://127.0.0.1:8080 (service doveadm).")
    doveadm_key: SecretValue | None = Field(None, description="The value of its setting doveadm_api_key.")
    lmtp: str | None = Field(None, pattern=r"^.+:\d{1,5}$", description="HOST:PORT at which it takes deliveries.")
    replication: bool = Field(False, description="Whether the replicator runs and is asked (Dovecot 2.3).")
    failures_metric: str = Field("dovecot_auth_failures_total", description="Which of its metrics counts failures.")
    window: Duration = Field(300.0, ge=10, le=86_400, description="Failed logins are counted over this.")
    failures: Levels = Levels(warning=100, critical=1000)
    sessions: Levels = Levels()
    processes_percent: Levels = Field(
        Levels(warning=80, critical=95), description="Of a service's process_limit, in use."
    )
    ca_file: str | None = None

    @model_validator(mode="after")
    def _something_to_ask(self) -> Self:
        if not (self.metrics_url or self.doveadm_url or self.lmtp):
            raise ValueError("one of metrics_url, doveadm_url and lmtp is wanted: without, there is nothing to ask")
        return self


class SpamdProbe(Reachable):
    """SpamAssassin's spamd: whether it answers, and what it thinks of a mail of ours."""

    type: Literal["spamd"]
    host: str = "127.0.0.1"
    port: int = Field(783, ge=1, le=65535)
    tls: bool = Field(False, description="Whether it speaks TLS (spamd --ssl).")
    server_name: str | None = None
    ca_file: str | None = None
    user: str | None = Field(None, description="Whose preferences count.")
    canary: str | SecretValue | None = Field(None, description="A mail of ours, whole, that is scored each time.")
    score: Levels = Field(
        Levels(warning=3), description="On the canary; a score beyond its own limit is critical anyway."
    )
    scan_seconds: Levels = Levels(warning=5, critical=20)


class MailuProbe(Reachable):
    """Mailu's API: domains, users, aliases, and the limits that are set on them."""

    type: Literal["mailu"]
    url: str = Field(description="Up to and including /api/v1.")
    token: SecretValue = Field(description="Its API_TOKEN. Many wrong ones lock this host out for a while.")
    room_percent: Levels = Field(
        Levels(warning=90, critical=100), description="Of a domain's allowed users and aliases, and of a user's quota."
    )
    ca_file: str | None = None


class SmtpPoolsProbe(ProbeBase):
    """The platform's pools of sending addresses: load, warm-up, limits."""

    type: Literal["smtp-pools"]
    url: str = Field(description="Up to and including /api/v1/smtp/admin (or, on older ones, /api/v1/admin/smtp).")
    token: SecretValue | None = None
    load: Levels = Field(Levels(warning=0.8, critical=1), description="Of a pool's load factor, 0 to 1.")
    warm_up_percent: Levels = Field(
        Levels(warning=100, critical=150), description="Of today's limit of an address that is being warmed, sent."
    )
    ca_file: str | None = None
