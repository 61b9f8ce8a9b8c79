"""A platform in trouble, or one in which all is fine, as each screen shows it."""

# ruff: noqa: E501  (tables of made-up data read best as tables)

from __future__ import annotations

from dataclasses import replace

from penguintui.model.status import Status
from penguintui.screens.desk import Question
from penguintui.views.models.business import Business, CountLine, ShareLine
from penguintui.views.models.deliverability import (
    RECORDS,
    AddressRow,
    Cell,
    Deliverability,
    DomainRow,
    ProviderRow,
    QueueRow,
    Reason,
    SourceRow,
    Sources,
    XrayNode,
)
from penguintui.views.models.executive import BusinessLine, Executive, PromiseCard, RecordLine, Verdict
from penguintui.views.models.incidents import IncidentRow, Incidents
from penguintui.views.models.security import AttemptRow, Breach, CertificateRow, ControlRow, Security
from penguintui.views.models.technical import FindingLine, Group, TargetDetail, TargetRow, TargetRows, Technical
from penguintui.views.models.what import Change, Need, Part, Trend
from tests.screens.made import CRITICAL, NOW, OK, UNKNOWN, WARNING, chart, ramp, trend, value, wave
from tests.screens.operating import choices


def card(name: str, status: Status, now: str, target: str, left: float, burn: float, seed: float) -> PromiseCard:
    burn_status = CRITICAL if burn > 10 else WARNING if burn > 1 else OK
    points = ramp(60) if status is CRITICAL else wave(60, seed)
    return PromiseCard(
        name, status, value(now, status, 1.0), target, left, f"{left:.0%}", burn, f"burn {burn}×", burn_status, "30d",
        Trend(points, NOW - 30 * 86400, NOW, "30d"),
    )  # fmt: skip


def executive(trouble: bool) -> Executive:
    headline = "Production is degraded since 13:42." if trouble else "Production keeps every promise."
    lines = (
        (
            Part(headline, CRITICAL if trouble else OK, strong=True),
            Part(" Mail to Outlook takes 3m12s for 95 % of messages, promised 60s." if trouble else " 47 targets are fine."),
        ),
        *(
            (
                (Part("Cause: "), Part("203.0.113.12 listed by Spamhaus at 13:31", strong=True), Part(" after complaints (0.31 %).")),
                (Part("At risk: "), Part("$1,240 an hour, 41 customers.", strong=True), Part("  x", key="x"), Part(" rotate it out", dim=True)),
            )
            if trouble
            else ()
        ),
    )  # fmt: skip
    worst = CRITICAL if trouble else OK
    return Executive(
        Verdict(worst, headline, lines, NOW - 1980 if trouble else None, headline),
        (
            card("Uptime, 30 days", OK, "99.962 %", "of 99.9 %", 0.62, 0.4, 0),
            card("API p95", OK, "148 ms", "of 200 ms", 0.81, 0.2, 1),
            card("Error rate", OK, "0.07 %", "of 0.1 %", 0.34, 0.7, 2),
            card("Delivery p95", worst, "3m12s" if trouble else "41 s", "of 60 s", 0.03 if trouble else 0.7, 21 if trouble else 0.3, 3),
            card("Inbox placement", WARNING if trouble else OK, "94.1 %" if trouble else "97.2 %", "of 95 %", 0.12, 2.1 if trouble else 0.5, 4),
            card("Page load p95", OK, "1.9 s", "of 3 s", 0.77, 0.1, 5),
        ),
        (
            BusinessLine("Mails", value("6.41 M", None, 6.41e6), "of 10 M", 0.64, trend(wave(48, 1), "1d")),
            BusinessLine("Revenue", value("$18,204", None, 18204), "", None, trend(wave(48, 2), "1d")),
            BusinessLine("Campaigns", value("312 running", None, 312), "", None, trend(wave(48, 3), "1d")),
            BusinessLine("Customers", value("41 affected", worst, 41), "", None, trend(ramp(48), "1d")),
        ),
        (
            RecordLine("Incidents", (Part("4 in 30 d"), Part("   MTTR ", dim=True), Part("1h52m", OK), Part(" of 4h", dim=True))),
            RecordLine("Releases", (Part("38 in 30 days"), Part("   1 rolled back in 41 s", dim=True))),
            RecordLine("Backups", (Part("● WAL 4s ● day 9h ● week 3d ", OK), Part("▲ month 33d", WARNING))),
            RecordLine("Compliance", (Part("● 41  ", OK), Part("▲ 1 evidence too old", WARNING), Part("  ? 1 unknown", UNKNOWN))),
        ),
        replace(chart("Mails per hour, today and a week ago", 2, 24), marks=(), limits=()),
    )  # fmt: skip


def target_rows(trouble: bool) -> list[TargetRow]:
    rows = [
        ("mx2.eu-1", "host", CRITICAL, "/var full in 3h, now 97 %", "cpu 31 %  mem 62 %  io 88 %"),
        ("postgres/oltp", "database", WARNING, "replica lag 7.2s (5s)", "312/400 conn  hit 98.1 %"),
        ("queue/email-sending", "queue", WARNING, "2,500 waiting (1,000)", "12 active  8 failed/h"),
        ("redis/cache", "cache", UNKNOWN, "no answer in 3s, 42s ago", "stale"),
        ("api.penguinmails", "service", OK, "p95 148 ms  0.07 % errors", "1,204 req/s"),
        ("web.penguinmails", "service", OK, "page 1.9s  mobile 2.4s", "88 req/s"),
        *((f"mx{i}.eu-1", "host", OK, f"load 1.{i}", f"cpu {20 + i} %  mem {48 + i} %") for i in range(3, 20)),
    ]
    return [
        TargetRow(
            name, kind, status if trouble else OK, matters, signals,
            trend(ramp(60) if status >= WARNING else wave(60, index), "1h"),
            "42s" if status is UNKNOWN else "4s", status is UNKNOWN and trouble, "13:42" if status and trouble else "",
            NOW - 1980 if status else None, int(status > 0), {"region": "eu-1"},
        )
        for index, (name, kind, status, matters, signals) in enumerate(rows)
    ]  # fmt: skip


def detail(name: str, trouble: bool) -> TargetDetail | None:
    row = next((one for one in target_rows(trouble) if one.name == name), None)
    if row is None:
        return None
    findings = (
        FindingLine(name, "host.disk", "Disk in use", "/var", row.status, row.matters, "" if row.status is OK else "move the spool to /data, or hold the Outlook queue", "13:42", NOW - 1980, "4s", False, "host", {}),
        FindingLine(name, "host.cpu", "CPU in use", "", OK, "31 % in use", "", "", NOW - 86400, "4s", False, "host", {}),
        FindingLine(name, "host.memory", "Memory in use", "", OK, "62 % in use", "", "", NOW - 86400, "4s", False, "host", {}),
    )  # fmt: skip
    return TargetDetail(
        name, row.kind, row.status,
        "spool grows 1.9 GB an hour since 13:42: Outlook deferrals held in the queue." if row.status else "all its findings are fine",
        findings, (chart("Disk in use"), chart("CPU and memory in use", 2), chart("Load")),
        (
            Change(NOW - 2500, "13:33", "release", "release 2026.11.24-2 by ben"),
            Change(NOW - 2600, "13:31", "finding", "203.0.113.12 listed", CRITICAL),
            Change(NOW - 18000, "09:10", "event", "logrotate changed by ana"),
        ),
        choices(False), "disk-full", "host every 5s, 4s ago", {"region": "eu-1", "role": "mx"},
    )  # fmt: skip


def technical(question: Question, trouble: bool) -> Technical:
    everything = target_rows(trouble)
    rows = [row for row in everything if question.filter in row.name and (row.status or not question.faults_only)]
    faults = sum(1 for row in everything if row.status)
    return Technical(
        TargetRows(tuple(row.name for row in rows), {row.name: row for row in rows}.__getitem__),
        (Group("service", "Services", 2, 0, OK), Group("host", "Hosts", 18, int(trouble), CRITICAL if trouble else OK)),
        len(everything), faults, f"{len(rows)} of {len(everything)}", question.filter, question.faults_only,
        detail(question.selected, trouble) if question.selected else None,
    )  # fmt: skip


def deliverability(trouble: bool) -> Deliverability:
    def cell(record: str, domain: int) -> Cell:
        if record in ("BIMI", "TLS-RPT") and domain % 2:
            return Cell(record, None, "-", "no probe asks for it")
        bad = trouble and ((record == "DMARC" and domain == 1) or (record == "SPF" and domain == 2))
        return Cell(record, CRITICAL if bad else OK, "missing" if bad else "ok", "there is no record" if bad else "")

    names = ("penguinmails.example", "mail.acme.example", "news.bolt.example", "crm.cobalt.example")
    domains = tuple(
        DomainRow(name, name, "", max(c.status or OK for c in cells), cells)
        for index, name in enumerate(names)
        for cells in [tuple(cell(record, index) for record in RECORDS)]
    )
    worst = CRITICAL if trouble else OK
    providers = tuple(
        ProviderRow(
            name, worst if name == "Outlook" else OK, value("214 k", None, 214e3), value("4.1 s", OK, 4.1),
            value("3m12s", worst, 192) if name == "Outlook" else value("18 s", OK, 18),
            value("1.2 %", OK, 0.012), value("0.4 %", OK, 0.004), value("0.02 %", OK, 0.0002),
            value("94.1 %", WARNING if trouble and name == "Outlook" else OK, 0.94), trend(wave(60, len(name)), "1h"), "", 1200,
        )
        for name in ("Gmail", "Yahoo", "Outlook", "others")
    )  # fmt: skip
    addresses = tuple(
        AddressRow(
            f"203.0.113.{i}", "pool-a", f"ip-{i}", worst if i == 12 else OK, value("31" if i == 12 and trouble else "96", worst if i == 12 else OK, 96),
            value("1" if i == 12 and trouble else "0", worst if i == 12 else OK, 0), value("48 k", None, 48e3), value("ok"), value("done"), "",
        )
        for i in (12, 13, 14)
    )  # fmt: skip
    queues = (
        QueueRow("mx2", "deferred", "", WARNING if trouble else OK, value("10.6 k", WARNING if trouble else OK, 10600), value("41m", WARNING if trouble else OK, 2460), trend(ramp(60), "1h"), ""),
        QueueRow("mx2", "deferred", "outlook.example", WARNING if trouble else OK, value("9.9 k", WARNING if trouble else OK, 9900), value("41m", None, 2460), trend(ramp(60), "1h"), ""),
        QueueRow("mx2", "active", "", OK, value("214", OK, 214), value("3s", OK, 3), trend(wave(60, 2), "1h"), ""),
    )  # fmt: skip
    root = XrayNode(
        "PenguinMails", "platform", worst, "203.0.113.12 is listed by Spamhaus",
        (
            XrayNode("acme", "tenant", worst, "203.0.113.12 is listed by Spamhaus", (
                XrayNode("mail.acme.example", "domain", worst, "DMARC is missing"),
                XrayNode("203.0.113.12", "address", worst, "listed by Spamhaus"),
                XrayNode("203.0.113.13", "address", OK, ""),
            )),
            XrayNode("bolt", "tenant", OK, ""), XrayNode("cobalt", "tenant", OK, ""),
        ),
    )  # fmt: skip
    reasons = (
        Reason(CRITICAL, "203.0.113.12", "listed by Spamhaus since 13:31", "take it out of the pool, then ask for removal", "13:31", "4s", "ip-12"),
        Reason(CRITICAL, "mail.acme.example DMARC", "there is no record", "publish v=DMARC1; p=none with a rua address", "13:40", "1m", "mail.acme.example"),
        Reason(WARNING, "queue deferred", "oldest message waits 41m, limit 30m", "look at the destination's answers", "13:50", "4s", "mx2"),
    ) if trouble else ()  # fmt: skip
    chain = (
        "bounces up 8× ← Outlook blocks ← 203.0.113.12 listed by Spamhaus ← complaints on campaign 8841"
        if trouble
        else ""
    )
    return Deliverability(
        worst,
        domains,
        providers,
        addresses,
        queues,
        sources(trouble),
        reasons,
        root,
        chain,
        "p95 60 s · bounced 2 % · complained 0.1 % · placed 95 %",
    )


def sources(trouble: bool) -> Sources:
    def row(domain: str, source: str, name: str, mails: int, unaligned: int, new: bool) -> SourceRow:
        share = 1 - unaligned / mails
        status = WARNING if new and trouble else None
        return SourceRow(
            domain,
            source,
            name,
            "dmarc-reports",
            status,
            new,
            value(f"{mails:,}", None, mails),
            value(f"{unaligned:,}", status, unaligned),
            value(f"{share:.0%}", None, share),
            value(f"{share:.0%}", None, share),
            "22 Nov 09:10" if new else "1 Nov 00:00",
            "a new source" if new else "",
        )

    rows = (
        row("mail.acme.example", "198.51.100.0/24", "", 4210, 4210, True),
        row("news.bolt.example", "192.0.2.0/24", "lists.university.example", 341, 27, False),
        row("penguinmails.example", "203.0.113.0/24", "mx1.penguinmails.example", 14400, 0, False),
    )  # fmt: skip
    return Sources(rows if trouble else rows[1:], "mails of 30d, newest report 6h ago", {})


def security(trouble: bool) -> Security:
    worst = CRITICAL if trouble else OK
    sources = tuple(
        AttemptRow(name, value(str(count), status if trouble else OK, count), "root 40, admin 22, ana 2", "14:15", NOW - 30, status if trouble else OK, "")
        for name, count, status in (("198.51.100.7", 412, CRITICAL), ("192.0.2.44", 31, WARNING), ("203.0.113.99", 3, OK))
    )  # fmt: skip
    accounts = tuple(
        AttemptRow(name, value(str(count), OK, count), "198.51.100.7", "14:15", NOW - 30, OK, "")
        for name, count in (("root", 340), ("admin", 88), ("ana", 14))
    )
    breaches = (
        (
            Breach(
                NOW - 600,
                "14:05",
                "mx2.eu-1",
                "ana logged in from 198.51.100.7 after 14 failures",
                "lock the account and end its sessions",
            ),
        )
        if trouble
        else ()
    )
    return Security(
        worst,
        "One login succeeded after 14 failures; 412 attempts from 198.51.100.7." if trouble else "Nobody unusual is at the door.",
        "1h", value("446" if trouble else "12", worst, 446), chart("Failed logins in an hour", hours=24), sources, accounts, breaches,
        tuple(
            CertificateRow(name, value(days, status, float(days)), "2027-02-11", status, "ends within 14 days" if status else "", "renew it")
            for name, days, status in (("api.penguinmails.example", "9", WARNING if trouble else OK), ("mx1.eu-1:25", "61", OK), ("www.penguinmails.example", "80", OK))
        ),
        (
            ControlRow("SOC-2-incidents", WARNING, "1 incident took longer than 4 h", "Write down why.", "4s", "business"),
            ControlRow("GDPR-retention", OK, "the oldest open is kept for 6 h", "", "4s", "business"),
        ) if trouble else (),
        (Change(NOW - 600, "14:05", "event", "ana logged in on mx2.eu-1", CRITICAL), Change(NOW - 5000, "12:52", "event", "sshd restarted")),
        (Need("Vulnerabilities", "no scanner's report is read.", "name its file under security.reports"),),
    )  # fmt: skip


def business(trouble: bool) -> Business:
    return Business(
        executive(trouble).business,
        (CountLine("Campaigns", (("running", value("312", None, 312)), ("held", value("9", WARNING, 9)))), CountLine("Customers", (("healthy", value("1,208", OK, 1208)), ("affected", value("41", CRITICAL, 41))))),
        (
            ShareLine("sent", value("9.94 M", None, 9.94e6), 1.0, "100 %", "-1.8 %"),
            ShareLine("delivered", value("9.7 M", None, 9.7e6), 0.976, "97.6 %", "-1.8 %"),
            ShareLine("replied", value("209 k", None, 2.09e5), 0.021, "2.1 %", "+12.4 %"),
        ),
        (
            ShareLine("attributed", value("$18,389", None, 18389), 0.869, "86.9 %", "+3.1 %"),
            ShareLine("other", value("$2,783", None, 2783), 0.131, "13.1 %", ""),
        ),
        (replace(chart("Revenue by the hour", 1, 24), marks=(), limits=()), replace(chart("Mails by the hour", 2, 24), marks=(), limits=())),
        (Need("Figures", "A figure is a query that gives one number of today, and its goal.", "write business:"),),
    )  # fmt: skip


def incidents(trouble: bool) -> Incidents:
    rows = [
        IncidentRow(
            "INC-16", "SEV-3", OK, "API slow after a release", "22 Nov 10:02", NOW - 90000, "22 Nov 11:54", "1h52m"
        )
    ]
    if trouble:
        rows.insert(
            0, IncidentRow("INC-17", "SEV-2", CRITICAL, "Outlook defers our mail", "13:42", NOW - 1980, "", "33m")
        )
    changes = tuple(
        Change(NOW - i * 300, f"14:{15 - i:02}", "finding", f"something happened, {i}", (OK, WARNING, CRITICAL)[i % 3])
        for i in range(14)
    )
    story = (
        Change(NOW - 5400, "12:45", "release", "release 2026.11.24-3 by ana", None),
        Change(NOW - 1980, "13:42", "incident", "Outlook defers our mail", CRITICAL),
        Change(NOW - 900, "14:00", "incident", "203.0.113.12 is out of rotation", None),
    )
    return Incidents(tuple(rows), changes, story=story)
