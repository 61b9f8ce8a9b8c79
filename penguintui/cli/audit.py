"""`penguintui audit verify | export`: the record of who did what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.given import configuration_for, places_for, store_for
from penguintui.cli.options import ConfigOption, JsonOption, StoreOption
from penguintui.model.words import day_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penguintui.actions.verifying import Trust
    from penguintui.config.places import Places
    from penguintui.model.action import AuditEntry
    from penguintui.store.reader import Store

audit_app = typer.Typer(help="The record of who did what, and the proof that nobody edited it.", no_args_is_help=True)


@audit_app.command()
def verify(config: ConfigOption = None, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Check every link, every signature, and the head that is kept outside the store.

    Signatures count when the key is this host's agent's own, or was trusted here: penguintui audit trust KEY.

    Example: penguintui audit verify
    """
    from penguintui.actions.verifying import verify as verify_record

    places = places_for(config)
    configured = configuration_for(places)[0].agent.audit_head
    head_file = Path(configured) if configured else places.audit_head
    remembered = store_for(places, store)
    trust = _trust(places, remembered)
    head = _head(head_file)
    found = verify_record(_entries(remembered), trust, head)
    while found.trouble and (now := _head(head_file)) != head:  # the agent wrote meanwhile
        head = now
        found = verify_record(_entries(remembered), trust, head)
    needed = {"the agent's public key": trust.keys, f"the head {head_file}": head}
    missing = [words for words, there in needed.items() if not there]
    trouble = found.trouble or (f"{' and '.join(missing)} cannot be read" if missing and found.entries else "")
    if as_json:
        show(json.dumps({"entries": found.entries, "trouble": trouble}))
    else:
        show(f"{found.entries} entries: {trouble or 'the record is whole'}")
    raise typer.Exit(int(Exit.CRITICAL if found.trouble else Exit.UNKNOWN if trouble else Exit.OK))


@audit_app.command()
def keys(config: ConfigOption = None, store: StoreOption = None) -> None:
    """Whose keys sign the record, and which of them are trusted on this host.

    The store's word on a key proves nothing. Compare with what this command calls "own" on the host of that agent.

    Example: penguintui audit keys
    """
    places = places_for(config)
    remembered = store_for(places, store)
    trust = _trust(places, remembered)
    if trust.own:
        show(f"{trust.own}  own: the agent of this host signs with it")
    known = dict(trust.known or {})
    for key in sorted({*known, *trust.others} - {trust.own}, key=lambda key: known[key].since if key in known else 0.0):
        says = f"{known[key].host} since {day_time(known[key].since)}" if key in known else "signed nothing here"
        show(f"{key}  {'trusted' if key in trust.others else 'not trusted'}: {says}")


@audit_app.command()
def trust(
    key: Annotated[str, typer.Argument(help="A public key, as `penguintui audit keys` says it on its agent's host.")],
    config: ConfigOption = None,
    store: StoreOption = None,
) -> None:
    """Trust another agent's key on this host, so that what it signed counts in the record.

    Example: penguintui audit trust 3kYnCbFV1kzvMFgb3cxpmXQSmXvbHkhpYUKtVtXtLAI=
    """
    from penguintui.actions.signing import is_public_key
    from penguintui.actions.verifying import trust_key

    places = places_for(config)
    if not is_public_key(key):
        fail(f"{key} is no public key; `penguintui audit keys` on the host of that agent says which is its own")
    remembered = store_for(places, store)
    known = _trust(places, remembered)
    if key in known.keys:
        show("it is trusted already")
        return
    host = (known.known or {})[key].host if key in (known.known or {}) else "a host that signed nothing yet"
    try:
        trust_key(places.audit_trusted, key, f"{host}, trusted {day_time(remembered.now())}")
    except OSError as error:
        fail(f"{places.audit_trusted} cannot be written: {error.strerror}", Exit.CRITICAL)
    show(f"trusted from now on, on this host: the key of {host}, in {places.audit_trusted}")


@audit_app.command()
def export(config: ConfigOption = None, store: StoreOption = None) -> None:
    """The whole record as JSON Lines, hashes and signatures included.

    Example: penguintui audit export > record.jsonl
    """
    for entry in _entries(store_for(places_for(config), store)):
        document = json.loads(entry.document)
        line = {"seq": entry.seq, "previous": entry.previous, "hash": entry.hash, "signature": entry.signature}
        line["key"] = entry.key
        show(json.dumps({**line, "entry": document}, ensure_ascii=False, sort_keys=True))


def _trust(places: Places, store: Store) -> Trust:
    """The keys that count on this host, and what the store says of any."""
    from penguintui.actions.signing import load_public
    from penguintui.actions.verifying import Trust, trusted_keys
    from penguintui.store.errors import StoreError

    try:
        known = {one.key: one for one in store.reader().audit_keys()}
        return Trust(load_public(places.audit_key.with_suffix(".pub")), trusted_keys(places.audit_trusted), known)
    except (StoreError, ValueError) as error:
        fail(str(error), Exit.UNKNOWN)
    except OSError as error:
        fail(f"{places.audit_trusted} cannot be read: {error.strerror}", Exit.UNKNOWN)


def _head(path: Path) -> dict[str, Any] | None:
    """The head that is kept outside the store; None when it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _entries(store: Store) -> Iterator[AuditEntry]:
    from penguintui.store.errors import StoreError

    after = 0
    try:
        while page := store.reader().audit(after):
            yield from page
            after = page[-1].seq
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)
