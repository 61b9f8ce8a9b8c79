"""Compares what log lines give with named captures of others: `python -m tests.conformance.postfix FOLDER`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from penguintui.mail import postfix

_SERVICES = {"POSTFIX_SMTP": "smtp", "POSTFIX_LMTP": "lmtp", "POSTFIX_QMGR": "qmgr", "POSTFIX_BOUNCE": "bounce"}

USED: dict[type[Any], dict[str, str]] = {
    postfix.Delivery: {
        "postfix_queueid": "queue_id",
        "postfix_status": "status",
        "postfix_smtp_response": "answer",
        "postfix_error_response": "answer",
        "postfix_local_response": "answer",
        "postfix_pipe_response": "answer",
        "postfix_virtual_response": "answer",
        "postfix_lmtp_response": "answer",
    },
    postfix.Refusal: {
        "postfix_queueid": "queue_id",
        "postfix_action": "action",
        "postfix_milter_result": "",
        "postfix_smtp_stage": "stage",
        "postfix_client_hostname": "client",
        "postfix_client_ip": "client_ip",
        "postfix_status_code": "code",
        "postfix_status_code_enhanced": "status",
    },
    postfix.ServerAnswer: {
        "postfix_queueid": "queue_id",
        "postfix_relay_hostname": "relay",
        "postfix_relay_ip": "relay_ip",
        "postfix_smtp_response": "answer",
        "postfix_smtp_stage": "stage",
    },
    postfix.ConnectionTrouble: {
        "postfix_relay_hostname": "relay",
        "postfix_relay_ip": "relay_ip",
        "postfix_relay_port": "relay_port",
        "postfix_smtp_lostconn_data": "reason",
        "postfix_tls_error": "reason",
    },
    postfix.TlsSession: {
        "postfix_tls_trustlevel": "trust",
        "postfix_relay_hostname": "peer",
        "postfix_relay_ip": "peer_ip",
        "postfix_client_hostname": "peer",
        "postfix_client_ip": "peer_ip",
        "postfix_tls_version": "version",
        "postfix_tls_cipher": "cipher",
        "postfix_tls_cipher_size": "bits",
    },
    postfix.Queued: {
        "postfix_queueid": "queue_id",
        "postfix_from": "sender",
        "postfix_size": "size",
        "postfix_nrcpt": "recipients",
    },
    postfix.Expired: {"postfix_queueid": "queue_id", "postfix_from": "sender"},
    postfix.Notified: {
        "postfix_queueid": "queue_id",
        "postfix_bounce_queueid": "notification",
        "postfix_bounce_recipient": "whom",
        "postfix_bounce_reason": "kind",
    },
    postfix.LoginFailure: {"postfix_client_hostname": "client", "postfix_client_ip": "client_ip"},
    postfix.Problem: {
        "postfix_message_level": "level",
        "postfix_queueid": "queue_id",
    },
}
"""Their captures that we use, by what a line is; the others are named nowhere and not compared."""

_WANTED = {"postfix_status", "postfix_action", "postfix_bounce_queueid", "postfix_tls_trustlevel", "postfix_tls_error"}
"""A line with one of these is one that we count, so it must be read."""


def cases(folder: Path) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Name, service, line and captures of each file."""
    for path in sorted(folder.glob("*.yaml")):
        case = yaml.safe_load(path.read_text())
        pattern = re.search(r"POSTFIX_\w+", case["pattern"])
        name = pattern.group() if pattern else ""
        service = _SERVICES.get(name, name.removeprefix("POSTFIX_").lower())
        yield path.name, service, case["data"], case["results"]


def differences(service: str, line: str, captures: dict[str, Any]) -> dict[str, tuple[str, str]] | None:
    """Captures that we read otherwise: theirs and ours; None when the line is nothing that we count."""
    entry = postfix.read_entry(service, line)
    if entry is None:
        return {"line": ("counted", "not read")} if _WANTED & captures.keys() else None
    found = _fields(entry, captures.get("postfix_keyvalue_data", ""))
    for theirs, ours in USED[type(entry)].items():
        if theirs in captures and ours:
            wanted, got = str(captures[theirs]), str(getattr(entry, ours))
            if wanted != got:
                found[theirs] = (wanted, got)
    return found


def _fields(entry: postfix.Entry, text: str) -> dict[str, tuple[str, str]]:
    """The differences in `to=<…>, relay=…` and so on, which the captures leave in one piece."""
    theirs = {name: value.strip("<>") for name, value in re.findall(r"(\w+)=(<[^>]*>|[^,\s]*)", text)}
    ours: dict[str, str] = {}
    if isinstance(entry, postfix.Delivery):
        parts = (entry.before, entry.queued, entry.connecting, entry.transmitting)
        theirs["delay"] = f"{float(theirs['delay']):g}" if "delay" in theirs else ""
        theirs["delays"] = "/".join(f"{float(part):g}" for part in theirs.get("delays", "").split("/") if part)
        ours = {"to": entry.recipient, "orig_to": entry.original, "dsn": entry.dsn, "tls": entry.tls}
        ours |= {"delay": f"{entry.delay:g}", "delays": "/".join(f"{part:g}" for part in parts)}
        address = f"[{entry.relay_ip}]:{entry.relay_port}" if entry.relay_port else ""
        ours["relay"] = entry.relay + address
    elif isinstance(entry, postfix.Refusal):
        ours = {"from": entry.sender, "to": entry.recipient, "helo": entry.helo}
    return {name: (theirs[name], value) for name, value in ours.items() if name in theirs and theirs[name] != value}


def main() -> int:
    wrong = read = 0
    for name, service, line, captures in cases(Path(sys.argv[1])):
        found = differences(service, line, captures)
        read += found is not None
        if found:
            wrong += 1
            print(name, found)
        elif found is None:
            print(f"not counted: {name}: {line[:120]}")
    print(f"{read} read, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
