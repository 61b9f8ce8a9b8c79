"""Whether mail to a server travels as the policy of its domain demands: encrypted, to a certificate of its name."""

from __future__ import annotations

from penguintui.mail.records import Verdict
from penguintui.model.status import Status


def judge_server(host: str, version: str, trouble: str, mode: str) -> Verdict:
    """What senders make of a mail server's TLS.

    version: of TLS, empty without any. trouble: why its certificate is not to be trusted, or there is no TLS.
    mode: of the domain's MTA-STS policy; empty when there is none. Only `enforce` stops mail (RFC 8461, 5).
    """
    evidence = {"version": version, "policy": mode or "none"}
    if not trouble:
        return Verdict(Status.OK, f"{host} takes mail by {version}, with a certificate for its name", evidence=evidence)
    remedy = "Give the mail server a certificate of a public authority that names it, and let it offer STARTTLS."
    if mode == "enforce":
        summary = f"{host} breaks the MTA-STS policy: {trouble}; others refuse to deliver there"
        return Verdict(Status.CRITICAL, summary, remedy, evidence)
    if mode == "testing":
        summary = f"{host} would break the MTA-STS policy: {trouble}"
        return Verdict(Status.WARNING, summary, remedy, evidence)
    if not version:
        return Verdict(Status.WARNING, f"mail to {host} travels unencrypted: {trouble}", remedy, evidence)
    summary = f"{host} takes mail by {version}; its certificate is not trusted ({trouble}), and no policy demands it"
    return Verdict(Status.OK, summary, evidence=evidence)
