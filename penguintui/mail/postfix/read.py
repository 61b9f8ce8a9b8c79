"""Log lines of Postfix taken apart: deliveries, refusals, trouble with other servers, and complaints of its own.

A line costs one look at its service and, for those that are wanted, one regular expression. What is not told here by
a class of its own is None: a busy server writes seven lines for each message, of which one counts a delivery.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from penguintui.mail.postfix.entries import (
    ConnectionTrouble,
    Delivery,
    Entry,
    Expired,
    Line,
    LoginFailure,
    Notified,
    Problem,
    Queued,
    Refusal,
    ServerAnswer,
    TlsSession,
)

LONGEST = 16 * 1024
"""Characters of a line that are looked at."""
DELIVERY = ", status="
"""What every line of a delivery attempt holds."""

_QUEUE_ID = r"[0-9A-F]{5,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}"
"""Short queue ids in hexadecimal, long ones in the alphabet without vowels (enable_long_queue_ids)."""
_HOST = r"(?P<host>\S{0,255}?)\[(?P<ip>[^\]]{0,45})\]"
"""A server or client: its name, empty where there is none, and its address, or the socket of a service."""
_PROGRAM = r"(?P<server>\S+) (?P<syslog>[\w.-]+(?:/[\w.-]+)*)/(?P<service>[\w-]+)"
_LINE = re.compile(
    r"(?P<time>[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) "
    rf"{_PROGRAM}(?:\[(?P<pid>\d+)\])?: (?:\[ID \d+ \S+\] )?(?P<message>.*)",  # the ID is Solaris'
    re.DOTALL,
)
_OTHER_LINE = re.compile(
    r"(?:<\d{1,3}>)?(?:1 )?(?P<time>[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d[T ]\S+) "
    rf"{_PROGRAM}[\[ ](?:(?P<pid>\d+)|-)(?:\]: | \S+ (?:-|\[.*?\]) \ufeff?)(?P<message>.*)",
    re.DOTALL,
)
"""Rarer heads: a priority, RFC 5424, parts of a second, a blank within the time."""
_SECONDS = r"\d+(?:\.\d+)?"
_DELIVERY = re.compile(
    rf"(?P<id>{_QUEUE_ID}): to=<?(?P<to>[^>,]*|\"[^\"]*\"@[^>,]*)>?, (?:orig_to=<?(?P<orig>[^>,]*)>?, )?"
    r"relay=(?P<relay>[^,\[]*)(?:\[(?P<ip>[^\]]*)\](?::(?P<port>\d+))?)?, (?:conn_use=\d+, )?"
    rf"delay=(?P<delay>{_SECONDS}), delays=(?P<a>{_SECONDS})/(?P<b>{_SECONDS})/(?P<c>{_SECONDS})/(?P<d>{_SECONDS}), "
    r"(?:tls=(?P<tls>[^,]*), )?"
    r"dsn=(?P<dsn>[245]\.\d+\.\d+), status=(?P<status>[\w-]+)(?: \((?P<answer>.*))?",
    re.DOTALL,
)
_REFUSAL = re.compile(
    rf"(?P<id>NOQUEUE|{_QUEUE_ID}): (?P<action>[\w-]+): (?P<stage>[A-Z-]+(?: [A-Z]+)*) from "
    rf"{_HOST}(?::(?P<port>\d+))?: (?P<answer>.*?)"
    r"(?:; (?P<fields>(?:from|to|proto|helo)=.*))?",
    re.DOTALL,
)
_PROXIED = re.compile(
    rf"(?P<id>NOQUEUE|{_QUEUE_ID}): (?P<action>proxy-[\w-]+): (?P<stage>[A-Z-]+(?: [A-Z]+)*): (?P<answer>.*?)"
    r"(?:; (?P<fields>(?:from|to|proto|helo)=.*))?",
    re.DOTALL,
)
"""What a filter before the queue answered."""
_CONTENT = re.compile(
    rf"(?P<id>{_QUEUE_ID}): (?P<action>[a-z]+): (?P<stage>header|body|mime-error) .{{0,300}}? from "
    rf"(?:{_HOST}|local); (?P<fields>from=.*?)(?:: (?P<answer>.*))?",
    re.DOTALL,
)
"""What header_checks and body_checks found (header_checks(5))."""
_FIELD = re.compile(r"(\w+)=<?([^>,\s]*)>?")
_CODES = re.compile(r"(?P<code>[245]\d\d)[ -](?:(?P<status>[245]\.\d{1,3}\.\d{1,3}) )?(?P<text>.*)", re.DOTALL)
_SAID = re.compile(
    rf"(?P<id>{_QUEUE_ID}): (?:SASL authentication failed; server|host) {_HOST} (?:said|"
    rf"refused to talk to me): (?P<answer>.*?)"
    r"(?: \(in reply to (?P<stage>[^()]*?)(?: command)?\))?",
    re.DOTALL,
)
_CONNECT = re.compile(
    rf"(?P<what>connect to|SSL_connect error to|"
    rf"Cannot start TLS: handshake failure with) {_HOST}(?::(?P<port>\d+))?: (?P<why>.*)",
    re.DOTALL,
)
_CERTIFICATE = re.compile(
    rf"(?:server )?certificate (?:peer name )?verification failed for {_HOST}(?::(?P<port>\d+))?: (?P<why>.*)",
    re.DOTALL,
)
_TLS = re.compile(
    rf"(?P<trust>\w+) TLS connection (?:established|reused) (?P<way>to|from) {_HOST}(?::(?P<port>\d+))?(?: to \S+)?: "
    r"(?P<version>\S+) with cipher (?P<cipher>\S+) \((?P<bits>[\d/]+) bits\).*",
    re.DOTALL,
)
_QUEUED = re.compile(
    rf"(?P<id>{_QUEUE_ID}): from=<?(?P<from>[^>,]*)>?, size=(?P<size>\d+), nrcpt=(?P<nrcpt>\d+)(?: .*)?"
)
_EXPIRED = re.compile(rf"(?P<id>{_QUEUE_ID}): from=<(?P<from>[^>]*)>, status=(?P<status>expired|force-expired), .*")
_NOTIFIED = re.compile(
    rf"(?P<id>{_QUEUE_ID}): (?P<whom>sender|postmaster) (?P<what>[\w -]+) notification: (?P<new>{_QUEUE_ID})"
)
_LOGIN = re.compile(
    rf"warning: {_HOST}: SASL (?P<method>\S+) authentication (?:failed|aborted)(?:: ?(?P<why>.*))?", re.DOTALL
)
_PROBLEM = re.compile(
    rf"(?:(?P<before>{_QUEUE_ID}): )?(?P<level>warning|error|fatal|panic): (?:(?P<after>{_QUEUE_ID}): )?(?P<text>.*)",
    re.DOTALL,
)


_COUNTED = (
    DELIVERY,
    "reject: ",
    "warning: ",
    "said: ",
    "connect to ",
    " TLS connection ",
    "nrcpt=",
    " notification: ",
    "hold: ",
    "fatal: ",
    "error: ",
    "panic: ",
    "verification failed",
    "refused to talk",
    "SSL_connect error",
    "discard: ",
    "redirect: ",
    "filter: ",
)


def is_counted(line: str) -> bool:
    """Whether a line may hold an entry. Cheap: most lines of a busy server hold none."""
    return any(word in line for word in _COUNTED)


def deliveries(lines: Iterable[str]) -> Iterator[tuple[Line, Delivery]]:
    """The delivery attempts among the lines of a log, other programs' lines and all."""
    for text in lines:
        if DELIVERY in text:
            line = read_line(text)
            found = read_delivery(line.message) if line else None
            if line and found:
                yield line, found


def read_line(line: str) -> Line | None:
    """The frame of a line; None for a line of another program."""
    match = _LINE.match(line[:LONGEST]) or _OTHER_LINE.match(line[:LONGEST])
    if match is None:
        return None
    time, server, instance, service, pid, message = match.groups()
    return Line(time, server, instance, service, int(pid or 0), message.rstrip("\n"))


def read_entry(service: str, message: str) -> Entry | None:
    """What a line says, by the service that wrote it; None when it is nothing that we count."""
    if DELIVERY in message:
        return read_delivery(message) or _read_expired(message)
    if message.startswith(("warning: ", "fatal: ", "panic: ", "error: ")):
        return _read_login(message) or _read_problem(message)
    return _READERS.get(service, _read_server)(message)


def read_delivery(message: str) -> Delivery | None:
    """A delivery attempt, of smtp, lmtp, local, virtual, pipe, error, discard …"""
    match = _DELIVERY.fullmatch(message[:LONGEST])
    if match is None:
        return None
    queue_id, to, original, relay, ip, port, delay, a, b, c, d, tls, dsn, status, answer = match.groups("")
    return Delivery(
        queue_id,
        to,
        original,
        relay,
        ip,
        int(port) if port else 0,
        float(delay),
        float(a),
        float(b),
        float(c),
        float(d),
        dsn,
        status,
        answer.removesuffix(")"),  # which a line that was cut has not
        tls,
    )


def read_refusal(message: str) -> Refusal | None:
    """What smtpd, postscreen or cleanup did with a client or its mail: reject, hold, filter, milter-reject …"""
    message = message[:LONGEST]
    match = _REFUSAL.fullmatch(message) or _PROXIED.fullmatch(message) or _CONTENT.fullmatch(message)
    if match is None:
        return None
    found = {name: text or "" for name, text in match.groupdict().items()}
    fields = dict(_FIELD.findall(found["fields"]))
    codes = _CODES.fullmatch(found["answer"])
    return Refusal(
        queue_id=found["id"],
        action=found["action"],
        stage=found["stage"],
        client=found.get("host", ""),
        client_ip=found.get("ip", ""),
        code=codes.group("code") if codes else "",
        status=(codes.group("status") or "") if codes else _bare_status(found["answer"]),
        text=codes.group("text") if codes else found["answer"],
        sender=fields.get("from", ""),
        recipient=fields.get("to", ""),
        helo=fields.get("helo", ""),
    )


def _bare_status(answer: str) -> str:
    """The enhanced code of a milter's answer, which comes without a reply code."""
    match = re.match(r"[45]\.\d{1,3}\.\d{1,3}(?= )", answer)
    return match.group() if match else ""


def _read_client(message: str) -> Entry | None:
    said = _SAID.fullmatch(message)
    if said:
        return ServerAnswer(said["id"], said["host"], said["ip"], said["answer"], said["stage"] or "")
    trouble = _CONNECT.fullmatch(message)
    if trouble:
        return ConnectionTrouble(trouble["host"], trouble["ip"], int(trouble["port"] or 0), trouble["why"])
    fault = _CERTIFICATE.fullmatch(message)
    if fault:
        return ConnectionTrouble(fault["host"], fault["ip"], int(fault["port"] or 0), fault["why"], certificate=True)
    return _read_tls(message) or _read_problem(message)


def _read_tls(message: str) -> TlsSession | None:
    match = _TLS.fullmatch(message)
    if match is None:
        return None
    return TlsSession(
        outgoing=match["way"] == "to",
        trust=match["trust"],
        peer=match["host"],
        peer_ip=match["ip"],
        version=match["version"],
        cipher=match["cipher"],
        bits=match["bits"],
    )


def _read_queued(message: str) -> Entry | None:
    match = _QUEUED.fullmatch(message)
    if match:
        return Queued(match["id"], match["from"], int(match["size"]), int(match["nrcpt"]))
    return _read_problem(message)


def _read_expired(message: str) -> Expired | None:
    match = _EXPIRED.fullmatch(message)
    return Expired(match["id"], match["from"]) if match else None


def _read_notified(message: str) -> Entry | None:
    match = _NOTIFIED.fullmatch(message)
    if match:
        return Notified(match["id"], match["new"], match["whom"], match["what"])
    return _read_problem(message)


def _read_server(message: str) -> Entry | None:
    if " from " not in message and ": proxy-" not in message:
        return _read_problem(message)
    return read_refusal(message) or _read_tls(message) or _read_problem(message)


def _read_login(message: str) -> LoginFailure | None:
    match = _LOGIN.fullmatch(message)
    return LoginFailure(match["host"], match["ip"], match["method"], match["why"] or "") if match else None


def _read_problem(message: str) -> Problem | None:
    match = _PROBLEM.fullmatch(message)
    return Problem(match["level"], match["before"] or match["after"] or "", match["text"]) if match else None


def _read_proxy(message: str) -> Entry | None:
    """tlsproxy speaks TLS for postscreen and, where connections are used again, for smtp."""
    return _read_client(message) if " to " in message or " for " in message else _read_server(message)


_READERS = {
    "smtp": _read_client,
    "lmtp": _read_client,
    "qmgr": _read_queued,
    "bounce": _read_notified,
    "tlsproxy": _read_proxy,
}
