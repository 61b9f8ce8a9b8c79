"""`penguintui mail process`, `suppress`, `suppressed`, `release`: bounces and complaints into a list, and back."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from penguintui.cli.exits import Exit, fail, show

if TYPE_CHECKING:
    from penguintui.adapters.suppression.processing import Done, Rules
    from penguintui.adapters.suppression.sql import SqlSuppressions, SuppressionError
    from penguintui.config.mailprobes import MailboxSettings
    from penguintui.mail.suppression import Decision, SoftRule

ToOption = Annotated[
    str, typer.Option("--to", metavar="URL", help="The list: a SQLAlchemy address, or an http(s) API that takes one.")
]
LinesOption = Annotated[bool, typer.Option("--json", help="JSON Lines with stable keys.")]
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS")]


def process(
    place: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="A Maildir, a folder of mails, an mbox, a file, -, or imaps://USER@HOST[:PORT][/MAILBOX].",
        ),
    ],
    to: ToOption,
    ours: Annotated[
        list[str] | None,
        typer.Option("--ours", metavar="DOMAIN", help="Only mails count that return one from this domain."),
    ] = None,
    unsubscribe: Annotated[
        list[str] | None,
        typer.Option("--unsubscribe", metavar="ADDRESS", help="Of List-Unsubscribe: who writes there leaves."),
    ] = None,
    soft: Annotated[
        int | None, typer.Option("--soft", metavar="DAYS", min=2, help="Temporary failures on so many days suffice.")
    ] = None,
    within: Annotated[
        str, typer.Option("--within", metavar="SPAN", help="The time in which they are counted.")
    ] = "30d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    token: Annotated[
        str | None, typer.Option("--token-env", metavar="NAME", help="The variable with the API's token.")
    ] = None,
    password: Annotated[
        str | None, typer.Option("--password-env", metavar="NAME", help="The variable with the mailbox's password.")
    ] = None,
    ca_file: Annotated[
        str | None, typer.Option("--ca-file", metavar="FILE", help="Certificates to trust for the mailbox.")
    ] = None,
    memory: Annotated[
        Path | None, typer.Option("--memory", metavar="FILE", help="What an API took already; beside the folder.")
    ] = None,
    as_json: LinesOption = False,
) -> None:
    """Suppress the addresses that bounces and complaints name. Each mail counts once, and stays where it is.

    Exit code: 1 when a mail could not be processed, 2 when the place or the list could not be read.

    Example: penguintui mail process --from Maildir --to sqlite:////var/lib/penguintui/suppressions.db --dry-run
    """
    from penguintui.adapters.suppression.processing import Rules
    from penguintui.cli.processing import source

    rules = Rules(tuple(ours or ()), tuple(unsubscribe or ()), _soft_rule(soft, within))
    mailbox = source(place, _variable(password, "the mailbox's password"), ca_file)
    with _failures_told(place), closing(_opened(to, place, token, memory)) as suppressions:
        code = _processed(mailbox, suppressions, rules, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(int(code))


def _processed(
    mailbox: MailboxSettings | str, suppressions: SqlSuppressions, rules: Rules, *, dry_run: bool, as_json: bool
) -> Exit:
    """Process each mail and print what was done; WARNING when one could not be processed."""
    from penguintui.adapters.suppression.processing import Processing
    from penguintui.cli.processing import each
    from penguintui.clock import SystemClock

    code = Exit.OK

    def tell(done: Done) -> None:
        nonlocal code
        code = max(code, Exit.WARNING if done.trouble else Exit.OK)
        document = _document(done, dry_run=dry_run)
        show(json.dumps(document) if as_json else _line(document))

    asyncio.run(each(mailbox, Processing(suppressions, rules, SystemClock()), tell, dry_run=dry_run))
    return code


@contextmanager
def _failures_told(place: str) -> Iterator[None]:
    """Whatever keeps mails from being read or addresses from being suppressed ends the command with a sentence."""
    from penguintui.adapters.failure import NotAnswered
    from penguintui.adapters.suppression.sql import SuppressionError

    try:
        yield
    except SuppressionError as error:
        _end(error)
    except NotAnswered as error:
        fail(f"{error}. {error.failure.remedy}", Exit.CRITICAL)
    except OSError as error:
        fail(f"{place} cannot be read: {error.strerror or error}", Exit.CRITICAL)


def _end(error: SuppressionError) -> NoReturn:
    """End with what the list said: wrong usage where it is none, a failure otherwise."""
    from penguintui.adapters.suppression.sql import NoListError

    fail(str(error), Exit.USAGE if isinstance(error, NoListError) else Exit.CRITICAL)


def suppress(
    address: AddressArgument,
    to: ToOption,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
    token: Annotated[
        str | None, typer.Option("--token-env", metavar="NAME", help="The variable with the API's token.")
    ] = None,
    memory: Annotated[Path | None, typer.Option("--memory", metavar="FILE", help="What an API took already.")] = None,
) -> None:
    """Send nothing more to an address, by hand. The way back is `mail release`.

    Example: penguintui mail suppress eva@example.com --to sqlite:///suppressions.db --reason "asked by phone"
    """
    from penguintui.adapters.suppression.sql import SuppressionError
    from penguintui.clock import SystemClock
    from penguintui.mail.suppression import by_hand

    if not reason.strip():
        fail("say why, by --reason; it is kept beside the address")
    one = by_hand(address, reason.strip(), SystemClock().now())
    if one is None:
        fail(f"{_printable(address)} is no address")
    try:
        with closing(_opened(to, "suppressions", token, memory)) as suppressions:
            suppressions.add(one)
    except SuppressionError as error:
        _end(error)
    show(f"{_printable(one.address)} gets no more mail")


def suppressed(address: AddressArgument, to: ToOption, as_json: LinesOption = False) -> None:
    """Why nothing is sent to an address. Exit code: 1 when nothing is suppressed.

    Example: penguintui mail suppressed eva@example.com --to sqlite:////var/lib/penguintui/suppressions.db
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from penguintui.adapters.suppression.sql import SuppressionError

    try:
        with closing(_list(to)) as suppressions:
            found = suppressions.standing(address)
    except SuppressionError as error:
        _end(error)
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
    from penguintui.adapters.suppression.sql import SuppressionError
    from penguintui.clock import SystemClock

    if not reason.strip():
        fail("say why, by --reason; it is kept beside the address")
    try:
        with closing(_list(to)) as suppressions:
            count = suppressions.release(address, reason.strip(), SystemClock().now())
    except SuppressionError as error:
        _end(error)
    if not count:
        fail(f"{_printable(address)} is not suppressed", Exit.WARNING)
    show(f"{_printable(address)} is no longer suppressed ({count} reason{'' if count == 1 else 's'} taken back)")


def _opened(to: str, place: str, token: str | None, memory: Path | None) -> SqlSuppressions:
    from penguintui.adapters.suppression.lists import opened

    plain = place if place != "-" and "://" not in place else "suppressions"
    beside = memory or Path(f"{plain.rstrip('/')}.processed")
    return opened(to, _variable(token, "the API's token"), beside)


def _variable(name: str | None, what: str) -> str | None:
    """What an environment variable holds; None when none is named."""
    if name is not None and name not in os.environ:
        fail(f"the variable {name} is not set; put {what} into it")
    return os.environ[name] if name else None


def _soft_rule(days: int | None, within: str) -> SoftRule | None:
    from penguintui.config.values import parse_duration
    from penguintui.mail.suppression import SoftRule

    if days is None:
        return None
    try:
        return SoftRule(days, parse_duration(within))
    except ValueError as error:
        fail(f"--within: {error}")


def _list(to: str) -> SqlSuppressions:
    from penguintui.adapters.suppression.sql import SqlSuppressions

    if to.startswith(("http://", "https://")):
        fail("an API is only written to; ask it in its own way, or name the database")
    return SqlSuppressions(to)


def _document(done: Done, *, dry_run: bool) -> dict[str, Any]:
    """What was done about one mail."""
    if done.processed is None:
        return {"file": done.name, "error": done.trouble}
    recipients = [
        {
            "recipient": decision.notice.recipient,
            "kind": decision.notice.kind.value,
            "suppress": decision.suppression is not None or _worn_out(decision, done),
            "new": _subject(decision) in done.new,
            "why": f"soft bounces: {decision.why}" if _worn_out(decision, done) else decision.why,
        }
        for decision in done.processed.decisions
    ]
    return {
        "file": done.name,
        "message_id": done.processed.message_id,
        "processed_before": done.again,
        "dry_run": dry_run,
        "recipients": recipients,
    }


def _subject(decision: Decision) -> str:
    """The address that a decision speaks of."""
    one = decision.suppression or decision.soft
    return one.address if one is not None else ""


def _worn_out(decision: Decision, done: Done) -> bool:
    return decision.soft is not None and decision.soft.address in done.new


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
