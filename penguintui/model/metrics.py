"""The catalogue of metrics: what each number means, in which unit, and which direction is bad.

Screens, help, documentation and exports read it; nobody repeats it. Names are those of the Prometheus
exporters that people already run (node_exporter, blackbox_exporter, postgres_exporter) wherever one exists.
"""

from __future__ import annotations

import enum

from penguintui.model.record import record


class Unit(enum.StrEnum):
    """What a number counts. `RATIO` is a share of one, shown as percent."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    PERCENT = "percent"
    COUNT = "count"
    PER_SECOND = "per second"
    DOLLARS = "dollars"
    TIME = "time"
    NONE = ""


class Bad(enum.StrEnum):
    """Which direction worries."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


@record
class Metric:
    name: str
    unit: Unit
    bad: Bad
    help: str


def _histogram(name: str, help: str) -> tuple[Metric, Metric, Metric]:
    """The three metrics of a classic histogram of seconds; buckets have the label le."""
    return (
        Metric(f"{name}_bucket", Unit.COUNT, Bad.NEITHER, f"{help} How many took at most le seconds."),
        Metric(f"{name}_sum", Unit.SECONDS, Bad.NEITHER, f"{help} All of it."),
        Metric(f"{name}_count", Unit.COUNT, Bad.NEITHER, f"{help} How many there were."),
    )


_ALL = (
    Metric("up", Unit.NONE, Bad.DOWN, "Whether the target answered when it was last asked (1 or 0)."),
    Metric(
        "penguintui_finding_status",
        Unit.NONE,
        Bad.UP,
        "The status of a finding: 0 OK, 1 UNKNOWN, 2 WARNING, 3 CRITICAL; labels check and subject.",
    ),
    Metric(
        "penguintui_samples_refused_total",
        Unit.COUNT,
        Bad.NEITHER,
        "Samples that came for days that are not kept as samples any more, since the agent started.",
    ),
    Metric(
        "penguintui_spool_bytes", Unit.BYTES, Bad.UP, "What waits on disk while a store or an engine is away, in all."
    ),
    Metric("penguintui_spool_damaged_total", Unit.COUNT, Bad.UP, "Records of the spool that could not be read again."),
    Metric(
        "penguintui_spool_waiting",
        Unit.COUNT,
        Bad.UP,
        "Observations that wait, on disk and in memory; label destination (store, history).",
    ),
    Metric("penguintui_spool_age_seconds", Unit.SECONDS, Bad.UP, "Age of the oldest that waits; label destination."),
    Metric(
        "penguintui_spool_dropped_total",
        Unit.COUNT,
        Bad.UP,
        "Observations let go because the spool was full; label destination.",
    ),
    Metric(
        "penguintui_spool_refused_total",
        Unit.COUNT,
        Bad.UP,
        "Observations that the destination would not take; label destination.",
    ),
    Metric("penguintui_chunks_damaged", Unit.COUNT, Bad.UP, "Chunks of older samples whose checksum is wrong."),
    # node_exporter has these of a host
    Metric("node_cpu_seconds_total", Unit.SECONDS, Bad.NEITHER, "Seconds that each CPU spent in each mode."),
    Metric("node_memory_MemTotal_bytes", Unit.BYTES, Bad.NEITHER, "Memory in all."),
    Metric("node_memory_MemAvailable_bytes", Unit.BYTES, Bad.DOWN, "Memory that programs can still have."),
    Metric("node_filesystem_size_bytes", Unit.BYTES, Bad.NEITHER, "Size of a file system."),
    Metric("node_filesystem_avail_bytes", Unit.BYTES, Bad.DOWN, "Room on a file system for ordinary users."),
    Metric("node_memory_SwapTotal_bytes", Unit.BYTES, Bad.NEITHER, "Swap space in all."),
    Metric("node_memory_SwapFree_bytes", Unit.BYTES, Bad.NEITHER, "Swap space that is free."),
    Metric("node_filesystem_files", Unit.COUNT, Bad.NEITHER, "Inodes of a file system."),
    Metric("node_filesystem_files_free", Unit.COUNT, Bad.DOWN, "Inodes of a file system that are free."),
    Metric("node_load1", Unit.COUNT, Bad.UP, "Load average over one minute."),
    Metric("node_load5", Unit.COUNT, Bad.UP, "Load average over five minutes."),
    Metric("node_load15", Unit.COUNT, Bad.UP, "Load average over fifteen minutes."),
    Metric("node_network_receive_bytes_total", Unit.BYTES, Bad.NEITHER, "Bytes received by a network device."),
    Metric("node_network_transmit_bytes_total", Unit.BYTES, Bad.NEITHER, "Bytes sent by a network device."),
    Metric("node_disk_read_bytes_total", Unit.BYTES, Bad.NEITHER, "Bytes read from a disk."),
    Metric("node_disk_written_bytes_total", Unit.BYTES, Bad.NEITHER, "Bytes written to a disk."),
    Metric("node_boot_time_seconds", Unit.TIME, Bad.NEITHER, "When the machine was started."),
    # http, dns, tls, smtp: blackbox_exporter
    Metric("probe_success", Unit.NONE, Bad.DOWN, "Whether the probe got what it wanted (1 or 0)."),
    Metric("probe_duration_seconds", Unit.SECONDS, Bad.UP, "How long the asking took."),
    Metric("probe_http_status_code", Unit.NONE, Bad.NEITHER, "The status of the last answer."),
    Metric(
        "probe_http_duration_seconds",
        Unit.SECONDS,
        Bad.UP,
        "Time of each phase: resolve, connect, tls, processing, transfer.",
    ),
    Metric("probe_http_content_length", Unit.BYTES, Bad.NEITHER, "Length of the answer's body."),
    Metric("probe_ssl_earliest_cert_expiry", Unit.TIME, Bad.NEITHER, "When the first certificate of the chain ends."),
    Metric("probe_tls_version_info", Unit.NONE, Bad.NEITHER, "The negotiated TLS version, as a label."),
    Metric(
        "probe_tls_duration_seconds",
        Unit.SECONDS,
        Bad.UP,
        "Time of each phase to a TLS port: resolve, connect, starttls, tls.",
    ),
    Metric("probe_dns_lookup_time_seconds", Unit.SECONDS, Bad.UP, "How long the name server took."),
    Metric(
        "probe_smtp_duration_seconds", Unit.SECONDS, Bad.UP, "Time of each phase: connect, greeting, ehlo, starttls."
    ),
    Metric(
        "penguintui_blocklist_listed",
        Unit.NONE,
        Bad.UP,
        "Whether a blocklist names a sending address (1 or 0); labels ip, zone.",
    ),
    Metric("penguintui_sender_score", Unit.COUNT, Bad.DOWN, "Sender Score, 0 to 100; label ip."),
    Metric(
        "penguintui_dns_differences",
        Unit.COUNT,
        Bad.UP,
        "Sets of records that are not as wanted; labels domain, server.",
    ),
    Metric(
        "penguintui_mail_tls_protected",
        Unit.NONE,
        Bad.DOWN,
        "Whether mail to a mail server travels as its domain's policy demands (1 or 0); label host.",
    ),
    Metric("penguintui_dns_serial", Unit.NONE, Bad.NEITHER, "Serial number of a zone's copy; labels domain, server."),
    # postfix queue
    Metric("postfix_queue_messages", Unit.COUNT, Bad.UP, "Messages in a queue; label queue."),
    Metric("postfix_queue_bytes", Unit.BYTES, Bad.UP, "Bytes in a queue; label queue."),
    Metric("postfix_queue_oldest_seconds", Unit.SECONDS, Bad.UP, "Age of a queue's oldest message; label queue."),
    Metric(
        "postfix_queue_destination_messages",
        Unit.COUNT,
        Bad.UP,
        "Messages for the destinations that have most; labels queue, destination.",
    ),
    Metric(
        "postfix_queue_destination_oldest_seconds",
        Unit.SECONDS,
        Bad.UP,
        "Age of the oldest message for a destination; labels queue, destination.",
    ),
    # postfix log
    Metric(
        "postfix_smtp_messages_processed_total",
        Unit.COUNT,
        Bad.NEITHER,
        "Delivery attempts; labels provider, status (sent, deferred, bounced, …).",
    ),
    *_histogram("postfix_delivery_seconds", "Time from arrival to delivery; label provider."),
    *_histogram(
        "postfix_smtp_delivery_delay_seconds",
        "Time of a delivery by stage; labels provider, stage (before_queue_manager, queue_manager, "
        "connection_setup, transmission).",
    ),
    # rspamd
    Metric("rspamd_scanned_total", Unit.COUNT, Bad.NEITHER, "Mails scanned."),
    Metric("rspamd_spam_total", Unit.COUNT, Bad.UP, "Mails taken for spam."),
    Metric("rspamd_ham_total", Unit.COUNT, Bad.NEITHER, "Mails taken for no spam."),
    Metric(
        "rspamd_actions_total", Unit.COUNT, Bad.NEITHER, "What was done with mails; label type (reject, no action, …)."
    ),
    Metric("rspamd_scan_time_average", Unit.SECONDS, Bad.UP, "Mean time of the latest scans."),
    # spamd
    Metric("spamd_canary_score", Unit.COUNT, Bad.UP, "Points that SpamAssassin gives to the canary."),
    Metric("spamd_canary_limit", Unit.COUNT, Bad.NEITHER, "Points from which SpamAssassin calls a mail spam."),
    Metric("probe_spamd_duration_seconds", Unit.SECONDS, Bad.UP, "Time of each phase: connect, tls, ping, scan."),
    # dovecot: these, and whatever its own configuration counts (`metric`), under its names
    Metric("dovecot_auth_success_total", Unit.COUNT, Bad.NEITHER, "Logins that succeeded."),
    Metric("dovecot_auth_failures_total", Unit.COUNT, Bad.UP, "Logins that failed."),
    Metric("dovecot_sessions", Unit.COUNT, Bad.NEITHER, "Sessions that are open; label service."),
    Metric("dovecot_users_connected", Unit.COUNT, Bad.NEITHER, "Users with a session."),
    Metric("dovecot_service_processes", Unit.COUNT, Bad.UP, "Processes of a service; label service."),
    Metric("dovecot_service_process_limit", Unit.COUNT, Bad.NEITHER, "How many it may have; label service."),
    Metric("dovecot_replication_waiting", Unit.COUNT, Bad.UP, "Mailboxes to be replicated; label priority."),
    Metric("probe_lmtp_duration_seconds", Unit.SECONDS, Bad.UP, "Time of each phase: connect, greeting, lhlo."),
    # imap
    Metric("probe_imap_duration_seconds", Unit.SECONDS, Bad.UP, "Time of each phase: connect, tls, greeting, login."),
    Metric("penguintui_mailbox_messages", Unit.COUNT, Bad.NEITHER, "Mails in a mailbox; label mailbox."),
    Metric(
        "penguintui_mail_notices_total",
        Unit.COUNT,
        Bad.NEITHER,
        "What came to a bounce mailbox; labels kind (bounce, complaint, …), reason, lasting (hard, soft).",
    ),
    Metric(
        "penguintui_dmarc_messages_total", Unit.COUNT, Bad.NEITHER, "Mails in DMARC reports; labels domain, aligned."
    ),
    Metric(
        "penguintui_dmarc_source_messages",
        Unit.COUNT,
        Bad.NEITHER,
        "Mails in a domain's name in the DMARC reports of the window; labels domain, source (network), "
        "aligned (dkim, spf, both, none).",
    ),
    Metric(
        "penguintui_dmarc_source_first_seen_seconds",
        Unit.TIME,
        Bad.NEITHER,
        "When the first report began that names a source; labels domain, source, name (PTR), new (yes, no).",
    ),
    Metric("penguintui_dmarc_sources", Unit.COUNT, Bad.NEITHER, "Sources that sent in a domain's name; label domain."),
    Metric(
        "penguintui_dmarc_newest_report_seconds", Unit.TIME, Bad.DOWN, "When the latest DMARC report on a domain ended."
    ),
    Metric("penguintui_tls_sessions_total", Unit.COUNT, Bad.NEITHER, "Sessions in TLS reports; labels domain, result."),
    # suppression
    Metric("penguintui_suppression_mails_total", Unit.COUNT, Bad.NEITHER, "Mails that were made into suppressions."),
    Metric("penguintui_suppressions_total", Unit.COUNT, Bad.UP, "Addresses suppressed; label reason."),
    # canaries
    Metric("penguintui_canaries", Unit.COUNT, Bad.NEITHER, "Canaries of the window; labels pool, provider, place."),
    Metric(
        "penguintui_canary_delay_seconds",
        Unit.SECONDS,
        Bad.UP,
        "How long the latest canary took that arrived; labels pool, provider.",
    ),
    Metric(
        "penguintui_canary_inbox_low_ratio",
        Unit.RATIO,
        Bad.DOWN,
        "Lower end of the 95 % interval of the share of canaries in the inbox; label provider.",
    ),
    Metric(
        "penguintui_canary_inbox_high_ratio",
        Unit.RATIO,
        Bad.DOWN,
        "Upper end of the 95 % interval of the share of canaries in the inbox; label provider.",
    ),
    # the platform's system API
    Metric("penguinmails_queue_waiting", Unit.COUNT, Bad.UP, "Jobs waiting in a queue; label queue."),
    Metric("penguinmails_queue_active", Unit.COUNT, Bad.NEITHER, "Jobs being worked on; label queue."),
    Metric("penguinmails_queue_failed", Unit.COUNT, Bad.UP, "Failed jobs of a queue; label queue."),
    Metric("penguinmails_queue_completed_last_hour", Unit.COUNT, Bad.DOWN, "Jobs done in the last hour; label queue."),
    Metric("penguinmails_service_status", Unit.NONE, Bad.UP, "0 healthy, 1 degraded, 2 down; label service."),
    Metric(
        "penguinmails_service_response_seconds",
        Unit.SECONDS,
        Bad.UP,
        "A service's own response time; labels service, quantile (avg, 0.95, 0.99).",
    ),
    Metric(
        "penguinmails_service_error_ratio", Unit.RATIO, Bad.UP, "A service's share of failed requests; label service."
    ),
    Metric("penguinmails_service_backlog", Unit.COUNT, Bad.UP, "What a service says is queued; label service."),
    Metric("penguinmails_db_pool_ratio", Unit.RATIO, Bad.UP, "Share of the connection pool in use; label service."),
    Metric("penguinmails_db_query_seconds", Unit.SECONDS, Bad.UP, "Query time of a database; label service."),
    Metric("penguinmails_ip_reputation_score", Unit.COUNT, Bad.DOWN, "0 to 100; labels ip, provider."),
    Metric(
        "penguinmails_ip_listings", Unit.COUNT, Bad.UP, "Blocklists that name a sending address; labels ip, provider."
    ),
    Metric(
        "penguinmails_ip_daily_volume",
        Unit.COUNT,
        Bad.NEITHER,
        "Mails a day of a sending address; labels ip, provider.",
    ),
    # the platform's pools of sending addresses
    Metric("penguinmails_pool_load_ratio", Unit.RATIO, Bad.UP, "Load of a pool, 1 is full; label pool."),
    Metric("penguinmails_pool_addresses", Unit.COUNT, Bad.DOWN, "Addresses of a pool; label pool."),
    Metric("penguinmails_pool_active_addresses", Unit.COUNT, Bad.DOWN, "Addresses of a pool that send; label pool."),
    Metric("penguinmails_ip_active", Unit.NONE, Bad.DOWN, "Whether an address sends (1 or 0); labels ip, pool."),
    Metric("penguinmails_ip_capacity_score", Unit.RATIO, Bad.NEITHER, "The platform's own 0 to 1; labels ip, pool."),
    Metric("penguinmails_ip_warming", Unit.NONE, Bad.NEITHER, "Whether it is being warmed (1 or 0); labels ip, pool."),
    Metric("penguinmails_ip_warmup_day", Unit.COUNT, Bad.NEITHER, "Which day of its warm-up; labels ip, pool."),
    Metric("penguinmails_ip_warmup_limit", Unit.COUNT, Bad.NEITHER, "Mails that it may send today; labels ip, pool."),
    Metric("penguinmails_ip_sent_today", Unit.COUNT, Bad.NEITHER, "Mails that it sent today; labels ip, pool."),
    # mailu
    Metric("mailu_domains", Unit.COUNT, Bad.NEITHER, "Domains in Mailu."),
    Metric("mailu_users", Unit.COUNT, Bad.NEITHER, "Users in Mailu."),
    Metric("mailu_users_disabled", Unit.COUNT, Bad.NEITHER, "Users in Mailu that are disabled."),
    Metric("mailu_domain_users", Unit.COUNT, Bad.NEITHER, "Users of a domain in Mailu; label domain."),
    Metric("mailu_domain_aliases", Unit.COUNT, Bad.NEITHER, "Aliases of a domain in Mailu; label domain."),
    # google postmaster tools, the newest day there is
    Metric("google_postmaster_spam_ratio", Unit.RATIO, Bad.UP, "Of inboxed mail, reported as spam; label domain."),
    Metric(
        "google_postmaster_authenticated_ratio",
        Unit.RATIO,
        Bad.DOWN,
        "Of the mail, authenticated; labels domain, mechanism (spf, dkim, dmarc).",
    ),
    Metric("google_postmaster_encrypted_ratio", Unit.RATIO, Bad.DOWN, "Of the mail, come over TLS; label domain."),
    Metric(
        "google_postmaster_error_ratio",
        Unit.RATIO,
        Bad.UP,
        "Of the mail, refused or deferred; labels domain, reason (all, low_ip_reputation, …).",
    ),
    Metric("google_postmaster_compliant", Unit.NONE, Bad.DOWN, "1 or 0; labels domain, requirement."),
    Metric("google_postmaster_data_age_seconds", Unit.SECONDS, Bad.UP, "Since the newest day ended; label domain."),
    # microsoft snds, the newest day there is
    Metric("microsoft_snds_rcpt_commands", Unit.COUNT, Bad.NEITHER, "RCPT commands that Outlook.com saw; label ip."),
    Metric("microsoft_snds_data_commands", Unit.COUNT, Bad.NEITHER, "DATA commands that Outlook.com saw; label ip."),
    Metric("microsoft_snds_recipients", Unit.COUNT, Bad.NEITHER, "Recipients at Outlook.com; label ip."),
    Metric("microsoft_snds_filter_result", Unit.NONE, Bad.UP, "0 green, 1 yellow, 2 red; label ip."),
    Metric("microsoft_snds_complaint_ratio", Unit.RATIO, Bad.UP, "Complaints, at most; label ip."),
    Metric("microsoft_snds_trap_hits", Unit.COUNT, Bad.UP, "Mails to spam traps; label ip."),
    Metric("microsoft_snds_blocked", Unit.NONE, Bad.UP, "Whether Outlook.com blocks it (1 or 0); label ip."),
    Metric("microsoft_snds_data_age_seconds", Unit.SECONDS, Bad.UP, "Since the newest data ended; label ip."),
    # business, from the platform's database
    Metric("penguinmails_mails_sent_total", Unit.COUNT, Bad.DOWN, "Mails sent; label provider."),
    Metric("penguinmails_mails_delivered_total", Unit.COUNT, Bad.DOWN, "Mails delivered; label provider."),
    Metric(
        "penguinmails_delivery_seconds",
        Unit.SECONDS,
        Bad.UP,
        "Time to delivery, last 15 minutes; labels provider, quantile.",
    ),
    Metric("penguinmails_deferred_ratio", Unit.RATIO, Bad.UP, "Share of recent mails still deferred; label provider."),
    Metric("penguinmails_bounce_ratio", Unit.RATIO, Bad.UP, "Share of recent mails that bounced; label provider."),
    Metric(
        "penguinmails_complaint_ratio", Unit.RATIO, Bad.UP, "Share of recent mails complained about; label provider."
    ),
    Metric("penguinmails_inbox_ratio", Unit.RATIO, Bad.DOWN, "Share of seed mails found in the inbox; label provider."),
    Metric("penguinmails_inbox_tests", Unit.COUNT, Bad.DOWN, "Seed mails behind the inbox share; label provider."),
    Metric("penguinmails_mails_today", Unit.COUNT, Bad.DOWN, "Mails sent since midnight UTC."),
    Metric("penguinmails_revenue_today_dollars", Unit.DOLLARS, Bad.DOWN, "Revenue since midnight UTC."),
    Metric("penguinmails_opens_total", Unit.COUNT, Bad.DOWN, "Opens."),
    Metric("penguinmails_replies_total", Unit.COUNT, Bad.DOWN, "Replies."),
    Metric("penguinmails_revenue_dollars_total", Unit.DOLLARS, Bad.DOWN, "Revenue; label source (attributed, other)."),
    Metric("penguinmails_campaigns", Unit.COUNT, Bad.NEITHER, "Campaigns; label status."),
    Metric("penguinmails_customers", Unit.COUNT, Bad.NEITHER, "Customers; label state (healthy, affected)."),
    Metric("penguinmails_satisfaction_ratio", Unit.RATIO, Bad.DOWN, "Share of customers who say they are satisfied."),
    Metric("penguinmails_incidents", Unit.COUNT, Bad.UP, "Incidents of the last 30 days; label severity."),
    # mail nodes, from the heartbeats in the platform's database
    Metric("penguinmails_node_cpu_ratio", Unit.RATIO, Bad.UP, "Share of a mail node's CPU in use."),
    Metric("penguinmails_node_memory_ratio", Unit.RATIO, Bad.UP, "Share of a mail node's memory in use."),
    # logs
    Metric(
        "penguintui_logins_total", Unit.COUNT, Bad.NEITHER, "Logins seen in a log; label result (failed, accepted)."
    ),
    Metric("penguintui_log_lines_total", Unit.COUNT, Bad.NEITHER, "Lines read from a log."),
    Metric("penguintui_log_behind_bytes", Unit.BYTES, Bad.UP, "Bytes of a log that are still to be read."),
)

METRICS = {metric.name: metric for metric in _ALL}
"""Every metric that we make ourselves, by name."""
