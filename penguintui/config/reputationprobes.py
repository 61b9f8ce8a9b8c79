"""How probes of what mailbox providers say of our mail are configured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from penguintui.config.probebase import Levels, ProbeBase
from penguintui.config.values import Duration, SecretValue


class GooglePostmasterProbe(ProbeBase):
    """Google Postmaster Tools, version 2: what Gmail's users and its rules say of our domains."""

    type: Literal["google-postmaster"]
    domains: list[str] = Field(min_length=1, description="Registered and verified there for this account.")
    credentials: SecretValue = Field(
        description="The key file of a service account, or an authorized_user file, as JSON."
    )
    act_as: str | None = Field(
        None, description="The user in whose name a service account with domain-wide delegation asks."
    )
    url: str = "https://gmailpostmastertools.googleapis.com"
    interval: Duration = Field(6 * 3600.0, gt=0, description="How often it is asked; new numbers come once a day.")
    timeout: Duration = Field(60.0, gt=0, description="How long one asking may take.")
    days: int = Field(7, ge=2, le=60, description="So far back the newest number is looked for.")
    oldest: Duration = Field(4 * 86_400.0, gt=0, description="A newest number older than this is no verdict.")
    spam_percent: Levels = Levels(warning=0.1, critical=0.3)
    authenticated_percent: Levels = Levels(warning=99, critical=90, below=True)
    encrypted_percent: Levels = Levels(warning=99, critical=90, below=True)
    errors_percent: Levels = Levels(warning=5, critical=20)
    ca_file: str | None = None


class MicrosoftSndsProbe(ProbeBase):
    """Microsoft SNDS, automated data access: what Outlook.com says of each sending address."""

    type: Literal["microsoft-snds"]
    data_url: str | SecretValue = Field(
        "https://sendersupport.olc.protection.outlook.com/snds/data.aspx",
        description="The link to the data; a secret when the key is in it.",
    )
    status_url: str | SecretValue | None = Field(
        "https://sendersupport.olc.protection.outlook.com/snds/ipStatus.aspx",
        description="The link to the blocked addresses; null to leave it out.",
    )
    key: SecretValue | None = Field(None, description="Is added to both links as `key`.")
    addresses: list[str] = Field(default_factory=list, description="Our sending addresses: each is spoken of.")
    interval: Duration = Field(6 * 3600.0, gt=0, description="How often it is asked; new numbers come once a day.")
    timeout: Duration = Field(60.0, gt=0, description="How long one asking may take.")
    oldest: Duration = Field(4 * 86_400.0, gt=0, description="Data older than this is no verdict.")
    complaint_percent: Levels = Levels(warning=0.1, critical=0.3)
    trap_hits: Levels = Levels(warning=0, critical=10)
    ca_file: str | None = None
