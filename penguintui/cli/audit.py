"""`penguintui audit verify | export`: the record of who did what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.given import configuration_for, places_for, store_for
from penguintui.cli.options import ConfigOption, JsonOption, StoreOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penguintui.model.action import AuditEntry
    from penguintui.store.reader import Store

audit_app = typer.Typer(help="The record of who did what, and the proof that nobody edited it.", no_args_is_help=True)


@audit_app.command()
def verify(config: ConfigOption = None, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Check every link, every signature, and the head that is kept outside the store.

    Example: penguintui audit verify
    """
    from pathlib import Path

    from penguintui.actions.record import load_public
    from penguintui.actions.record import verify as verify_record

    places = places_for(config)
    configured = configuration_for(places)[0].agent.audit_head
    head_file = Path(configured) if configured else places.audit_head
    public = load_public(places.audit_key.with_suffix(".pub"))
    try:
        head = json.loads(head_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        head = None
    found = verify_record(_entries(store_for(places, store)), public, head)
    needed = {"the agent's public key": public, f"the head {head_file}": head}
    missing = [words for words, there in needed.items() if not there]
    trouble = found.trouble or (f"{' and '.join(missing)} cannot be read" if missing and found.entries else "")
    if as_json:
        show(json.dumps({"entries": found.entries, "trouble": trouble}))
    else:
        show(f"{found.entries} entries: {trouble or 'the record is whole'}")
    raise typer.Exit(int(Exit.CRITICAL if found.trouble else Exit.UNKNOWN if trouble else Exit.OK))


@audit_app.command()
def export(config: ConfigOption = None, store: StoreOption = None) -> None:
    """The whole record as JSON Lines, hashes and signatures included.

    Example: penguintui audit export > record.jsonl
    """
    for entry in _entries(store_for(places_for(config), store)):
        document = json.loads(entry.document)
        line = {"seq": entry.seq, "previous": entry.previous, "hash": entry.hash, "signature": entry.signature}
        show(json.dumps({**line, "entry": document}, ensure_ascii=False, sort_keys=True))


def _entries(store: Store) -> Iterator[AuditEntry]:
    from penguintui.store.errors import StoreError

    after = 0
    try:
        while page := store.reader().audit(after):
            yield from page
            after = page[-1].seq
    except StoreError as error:
        fail(str(error), Exit.UNKNOWN)
