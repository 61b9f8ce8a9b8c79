"""How the probes are configured that follow mail: how it is protected, where it arrives, whom it should not reach."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from penguintui.config.base import Settings
from penguintui.config.probebase import Levels, ProbeBase, Reachable
from penguintui.config.values import Duration, SecretValue


class ServerSettings(Settings):
    """A server to which one logs in, and how its certificate is verified."""

    host: str
    user: str | None = Field(None, description="Without one, nobody logs in.")
    password: SecretValue | None = None
    server_name: str | None = Field(None, description="The name on its certificate; the host when left out.")
    ca_file: str | None = Field(None, description="Certificates to trust instead of the system's.")


class MailboxSettings(ServerSettings):
    """A mailbox, by IMAP."""

    port: int = Field(993, ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    mailbox: str = "INBOX"


class SourcesSettings(Settings):
    """Who sends in our domains' names, by the DMARC reports of a mailbox, and what of it worries."""

    window: Duration = Field(7 * 86400.0, ge=60, description="Mails are counted over this.")
    least: int = Field(100, ge=1, description="Fewer mails of a domain in the window give no verdict.")
    unaligned_percent: Levels = Levels(warning=5, critical=20)
    new_for: Duration = Field(7 * 86400.0, gt=0, description="How long a source counts as new.")
    least_new: int = Field(10, ge=1, description="Fewer mails of a new source that fail to align are not worth a word.")
    new_percent: Levels = Levels(warning=0.5, critical=5)
    nameserver: str | None = Field(
        None, description="HOST or HOST:PORT, asked for the names of sources (PTR, confirmed); nobody when left out."
    )


class SubmissionSettings(ServerSettings):
    """Where mail is handed in (RFC 6409)."""

    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    helo: str = Field("penguintui.invalid", description="How we greet.")
    sender: str = Field(description="The address in From.", pattern=r"^[^@\s<>]+@[^@\s<>]+$")


class MailTlsProbe(ProbeBase):
    """How mail to a domain is protected on its way: MTA-STS with its policy, TLS reports, DANE at each mail server."""

    type: Literal["mail-tls"]
    domain: str
    nameserver: str | None = Field(
        None, description="HOST or HOST:PORT, one that validates DNSSEC; the system's resolver when left out."
    )
    expect: tuple[Literal["mta-sts", "tls-rpt", "dane"], ...] = Field(
        ("mta-sts", "tls-rpt"), description="What is a fault when it is missing; the rest is judged where it is there."
    )
    ca_file: str | None = Field(None, description="Certificates to trust instead of the system's.")
    port: int = Field(25, ge=1, le=65535, description="Of the mail servers.")
    policy_port: int = Field(443, ge=1, le=65535, description="Of the policy's web server.")
    helo: str = "penguintui.invalid"


class Pool(SubmissionSettings):
    """One pool or stream from which canaries are sent."""

    return_path: str | None = Field(None, description="The envelope sender; `sender` when left out.")
    unsubscribe: str | None = Field(
        None, description="An https: address for one click; given, the canary must pass as bulk mail (RFC 8058)."
    )


class Seed(MailboxSettings):
    """One mailbox of our own at a provider, in which canaries should arrive."""

    address: str
    provider: str = Field(description="The label `provider`: gmail, outlook, yahoo …")
    spam: str | None = Field(None, description="The spam folder; the one that the server names so when left out.")
    trusted: str | None = Field(
        None, description="Who wrote the Authentication-Results that count (authserv-id, RFC 8601); others are ignored."
    )


class CanaryProbe(ProbeBase):
    """Mails of our own, sent through each pool and looked for in seed mailboxes: placement, delay, signatures."""

    type: Literal["canary"]
    interval: Duration = Field(300.0, gt=0, description="How often the mailboxes are looked into.")
    timeout: Duration = Field(60.0, gt=0, description="How long one asking may take.")
    every: Duration = Field(3600.0, ge=60, description="How often each pool sends one to each mailbox.")
    memory: str = Field(description="A file in which canaries are remembered over a restart.")
    pools: dict[str, Pool] = Field(min_length=1)
    seeds: list[Seed] = Field(min_length=1, max_length=100)
    window: Duration = Field(7 * 86400.0, ge=3600, description="Shares are taken over this.")
    least: int = Field(10, ge=1, description="Fewer canaries in the window give no verdict.")
    inbox_percent: Levels = Levels(warning=90, critical=70, below=True)
    delay_seconds: Levels = Levels(warning=300, critical=1800)
    nameserver: str | None = Field(None, description="Where DKIM keys are asked for; the system's resolver if none.")


class SoftBounces(Settings):
    """How many temporary failures of one address are enough."""

    count: int = Field(5, ge=2, le=1000)
    within: Duration = Field(7 * 86400.0, gt=0)


class SuppressionProbe(Reachable):
    """A mailbox of bounces, complaints and unsubscriptions, made into a suppression list again and again."""

    type: Literal["suppression"]
    interval: Duration = Field(60.0, gt=0, description="How often the mailbox is looked into.")
    timeout: Duration = Field(60.0, gt=0, description="How long one asking may take.")
    mailbox: MailboxSettings | None = None
    folder: str | None = Field(None, description="In the mailbox's place: a Maildir, a folder of mails, an mbox.")
    to: str | SecretValue = Field(description="The list: a SQLAlchemy address, or an http(s) API that takes one.")
    token: SecretValue | None = Field(None, description="The API's.")
    memory: str | None = Field(None, description="For an API: a file that remembers what it took.")
    ours: list[str] = Field(
        default_factory=list, description="Only mails count that return one from these domains; all when empty."
    )
    soft: SoftBounces | None = Field(None, description="Without it, temporary failures suppress nobody.")
    unsubscribe: list[str] = Field(
        default_factory=list, description="Addresses of List-Unsubscribe; who writes there gets nothing more."
    )
    answer: SubmissionSettings | None = Field(
        None, description="Through which an unsubscription is confirmed (RFC 3834); not at all when left out."
    )

    @model_validator(mode="after")
    def _one_source(self) -> SuppressionProbe:
        if (self.mailbox is None) == (self.folder is None):
            raise ValueError("either mailbox or folder says where the mails are")
        return self
