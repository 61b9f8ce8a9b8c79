"""Mailu: whether its API answers, and how near its domains and users are to the limits that are set on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from penguintui.adapters.asking import Answer, observe
from penguintui.adapters.failure import from_httpx
from penguintui.adapters.levels import judge, limit_crossed
from penguintui.adapters.mailu.api import MailuApi
from penguintui.adapters.parts import Part, side_by_side
from penguintui.adapters.web import number, plain
from penguintui.config.serverprobes import MailuProbe
from penguintui.model.clock import Clock
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Target

Row = Mapping[str, Any]
_SHOWN = 20
_MOST_DOMAINS = 500


class MailuAdapter:
    """Asks for domains, users and aliases. Hashes of passwords, which Mailu gives with its users, are not kept."""

    def __init__(self, settings: MailuProbe, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._api = MailuApi(settings.url, settings.token, settings.ca_file)

    async def probe(self, target: Target, deadline: float) -> Observation:
        return await observe(
            self._ask(deadline),
            check="mailu.reach",
            place=self._api.place,
            settings=self._settings,
            clock=self._clock,
            deadline=deadline,
            translate=from_httpx,
        )

    async def close(self) -> None:
        await self._api.close()

    async def _ask(self, deadline: float) -> Answer:
        found: dict[str, list[Row]] = {}
        parts = [self._part(name, found) for name in ("domain", "user", "alias")]
        seconds = deadline - self._clock.monotonic()
        answer = await side_by_side(parts, seconds, self._settings.unreachable_status)
        counts = ", ".join(f"{len(rows)} {name}" for name, rows in found.items())
        reached = Finding("mailu.reach", Status.OK, f"{self._api.place} answers: {counts}")
        more = judged(found, self._settings)
        return Answer(more.samples, (reached, *answer.findings, *more.findings), complete=answer.complete)

    def _part(self, name: str, found: dict[str, list[Row]]) -> Part:
        async def ask() -> Answer:
            found[name] = await self._api.rows(name)
            return Answer()

        return Part(f"mailu.{name}", f"{self._api.place}/{name}", ask)


def judged(found: Mapping[str, Sequence[Row]], settings: MailuProbe) -> Answer:
    """Samples and findings of the lists that were answered; each of `found` may be missing."""
    samples: list[Sample] = []
    findings: list[Finding] = []
    counts = {name: _by_domain(found[name]) for name in ("user", "alias") if name in found}
    users = found.get("user")
    if users is not None:
        disabled = sum(user.get("enabled") is False for user in users)
        samples += (Sample("mailu_users", float(len(users))), Sample("mailu_users_disabled", float(disabled)))
        findings.append(_quotas(users, settings))
    if "domain" in found:
        samples.append(Sample("mailu_domains", float(len(found["domain"]))))
    for domain in found.get("domain", ())[:_MOST_DOMAINS]:
        samples += _domain_samples(domain, counts)
    if "domain" in found:
        findings += (_room(found["domain"], counts, settings), _keys(found["domain"]))
    return Answer(tuple(samples), tuple(findings))


def _by_domain(rows: Sequence[Row]) -> Counter[str]:
    return Counter(str(row.get("email", "")).rpartition("@")[2].lower() for row in rows)


def _domain_samples(domain: Row, counts: Mapping[str, Counter[str]]) -> Iterator[Sample]:
    name = plain(domain.get("name") or "").lower()
    for what, metric in (("user", "mailu_domain_users"), ("alias", "mailu_domain_aliases")):
        if name and what in counts:
            yield Sample(metric, float(counts[what][name]), {"domain": name})


def _room(domains: Sequence[Row], counts: Mapping[str, Counter[str]], settings: MailuProbe) -> Finding:
    """The domain that has least room left for users or aliases. -1 is no limit; 0 forbids all, and is meant so."""
    used: list[tuple[float, str]] = []
    for domain in domains:
        name = plain(domain.get("name") or "").lower()
        for what, limit in (("user", "max_users"), ("alias", "max_aliases")):
            most = number(domain, limit)
            if most is not None and most > 0 and what in counts:
                count = counts[what][name]
                used.append((100 * count / most, f"{name} has {count} of {most:.0f} allowed {limit[4:]}"))
    if not used:
        words = f"none of {len(domains)} domains has a limit on its users or aliases"
        return Finding("mailu.room", Status.OK, words)
    used.sort(reverse=True)
    share, words = used[0]
    status = judge(share, settings.room_percent)
    crossed = limit_crossed(status, settings.room_percent, "%")
    evidence = {str(place): text for place, (one, text) in enumerate(used[:_SHOWN], 1) if one >= share / 2}
    remedy = "Raise the domain's limit, or remove what is not used any more." if crossed else ""
    return Finding("mailu.room", status, f"{words}{crossed and f', {crossed}'}", remedy=remedy, evidence=evidence)


def _quotas(users: Sequence[Row], settings: MailuProbe) -> Finding:
    """The user whose mailbox is fullest, where Mailu says how full they are."""
    used: list[tuple[float, str]] = []
    silent = 0
    for user in users:
        most, now = number(user, "quota_bytes"), number(user, "quota_bytes_used")
        silent += now is None and most != 0
        if most and now is not None:
            used.append((100 * now / most, plain(user.get("email") or "?")))
    if not used and silent:
        words = "this version of Mailu does not say how full the mailboxes are"
        return Finding("mailu.quota", Status.UNKNOWN, words, remedy="Count quotas in Dovecot, or update Mailu.")
    if not used:
        return Finding("mailu.quota", Status.OK, f"none of {len(users)} mailboxes has a quota")
    used.sort(reverse=True)
    share, fullest = used[0]
    status = judge(share, settings.room_percent)
    crossed = limit_crossed(status, settings.room_percent, "%")
    over = sum(judge(one, settings.room_percent) is not Status.OK for one, _ in used)
    more = f" (and {over - 1} more)" if over > 1 else ""
    words = f"the mailbox of {fullest} is {share:.0f} % full{crossed and f', {crossed}'}{more}"
    if silent:
        words += f"; of {silent} others Mailu does not say it"
    evidence = {name: f"{one:.0f} %" for one, name in used[:_SHOWN]} if crossed else {}
    if silent and status is Status.OK:
        return Finding("mailu.quota", Status.UNKNOWN, words, remedy="See whether their mailboxes were ever opened.")
    remedy = "Raise the user's quota, or have the mailbox emptied: mail to it is refused when it is full."
    return Finding("mailu.quota", status, words, remedy=remedy if crossed else "", evidence=evidence)


def _keys(domains: Sequence[Row]) -> Finding:
    """Whether Mailu has a DKIM key for each domain; without one it does not sign."""
    unsigned = sorted(plain(domain.get("name") or "?") for domain in domains if not domain.get("dns_dkim"))
    if not unsigned:
        return Finding("mailu.dkim", Status.OK, f"Mailu has a DKIM key for each of its {len(domains)} domains")
    more = f" and {len(unsigned) - 3} more" if len(unsigned) > 3 else ""
    words = f"Mailu has no DKIM key for {', '.join(unsigned[:3])}{more}: their mail is not signed"
    remedy = "Let Mailu make one (domain, details, regenerate keys), then publish its record."
    return Finding("mailu.dkim", Status.WARNING, words, remedy=remedy, evidence={"domains": ", ".join(unsigned[:50])})
