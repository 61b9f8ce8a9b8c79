"""How each kind of probe is configured, tagged by `type:`. One class per adapter module."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.mailprobes import CanaryProbe, MailTlsProbe, SourcesSettings, SuppressionProbe
from penguintui.config.probebase import Levels, ProbeBase, Reachable
from penguintui.config.reputationprobes import GooglePostmasterProbe, MicrosoftSndsProbe
from penguintui.config.serverprobes import DovecotProbe, MailuProbe, SmtpPoolsProbe, SpamdProbe
from penguintui.config.values import Duration, SecretValue
from penguintui.config.zones import ZoneSettings

__all__ = ["Levels", "Probe", "ProbeBase", "Reachable"]

MailRecord = Literal["a", "mx", "ns", "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "bimi"]


class HostProbe(ProbeBase):
    """This machine itself: CPU, memory, disks, network, load (psutil)."""

    type: Literal["host"]
    cpu_percent: Levels = Levels(warning=80, critical=95)
    memory_percent: Levels = Levels(warning=85, critical=95)
    disk_percent: Levels = Levels(warning=80, critical=90)
    mountpoints: list[str] = Field(default_factory=list, description="Only these; all real ones when empty.")


class HttpProbe(Reachable):
    """A web address: status, content, phases of time, days left on the certificate."""

    type: Literal["http"]
    url: str
    method: Literal["GET", "HEAD", "POST"] = "GET"
    headers: dict[str, str | SecretValue] = Field(default_factory=dict)
    body: str | None = None
    expect_status: list[int] = Field(default_factory=lambda: [200])
    expect_text: str | None = Field(None, description="Text that the answer must contain.")
    expect_json: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="Dotted paths in a JSON answer and the value each must have."
    )
    response_seconds: Levels = Levels(warning=1.0, critical=5.0)
    certificate_days: Levels = Levels(warning=30, critical=7, below=True)
    ca_file: str | None = Field(None, description="Certificates to trust instead of the system's.")
    follow_redirects: bool = True


class DnsProbe(ProbeBase):
    """The mail records of a domain: presence and syntax of SPF, DKIM selectors, DMARC, MX."""

    type: Literal["dns"]
    domain: str
    nameserver: str | None = Field(None, description="HOST or HOST:PORT; the system's resolver when left out.")
    dkim_selectors: list[str] = Field(default_factory=list)
    expect: tuple[MailRecord, ...] = Field(
        ("mx", "ns", "spf", "dmarc"),
        description="Records whose absence is a fault; others are reported when present.",
    )
    blocklists: list[str] = Field(default_factory=list, description="DNSBL zones in which `addresses` are looked up.")
    addresses: list[str] = Field(
        default_factory=list, description="Sending addresses: their names, SPF, and the blocklists are asked for them."
    )
    helo: str | None = Field(None, description="What the sending addresses say in HELO; must be a name of theirs.")


class DesiredDnsProbe(ProbeBase):
    """A domain's records against those that it should have, at each of its authoritative name servers."""

    type: Literal["dns-desired"]
    domain: str
    zones: dict[str, ZoneSettings] = Field(
        default_factory=dict, description="In place of the zones of the block `dns`, of which one must declare it."
    )
    serial_lag: Duration | None = Field(
        900.0, description="So long may serial numbers differ; null where the name servers number by themselves."
    )


class TlsProbe(Reachable):
    """The certificate and protocol of a TLS port."""

    type: Literal["tls"]
    host: str
    port: int = Field(443, ge=1, le=65535)
    server_name: str | None = None
    starttls: Literal["smtp"] | None = None
    ca_file: str | None = None
    certificate_days: Levels = Levels(warning=30, critical=7, below=True)


class SmtpProbe(Reachable):
    """An SMTP server: greeting, EHLO, STARTTLS."""

    type: Literal["smtp"]
    host: str
    port: int = Field(25, ge=1, le=65535)
    helo: str = "penguintui.invalid"
    starttls: Literal["required", "optional", "none"] = "required"
    ca_file: str | None = None
    server_name: str | None = None
    response_seconds: Levels = Levels(warning=2.0, critical=10.0)
    certificate_days: Levels = Levels(warning=30, critical=7, below=True)


class SqlQuery(Settings):
    """A query whose rows become samples: number columns are values, text columns labels."""

    sql: str
    metric: str = Field(description="Name of the metric; with several number columns, its prefix.")
    help: str = ""
    levels: Levels = Levels()
    summary: str | None = Field(None, description="The finding's words; {value} and the labels may stand in it.")
    check: str | None = Field(None, description="Name of the finding that the levels make.")
    remedy: str = ""


class SqlProbe(Reachable):
    """A database: whether it answers, and what the queries say."""

    type: Literal["sql"]
    url: str | SecretValue = Field(description="A SQLAlchemy address, such as postgresql+psycopg://… or sqlite:///….")
    queries: list[SqlQuery] = Field(default_factory=list)
    max_rows: int = Field(1000, ge=1, le=100_000)


class PostfixQueueProbe(ProbeBase):
    """The mail queue, by `postqueue -j`, streamed."""

    type: Literal["postfix-queue"]
    timeout: Duration = Field(
        30.0, gt=0, description="How long one asking may take: half a million messages take 15 s."
    )
    command: list[str] = Field(default_factory=lambda: ["postqueue", "-j"])
    waiting: Levels = Levels(warning=1000, critical=10_000)
    oldest_seconds: Levels = Levels(warning=3600, critical=4 * 3600)


class PostfixLogProbe(ProbeBase):
    """The mail log of Postfix, followed across rotation: deliveries by provider and status, their time, reasons."""

    type: Literal["postfix-log"]
    path: str = "/var/log/mail.log"
    window: Duration = Field(3600.0, ge=60, le=86_400, description="Shares are taken over this.")
    least: int = Field(100, ge=1, description="Fewer mails in the window give no verdict.")
    bounced_percent: Levels = Levels(warning=3, critical=5)
    deferred_percent: Levels = Levels(warning=20, critical=50)
    slow_after: Duration = Field(60.0, gt=0, description="A delivery that takes longer is slow.")
    slow_percent: Levels = Levels(warning=5, critical=20)
    read_from: Literal["start", "end"] = Field("end", description="Where the first reading begins.")


class RspamdProbe(Reachable):
    """rspamd's controller: mails scanned, what was done with them, time of a scan."""

    type: Literal["rspamd"]
    url: str = Field("http://127.0.0.1:11334", description="The controller.")
    password: SecretValue | None = Field(None, description="The read-only one (`password`, not `enable_password`).")
    scan_seconds: Levels = Levels(warning=2, critical=8)
    ca_file: str | None = None


class ImapProbe(Reachable):
    """An IMAP server, and in it a mailbox of bounces or reports."""

    type: Literal["imap"]
    host: str
    port: int = Field(993, ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    server_name: str | None = None
    ca_file: str | None = None
    user: str | None = Field(None, description="Without one, nobody logs in.")
    password: SecretValue | None = None
    mailbox: str = "INBOX"
    read: Literal["bounces", "reports"] | None = Field(
        None, description="What the mailbox holds: bounces and complaints, or DMARC and TLS reports."
    )
    read_from: Literal["start", "end"] = Field("end", description="Where the first reading begins.")
    sources: SourcesSettings = Field(
        default_factory=SourcesSettings, description="With `read: reports`: who sends in our domains' names."
    )
    certificate_days: Levels = Levels(warning=30, critical=7, below=True)


class PlatformProbe(ProbeBase):
    """The platform's system API: queues, infrastructure health, IP reputation."""

    type: Literal["platform"]
    url: str = Field(description="Up to and including /api/v1.")
    token: SecretValue | None = None
    read: tuple[Literal["queues", "health", "ip-reputation"], ...] = ("queues", "health", "ip-reputation")
    waiting: Levels = Levels(warning=100, critical=1000)
    failed_jobs: Levels = Levels(critical=10)
    reputation: Levels = Levels(warning=90, critical=70, below=True)
    ca_file: str | None = None


class LogProbe(ProbeBase):
    """A log file, followed across rotation; logins and their failures become events."""

    type: Literal["log"]
    path: str
    format: Literal["auth"] = "auth"
    failures: Levels = Levels(warning=10, critical=50)
    window: Duration = Field(300.0, description="Failures from one source are counted over this.")
    read_from: Literal["start", "end"] = Field("end", description="Where the first reading begins.")


Probe = Annotated[
    HostProbe
    | HttpProbe
    | DnsProbe
    | DesiredDnsProbe
    | TlsProbe
    | SmtpProbe
    | SqlProbe
    | PostfixQueueProbe
    | PostfixLogProbe
    | RspamdProbe
    | SpamdProbe
    | DovecotProbe
    | ImapProbe
    | PlatformProbe
    | SmtpPoolsProbe
    | MailuProbe
    | GooglePostmasterProbe
    | MicrosoftSndsProbe
    | LogProbe
    | MailTlsProbe
    | CanaryProbe
    | SuppressionProbe,
    Field(discriminator="type"),
]
