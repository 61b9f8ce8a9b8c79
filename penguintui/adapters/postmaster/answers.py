"""What Google Postmaster Tools says of a domain, as samples and findings. Pure.

Numbers come once a day, a day or two late, and only of days on which enough mail reached Gmail. A number that is not
there is no number: never zero, and never fine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from penguintui.adapters.asking import Answer
from penguintui.adapters.failure import NotAnswered, garbled
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.span import span
from penguintui.adapters.web import plain
from penguintui.config.probes import Levels
from penguintui.config.reputationprobes import GooglePostmasterProbe
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

_REASONS = {
    "reject": (
        *("bad_or_missing_ptr_record", "ip_in_rbls", "low_domain_reputation", "low_ip_reputation"),
        *("spammy_content", "stamp_policy_error"),
    ),
    "temp_fail": ("anomalous_traffic_pattern",),
}
ASKED: dict[str, tuple[str, str]] = {
    "spam": ("SPAM_RATE", ""),
    **{one: ("AUTH_SUCCESS_RATE", f'auth_type = "{one}"') for one in ("spf", "dkim", "dmarc")},
    "tls": ("TLS_ENCRYPTION_RATE", 'traffic_direction = "inbound"'),
    "errors": ("DELIVERY_ERROR_RATE", ""),
    **{
        reason: ("DELIVERY_ERROR_RATE", f'error_type = "{kind}" AND error_reason = "{reason}"')
        for kind, reasons in _REASONS.items()
        for reason in reasons
    },
}
"""Our name of each number to Google's metric and filter. Inbound is mail to Gmail."""
_DAY = 86_400.0
_HAS_NONE = "Gmail gives numbers only for days on which it gets enough mail of a domain"
_FULFILLED, _LACKING = "COMPLIANT", "NEEDS_WORK"
_TITLES = {
    "SPF": "SPF",
    "DKIM": "DKIM",
    "SPF_AND_DKIM": "SPF and DKIM",
    "DMARC_POLICY": "a DMARC record",
    "DMARC_ALIGNMENT": "From aligned with SPF or DKIM",
    "MESSAGE_FORMATTING": "the form of messages (RFC 5322)",
    "DNS_RECORDS": "forward and reverse DNS",
    "ENCRYPTION": "TLS",
    "USER_REPORTED_SPAM_RATE": "few complaints",
    "ONE_CLICK_UNSUBSCRIBE": "one-click unsubscribe",
    "HONOR_UNSUBSCRIBE": "unsubscribing honoured",
}


def compliance(domain: str, document: object) -> Answer:
    """Gmail's own verdict on each of its demands. Raises NotAnswered when it has another shape."""
    if not isinstance(document, Mapping):
        raise NotAnswered(garbled(f"compliance of {domain}", "JSON that is no object"))
    own = document.get("subdomainComplianceData") or document.get("complianceData")
    demands = _demands(own if isinstance(own, Mapping) else {})
    if not demands:
        words = f"Gmail says nothing of {domain} and its demands; {_HAS_NONE}"
        return Answer(findings=(Finding("postmaster.compliance", Status.UNKNOWN, words, domain),))
    lacking = {name: why for name, (word, why) in demands.items() if word == _LACKING}
    unclear = [name for name, (word, _) in demands.items() if word not in (_LACKING, _FULFILLED)]
    samples = tuple(
        Sample("google_postmaster_compliant", float(word == _FULFILLED), {"domain": domain, "requirement": name})
        for name, (word, _) in demands.items()
        if word in (_LACKING, _FULFILLED)
    )
    evidence = {_TITLES.get(name, name): f"{word} {why}".strip() for name, (word, why) in demands.items()}
    if lacking:
        named = ", ".join(f"{_TITLES.get(name, name)}{f' ({why})' if why else ''}" for name, why in lacking.items())
        words = f"Gmail finds that {domain} needs work: {named}"
        remedy = "Correct it; until then Gmail may defer and refuse its mail."
        return Answer(samples, (Finding("postmaster.compliance", Status.CRITICAL, words, domain, remedy, evidence),))
    if unclear:
        words = f"Gmail gives no verdict on {', '.join(_TITLES.get(name, name) for name in unclear)} of {domain}"
        return Answer(samples, (Finding("postmaster.compliance", Status.UNKNOWN, words, domain, evidence=evidence),))
    words = f"{domain} complies with all {len(demands)} demands of Gmail"
    return Answer(samples, (Finding("postmaster.compliance", Status.OK, words, domain, evidence=evidence),))


def _demands(data: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Each demand, with the verdict and its reason."""
    found: dict[str, tuple[str, str]] = {}
    rows = data.get("rowData")
    for row in rows[:50] if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and (name := plain(row.get("requirement") or "")):
            found[name] = (_word(row.get("status"), "status"), "")
    for field, name in (
        ("oneClickUnsubscribeVerdict", "ONE_CLICK_UNSUBSCRIBE"),
        ("honorUnsubscribeVerdict", "HONOR_UNSUBSCRIBE"),
    ):
        verdict = data.get(field)
        if isinstance(verdict, Mapping):
            found[name] = (_word(verdict.get("status"), "status"), _reason(verdict))
    verdict = data.get("deliverabilityStatusVerdict")
    if isinstance(verdict, Mapping) and verdict.get("state"):
        found["deliverability"] = (_word(verdict.get("state"), "status"), _reason(verdict))
    return found


def _word(status: object, field: str) -> str:
    return plain(status.get(field) or "") if isinstance(status, Mapping) else ""


def _reason(verdict: Mapping[str, Any]) -> str:
    reason = plain(verdict.get("reason") or "")
    return "" if reason == "REASON_UNSPECIFIED" else reason.lower().replace("_", " ")


def numbers(domain: str, stats: Sequence[Any], settings: GooglePostmasterProbe, now: float) -> Answer:
    """The newest number of each kind, judged; the day that they are of is said."""
    newest = _newest(stats)
    labels = {"domain": domain}
    samples = [_sample(name, value, labels) for name, (_, value) in newest.items()]
    if newest:
        latest = max(day for day, _ in newest.values())
        samples.append(Sample("google_postmaster_data_age_seconds", max(0.0, now - latest - _DAY), labels))
    judged = (
        ("postmaster.spam", "spam", "of the mail in inboxes is reported as spam", settings.spam_percent, _SPAM),
        *(
            (f"postmaster.{one}", one, f"of the mail passes {one.upper()}", settings.authenticated_percent, _AUTH)
            for one in ("spf", "dkim", "dmarc")
        ),
        ("postmaster.tls", "tls", "of the mail comes encrypted", settings.encrypted_percent, _TLS),
        ("postmaster.errors", "errors", "of the mail is refused or deferred", settings.errors_percent, _ERRORS),
    )
    findings = []
    for check, name, words, levels, remedy in judged:
        finding = _judge(check, domain, newest.get(name), words, levels, settings, now, remedy)
        if name == "errors":
            finding = _with_reasons(finding, newest)
        findings.append(finding)
    return Answer(tuple(samples), tuple(findings))


_SPAM = "Send less to those who do not react, and see which campaign the complaints come from."
_AUTH = "See which of our senders do not authenticate: the DMARC reports name them."
_TLS = "Let every server that sends use TLS."
_ERRORS = "See in the mail log what Gmail answers."


def _judge(
    check: str,
    domain: str,
    newest: tuple[float, float] | None,
    words: str,
    levels: Levels,
    settings: GooglePostmasterProbe,
    now: float,
    remedy: str,
) -> Finding:
    if newest is None:
        text = f"no number in {settings.days} days: how much {words} from {domain} is not known; {_HAS_NONE}"
        return Finding(check, Status.UNKNOWN, text, domain)
    day, value = newest
    percent, date = 100 * value, datetime.fromtimestamp(day, UTC).strftime("%Y-%m-%d")
    age = now - day - _DAY
    evidence = {"day": date, "percent": f"{percent:.4g}"}
    if age > settings.oldest:
        text = f"the newest number is {span(age)} old: on {date}, {percent:.3g} % {words} from {domain}; {_HAS_NONE}"
        return Finding(check, Status.UNKNOWN, text, domain, evidence=evidence)
    status = judge(percent, levels)
    crossed = limit_crossed(status, levels, "%")
    text = f"{percent:.3g} % {words} from {domain} on {date}{crossed and f', {crossed}'}"
    return Finding(check, status, text, domain, remedy if crossed else "", evidence)


def _with_reasons(finding: Finding, newest: Mapping[str, tuple[float, float]]) -> Finding:
    """Why mail was refused, where Gmail says so; low reputation is what is left of its old scale."""
    reasons = {name: newest[name][1] for names in _REASONS.values() for name in names if name in newest}
    told = {name: value for name, value in sorted(reasons.items(), key=lambda one: -one[1]) if value > 0}
    if not told:
        return finding
    evidence = {**finding.evidence, **{name.replace("_", " "): f"{100 * value:.3g} %" for name, value in told.items()}}
    words = ", ".join(f"{100 * value:.3g} % {name.replace('_', ' ')}" for name, value in list(told.items())[:3])
    status, remedy = finding.status, finding.remedy
    if any("reputation" in name for name in told) and status is Status.OK:
        status, remedy = Status.WARNING, "Gmail takes our reputation for low: send less, to those who want it."
    return Finding(finding.check, status, f"{finding.summary}: {words}", finding.subject, remedy, evidence)


def _newest(stats: Sequence[Any]) -> dict[str, tuple[float, float]]:
    """By our name: the newest day (its begin, UTC) and the number, a share of one."""
    found: dict[str, tuple[float, float]] = {}
    for stat in stats:
        if not isinstance(stat, Mapping):
            continue
        name, day, value = str(stat.get("metric")), _date(stat.get("date")), _value(stat.get("value"))
        if name in ASKED and day is not None and value is not None and day >= found.get(name, (0.0, 0.0))[0]:
            found[name] = (day, value)
    return found


def _date(date: object) -> float | None:
    if not isinstance(date, Mapping):
        return None
    try:
        return datetime(int(date["year"]), int(date["month"]), int(date["day"]), tzinfo=UTC).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _value(value: object) -> float | None:
    """The number; Google writes whole ones as text, and leaves out a zero of some kinds."""
    if not isinstance(value, Mapping):
        return None
    for field in ("doubleValue", "floatValue", "intValue"):
        if field in value:
            try:
                number = float(value[field])
            except (ValueError, TypeError, OverflowError):
                return None
            return number if math.isfinite(number) and 0 <= number <= 1 else None
    return None


def _sample(name: str, value: float, labels: Mapping[str, str]) -> Sample:
    if name == "spam":
        return Sample("google_postmaster_spam_ratio", value, labels)
    if name in ("spf", "dkim", "dmarc"):
        return Sample("google_postmaster_authenticated_ratio", value, {**labels, "mechanism": name})
    if name == "tls":
        return Sample("google_postmaster_encrypted_ratio", value, labels)
    reason = "all" if name == "errors" else name
    return Sample("google_postmaster_error_ratio", value, {**labels, "reason": reason})
