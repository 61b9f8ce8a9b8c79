"""The policy file of MTA-STS (RFC 8461): what it says, and whether the domain's mail servers keep it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from penguintui.mail.records import Verdict
from penguintui.model.status import Status

LONGEST_AGE = 31_557_600
"""Seconds, about a year: the largest `max_age` (3.2)."""
SHORT_AGE = 86_400
"""Seconds below which a policy is forgotten before it protects."""
LARGEST = 64 * 1024
"""Bytes of a policy; nobody reads more (3.2)."""
PATH = "/.well-known/mta-sts.txt"
_MODES = ("enforce", "testing", "none")
_PATTERN = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy. max_age: seconds. faults: what is wrong, in words; a policy with faults is none."""

    mode: str
    mx: tuple[str, ...]
    max_age: int
    faults: tuple[str, ...] = ()


def parse_policy(text: str) -> Policy:
    """Takes the file apart (3.2). The first of a repeated key counts, but for `mx`; unknown keys mean nothing."""
    keys: dict[str, str] = {}
    patterns: list[str] = []
    faults: list[str] = []
    for line in text[:LARGEST].splitlines():
        name, colon, value = (piece.strip() for piece in line.partition(":"))
        if not line.strip():
            continue
        if not colon:
            faults.append(f"{line.strip()[:60]!r} is no line of a policy: name: value is wanted")
        elif name == "mx":
            patterns.append(value.lower().rstrip("."))
        else:
            keys.setdefault(name, value)
    if keys.get("version") != "STSv1":
        faults.append("version: STSv1 is missing")
    mode = keys.get("mode", "")
    if mode not in _MODES:
        faults.append(f"mode: {mode or 'nothing'} is not one of {', '.join(_MODES)}")
    faults += [f"mx: {pattern!r} is no host name" for pattern in patterns if not _PATTERN.fullmatch(pattern)]
    if not patterns and mode != "none":
        faults.append("no mx: names a mail server")
    age = keys.get("max_age", "")
    seconds = int(age) if re.fullmatch(r"[0-9]{1,10}", age) else -1
    if not 0 <= seconds <= LONGEST_AGE:
        faults.append(f"max_age: {age or 'nothing'} is not a number of seconds up to {LONGEST_AGE}")
    return Policy(mode, tuple(patterns), max(seconds, 0), tuple(faults))


def covers(policy: Policy, host: str) -> bool:
    """Whether a mail server is among those of the policy; `*.` stands for exactly one label (4.1)."""
    host = host.lower().rstrip(".")
    return any(
        host == pattern or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:]) for pattern in policy.mx
    )


def judge_policy(domain: str, text: str, mx_hosts: Sequence[str]) -> Verdict:
    """Whether the policy of a domain is sound and lets its own mail servers receive."""
    policy = parse_policy(text)
    evidence = {"policy": text[:1000], "mx": ", ".join(mx_hosts)}
    if policy.faults:
        summary = f"MTA-STS policy of {domain} is broken: {policy.faults[0]}"
        return Verdict(Status.CRITICAL, summary, "Correct the file, then change id= in the record.", evidence)
    outside = [host for host in mx_hosts if not covers(policy, host)]
    if outside and policy.mode == "enforce":
        summary = f"MTA-STS policy of {domain} leaves out {', '.join(outside)}: others refuse to deliver there"
        return Verdict(Status.CRITICAL, summary, "Name it by mx:, then change id= in the record.", evidence)
    if outside:
        summary = f"MTA-STS policy of {domain} leaves out {', '.join(outside)}"
        return Verdict(Status.WARNING, summary, "Name it by mx: before mode: enforce.", evidence)
    if policy.mode != "enforce":
        summary = f"MTA-STS policy of {domain} is in mode {policy.mode}: it protects nothing"
        return Verdict(Status.WARNING, summary, "Set mode: enforce when the TLS reports show no failures.", evidence)
    if policy.max_age < SHORT_AGE:
        summary = f"MTA-STS policy of {domain} lasts {policy.max_age} s only"
        return Verdict(Status.WARNING, summary, "Set max_age: 604800 or more.", evidence)
    return Verdict(Status.OK, f"MTA-STS policy of {domain} is enforced for {', '.join(policy.mx)}", evidence=evidence)


def judge_media_type(domain: str, media_type: str) -> Verdict | None:
    """What a web server calls the file; None when that is right (3.2: text/plain)."""
    if media_type == "text/plain":
        return None
    summary = f"MTA-STS policy of {domain} is served as {media_type or 'nothing'}: some senders ignore it"
    return Verdict(Status.WARNING, summary, "Serve it as text/plain.")


def policy_id(texts: Sequence[str]) -> str:
    """The `id=` of the one TXT record of MTA-STS; empty when there is none, or more than one (3.1)."""
    found = [text for text in texts if re.match(r"v=STSv1\s*(;|\Z)", text)]
    match = re.search(r";\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|\Z)", found[0]) if len(found) == 1 else None
    return match.group(1) if match else ""


def judge_change(domain: str, before: tuple[str, str], now: tuple[str, str]) -> Verdict | None:
    """Two (id, policy) after each other: another policy needs another id, or senders keep the old one (3.3)."""
    if before[0] != now[0] or parse_policy(before[1]) == parse_policy(now[1]):
        return None
    summary = f"MTA-STS policy of {domain} has changed, but its id is still {now[0]}: senders keep the old policy"
    return Verdict(Status.WARNING, summary, "Change id= in the record.", {"id": now[0], "before": before[1][:500]})
