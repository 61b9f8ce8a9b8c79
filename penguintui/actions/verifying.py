"""Whether the record is whole, and signed by keys that somebody trusts.

Each agent signs with a key of its own, and whoever can write the store can write keys into it. So which keys are
trusted stands outside the store: the agent's own, and those that an administrator has put into a file
(`audit.trusted`), one a line, as `known_hosts` of SSH has them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from penguintui.actions.signing import is_public_key, signed_by
from penguintui.model.action import AuditEntry, AuditKey
from penguintui.model.words import day_time
from penguintui.store import auditing


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking the record found. `trouble` is empty when it is whole."""

    entries: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures count. own: the key of the agent whose head is compared; others: what is trusted besides.

    known: what the store says of keys, for words alone; it makes none of them trusted.
    """

    own: str | None = None
    others: Collection[str] = ()
    known: Mapping[str, AuditKey] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return (*((self.own,) if self.own else ()), *self.others)


def verify(entries: Iterable[AuditEntry], trust: Trust, head: Mapping[str, object] | None) -> Verification:
    """Check every link and every signature, and that the record has the head that is kept outside the store.

    entries: all entries, in order. head: what the agent of the key `trust.own` wrote last. Other agents may have
    written after it. With no trusted key at all no signature is checked: the caller says so.
    """
    previous, count, head_found = auditing.GENESIS, 0, False
    unknown: dict[str, AuditEntry] = {}
    for entry in entries:
        if why := _broken(entry, count + 1, previous):
            return Verification(count, why)
        signer = _signer(entry, trust) if trust.keys else ""
        if signer is None:
            named = "it is not signed by its key" if entry.key else "it names no key, and no trusted one signed it"
            return Verification(count, f"entry {entry.seq} is not genuine: {named}")
        if trust.keys and signer not in trust.keys:
            unknown.setdefault(signer, entry)
        if head_found and signer == trust.own:
            return Verification(count, f"entry {entry.seq} of this agent is beyond the head outside the store")
        count, previous = entry.seq, entry.hash
        if head is not None and head.get("seq") == entry.seq:
            if head.get("hash") != entry.hash:
                return Verification(count - 1, f"entry {entry.seq} is another one than the head outside the store says")
            head_found = True
    if head is not None and not head_found:
        return Verification(count, f"the record ends at {count}, but the head outside the store says {head.get('seq')}")
    return Verification(count, "; ".join(_stranger(one, trust) for one in unknown.values()))


def _broken(entry: AuditEntry, seq: int, previous: str) -> str:
    if entry.seq != seq:
        return f"entry {seq} is missing: after {seq - 1} comes {entry.seq}"
    if entry.previous != previous:
        return f"entry {entry.seq} does not follow the one before it"
    if entry.hash != auditing.entry_hash(entry.seq, entry.previous, entry.document):
        return f"entry {entry.seq} was changed after it was written"
    return ""


def _signer(entry: AuditEntry, trust: Trust) -> str | None:
    """The key that signed an entry: the one that it names, or else a trusted one; None when the signature is none."""
    named = (entry.key,) if entry.key else trust.keys
    return next((key for key in named if signed_by(key, entry.signature, entry.hash.encode("ascii"))), None)


def _stranger(first: AuditEntry, trust: Trust) -> str:
    """The sentence for a key that nobody has trusted, from the first entry that it signed."""
    known = (trust.known or {}).get(first.key)
    host = f" of host {known.host}" if known is not None else ""
    return (
        f"entries from {first.seq} on are signed by an unknown key{host} since {day_time(first.time)}; compare it with "
        f"what `penguintui audit keys` says there, then: penguintui audit trust {first.key}"
    )


def trusted_keys(path: Path) -> dict[str, str]:
    """The keys that somebody trusts, with the words beside each; none when there is no such file.

    Raises OSError when it cannot be read, ValueError with the line that holds no key.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = {}
    for number, line in enumerate(lines, 1):
        key, _, words = line.strip().partition(" ")
        if not key or key.startswith("#"):
            continue
        if not is_public_key(key):
            raise ValueError(f"{path}, line {number}: {key[:60]} is no public key")
        found[key] = words.strip()
    return found


def trust_key(path: Path, key: str, words: str) -> None:
    """Trust a key from now on. Raises OSError when the file cannot be written."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{key} {words}\n")
