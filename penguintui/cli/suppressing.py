"""`penguintui mail process`, `suppressed`, `release`: from bounces and complaints to a suppression list, and back."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from penguintui.cli.exits import Exit, fail, show

if TYPE_CHECKING:
    from penguintui.adapters.mailfolder import Found
    from penguintui.adapters.suppression import SqlSuppressions, Suppressions
    from penguintui.mail.suppression import Processed

ToOption = Annotated[
    str, typer.Option("--to", metavar="URL", help="The list: a SQLAlchemy address, or an http(s) API that takes one.")
]
LinesOption = Annotated[bool, typer.Option("--json", help="JSON Lines with stable keys.")]
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]


def process(
    place: Annotated[
        str, typer.Option("--from", metavar="FOLDER", help="A Maildir, a folder of mails, an mbox, a file, or -.")
    ],
    to: ToOption,
    ours: Annotated[
        list[str] | None,
        typer.Option("--ours", metavar="DOMAIN", help="Only mails count that return one from this domain."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    token: Annotated[
        str | None, typer.Option("--token-env", metavar="NAME", help="The variable with the API's token.")
    ] = None,
    memory: Annotated[
        Path | None, typer.Option("--memory", metavar="FILE", help="What an API took already; beside the folder.")
    ] = None,
    as_json: LinesOption = False,
) -> None:
    """Suppress the addresses that bounces and complaints name. Each mail counts once, and stays where it is.

    Exit code: 1 when a mail could not be processed.

    Example: penguintui mail process --from Maildir --to sqlite:////var/lib/penguintui/suppressions.db --dry-run
    """
    from penguintui.adapters.mailfolder import mails
    from penguintui.adapters.suppression import SuppressionError

    code = Exit.OK
    try:
        with closing(_opened(to, place, token, memory)) as suppressions:
            for found in mails(place):
                document = _one(found, suppressions, ours or [], dry_run)
                code = max(code, Exit.WARNING if "error" in document else Exit.OK)
                show(json.dumps(document) if as_json else _line(document))
    except OSError as error:
        fail(f"{place} cannot be read: {error.strerror or error}")
    except SuppressionError as error:
        fail(str(error), Exit.CRITICAL)
    raise typer.Exit(int(code))


def suppressed(address: AddressArgument, to: ToOption, as_json: LinesOption = False) -> None:
    """Why nothing is sent to an address. Exit code: 1 when nothing is suppressed.

    Example: penguintui mail suppressed eva@example.com --to sqlite:////var/lib/penguintui/suppressions.db
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from penguintui.adapters.suppression import SuppressionError

    try:
        with closing(_list(to)) as suppressions:
            found = suppressions.standing(address)
    except SuppressionError as error:
        fail(str(error), Exit.CRITICAL)
    for one in found:
        told = f"{one.address}: {one.reason} {one.status}".strip()
        since = datetime.fromtimestamp(one.created, UTC)
        words = f"{told} since {since:%Y-%m-%d %H:%M} UTC, by {one.message_id}: {one.evidence}"
        show(json.dumps(asdict(one)) if as_json else _printable(words))
    if not found and not as_json:
        show(f"{_printable(address)} is not suppressed")
    raise typer.Exit(int(Exit.OK if found else Exit.WARNING))


def release(
    address: AddressArgument,
    to: ToOption,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it counts no more; it is kept.")],
) -> None:
    """Send to an address again. What was known of it stays, with the reason; old mails suppress it no more.

    Example: penguintui mail release eva@example.com --to sqlite:///suppressions.db --reason "asked for it by phone"
    """
    from penguintui.adapters.suppression import SuppressionError
    from penguintui.clock import SystemClock

    if not reason.strip():
        fail("say why, by --reason; it is kept beside the address")
    try:
        with closing(_list(to)) as suppressions:
            count = suppressions.release(address, reason.strip(), SystemClock().now())
    except SuppressionError as error:
        fail(str(error), Exit.CRITICAL)
    if not count:
        fail(f"{_printable(address)} is not suppressed", Exit.WARNING)
    show(f"{_printable(address)} is no longer suppressed ({count} reason{'' if count == 1 else 's'} taken back)")


def _opened(to: str, place: str, token: str | None, memory: Path | None) -> Suppressions:
    from penguintui.adapters.suppression import opened

    if token is not None and token not in os.environ:
        fail(f"the variable {token} is not set; put the API's token into it")
    beside = memory or Path(f"{place.rstrip('/')}.processed" if place != "-" else "processed")
    return opened(to, os.environ[token] if token else None, beside)


def _list(to: str) -> SqlSuppressions:
    from penguintui.adapters.suppression import SqlSuppressions

    if to.startswith(("http://", "https://")):
        fail("an API is only written to; ask it in its own way, or name the database")
    return SqlSuppressions(to)


def _one(found: Found, suppressions: Suppressions, ours: list[str], dry_run: bool) -> dict[str, Any]:
    """What was done about one mail."""
    from penguintui.clock import SystemClock
    from penguintui.mail.suppression import process as decide

    if found.trouble:
        return {"file": found.name, "error": found.trouble}
    now = SystemClock().now()
    processed = decide(found.data, now, ours)
    if dry_run:
        again = suppressions.known(processed.digest)
        return _document(found.name, processed, [], again=again, dry_run=True)
    new = suppressions.keep(processed, now)
    return _document(found.name, processed, new or [], again=new is None, dry_run=False)


def _document(name: str, processed: Processed, new: list[str], *, again: bool, dry_run: bool) -> dict[str, Any]:
    recipients = [
        {
            "recipient": decision.notice.recipient,
            "kind": decision.notice.kind.value,
            "suppress": decision.suppression is not None,
            "new": decision.suppression is not None and decision.suppression.address in new,
            "why": decision.why,
        }
        for decision in processed.decisions
    ]
    return {
        "file": name,
        "message_id": processed.message_id,
        "processed_before": again,
        "dry_run": dry_run,
        "recipients": recipients,
    }


def _line(document: dict[str, Any]) -> str:
    if "error" in document:
        return _printable(f"{document['file']}: {document['error']}")
    if document["processed_before"]:
        return _printable(f"{document['file']}: processed before, nothing is done")
    told = []
    for one in document["recipients"]:
        whom = one["recipient"] or "nobody named"
        if not one["suppress"]:
            told.append(f"nothing for {whom} ({one['why']})")
        elif document["dry_run"]:
            told.append(f"would suppress {whom} ({one['why']})")
        else:
            told.append(f"suppressed {whom} ({one['why']}){'' if one['new'] else ', as before'}")
    return _printable(f"{document['file']}: {'; '.join(told)}")


def _printable(text: str) -> str:
    """Text of strangers as one line that moves no cursor."""
    return "".join(character if character.isprintable() else " " for character in text).strip()
