"""The catalogue of checks: what each finding's name stands for, and the runbook that goes with it."""

from __future__ import annotations

from penguintui.model.record import record


@record
class Check:
    """One named check. `area` is the screen that shows it first: technical, deliverability, security."""

    name: str
    title: str
    area: str
    runbook: str = ""


_ALL = (
    Check("probe.answer", "The target could be asked", "technical"),
    # host
    Check("host.cpu", "CPU in use", "technical", "host-cpu"),
    Check("host.memory", "Memory in use", "technical", "host-memory"),
    Check("host.disk", "Disk in use", "technical", "disk-full"),
    # http
    Check("http.reach", "The address answers", "technical", "service-down"),
    Check("http.status", "Status of the answer", "technical", "service-down"),
    Check("http.content", "Content of the answer", "technical", "service-down"),
    Check("http.time", "Time to the answer", "technical", "service-slow"),
    Check("tls.certificate", "Certificate's days left", "security", "certificate"),
    Check("tls.reach", "The port speaks TLS", "technical", "certificate"),
    Check("tls.protocol", "Protocol version", "security", "certificate"),
    # smtp
    Check("smtp.reach", "The mail server answers", "deliverability", "smtp-down"),
    Check("smtp.greeting", "Greeting and EHLO", "deliverability", "smtp-down"),
    Check("smtp.starttls", "STARTTLS", "security", "smtp-starttls"),
    Check("smtp.time", "Time to the greeting", "deliverability", "smtp-down"),
    # dns
    Check("dns.reach", "The name server answers", "deliverability", "dns"),
    Check("dns.a", "Address", "deliverability", "dns"),
    Check("dns.mx", "MX", "deliverability", "dns"),
    Check("dns.ns", "Name servers", "deliverability", "dns"),
    Check("dns.spf", "SPF", "deliverability", "spf"),
    Check("dns.dkim", "DKIM", "deliverability", "dkim"),
    Check("dns.dmarc", "DMARC", "deliverability", "dmarc"),
    Check("dns.mta-sts", "MTA-STS", "deliverability", "mta-sts"),
    Check("dns.tls-rpt", "TLS-RPT", "deliverability", "tls-rpt"),
    Check("dns.bimi", "BIMI", "deliverability", "bimi"),
    Check("dns.caa", "Certificate authorities (CAA)", "security", "dns"),
    Check("dns.dnssec", "DNSSEC", "security", "dns"),
    Check("mta-sts.policy", "Policy of MTA-STS", "deliverability", "mta-sts"),
    Check("mail-tls.server", "TLS of the domain's mail servers", "deliverability", "smtp-starttls"),
    Check("dane.tlsa", "DANE", "deliverability", "dane"),
    Check("dns.drift", "Records as wanted", "deliverability", "dns"),
    Check("dns.wanted", "Mailu says which records it wants", "deliverability", "dns"),
    Check("dns.servers", "Authoritative name servers", "deliverability", "dns"),
    Check("dns.ptr", "Name of a sending address (PTR, HELO)", "deliverability", "dns"),
    Check("dns.score", "Sender Score", "deliverability", "blocklisted"),
    Check("dns.blocklist", "Blocklists", "deliverability", "blocklisted"),
    # sql
    Check("sql.reach", "The database answers", "technical", "database-down"),
    Check("sql.query", "A query's result", "technical", "database-down"),
    # queues
    Check("queue.waiting", "Messages waiting", "deliverability", "queue-stuck"),
    Check("queue.age", "Age of the oldest message", "deliverability", "queue-stuck"),
    Check("queue.failed", "Failed jobs", "technical", "queue-stuck"),
    # deliveries
    Check("delivery.bounced", "Share of mails that bounced", "deliverability", "bounces"),
    Check("delivery.deferred", "Share of attempts that were put off", "deliverability", "queue-stuck"),
    Check("delivery.time", "Share of deliveries that took too long", "deliverability", "queue-stuck"),
    # rspamd
    Check("rspamd.reach", "The spam filter answers", "deliverability", "service-down"),
    Check("rspamd.time", "Time of a scan", "deliverability", "service-slow"),
    # spamd
    Check("spamd.reach", "SpamAssassin answers", "deliverability", "service-down"),
    Check("spamd.canary", "What SpamAssassin thinks of our mail", "deliverability", "service-down"),
    Check("spamd.time", "Time of a scan", "deliverability", "service-slow"),
    # dovecot
    Check("dovecot.reach", "Dovecot answers", "deliverability", "service-down"),
    Check("dovecot.metrics", "Dovecot's statistics", "technical", "service-down"),
    Check("dovecot.logins", "Failed logins to mailboxes", "security", "brute-force"),
    Check("dovecot.sessions", "Sessions", "technical", "service-slow"),
    Check("dovecot.services", "Processes of its services", "technical", "service-slow"),
    Check("dovecot.replication", "Replication of mailboxes", "technical", "service-down"),
    Check("dovecot.lmtp", "It takes deliveries", "deliverability", "service-down"),
    # imap
    Check("imap.reach", "The mailbox server answers", "deliverability", "service-down"),
    Check("mailbox.read", "Bounces and reports could be read", "deliverability", "bounces"),
    Check("dmarc.alignment", "Mail in a domain's name aligns", "deliverability", "dmarc-sources"),
    Check("dmarc.source", "New sources of mail in a domain's name", "deliverability", "dmarc-sources"),
    Check("dmarc.names", "Names of sources are known", "deliverability", "dns"),
    # suppression
    Check("suppression.read", "Bounces, complaints and unsubscriptions were processed", "deliverability", "bounces"),
    Check("suppression.list", "The suppression list can be written", "deliverability", "bounces"),
    Check("suppression.answer", "Unsubscriptions are confirmed", "deliverability", "bounces"),
    # canaries
    Check("canary.memory", "Canaries are remembered", "deliverability", "inbox-placement"),
    Check("canary.sent", "A pool takes canaries", "deliverability", "smtp-down"),
    Check("canary.seed", "A seed mailbox can be looked into", "deliverability", "inbox-placement"),
    Check("canary.arrival", "Where the latest canary arrived", "deliverability", "inbox-placement"),
    Check("canary.placement", "Share of canaries in the inbox", "deliverability", "inbox-placement"),
    Check("canary.signature", "DKIM as it arrived", "deliverability", "dkim"),
    Check("canary.alignment", "Alignment as it arrived", "deliverability", "dmarc"),
    Check("canary.headers", "Headers as Gmail, Yahoo and Microsoft demand them", "deliverability", "inbox-placement"),
    # platform
    Check("platform.service", "What the platform says of a service", "technical", "service-down"),
    Check("platform.reputation", "Reputation of a sending address", "deliverability", "blocklisted"),
    # the platform's pools
    Check("pools.reach", "The pools can be asked", "deliverability", "service-down"),
    Check("pools.load", "Load of a pool", "deliverability", "queue-stuck"),
    Check("pools.addresses", "A pool has addresses that send", "deliverability", "blocklisted"),
    Check("pools.address", "A sending address in its pool", "deliverability", "blocklisted"),
    # mailu
    Check("mailu.reach", "Mailu's API answers", "technical", "service-down"),
    Check("mailu.domain", "Mailu's domains", "technical", "service-down"),
    Check("mailu.user", "Mailu's users", "technical", "service-down"),
    Check("mailu.alias", "Mailu's aliases", "technical", "service-down"),
    Check("mailu.room", "Room for users and aliases", "technical", "service-down"),
    Check("mailu.quota", "Room in the mailboxes", "technical", "disk-full"),
    Check("mailu.dkim", "Mailu signs for each domain", "deliverability", "dkim"),
    # google postmaster tools
    Check("postmaster.reach", "Google Postmaster Tools answers", "deliverability", "service-down"),
    Check("postmaster.compliance", "Gmail's demands", "deliverability", "inbox-placement"),
    Check("postmaster.numbers", "Gmail's daily numbers", "deliverability", "inbox-placement"),
    Check("postmaster.spam", "Reported as spam at Gmail", "deliverability", "complaints"),
    Check("postmaster.spf", "SPF at Gmail", "deliverability", "spf"),
    Check("postmaster.dkim", "DKIM at Gmail", "deliverability", "dkim"),
    Check("postmaster.dmarc", "DMARC at Gmail", "deliverability", "dmarc"),
    Check("postmaster.tls", "TLS to Gmail", "deliverability", "smtp-starttls"),
    Check("postmaster.errors", "Refused by Gmail", "deliverability", "bounces"),
    # microsoft snds
    Check("snds.reach", "Microsoft SNDS answers", "deliverability", "service-down"),
    Check("snds.address", "A sending address at Outlook.com", "deliverability", "blocklisted"),
    Check("snds.blocked", "Addresses that Outlook.com blocks", "deliverability", "blocklisted"),
    # logs
    Check("log.reach", "The log can be read", "security", "log"),
    Check("login.breach", "A login that succeeded after failures", "security", "brute-force"),
    Check("login.failures", "Failed logins from one source", "security", "brute-force"),
)

CHECKS = {check.name: check for check in _ALL}
"""Every check that we make ourselves, by name. Queries may name checks of their own."""

_PLACES = {name: place for place, name in enumerate(CHECKS)}


def place(check: str) -> int:
    """Where a check stands in the catalogue, those of others last: what others follow from stands before them."""
    return _PLACES.get(check, len(_PLACES))
