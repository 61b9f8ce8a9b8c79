"""Lines of an authentication log, as logins: sshd, PAM, Postfix SASL and Dovecot. Pure; never raises on any text.

What a stranger types reaches these lines (user names above all), so a name that looks like the rest of a line
must not change what is read: the program comes from the line's head, the source from the line's end.
"""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Callable
from dataclasses import dataclass

from penguintui.adapters.logs.line import split_line
from penguintui.model.clock import Time

_MAX_NAME = 128


class Result(enum.StrEnum):
    """What became of an attempt, as the kind of its event."""

    FAILED = "login.failed"
    INVALID_USER = "login.invalid-user"
    ACCEPTED = "login.accepted"
    ERROR = "login.error"
    """The server could not decide: its authentication service was away. Nobody's attempt."""


class Part(enum.Enum):
    """How a line counts among the lines of one connection, since several may speak of one attempt."""

    ATTEMPT = enum.auto()
    """It speaks of an attempt by itself."""
    BEFORE = enum.auto()
    """Another line usually follows that speaks of the same attempt."""
    AFTER = enum.auto()
    """It sums up a connection, and counts only where no other line spoke."""


@dataclass(frozen=True, slots=True)
class Login:
    """One line's word on an attempt.

    time: when, or None when the line carries no stamp.
    source: the address it came from; `local` when it came from the machine itself.
    connection: the same for all lines of one connection.
    count: attempts that the line stands for ("message repeated 3 times").
    """

    time: Time | None
    result: Result
    user: str
    source: str
    service: str
    method: str
    connection: str
    count: int = 1
    part: Part = Part.ATTEMPT


@dataclass(frozen=True, slots=True)
class _Words:
    """What a message alone tells, without its line's head."""

    result: Result
    user: str
    source: str
    service: str
    method: str = ""
    count: int = 1
    part: Part = Part.ATTEMPT
    connection: str = ""


_REPEATED = re.compile(r"message repeated (\d{1,6}) times: \[ ?(.*?)\]?$")
_MARKS = (
    *(
        "ailed",
        "ailure",
        "uthentication error",
        "ccepted ",
        "nvalid user",
        "llegal user",
        "xceeded",
        "not allowed",
        "preauth",
        "Received dis",
    ),
    *("REFUSED", "sasl_", "auth=", "rip=", "unknown user", "invalid credentials", "assword mismatch", "repeated"),
)

_ADDRESS = r"(?P<source>[\w.:%-]{1,255})"
# sshd cuts a name after 100 characters, so that a longer one cannot reach as far as an address of its own.
_USER = r"(?P<user>.{0,100})"
_TAIL = r"(?: port \d+)?(?: ssh\d?)?(?: on \S+)?(?: \[preauth\])?"
_SSH_FAILED = re.compile(
    rf"(?:error: )?Failed (?P<method>[\w/-]+) for (?P<invalid>(?:invalid|illegal) user )?{_USER} from {_ADDRESS}{_TAIL}"
    r"(?:: .*)?$"
)
_SSH_ACCEPTED = re.compile(rf"Accepted (?P<method>[\w/-]+) for {_USER} from {_ADDRESS}{_TAIL}(?:: .*)?$")
_SSH_UNKNOWN = re.compile(rf"(?:Invalid|Illegal) user {_USER} from {_ADDRESS}{_TAIL}$")
_SSH_OTHERS = (
    (
        Part.BEFORE,
        re.compile(
            rf"error: PAM: [\w ]+ for (?:(?:illegal|invalid) user )?{_USER} from {_ADDRESS}(?: via \S+)?\s*$",
            re.IGNORECASE,
        ),
    ),
    (Part.BEFORE, re.compile(rf"User {_USER} from {_ADDRESS}{_TAIL} not allowed because .*$")),
    (Part.ATTEMPT, re.compile(rf"(?P<user>ROOT) LOGIN REFUSED FROM {_ADDRESS}{_TAIL}$")),
    (
        Part.AFTER,
        re.compile(
            r"(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?"
            rf"{_USER} from {_ADDRESS}{_TAIL}$"
        ),
    ),
    (
        Part.AFTER,
        re.compile(
            r"(?:Connection (?:closed|reset) by|Disconnecting) (?:authenticating|invalid) user "
            rf"{_USER} {_ADDRESS} port \d+(?:: .*)? \[preauth\]$"
        ),
    ),
    (
        Part.AFTER,
        re.compile(
            rf"(?:error: )?Received disconnect from {_ADDRESS}(?: port \d+)?: ?\d+: "
            r"(?:.*: Auth fail|No (?:supported )?authentication methods available)(?: \[preauth\])?(?P<user>)$"
        ),
    ),
)
_PAM = re.compile(
    r"\(?pam_\w+\)?(?:\((?:(?P<service>[\w.-]+):)?auth\))?:? authentication failure; "
    r".*?ruser=(?P<ruser>.*?) rhost=(?P<source>\S*)(?:\s+user=(?P<user>.*))?\s*$"
)
_CLIENT = rf"\S*?\[{_ADDRESS}\](?::\d+)?"
_SASL_FAILED = re.compile(rf"warning: {_CLIENT}: SASL (?P<method>[\w-]+) authentication failed(?::\s?(?P<why>.*))?$")
_SASL_ACCEPTED = re.compile(rf"\w+: client={_CLIENT}, sasl_method=(?P<method>[\w-]+), sasl_username=(?P<user>\S*)")
_SASL_SUMMARY = re.compile(rf"disconnect from {_CLIENT} .*\bauth=(?P<good>\d{{1,6}})/(?P<all>\d{{1,6}})\b")
_SASL_USER = re.compile(r"sasl_username=(\S+?),?(?:\s|$)")
_SASL_AWAY = re.compile(r"connection lost to authentication server|temporary|generic failure", re.IGNORECASE)
_DOVECOT_ACCEPTED = re.compile(r"(?:Info: )?Login: user=<")
_DOVECOT_FAILED = re.compile(
    r"auth failed(?:, (\d{1,6}) attempts[^)]*)?\)|\(auth_failed\)|\(tried to use dis\w+ \S+ auth\)"
)
_DOVECOT_SOURCE = re.compile(rf"\brip={_ADDRESS}(?:,|$)")
_DOVECOT_METHOD = re.compile(r"\bmethod=([\w-]+)")
_DOVECOT_USER = re.compile(r"user=<(.*?)>(?:,|$)")
_DOVECOT_AUTH = re.compile(
    rf".*?\b(?P<method>[a-z][\w-]*)\((?P<user>.*),(?!sasl:){_ADDRESS}(?:,(?:<[^>]*>|sasl:[\w-]+)?)?\)"
    r"(?:<[^>]*>)?: (?:Info: )?(?:\w+: )?"
    r"(?:unknown user|invalid credentials|password mismatch|pam_authenticate\(\) failed)",
    re.IGNORECASE,
)


def parse_line(line: str, now: Time, zone: datetime.tzinfo | None = None) -> Login | None:
    """What a line says about a login; None when it says nothing of one.

    `now` and `zone` (the machine's own when None) resolve stamps without a year or without a zone.
    """
    if not any(mark in line for mark in _MARKS):
        return None
    parts = split_line(line.rstrip("\r\n"), now, zone)
    if parts is None:
        return None
    count, message = 1, parts.message
    if repeated := _REPEATED.match(message):
        count, message = max(int(repeated[1]), 1), repeated[2]
    words = _reader(parts.program)(message, parts.program)
    if words is None:
        return None
    return Login(
        time=parts.time,
        result=words.result,
        user=_clean(words.user),
        source=_plain_address(words.source),
        service=_clean(words.service),
        method=_clean(words.method),
        connection=f"{words.connection or f'{parts.program}[{parts.pid}]'} {words.source}",
        count=words.count * count,
        part=words.part,
    )


def _reader(program: str) -> Callable[[str, str], _Words | None]:
    name = program.rsplit("/", 1)[-1]
    if name in ("sshd", "sshd-session", "sshd-auth"):
        return _read_sshd
    if name == "smtpd":
        return _read_postfix
    if name == "dovecot" or name.endswith("-login") or name.startswith("auth"):
        return _read_dovecot
    return _read_pam


def _read_sshd(message: str, program: str) -> _Words | None:
    """PAM's own lines are left out: sshd repeats the failures, and where LDAP serves after pam_unix none failed."""
    if match := _SSH_FAILED.match(message):
        # A client offers its keys one after the other; only a stranger's are an attempt.
        if match["method"] == "publickey" and not match["invalid"]:
            return None
        result = Result.INVALID_USER if match["invalid"] else Result.FAILED
        return _Words(result, match["user"], match["source"], "sshd", match["method"])
    if match := _SSH_ACCEPTED.match(message):
        return _Words(Result.ACCEPTED, match["user"], match["source"], "sshd", match["method"])
    if match := _SSH_UNKNOWN.match(message):
        return _Words(Result.INVALID_USER, match["user"], match["source"], "sshd", part=Part.BEFORE)
    for part, pattern in _SSH_OTHERS:
        if match := pattern.match(message):
            return _Words(Result.FAILED, match["user"], match["source"], "sshd", part=part)
    return None


def _read_pam(message: str, program: str) -> _Words | None:
    match = _PAM.search(message)
    if match is None:
        return None
    user, service = match["user"] or match["ruser"], match["service"] or program
    return _Words(Result.FAILED, user, match["source"] or "local", service, "pam")


def _read_postfix(message: str, program: str) -> _Words | None:
    if match := _SASL_FAILED.match(message):
        why = match["why"] or ""
        if why.startswith("Invalid authentication mechanism"):
            return None
        user = _SASL_USER.search(why)
        result = Result.ERROR if _SASL_AWAY.search(why) else Result.FAILED
        return _Words(result, user[1] if user else "", match["source"], program, match["method"])
    if match := _SASL_ACCEPTED.match(message):
        return _Words(Result.ACCEPTED, match["user"].rstrip(","), match["source"], program, match["method"])
    if (match := _SASL_SUMMARY.match(message)) and int(match["all"]) > int(match["good"]):
        failed = int(match["all"]) - int(match["good"])
        return _Words(Result.FAILED, "", match["source"], program, count=failed, part=Part.AFTER)
    return None


def _read_dovecot(message: str, program: str) -> _Words | None:
    service = program
    if program == "dovecot" and (split := re.match(r"(?:dovecot: )?([\w-]+-login): ", message)):
        service, message = split[1], message[split.end() :]
    if not service.endswith("-login"):
        match = _DOVECOT_AUTH.match(program + message)
        if match is None:
            return _read_pam(message, program)
        return _Words(Result.FAILED, match["user"], match["source"], "dovecot", match["method"], connection="dovecot")
    sources = list(_DOVECOT_SOURCE.finditer(message))
    if not sources:
        return None
    user, method = _DOVECOT_USER.search(message), _DOVECOT_METHOD.search(message)
    name, how, source = user[1] if user else "", method[1] if method else "", sources[-1]["source"]
    if _DOVECOT_ACCEPTED.match(message):
        return _Words(Result.ACCEPTED, name, source, service, how, connection="dovecot")
    if failed := _DOVECOT_FAILED.search(message):
        count = max(int(failed[1] or 1), 1)
        return _Words(Result.FAILED, name, source, service, how, count, Part.AFTER, connection="dovecot")
    return None


def _plain_address(text: str) -> str:
    """An address without the prefix that mapped IPv4 addresses carry (RFC 4291, section 2.5.5.2)."""
    lowered = text.lower()
    return lowered.removeprefix("::ffff:") if "." in lowered else lowered


def _clean(text: str) -> str:
    """Printable and of bounded length, since it comes from a stranger."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:_MAX_NAME])
    return shown.strip()
