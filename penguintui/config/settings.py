"""The whole configuration, as checked settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from penguintui.config.actions import ActionSettings, ProxySettings
from penguintui.config.base import Settings
from penguintui.config.history import STORE_ALONE, HistorySettings
from penguintui.config.probes import Probe
from penguintui.config.queries import STORE, QuerySettings
from penguintui.config.rules import RuleSettings
from penguintui.config.spool import SpoolSettings
from penguintui.config.values import Duration, SecretValue
from penguintui.config.zones import DnsSettings
from penguintui.model.role import Role
from penguintui.model.secret import Secret
from penguintui.model.target import Kind


class TargetSettings(Settings):
    """One watched thing and the ways of asking it."""

    name: str = Field(min_length=1, max_length=200)
    kind: Kind
    labels: dict[str, str] = Field(default_factory=dict)
    runbook: str | None = None
    probes: list[Probe] = Field(min_length=1)


class Promise(Settings):
    """One promise of the executive screen: a value, its target, and how much of the time it must be met."""

    name: str
    query: str = Field(description="PromQL that gives one number.")
    target: str = Field(description="A comparison such as `<= 0.2`.", pattern=r"^\s*(<=|>=|<|>)\s*-?[0-9.eE+-]+\s*$")
    unit: str = Field("", description="seconds, percent, ratio, count, dollars or bytes")
    objective: float = Field(99.0, gt=0, lt=100, description="Percent of the window in which the target is met.")
    window: Duration = 30 * 86400.0
    mean: bool = Field(
        False, description="Judge the mean over the window itself against the target, as uptime is judged."
    )


class BusinessFigure(Settings):
    """One line of the business panel: a number of today, and what it is measured against."""

    name: str
    query: str
    unit: str = "count"
    goal: float | None = None
    trend: str | None = Field(None, description="PromQL for its sparkline; the query itself when left out.")


class Provider(Settings):
    """A mailbox provider of the deliverability screen: the value of the label `provider`."""

    name: str
    label: str


class Deliverability(Settings):
    """What the deliverability screen asks for, by PromQL with the label `provider` or `queue`."""

    providers: list[Provider] = Field(default_factory=list)
    sent: str = "sum by (provider) (increase(penguinmails_mails_sent_total[1h]))"
    delivery_p50: str = 'max by (provider) (penguinmails_delivery_seconds{quantile="0.5"})'
    delivery_p95: str = 'max by (provider) (penguinmails_delivery_seconds{quantile="0.95"})'
    deferred: str = "max by (provider) (penguinmails_deferred_ratio)"
    bounced: str = "max by (provider) (penguinmails_bounce_ratio)"
    complained: str = "max by (provider) (penguinmails_complaint_ratio)"
    placed: str = "max by (provider) (penguinmails_inbox_ratio)"
    placed_count: str = "max by (provider) (penguinmails_inbox_tests)"
    bounce_limit: float = 0.02
    complaint_limit: float = 0.001
    delivery_limit: Duration = 60.0
    placed_limit: float = 0.95


class RoleSettings(Settings):
    """Who may what: user names, or `@group`. A caller has the highest role that names them."""

    admin: list[str] = Field(default_factory=list)
    operator: list[str] = Field(default_factory=list)
    viewer: list[str] = Field(default_factory=lambda: ["*"])
    default: Literal["viewer", "operator", "admin"] | None = Field(
        None, description="For the owner of the agent's own process; admin when left out."
    )

    @property
    def owner(self) -> Role:
        return Role[(self.default or "admin").upper()]


class Retention(Settings):
    """How long each kind of memory is kept."""

    rows: Duration = Field(
        3600.0,
        ge=60,
        description="How long samples stay single rows; then they are packed, a day of a series together.",
    )
    samples: Duration = Field(35 * 86400.0, description="How long every sample is kept.")
    samples_5m: Duration = Field(
        400 * 86400.0, description="How long least, largest, sum, number and last of five minutes are kept; 0 for not."
    )
    samples_1h: Duration = Field(1825 * 86400.0, description="The same of an hour.")
    findings: Duration = 400 * 86400.0
    events: Duration = 90 * 86400.0
    runs: Duration = 400 * 86400.0
    output: Duration = 90 * 86400.0


class AgentSettings(Settings):
    tick: Duration = Field(1.0, gt=0, description="How often the agent writes its heartbeat.")
    jitter: float = Field(0.1, ge=0, le=0.5, description="Share of an interval by which askings are spread.")
    per_host: int = Field(4, ge=1, description="How many askings may be under way to one host.")
    concurrency: int = Field(64, ge=1, description="How many askings may be under way in all.")
    max_backoff: Duration = 300.0
    socket_group: str | None = Field(None, description="Unix group that may use the control socket.")
    audit_head: str | None = Field(None, description="File outside the store in which the audit's head is kept too.")


class Notification(Settings):
    """A route that needs the agent to stay. Delivery itself comes with escalation."""

    name: str
    url: str | SecretValue


class Configuration(Settings):
    """Everything the operator wrote."""

    environment: str = "local"
    region: str = ""
    demo: bool = False
    platform: str = Field("", description="What the platform is called in sentences.")
    targets: list[TargetSettings] = Field(default_factory=list)
    promises: list[Promise] = Field(default_factory=list)
    business: list[BusinessFigure] = Field(default_factory=list)
    deliverability: Deliverability = Deliverability()
    query: QuerySettings = STORE
    history: HistorySettings = STORE_ALONE
    spool: SpoolSettings = SpoolSettings()
    rules: RuleSettings = RuleSettings()
    dns: DnsSettings = DnsSettings()
    proxies: dict[str, ProxySettings] = Field(default_factory=dict)
    actions: dict[str, ActionSettings] = Field(default_factory=dict)
    roles: RoleSettings = RoleSettings()
    notifications: list[Notification] = Field(default_factory=list)
    retention: Retention = Retention()
    agent: AgentSettings = AgentSettings()
    keys: dict[str, str] = Field(
        default_factory=dict, description="Key for an action of the viewer, by the action's name."
    )
    theme: str | None = Field(
        None, description="Colours of the viewer: a theme of the program, or themes/NAME.toml beside this file."
    )
    store: str | SecretValue | None = Field(
        None, description="Address of the store, sqlite:///… or postgresql+psycopg://…; a file when left out."
    )

    @property
    def store_address(self) -> str | None:
        """The store's address as it is opened, its password included."""
        return self.store.reveal() if isinstance(self.store, Secret) else self.store
