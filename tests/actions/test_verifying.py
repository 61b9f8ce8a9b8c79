"""Whether a record is whole and genuine: what was edited, shortened, made anew or signed by a stranger is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from penguintui.actions.signing import SigningKey, load_public
from penguintui.actions.verifying import Trust, trust_key, trusted_keys, verify
from penguintui.model.action import AuditEntry, AuditKey
from penguintui.store.auditing import GENESIS, canonical_json, entry_hash

_NOON = 1_764_000_000.0


@pytest.fixture
def ops1(tmp_path: Path) -> SigningKey:
    return SigningKey(tmp_path / "ops1.key")


@pytest.fixture
def ops2(tmp_path: Path) -> SigningKey:
    return SigningKey(tmp_path / "ops2.key")


def record(*signers: SigningKey, who: str = "ana") -> list[AuditEntry]:
    """A record whose entries were written by these agents in turn."""
    entries: list[AuditEntry] = []
    for number, key in enumerate(signers, 1):
        previous = entries[-1].hash if entries else GENESIS
        time = _NOON + 60 * number
        text = canonical_json({"who": who, "what": f"run {number}", "time": time})
        digest = entry_hash(number, previous, text)
        entries.append(AuditEntry(number, time, text, previous, digest, key.sign(digest.encode()), key.public))
    return entries


def head_of(entry: AuditEntry) -> dict[str, object]:
    return {"seq": entry.seq, "hash": entry.hash}


def test_a_record_that_nobody_touched_is_whole(ops1: SigningKey) -> None:
    entries = record(ops1, ops1, ops1)
    assert verify(entries, Trust(ops1.public), head_of(entries[-1])).trouble == ""


def test_an_entry_that_was_edited_is_named(ops1: SigningKey) -> None:
    entries = record(ops1, ops1, ops1)
    forged = [replace(entries[0], document=entries[0].document.replace("ana", "ben")), *entries[1:]]
    assert "entry 1 was changed" in verify(forged, Trust(ops1.public), None).trouble


def test_an_entry_that_was_taken_out_is_named(ops1: SigningKey) -> None:
    entries = record(ops1, ops1, ops1)
    assert "entry 2 is missing" in verify([entries[0], *entries[2:]], Trust(ops1.public), None).trouble


def test_a_record_that_was_shortened_is_told_by_the_head(ops1: SigningKey) -> None:
    entries = record(ops1, ops1, ops1)
    assert "the record ends at 2" in verify(entries[:-1], Trust(ops1.public), head_of(entries[-1])).trouble


def test_an_entry_that_this_agent_did_not_note_in_its_head_is_told(ops1: SigningKey) -> None:
    entries = record(ops1, ops1, ops1)
    assert (
        "entry 3 of this agent is beyond the head" in verify(entries, Trust(ops1.public), head_of(entries[1])).trouble
    )


def test_a_record_made_anew_does_not_have_the_head(ops1: SigningKey) -> None:
    entries, anew = record(ops1, ops1), record(ops1, ops1, who="ben")
    assert "entry 2 is another one" in verify(anew, Trust(ops1.public), head_of(entries[-1])).trouble


def test_after_a_takeover_the_other_agents_key_is_unknown_until_somebody_trusts_it(
    ops1: SigningKey, ops2: SigningKey
) -> None:
    entries = record(ops1, ops2, ops2)
    known = {ops2.public: AuditKey(ops2.public, "ops2", _NOON)}
    found = verify(entries, Trust(ops1.public, (), known), head_of(entries[0]))
    assert "signed by an unknown key of host ops2 since 24 Nov 16:02:00Z" in found.trouble
    assert f"penguintui audit trust {ops2.public}" in found.trouble
    assert found.entries == 3
    assert verify(entries, Trust(ops1.public, (ops2.public,), known), head_of(entries[0])).trouble == ""


def test_a_key_is_not_trusted_because_the_store_says_whose_it_is(ops1: SigningKey, ops2: SigningKey) -> None:
    forged = record(ops2, ops2, who="ben")
    known = {ops2.public: AuditKey(ops2.public, "ops1", _NOON)}
    assert "unknown key" in verify(forged, Trust(ops1.public, (), known), None).trouble


def test_an_entry_that_names_a_key_which_did_not_sign_it_is_not_genuine(ops1: SigningKey, ops2: SigningKey) -> None:
    entries = record(ops1, ops2)
    forged = [entries[0], replace(entries[1], key=ops1.public)]
    assert "entry 2 is not genuine: it is not signed by its key" in verify(forged, Trust(ops1.public), None).trouble


def test_an_older_entry_names_no_key_and_counts_by_any_that_is_trusted(ops1: SigningKey, ops2: SigningKey) -> None:
    older = [replace(entry, key="") for entry in record(ops1, ops2)]
    assert verify(older, Trust(ops1.public, (ops2.public,)), None).trouble == ""
    assert "entry 2 is not genuine: it names no key" in verify(older, Trust(ops1.public), None).trouble


def test_a_key_is_made_once_and_its_public_half_lies_beside_it(tmp_path: Path) -> None:
    made, again = SigningKey(tmp_path / "audit.key"), SigningKey(tmp_path / "audit.key")
    assert made.public == again.public == load_public(tmp_path / "audit.pub")
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600


def test_trusted_keys_are_lines_that_a_person_can_read(tmp_path: Path, ops2: SigningKey) -> None:
    path = tmp_path / "audit.trusted"
    assert trusted_keys(path) == {}
    path.write_text("# the agents of this platform\n\n", encoding="utf-8")
    trust_key(path, ops2.public, "ops2, trusted 24 Nov")
    assert trusted_keys(path) == {ops2.public: "ops2, trusted 24 Nov"}
    trust_key(path, "no-key", "of nobody")
    with pytest.raises(ValueError, match="line 4: no-key is no public key"):
        trusted_keys(path)
