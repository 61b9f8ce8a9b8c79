"""`penguintui mail …`: the rules of mail on their own, over DNS, and over files of bounces and reports."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from penguintui.cli.exits import Exit, fail, show
from penguintui.cli.options import JsonOption
from penguintui.cli.suppressing import process, release, suppress, suppressed
from penguintui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from penguintui.adapters.dns.nameserver import NameServer

mail_app = typer.Typer(
    help="The rules of mail on their own: SPF, a domain's records, bounces, reports.", no_args_is_help=True
)

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that are read; one that has more is refused."""
_EVALUATION = 20.0
"""Seconds that a whole evaluation of SPF may take (RFC 7208, 4.6.4)."""

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Files; - is standard input.")]
ResolverOption = Annotated[
    str | None, typer.Option("--resolver", metavar="HOST:PORT", help="The name server; the system's when left out.")
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0.01, max=600, help="How long one question may wait.")
]
LinesOption = Annotated[bool, typer.Option("--json", help="JSON Lines with stable keys.")]
Found = TypeVar("Found")
Documents = Callable[[str, bytes], list[dict[str, Any]]]


@mail_app.command()
def spf(
    ip: Annotated[str, typer.Option("--ip", metavar="IP", help="The address that sends.")],
    mail_from: Annotated[
        str, typer.Option("--mail-from", metavar="ADDRESS", help="The envelope sender; '' in a bounce.")
    ],
    helo: Annotated[str, typer.Option("--helo", metavar="NAME", help="How it greets.")] = "unknown",
    resolver: ResolverOption = None,
    timeout: TimeoutOption = 5.0,
    as_json: JsonOption = False,
) -> None:
    """May this address send mail for that domain (RFC 7208)? Exit code: 0 pass, 1 no, 2 permerror, 3 temperror.

    Example: penguintui mail spf --ip 192.0.2.1 --mail-from eva@example.com --helo mx.example.com
    """
    from penguintui.clock import SystemClock
    from penguintui.mail.documents import spf_document
    from penguintui.mail.spf import Result, check_host

    _check_address(ip)
    whole = max(_EVALUATION, timeout)
    now = SystemClock().now()
    verdict = _ask(
        lambda server: check_host(server, ip, mail_from, helo, now=now, seconds=whole), resolver, whole, timeout
    )
    if as_json:
        show(json.dumps(spf_document(verdict)))
    else:
        show(
            _line(f"{verdict.result}: {verdict.reason} ({verdict.lookups} of 10 look-ups, {verdict.voids} of 2 voids)")
        )
        if verdict.explanation:
            show(_line(f"the domain says: {verdict.explanation}"))
    codes = {Result.PASS: Exit.OK, Result.PERMERROR: Exit.CRITICAL, Result.TEMPERROR: Exit.UNKNOWN}
    raise typer.Exit(int(codes.get(verdict.result, Exit.WARNING)))


@mail_app.command()
def lint(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN")],
    selector: Annotated[
        list[str] | None,
        typer.Option("--selector", metavar="NAME[=FILE]", help="A DKIM selector, and its signer's key in PEM."),
    ] = None,
    address: Annotated[
        list[str] | None, typer.Option("--address", metavar="IP", help="A sending address: its name, SPF, blocklists.")
    ] = None,
    helo: Annotated[str, typer.Option("--helo", metavar="NAME", help="What these addresses say in HELO.")] = "",
    blocklist: Annotated[
        list[str] | None,
        typer.Option("--blocklist", metavar="ZONE", help="A list that is asked for these; score.senderscore.com, too."),
    ] = None,
    connect: Annotated[
        bool, typer.Option("--connect", help="Also fetch the MTA-STS policy, and see the TLS of each mail server.")
    ] = False,
    resolver: ResolverOption = None,
    timeout: TimeoutOption = 5.0,
    as_json: JsonOption = False,
) -> None:
    """Every record that decides whether a domain's mail arrives. Exit code: that of the worst finding.

    Example: penguintui mail lint example.com --selector pm
    """
    from penguintui.cli.linting import Senders, lint_all, protection, signers, with_findings
    from penguintui.mail.documents import domain_document

    name, senders = _in_ascii(domain), Senders(tuple(address or ()), helo, tuple(blocklist or ()))
    whole = 10 * timeout
    selectors = dict(one.partition("=")[::2] for one in selector or ())
    keys = {one: _key(file) for one, file in selectors.items() if file}
    found = _ask(lambda server: lint_all(server, name, tuple(selectors), senders), resolver, whole, timeout)
    found = signers(found, keys)
    if connect:
        found = with_findings(found, asyncio.run(protection(name, resolver, whole)))
    if as_json:
        show(json.dumps(domain_document(found), indent=1))
    else:
        for finding in found.findings:
            subject = f" {finding.subject}" if finding.subject not in ("", found.domain) else ""
            remedy = f"  → {finding.remedy}" if finding.remedy and finding.status else ""
            show(_line(f"{finding.status.word} {finding.check}{subject}: {finding.summary}{remedy}"))
        for depth, look in (step for top in found.spf.looks for step in top.walk()):
            void = f"  finds nothing: {', '.join(look.voids)}" if look.voids and not look.looks else ""
            show(f"{'  ' * (depth + 1)}{look.total:>2}  {_line(look.term + void)}")
    raise typer.Exit(found.status.exit_code)


@mail_app.command()
def bounce(files: Files, as_json: LinesOption = False) -> None:
    """What mails to the bounce address say: of whom, why, for how long. One line per file and recipient.

    Example: penguintui mail bounce --json bounces/*.eml
    """
    from penguintui.mail.documents import bounce_documents

    _each(files, bounce_documents, _bounce_line, as_json)


@mail_app.command()
def arf(files: Files, as_json: LinesOption = False) -> None:
    """Complaints of receivers' users (RFC 5965). One line per file and recipient.

    Example: penguintui mail arf --json complaints/*.eml
    """
    from penguintui.mail.documents import feedback_documents

    _each(files, feedback_documents, _feedback_line, as_json)


@mail_app.command()
def dmarc(files: Files, as_json: LinesOption = False) -> None:
    """DMARC reports: XML, gzip, zip, or mails with them. One line per report. Exit code: 1 when one is refused.

    Example: penguintui mail dmarc --json reports/*.xml.gz
    """
    from penguintui.mail.documents import dmarc_documents

    _each(files, dmarc_documents, _dmarc_line, as_json)


@mail_app.command()
def tlsrpt(files: Files, as_json: LinesOption = False) -> None:
    """Reports on TLS (RFC 8460): JSON, gzip, or mails with them. One line per report. Exit code: 1 when one is refused.

    Example: penguintui mail tlsrpt --json reports/*.json.gz
    """
    from penguintui.mail.documents import tls_documents

    _each(files, tls_documents, _tls_line, as_json)


@mail_app.command()
def headers(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE...", help="Mails; - is standard input.")] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", metavar="TEXT", help="What a server answered: say what it means.")
    ] = None,
    transactional: Annotated[
        bool, typer.Option("--transactional", help="Mails that nobody can unsubscribe from: no one-click demanded.")
    ] = False,
    as_json: LinesOption = False,
) -> None:
    """Is a mail as Gmail, Yahoo and Microsoft demand it (RFC 8058, 5322, 6376), and what do their refusals mean?

    Exit code: that of the worst demand; 1 for a refusal that none of them is known for.

    Example: penguintui mail headers news.eml --code "550 5.7.515 Access denied"
    """
    from penguintui.mail.documents import headers_document

    if not files and not code:
        fail("write FILE... to judge mails, or --code TEXT to have a refusal explained")
    worst = max((_explain(text, as_json) for text in code or ()), default=Exit.OK)
    if not files:
        raise typer.Exit(int(worst))
    _each(
        files,
        lambda file, data: [headers_document(file, data, marketing=not transactional)],
        _headers_lines,
        as_json,
        lambda document: max(worst, Exit(Status[document["status"]].exit_code)),
    )


for _command in (process, suppress, suppressed, release):
    mail_app.command()(_command)


def _ask(question: Callable[[NameServer], Awaitable[Found]], resolver: str | None, whole: float, each: float) -> Found:
    """Put a question to the name server. Ends with a sentence when there is none to put it to."""
    from penguintui.adapters.dns.nameserver import SYSTEM, opened
    from penguintui.adapters.failure import NotAnswered

    place = resolver or SYSTEM

    async def asking() -> Found:
        return await question(await opened(resolver, place, whole, each))

    try:
        return asyncio.run(asking())
    except NotAnswered as error:
        fail(f"{error.failure.text}; write --resolver HOST:PORT")
    except OSError as error:
        fail(f"the name server {place} cannot be found: {error.strerror or error}; write --resolver HOST:PORT")


def _check_address(ip: str) -> None:
    import ipaddress

    try:
        ipaddress.ip_address(ip)
    except ValueError:
        fail(f"{ip!r} is no IP address; write --ip 192.0.2.1 or --ip 2001:db8::1")


def _key(file: str) -> bytes:
    """A signer's key. Ends with a sentence when the file cannot be read."""
    try:
        return _read(file)
    except OSError as error:
        fail(f"the key {file} cannot be read: {error.strerror or error}", Exit.CRITICAL)


def _in_ascii(domain: str) -> str:
    """An internationalised domain in its A-labels, as DNS knows it."""
    try:
        name = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as error:
        fail(f"{domain!r} is no domain name: {error}")
    if not name.strip("."):
        fail("an empty name is no domain; write one such as example.com")
    return name


def _each(
    files: list[str],
    documents: Documents,
    line: Callable[[dict[str, Any]], str],
    as_json: bool,
    verdict: Callable[[dict[str, Any]], Exit] = lambda _: Exit.OK,
) -> None:
    """Print what each file says. A file that cannot be read is told like the others, and stops none of them.

    verdict: what a document that could be read does to the exit code.
    """
    code = Exit.OK
    for file in files:
        try:
            found = documents(file, _read(file))
        except OSError as error:
            found = [{"file": file, "error": f"{file} cannot be read: {error.strerror or error}"}]
            code = Exit.CRITICAL
        for document in found:
            code = max(code, Exit.WARNING if "error" in document else verdict(document))
            words = document["error"] if "error" in document else line(document)
            for text in [json.dumps(document)] if as_json else [f"{file}: {one}" for one in words.split("\n")]:
                show(text if as_json else _line(text))
    raise typer.Exit(int(code))


def _read(file: str) -> bytes:
    """The bytes of a file. Raises OSError, also for one that is too large to be a mail."""
    import errno
    from pathlib import Path

    if file == "-":
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with Path(file).open("rb") as opened:
            data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST >> 20} MiB")
    return data


def _bounce_line(document: dict[str, Any]) -> str:
    if document["kind"] == "other" and not document["reason"]:
        return "no bounce, no complaint and no automatic answer: it says nothing of a delivery"
    if document["kind"] != "bounce":
        told = document["feedback_type"] or document["reason"]
        return " ".join(filter(None, (document["kind"], told, document["recipient"])))
    lasting = "hard" if document["hard"] else "soft"
    whom = document["recipient"] or "nobody named"
    suppress = ", suppress" if document["suppress"] else ""
    return f"bounce {document['status']} {document['reason']} ({lasting}{suppress}) of {whom}: {document['diagnosis']}"


def _headers_lines(document: dict[str, Any]) -> str:
    """A line for each demand, the worst first."""
    demands = sorted(document["demands"], key=lambda demand: -Status[demand["status"]])
    return "\n".join(
        f"{one['status']} {one['code']}{_demanded_by(one['by'])}: {one['sentence']}"
        + (f"  → {one['remedy']}" if one["remedy"] else "")
        for one in demands
    )


def _demanded_by(names: list[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def _explain(text: str, as_json: bool) -> Exit:
    """Say what a server's answer means."""
    from penguintui.mail.documents import refusal_documents

    found = refusal_documents(text)
    for one in found:
        again = "trying again may help" if one["retry"] else "trying again does not help"
        words = f"{one['provider']} {one['code']}: {one['meaning']}; {again}  → {one['remedy']}"
        show(json.dumps({"text": text, **one}) if as_json else _line(words))
    if not found:
        error = "none of Gmail, Yahoo and Microsoft is known to mean something special by it"
        show(json.dumps({"text": text, "error": error}) if as_json else _line(f"{text}: {error}"))
    return Exit.OK if found else Exit.WARNING


def _feedback_line(document: dict[str, Any]) -> str:
    whom = document["recipient"] or "nobody named"
    return f"complaint {document['feedback_type']} of {whom}{', suppress' if document['suppress'] else ''}"


def _dmarc_line(document: dict[str, Any]) -> str:
    if document["type"] == "failure":
        reasons = ", ".join(document["auth_failure"]) or "no reason given"
        return f"failure of {document['domain']} from {document['source_ip']}: {reasons}"
    messages, aligned = document["messages"], document["aligned"]
    share = f" ({100 * aligned / messages:.1f} %)" if messages else ""
    return (
        f"{document['org']} on {document['domain']}, {_span(document)}: {messages} messages in {document['records']} "
        f"rows, {aligned} aligned{share}, {document['dkim_aligned']} by DKIM, {document['spf_aligned']} by SPF"
    )


def _tls_line(document: dict[str, Any]) -> str:
    policies = [
        f"{policy['domain']} ({policy['policy_type']}) {policy['successful']} sessions, {policy['failed']} failed"
        + "".join(f", {count} {reason}" for reason, count in policy["failures"].items())
        for policy in document["policies"]
    ]
    return f"{document['org']}, {_span(document)}: {'; '.join(policies) or 'no policies'}"


def _span(document: dict[str, Any]) -> str:
    """The days of a report, in UTC."""
    import datetime

    begin, end = (datetime.datetime.fromtimestamp(document[key], datetime.UTC) for key in ("begin", "end"))
    return f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def _line(text: str) -> str:
    """Text of strangers as one line that moves no cursor."""
    return "".join(character if character.isprintable() else " " for character in text).strip()
