"""Which adapter serves which type of probe. An adapter's module is imported when its type is first used."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from penguintui.adapters.base import Adapter
from penguintui.config.probes import Probe
from penguintui.model.clock import Clock

ADAPTERS = {
    "host": "penguintui.adapters.host.probe:HostAdapter",
    "http": "penguintui.adapters.http.probe:HttpAdapter",
    "dns": "penguintui.adapters.dns.probe:DnsAdapter",
    "dns-desired": "penguintui.adapters.dns.desired:DesiredDnsAdapter",
    "tls": "penguintui.adapters.tls:TlsAdapter",
    "smtp": "penguintui.adapters.smtp.probe:SmtpAdapter",
    "sql": "penguintui.adapters.sql.probe:SqlAdapter",
    "postfix-queue": "penguintui.adapters.postfix.queue:PostfixQueueAdapter",
    "postfix-log": "penguintui.adapters.postfix.log:PostfixLogAdapter",
    "rspamd": "penguintui.adapters.rspamd:RspamdAdapter",
    "spamd": "penguintui.adapters.spamd.probe:SpamdAdapter",
    "dovecot": "penguintui.adapters.dovecot.probe:DovecotAdapter",
    "imap": "penguintui.adapters.imap.probe:ImapAdapter",
    "platform": "penguintui.adapters.platform.probe:PlatformAdapter",
    "smtp-pools": "penguintui.adapters.platform.pools:SmtpPoolsAdapter",
    "mailu": "penguintui.adapters.mailu.probe:MailuAdapter",
    "google-postmaster": "penguintui.adapters.postmaster.probe:PostmasterAdapter",
    "microsoft-snds": "penguintui.adapters.snds.probe:SndsAdapter",
    "mail-tls": "penguintui.adapters.mailtls.probe:MailTlsAdapter",
    "canary": "penguintui.adapters.canary.probe:CanaryAdapter",
    "suppression": "penguintui.adapters.suppression.probe:SuppressionAdapter",
    "log": "penguintui.adapters.logs.probe:LogAdapter",
}
"""Type of probe to module and class."""


def build(settings: Probe, *, clock: Clock) -> Adapter:
    """The adapter that asks what these settings describe."""
    module, _, name = ADAPTERS[settings.type].partition(":")
    return cast(Adapter, getattr(import_module(module), name)(settings, clock))
