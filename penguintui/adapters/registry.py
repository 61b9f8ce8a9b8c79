"""Which adapter serves which type of probe. An adapter's module is imported when its type is first used."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from penguintui.adapters.base import Adapter
from penguintui.config.probes import Probe
from penguintui.model.clock import Clock

ADAPTERS = {
    "host": "penguintui.adapters.host:HostAdapter",
    "http": "penguintui.adapters.http:HttpAdapter",
    "dns": "penguintui.adapters.dns:DnsAdapter",
    "dns-desired": "penguintui.adapters.desired:DesiredDnsAdapter",
    "tls": "penguintui.adapters.tls:TlsAdapter",
    "smtp": "penguintui.adapters.smtp:SmtpAdapter",
    "sql": "penguintui.adapters.sql:SqlAdapter",
    "postfix-queue": "penguintui.adapters.postfix:PostfixQueueAdapter",
    "postfix-log": "penguintui.adapters.postfixlog:PostfixLogAdapter",
    "rspamd": "penguintui.adapters.rspamd:RspamdAdapter",
    "spamd": "penguintui.adapters.spamd:SpamdAdapter",
    "dovecot": "penguintui.adapters.dovecot:DovecotAdapter",
    "imap": "penguintui.adapters.imap:ImapAdapter",
    "platform": "penguintui.adapters.platform:PlatformAdapter",
    "smtp-pools": "penguintui.adapters.smtppools:SmtpPoolsAdapter",
    "mailu": "penguintui.adapters.mailu:MailuAdapter",
    "google-postmaster": "penguintui.adapters.postmaster:PostmasterAdapter",
    "microsoft-snds": "penguintui.adapters.snds:SndsAdapter",
    "mail-tls": "penguintui.adapters.mailtls:MailTlsAdapter",
    "canary": "penguintui.adapters.canary:CanaryAdapter",
    "suppression": "penguintui.adapters.suppressing:SuppressionAdapter",
    "log": "penguintui.adapters.log:LogAdapter",
}
"""Type of probe to module and class."""


def build(settings: Probe, *, clock: Clock) -> Adapter:
    """The adapter that asks what these settings describe."""
    module, _, name = ADAPTERS[settings.type].partition(":")
    return cast(Adapter, getattr(import_module(module), name)(settings, clock))
