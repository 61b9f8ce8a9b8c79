"""The catalogue of faults: what can be broken in the lab, where it shows, and what heals it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be broken.

    breaks: what happens to the platform. screen: the screen that shows it first.
    target: the target whose line turns, as the demo's configuration names it.
    heals: what makes it good again. action: the name of an action that cures it, empty when only
    `heal` does. since: when it was broken, None while it is not.
    """

    name: str
    title: str
    breaks: str
    screen: str
    target: str
    heals: str
    action: str = ""
    since: float | None = None


_ALL = (
    Fault(
        "api-slow",
        "The running release answers slowly",
        "Each request to the active colour takes 1.6 s longer.",
        "technical",
        "api",
        "Roll back to the previous release, deploy another one, or heal.",
        action="rollback",
    ),
    Fault(
        "api-errors",
        "The running release fails requests",
        "The active colour answers three requests in ten with 500 and calls itself failing.",
        "technical",
        "api",
        "Roll back to the previous release, deploy another one, or heal.",
        action="rollback",
    ),
    Fault(
        "api-crash",
        "The active colour died",
        "The process of the active colour is killed; the proxy answers 502.",
        "technical",
        "api",
        "Roll back to the previous release, or heal (starts the colour again).",
        action="rollback",
    ),
    Fault(
        "bad-release",
        "The next release is slow",
        "Every release started while this lasts answers 0.4 s slower, so that a deploy's gate must stop it.",
        "actions",
        "api",
        "Heal, then deploy again.",
    ),
    Fault(
        "spf-missing",
        "The SPF record is gone",
        "penguinmails.test publishes no SPF record any more.",
        "deliverability",
        "penguinmails.test",
        "Publish the record again (heal).",
    ),
    Fault(
        "dkim-revoked",
        "A DKIM key is revoked",
        "The selector pm of acme-outreach.test publishes an empty key (RFC 6376 section 3.6.1).",
        "deliverability",
        "acme-outreach.test",
        "Publish the key again (heal).",
    ),
    Fault(
        "dmarc-none",
        "DMARC protects nothing",
        "globex-mail.test publishes the policy none instead of reject.",
        "deliverability",
        "globex-mail.test",
        "Publish the policy reject again (heal).",
    ),
    Fault(
        "spoofed-source",
        "Somebody sends in a customer's name",
        "A server that is none of ours sends mail as acme-outreach.test; receivers report it, none of it aligned.",
        "deliverability",
        "dmarc-reports",
        "Heal; a minute after the last report on it, it is forgotten.",
    ),
    Fault(
        "dns-down",
        "The name server is silent",
        "The platform's name server drops every question.",
        "deliverability",
        "penguinmails.test",
        "Start it again (heal).",
    ),
    Fault(
        "cert-expiring",
        "The web certificate ends soon",
        "The web page serves a certificate with five days left.",
        "security",
        "web",
        "Renew the certificate, or heal.",
        action="renew-certificate",
    ),
    Fault(
        "web-down",
        "The web page is down",
        "The web server's port refuses connections.",
        "technical",
        "web",
        "Start it again (heal).",
    ),
    Fault(
        "web-slow",
        "The web page loads slowly",
        "The page takes 3.6 s, promised are 3 s.",
        "executive",
        "web",
        "Heal.",
    ),
    Fault(
        "smtp-down",
        "The mail server is down",
        "The port of mx1 refuses connections.",
        "deliverability",
        "mx1-smtp",
        "Start it again (heal).",
    ),
    Fault(
        "smtp-no-tls",
        "The mail server offers no TLS",
        "mx1 no longer announces STARTTLS.",
        "security",
        "mx1-smtp",
        "Heal.",
    ),
    Fault(
        "queue-stuck",
        "The mail queue stands still",
        "Nothing leaves the queue of Postfix, and the workers pile mail upon it.",
        "deliverability",
        "mx1-queue",
        "Flush the queue, or heal.",
        action="flush-queue",
    ),
    Fault(
        "slow-delivery",
        "Outlook accepts mail slowly",
        "Mail to Outlook takes three minutes for 95 % of messages, promised is one.",
        "executive",
        "mail",
        "Heal.",
    ),
    Fault(
        "blocklisted",
        "A sending address is on a blocklist",
        "A sending address stands on zen.dnsbl.test; Outlook defers and files its mail as spam.",
        "deliverability",
        "sending-addresses",
        "Take the address out of rotation; the list forgets it when it is silent. Or heal.",
        action="rotate-ip",
    ),
    Fault(
        "bounce-spike",
        "Mail to Yahoo bounces",
        "One mail in nine to Yahoo bounces: a campaign sends to an old list.",
        "deliverability",
        "mail",
        "Hold the campaign, or heal.",
        action="hold-campaign",
    ),
    Fault(
        "brute-force",
        "Somebody tries passwords",
        "198.51.100.77 tries eight passwords a second over SSH.",
        "security",
        "mx1-logins",
        "Block the address, or heal.",
        action="block-address",
    ),
    Fault(
        "disk-full",
        "The spool of mx2 is nearly full",
        "The heartbeat of mx2 reports 97 % of /var/spool in use.",
        "technical",
        "mx2",
        "Free room on it, or heal.",
        action="free-disk",
    ),
    Fault(
        "db-down",
        "The database answers no more",
        "Another process holds the database exclusively; each query waits and then fails.",
        "technical",
        "database",
        "Heal (ends that process).",
    ),
)

FAULTS = {fault.name: fault for fault in _ALL}
"""Every fault, by name."""
