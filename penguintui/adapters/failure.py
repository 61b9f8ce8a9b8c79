"""How a failure of the world becomes words: what failed, where, and what to do about it."""

from __future__ import annotations

import enum
import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from penguintui.adapters.base import MAX_ANSWER
from penguintui.model.clock import Time
from penguintui.model.observation import Finding, Observation, Sample
from penguintui.model.status import Status


class Reason(enum.StrEnum):
    """Why an asking brought no answer."""

    REFUSED = "refused"
    TIMEOUT = "timed out"
    CLOSED = "closed"
    UNRESOLVED = "unresolved"
    GARBLED = "garbled"
    TOO_LARGE = "too large"
    DENIED = "denied"
    UNTRUSTED = "untrusted"
    LOCAL = "local"


UNREACHABLE = frozenset({Reason.REFUSED, Reason.TIMEOUT, Reason.CLOSED, Reason.UNRESOLVED})
"""Reasons that say that the target does not serve; every other one only says that we could not tell."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`text` says what failed and where, `remedy` what to do, in the imperative."""

    reason: Reason
    text: str
    remedy: str = ""

    def status(self, unreachable: Status = Status.UNKNOWN) -> Status:
        """`unreachable` when the target does not serve, otherwise UNKNOWN."""
        return unreachable if self.reason in UNREACHABLE else Status.UNKNOWN


class NotAnswered(Exception):  # noqa: N818 - the world failed, not the program
    """Raised inside an adapter when there is no answer to judge; never leaves it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


def unanswered(
    check: str,
    failure: Failure,
    time: Time,
    valid_for: float,
    status: Status,
    *,
    duration: float = 0.0,
    samples: tuple[Sample, ...] = (),
) -> Observation:
    """The observation of an asking without an answer: one finding, and the earlier ones grow stale."""
    finding = Finding(check, status, failure.text, remedy=failure.remedy, evidence={"reason": failure.reason.value})
    return Observation(
        time, valid_for, up=False, samples=samples, findings=(finding,), complete=False, duration=duration
    )


def refused(place: str) -> Failure:
    return Failure(
        Reason.REFUSED,
        f"{place} refused the connection",
        "Start the service, or correct the address or the firewall rule that rejects it.",
    )


def timed_out(place: str, seconds: float | None = None) -> Failure:
    within = "in time" if seconds is None else f"within {seconds:.3g} s"
    return Failure(
        Reason.TIMEOUT,
        f"{place} did not answer {within}",
        "See whether the service hangs, or whether a firewall drops the packets.",
    )


def closed(place: str) -> Failure:
    return Failure(
        Reason.CLOSED,
        f"{place} closed the connection before its answer was whole",
        "Look into the service's log: it crashed, is overloaded, or turns this client away.",
    )


def unresolved(place: str, why: str = "") -> Failure:
    return Failure(
        Reason.UNRESOLVED,
        f"the host name of {place} could not be resolved{f': {why}' if why else ''}",
        "Correct the name, or see whether the resolver of this machine works.",
    )


def garbled(place: str, what: str) -> Failure:
    return Failure(
        Reason.GARBLED,
        f"{place} answered something else than was asked for: {what}",
        "See which service listens there; the address may be another one's.",
    )


def too_large(place: str, limit: int = MAX_ANSWER) -> Failure:
    return Failure(
        Reason.TOO_LARGE,
        f"{place} answered more than {limit} bytes; the rest was not read",
        "Ask for less: a health address, a page of results, a query with a limit.",
    )


def denied(place: str, why: str = "") -> Failure:
    return Failure(
        Reason.DENIED,
        f"{place} denied access{f': {why}' if why else ''}",
        "Correct the user, password, token or permissions that this probe is configured with.",
    )


def untrusted(place: str, why: str) -> Failure:
    return Failure(
        Reason.UNTRUSTED,
        f"the certificate of {place} is not trusted: {why}",
        "Renew or replace the certificate, or name the authority that issued it in ca_file.",
    )


def local(place: str, why: str, remedy: str = "Correct this probe's settings.") -> Failure:
    return Failure(Reason.LOCAL, f"{place} could not be asked: {why}", remedy)


def from_error(error: BaseException, place: str, seconds: float | None = None) -> Failure:
    """Words for what the operating system, `ssl` or asyncio raised; the whole chain of causes is looked at.

    seconds: how long was waited, for the sentence. An unknown error is taken as our own mistake.
    """
    for cause in causes(error):
        failure = _known(cause, place, seconds)
        if failure is not None:
            return failure
    return local(place, f"{type(error).__name__}: {error}", "This is a mistake of the program: report it.")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it was raised from, outermost first, also inside groups."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend(cause for cause in (current.__cause__, current.__context__) if cause is not None)


def _known(error: BaseException, place: str, seconds: float | None) -> Failure | None:
    failure: Failure | None = None
    match error:
        case NotAnswered():
            failure = error.failure
        case ssl.SSLCertVerificationError():
            failure = untrusted(place, getattr(error, "verify_message", "") or str(error))
        case ssl.SSLZeroReturnError() | ssl.SSLEOFError():
            failure = closed(place)
        case EOFError() | ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
            failure = closed(place)  # asyncio raises these without an error number, IncompleteReadError among them
        case ssl.SSLError():
            failure = garbled(place, f"no TLS handshake ({tls_words(error)})")
        case TimeoutError():
            failure = timed_out(place, seconds)
        case socket.gaierror():
            failure = unresolved(place, error.strerror or "")
        case OSError():
            failure = _from_errno(error, place, seconds)
        case UnicodeError() | OverflowError():  # no host name, no port
            failure = local(place, str(error), "Correct the address in this probe's settings.")
    return failure


def tls_words(error: ssl.SSLError) -> str:
    """OpenSSL's reason, such as WRONG_VERSION_NUMBER, as words. Errors made in Python have none."""
    return (getattr(error, "reason", None) or str(error)).replace("_", " ").lower()


def _from_errno(error: OSError, place: str, seconds: float | None) -> Failure | None:
    why = error.strerror or str(error)
    failure: Failure | None = None
    match errno.errorcode.get(_code(error)):
        case "ECONNREFUSED":
            failure = refused(place)
        case "EHOSTUNREACH" | "ENETUNREACH" | "EHOSTDOWN":
            failure = Failure(Reason.REFUSED, f"{place} cannot be reached: {why}", refused(place).remedy)
        case "ETIMEDOUT":
            failure = timed_out(place, seconds)
        case "ECONNRESET" | "EPIPE" | "ECONNABORTED" | "ENOTCONN" | "ESHUTDOWN":
            failure = closed(place)
        case "EACCES" | "EPERM":
            failure = denied(place, why)
        case "ENOENT" | "ENOTDIR" | "EISDIR":
            failure = local(place, why, "Correct the path in this probe's settings, or bring the file there.")
        case "EMFILE" | "ENFILE" | "ENOMEM" | "ENOBUFS" | "EADDRNOTAVAIL":
            failure = local(place, why, "This machine is short of something: raise its limits or free resources.")
    return failure


def _code(error: OSError) -> int:
    """The error's number; asyncio puts it into the text when it tried several addresses of one name."""
    if error.errno is None and (found := re.search(r"\[Errno (\d+)\]", str(error))):
        return int(found.group(1))
    return error.errno or 0


def from_httpx(error: BaseException, place: str, seconds: float | None = None) -> Failure:
    """Words for what httpx raised."""
    import httpx

    failure: Failure | None = None
    match error:
        case httpx.TimeoutException():
            failure = timed_out(place, seconds)
        case httpx.TooManyRedirects():
            failure = garbled(place, "redirects without an end")
        case httpx.RemoteProtocolError() if "disconnected" in str(error) or "closed connection" in str(error):
            failure = closed(place)
        case httpx.RemoteProtocolError() | httpx.DecodingError():
            failure = garbled(place, f"no HTTP ({error})")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | httpx.LocalProtocolError():
            failure = local(place, str(error), "Correct the address and headers in this probe's settings.")
        case httpx.NetworkError() if not any(isinstance(cause, OSError) for cause in causes(error)):
            failure = closed(place)
    return failure or from_error(error, place, seconds)


_SQL_STATES = (
    ("28", denied),
    ("42501", denied),
    ("08", lambda place, _: closed(place)),
    ("57014", lambda place, _: timed_out(place)),
    ("57P", lambda place, why: Failure(Reason.REFUSED, f"{place} takes no connections: {why}", refused(place).remedy)),
    (
        "53",
        lambda place, why: Failure(
            Reason.REFUSED,
            f"{place} has no room for another connection: {why}",
            "Close idle connections, or raise the server's limit.",
        ),
    ),
    ("3D", lambda place, why: local(place, why, "Correct the database's name in this probe's address.")),
    ("42", lambda place, why: local(place, why, "Correct the query in this probe's settings.")),
)
"""Beginnings of SQLSTATE codes (PostgreSQL's manual, appendix A) and what they mean for an asking."""

_SQL_TEXTS = (
    (r"connection refused|no such file or directory", lambda place, _: refused(place)),
    (r"timeout|timed out|database is locked|interrupted", lambda place, _: timed_out(place)),
    (r"resolve host|translate host name", unresolved),
    (r"authentication failed|no pg_hba|password|access denied|not authorized|readonly", denied),
    (r"closed the connection|connection.*(lost|reset|closed)|unexpectedly|eof", lambda place, _: closed(place)),
    (r"certificate", untrusted),
    (r"not a database|malformed|invalid response|unsupported|protocol|unexpected", garbled),
    (r"unable to open", lambda place, why: local(place, why, "Correct the path of the database file.")),
    (r"no such (table|column|function)|syntax", lambda place, why: local(place, why, "Correct the query.")),
)
"""What drivers only say in words, in lower case, and what it means."""


def from_sql(error: BaseException, place: str, seconds: float | None = None) -> Failure:
    """Words for what SQLAlchemy or a driver raised. Only the driver's first line is used: statements stay out."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    origin: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        origin = error.orig
    why = (str(origin).strip().splitlines() or [type(origin).__name__])[0]
    state = getattr(origin, "sqlstate", None) or ""
    if isinstance(origin, ModuleNotFoundError):
        return local(place, f"the driver {origin.name} is missing", "Install penguintui[postgres], or that driver.")
    if isinstance(origin, SQLAlchemyError):
        return local(place, why, "Correct this probe's address and queries.")
    if not isinstance(error, DBAPIError):
        return from_error(error, place, seconds)
    for beginning, words in _SQL_STATES:
        if state.startswith(beginning):
            return words(place, why)
    for pattern, words in _SQL_TEXTS:
        if re.search(pattern, why.lower()):
            return words(place, why)
    return local(place, why)
