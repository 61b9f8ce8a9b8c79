"""What the platform's system API answers, as samples and findings. Pure.

The documentation's shapes contradict each other (a list in `data`, an object in `data`, neither), fields come and go
by service, and the platform's own verdicts do not follow its own rules. So every shape is taken, what is missing is
UNKNOWN, and the platform's verdict stands beside ours as evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penguintui.adapters.asking import Answer
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.web import number, plain
from penguintui.config.probes import Levels, PlatformProbe
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

MAX_ROWS = 500

Row = Mapping[str, Any]
_SERVICE = {"healthy": (0, Status.OK), "degraded": (1, Status.WARNING), "down": (2, Status.CRITICAL)}


def rows_of(document: object, name: str) -> list[Row]:
    """The objects of a list, wherever it is wrapped: `{data: {name: []}}`, `{data: []}`, `{name: []}`, `[]`.

    Raises ValueError, in words, when there is no such list.
    """
    inner = document
    if isinstance(inner, Mapping):
        inner = inner.get("data", inner)
    if isinstance(inner, Mapping):
        inner = inner.get(name)
    if not isinstance(inner, list):
        raise ValueError(f"JSON without a list of {name}")
    return [row for row in inner[:MAX_ROWS] if isinstance(row, Mapping)]


def queues(rows: Sequence[Row], settings: PlatformProbe) -> Answer:
    """Per queue: jobs waiting and failed, against the levels. Names keep their colons."""
    samples: list[Sample] = []
    findings: list[Finding] = []
    for name, row in _named(rows, "name"):
        numbers = {
            metric: number(row, field)
            for metric, field in (
                ("waiting", "waiting_jobs"),
                ("active", "active_jobs"),
                ("failed", "failed_jobs"),
                ("completed_last_hour", "completed_last_hour"),
            )
        }
        samples += _samples({f"penguinmails_queue_{key}": value for key, value in numbers.items()}, {"queue": name})
        evidence = _evidence(numbers, row)
        findings += (
            _judge_queue(
                "queue.waiting", name, numbers["waiting"], settings.waiting, what="jobs waiting", evidence=evidence
            ),
            _judge_queue(
                "queue.failed", name, numbers["failed"], settings.failed_jobs, what="failed jobs", evidence=evidence
            ),
        )
    return Answer(tuple(samples), tuple(findings))


def health(rows: Sequence[Row], settings: PlatformProbe) -> Answer:
    """Per service: what the platform says of it, and the numbers that it gives with it."""
    samples: list[Sample] = []
    findings: list[Finding] = []
    for name, row in _named(rows, "name"):
        labels = {"service": name}
        said = str(row.get("status", "")).strip().lower()
        level, status = _SERVICE.get(said, (None, Status.UNKNOWN))
        numbers = _service_numbers(row)
        samples += _samples({"penguinmails_service_status": level, **numbers}, labels)
        samples += _response_times(row, labels)
        reason = plain(row.get("reason") or "")
        words = f"{name} is {said}" if level is not None else f"{name} has the unknown status {said or 'nothing'!r}"
        remedy = "" if status is Status.OK else f"Look into the logs and the metrics of {name}."
        findings.append(
            Finding(
                "platform.service",
                status,
                f"{words}: {reason}" if reason else words,
                subject=name,
                remedy=remedy,
                evidence=_evidence(numbers, row),
            )
        )
    return Answer(tuple(samples), tuple(findings))


def reputation(rows: Sequence[Row], settings: PlatformProbe) -> Answer:
    """Per sending address: its score against the levels; a listing outweighs the score."""
    samples: list[Sample] = []
    findings: list[Finding] = []
    for address, row in _named(rows, "ip_address"):
        labels = {"ip": address, "provider": plain(row.get("provider") or "")}
        listings = row.get("blacklists")
        listed = [_listing(entry) for entry in listings] if isinstance(listings, list) else None
        score = number(row, "reputation_score")
        numbers = {
            "penguinmails_ip_reputation_score": score,
            "penguinmails_ip_listings": None if listed is None else len(listed),
            "penguinmails_ip_daily_volume": number(row, "daily_volume"),
        }
        samples += _samples(numbers, labels)
        findings.append(_judge_address(address, score, listed, settings, _evidence(numbers, row)))
    return Answer(tuple(samples), tuple(findings))


def _judge_address(
    address: str, score: float | None, listed: list[str] | None, settings: PlatformProbe, evidence: dict[str, str]
) -> Finding:
    status = judge(score, settings.reputation)
    words = f"{address} has a score of {score:g}" if score is not None else f"{address} has no score"
    if crossed := limit_crossed(status, settings.reputation):
        words += f", {crossed}"
    remedy = "" if status is Status.OK else "Send less from it, and find which mail brings the complaints."
    if listed is None:
        status, words = max(status, Status.UNKNOWN), f"{words}, and nothing is said of blocklists"
    if listed:
        status = Status.CRITICAL
        evidence = {**evidence, "listings": ", ".join(listed)}
        more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
        words = f"{address} is listed by {', '.join(listed[:3])}{more}; {words.removeprefix(address + ' ')}"
        remedy = "Take the address out of rotation, remove the cause, then ask the list to delist it."
    return Finding("platform.reputation", status, words, subject=address, remedy=remedy, evidence=evidence)


def _judge_queue(
    check: str, queue: str, value: float | None, levels: Levels, *, what: str, evidence: dict[str, str]
) -> Finding:
    status = judge(value, levels)
    if value is None:
        return Finding(
            check, status, f"the platform does not say how many {what} {queue} has", queue, evidence=evidence
        )
    crossed = limit_crossed(status, levels)
    summary = f"{queue} has {value:.0f} {what}" + (f", {crossed}" if crossed else "")
    remedy = "" if status is Status.OK else f"See whether the workers of {queue} run, and what its jobs fail with."
    return Finding(check, status, summary, subject=queue, remedy=remedy, evidence=evidence)


def _service_numbers(row: Row) -> dict[str, float | None]:
    def scaled(field: str, by: float) -> float | None:
        value = number(row, field)
        return None if value is None else value * by

    return {
        "penguinmails_service_error_ratio": scaled("error_rate_percent", 0.01),
        "penguinmails_service_backlog": scaled("queue_backlog", 1),
        "penguinmails_db_pool_ratio": scaled("connection_pool_usage_percent", 0.01),
        "penguinmails_db_query_seconds": scaled("query_latency_ms", 0.001),
    }


def _response_times(row: Row, labels: Mapping[str, str]) -> list[Sample]:
    times = row.get("response_time_ms")
    if not isinstance(times, Mapping):
        times = {"avg": times}
    quantiles = {"avg": "avg", "p50": "0.5", "p95": "0.95", "p99": "0.99"}
    values = {quantile: number(times, field) for field, quantile in quantiles.items()}
    return [
        Sample("penguinmails_service_response_seconds", value / 1000, {**labels, "quantile": quantile})
        for quantile, value in values.items()
        if value is not None
    ]


def _named(rows: Sequence[Row], field: str) -> list[tuple[str, Row]]:
    """Rows with their name, each name once: two rows of one name would be one finding."""
    named: dict[str, Row] = {}
    for row in rows:
        if name := plain(row.get(field) or ""):
            named.setdefault(name, row)
    return list(named.items())


def _samples(numbers: Mapping[str, float | None], labels: Mapping[str, str]) -> list[Sample]:
    return [Sample(metric, float(value), labels) for metric, value in numbers.items() if value is not None]


def _evidence(numbers: Mapping[str, float | None], row: Row) -> dict[str, str]:
    evidence = {key: f"{value:g}" for key, value in numbers.items() if value is not None}
    for field in ("priority", "status"):
        if row.get(field) is not None:
            evidence[f"platform's {field}"] = plain(row[field])
    return evidence


def _listing(entry: object) -> str:
    if isinstance(entry, Mapping):
        entry = next((entry[key] for key in ("name", "list", "blacklist", "zone") if entry.get(key)), "a blocklist")
    return plain(entry)
