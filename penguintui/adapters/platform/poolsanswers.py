"""What the platform says of its pools and sending addresses, as samples and findings. Pure.

The documentation names the states of an address, bands of reputation and a load from 0 to 1; numbers of the warm-up
came with older versions of it. So what is there is taken, and a word that nobody knows is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penguintui.adapters.asking import Answer
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.platform.answers import Row
from penguintui.adapters.web import number, plain
from penguintui.config.serverprobes import SmtpPoolsProbe
from penguintui.model.observation import Finding, Sample
from penguintui.model.status import Status

_POOL = {
    **dict.fromkeys(("active", "healthy", "warming"), Status.OK),
    **dict.fromkeys(("paused", "maintenance", "degraded"), Status.WARNING),
    **dict.fromkeys(("blocked", "down"), Status.CRITICAL),
}
_ADDRESS = {
    **dict.fromkeys(("active", "warming", "available"), Status.OK),
    **dict.fromkeys(("blocked", "quarantined"), Status.CRITICAL),
}
_BAND = {
    **dict.fromkeys(("excellent", "good", "healthy"), Status.OK),
    **dict.fromkeys(("fair", "watch"), Status.WARNING),
    **dict.fromkeys(("bad", "poor", "critical"), Status.CRITICAL),
}
_GONE = ("retired",)
"""Of these addresses nothing is wanted any more."""


def pools(rows: Sequence[Row], settings: SmtpPoolsProbe) -> Answer:
    """Per pool: its load against the limits, and the platform's own word on it."""
    samples: list[Sample] = []
    findings: list[Finding] = []
    for name, row in _named(rows, "name", "pool_id"):
        labels = {"pool": name}
        load, count, said = number(row, "current_load_factor"), number(row, "ip_count"), _word(row, "status")
        samples += [Sample("penguinmails_pool_load_ratio", load, labels)] if load is not None else []
        samples += [Sample("penguinmails_pool_addresses", count, labels)] if count is not None else []
        findings.append(_judge_pool(name, load, count, said, settings))
    return Answer(tuple(samples), tuple(findings))


def addresses(rows: Sequence[Row], settings: SmtpPoolsProbe) -> Answer:
    """Per sending address: its state and band, and how much of today's warm-up limit it has sent."""
    samples: list[Sample] = []
    findings: list[Finding] = []
    sending: dict[str, int] = {}
    for address, row in _named(rows, "ip_address"):
        pool, state = plain(row.get("pool") or "no pool"), _word(row, "status")
        sending[pool] = sending.get(pool, 0) + (state == "active")
        if state in _GONE:
            continue
        warm_up = _warm_up(row, state)
        samples += _address_samples(row, {"ip": address, "pool": pool}, state, warm_up)
        findings.append(_judge_address(address, pool, row, settings, warm_up))
    for pool, count in sending.items():
        samples.append(Sample("penguinmails_pool_active_addresses", float(count), {"pool": pool}))
        if not count:
            words = f"no address of the pool {pool} is active: nothing can be sent through it"
            remedy = "Put a warm address into the pool, or assign its customers to another one."
            findings.append(Finding("pools.addresses", Status.CRITICAL, words, pool, remedy))
    return Answer(tuple(samples), tuple(findings))


def _judge_pool(name: str, load: float | None, count: float | None, said: str, settings: SmtpPoolsProbe) -> Finding:
    status = judge(load, settings.load)
    crossed = limit_crossed(status, settings.load)
    words = f"the load factor of {name} is {load:g}" if load is not None else f"the platform tells no load of {name}"
    words += f", {crossed}" if crossed else ""
    remedy = "Begin to warm up another address for it, or move customers to another pool." if crossed else ""
    own = _POOL.get(said, Status.UNKNOWN)
    if own > status:
        status = own
        words = f"{name} is {said or 'in no known state'}; {words}"
        remedy = remedy or "See why in the platform; nothing of this is changed from here."
    evidence = {"platform's status": said} if said else {}
    if count is not None:
        evidence["addresses"] = f"{count:g}"
    return Finding("pools.load", status, words, name, remedy, evidence)


def _judge_address(
    address: str, pool: str, row: Row, settings: SmtpPoolsProbe, warm_up: Mapping[str, float]
) -> Finding:
    state, band = _word(row, "status"), _word(row, "reputation_band")
    verdicts = [(_ADDRESS.get(state, Status.UNKNOWN), f"is {state or 'in no known state'}", "")]
    if band:
        remedy = "Send less from it, and find which mail brings the complaints."
        verdicts.append((_BAND.get(band, Status.UNKNOWN), f"has the reputation {band}", remedy))
    verdicts += _judge_warm_up(warm_up, settings)
    worst, _, remedy = max(verdicts, key=lambda one: one[0])
    words = f"{address} of {pool} {', '.join(text for _, text, _ in verdicts)}"
    if reason := plain(row.get("blocked_reason") or ""):
        words += f": {reason}"
    if worst is not Status.OK and not remedy:
        remedy = "Find out why it is so before it is put back; see its blocklists."
    evidence = {name.replace("_", " "): f"{value:g}" for name, value in warm_up.items()}
    return Finding("pools.address", worst, words, address, "" if worst is Status.OK else remedy, evidence)


def _judge_warm_up(warm_up: Mapping[str, float], settings: SmtpPoolsProbe) -> list[tuple[Status, str, str]]:
    sent, limit = warm_up.get("sent_today"), warm_up.get("daily_limit")
    if not warm_up.get("in_progress") or sent is None or not limit:
        return []
    share = 100 * sent / limit
    status = judge(share, settings.warm_up_percent)
    crossed = limit_crossed(status, settings.warm_up_percent, "%")
    text = f"sent {sent:g} of the {limit:g} that its warm-up allows today{crossed and f', {crossed}'}"
    return [(status, text, "Take load from it until tomorrow: too much too early costs the reputation.")]


def _warm_up(row: Row, state: str) -> dict[str, float]:
    """Its numbers, by name: in_progress (1 or 0), day, daily_limit, sent_today."""
    given = row.get("warmup")
    given = given if isinstance(given, Mapping) else {}
    progress = given.get("in_progress")
    numbers = {"in_progress": float(progress if isinstance(progress, bool) else state == "warming")}
    for name in ("day", "daily_limit", "sent_today"):
        value = number(given, name)
        if value is not None:
            numbers[name] = value
    return numbers


def _address_samples(row: Row, labels: Mapping[str, str], state: str, warm_up: Mapping[str, float]) -> list[Sample]:
    numbers = {
        "penguinmails_ip_active": float(state == "active"),
        "penguinmails_ip_capacity_score": number(row, "capacity_score"),
        "penguinmails_ip_warming": warm_up["in_progress"],
        "penguinmails_ip_warmup_day": warm_up.get("day"),
        "penguinmails_ip_warmup_limit": warm_up.get("daily_limit"),
        "penguinmails_ip_sent_today": warm_up.get("sent_today"),
    }
    return [Sample(metric, value, labels) for metric, value in numbers.items() if value is not None]


def _word(row: Row, field: str) -> str:
    return plain(row.get(field) or "").lower()


def _named(rows: Sequence[Row], *fields: str) -> list[tuple[str, Row]]:
    """Rows with their name, each name once: two rows of one name would be one finding."""
    named: dict[str, Row] = {}
    for row in rows:
        if name := next((text for field in fields if (text := plain(row.get(field) or ""))), ""):
            named.setdefault(name, row)
    return list(named.items())
