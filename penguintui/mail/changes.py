"""What sets a domain's records right: each set of records old and new, in an order in which no mail is lost on the way.

The order: what others lead to comes first (addresses, mail servers, keys), then who may send, then the policies that
demand it, and removals last. A change that is only safe later says what it waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from penguintui.mail.desired import Held, Key, Standing, Wanted, compare, meant, same, shown
from penguintui.mail.records import TagError, parse_tags

_ORDER = ("a", "mx", "ptr", "", "dkim", "spf", "dmarc", "tls-rpt", "mta-sts", "bimi")
_STRENGTH = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Change:
    """One set of records from what it is to what it should be, whole: also what is left alone at the name.

    old, new: all values of the type at the name; empty when there is none. old_ttl, new_ttl: seconds.
    why: what is wrong now. waits: what must be so first, in words; empty when it can be done now.
    """

    name: str
    type: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    old_ttl: float
    new_ttl: float
    purpose: str = ""
    why: str = ""
    waits: str = ""

    @property
    def key(self) -> Key:
        return self.name, self.type

    @property
    def removal(self) -> bool:
        return set(self.new) < set(self.old)

    @property
    def words(self) -> str:
        """`TXT _dmarc.example.com: "v=DMARC1; p=none" → "v=DMARC1; p=reject"`; what stays as it is is not repeated."""
        gone = [value for value in self.old if value not in self.new]
        come = [value for value in self.new if value not in self.old]
        if not gone and not come:
            return f"{self.type} {self.name}: TTL {self.old_ttl:g} s → {self.new_ttl:g} s"
        return f"{self.type} {self.name}: {shown(gone)} → {shown(come)}"

    def reversed(self) -> Change:
        """The way back."""
        return replace(self, old=self.new, new=self.old, old_ttl=self.new_ttl, new_ttl=self.old_ttl, why="", waits="")


def changes(
    wanted: Sequence[Wanted], source: Mapping[Key, Held], servers: Mapping[Key, Mapping[str, Held]], ttl: float
) -> tuple[Change, ...]:
    """What to change at the source, in order. What waits is there too, with the reason.

    source: what the place that is written to holds; a key that has no answer there is passed over.
    servers: what each authoritative name server answers. ttl: seconds, for new records without one of their own.
    """
    found: list[Change] = []
    now = dict(source)
    for one in sorted(wanted, key=_rank):
        held = now.get(one.key, Held(trouble="it was not asked"))
        change = _change(one, held, ttl)
        if change is None:
            continue
        change = replace(change, waits=change.waits or _waits(change, wanted, source, servers))
        found.append(change)
        if not change.waits:
            now[one.key] = replace(held, values=change.new, ttl=change.new_ttl)
    return tuple(sorted(found, key=lambda change: change.removal))


def _rank(wanted: Wanted) -> int:
    return _ORDER.index(wanted.purpose) if wanted.purpose in _ORDER else _ORDER.index("")


def _change(wanted: Wanted, held: Held, ttl: float) -> Change | None:
    difference = compare(wanted, held)
    if difference.standing in (Standing.EQUAL, Standing.UNKNOWN):
        return None
    ours = meant(wanted, held.values)
    alone = tuple(value for value in held.values if value not in ours)
    kept = tuple(next((has for has in ours if same(wanted, has, value)), value) for value in wanted.values)
    there = held.ttl if held.values else ttl
    waits = "" if not held.alias or wanted.type == "CNAME" else f"it is an alias of {held.alias}: change it there"
    new_ttl = there if wanted.ttl is None else wanted.ttl
    return Change(
        wanted.name, wanted.type, held.values, alone + kept, there, new_ttl, wanted.purpose, difference.why, waits
    )


def _waits(
    change: Change, wanted: Sequence[Wanted], source: Mapping[Key, Held], servers: Mapping[Key, Mapping[str, Held]]
) -> str:
    """What must be so before this change is safe; empty when it is."""
    if change.purpose == "dkim" and change.removal:
        late = _not_everywhere([one for one in wanted if one.purpose == "dkim" and one.values], source, servers)
        return late and f"the old key stays until the new one is everywhere: {late}"
    if change.purpose == "dmarc" and _stricter(change):
        late = _not_everywhere(
            [one for one in wanted if one.purpose in ("spf", "dkim") and one.values], source, servers
        )
        return late and f"the policy stays until what it demands is everywhere: {late}"
    return ""


def _not_everywhere(
    needed: Sequence[Wanted], source: Mapping[Key, Held], servers: Mapping[Key, Mapping[str, Held]]
) -> str:
    """The first server that does not have one of the sets as it is wanted, in words; empty when all have all."""
    for one in needed:
        answers = {**servers.get(one.key, {}), "the place it is written to": source.get(one.key, Held(trouble="?"))}
        for server, held in answers.items():
            if compare(replace(one, ttl=None), held).standing is not Standing.EQUAL:
                return f"{one.name} at {server}"
    return ""


def _stricter(change: Change) -> bool:
    return _policy(change.new) > _policy(change.old)


def _policy(values: Sequence[str]) -> int:
    """How much the DMARC policy among these values refuses: -1 when there is none."""
    for value in values:
        try:
            policy = parse_tags(value).get("p", "").lower()
        except TagError:
            continue
        if policy in _STRENGTH:
            return _STRENGTH.index(policy)
    return -1
