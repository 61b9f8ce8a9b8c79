"""What the commands print."""

from __future__ import annotations

import json

from penguintui.mail.documents import (
    bounce_documents,
    dmarc_documents,
    domain_document,
    feedback_documents,
    lint_document,
    spf_document,
    tls_documents,
)
from penguintui.mail.domain import lint_domain
from penguintui.mail.spf import check_host, lint
from tests.mail.test_dmarc_reports import tls, xml
from tests.mail.zone import FakeZone

_RECORDS = {"a.example": "v=spf1 include:b.example -all", "b.example": "v=spf1 a:no.example"}
_ZONE = FakeZone({name: {"TXT": [text]} for name, text in _RECORDS.items()})


async def test_spf() -> None:
    document = spf_document(await check_host(_ZONE, "192.0.2.1", "x@a.example", "h.example"))
    assert (document["result"], document["explanation"], document["lookups"], document["voids"]) == ("fail", "", 2, 1)


async def test_lint() -> None:
    document = lint_document(await lint(_ZONE, "a.example"))
    assert (document["lookups"], document["status"]) == (2, "WARNING")
    assert document["looks"][0]["looks"][0]["term"] == "a:no.example"
    json.dumps(document)


async def test_domain() -> None:
    document = domain_document(await lint_domain(_ZONE, "a.example"))
    assert (document["domain"], document["status"], document["spf"]["lookups"]) == ("a.example", "CRITICAL", 2)
    assert {"check", "subject", "status", "summary", "remedy", "evidence"} == document["findings"][0].keys()
    json.dumps(document)


def test_bounce() -> None:
    (document,) = bounce_documents("f.eml", b"Subject: hello\n\nhi")
    assert {"file", "kind", "recipient", "status", "reason", "hard", "feedback_type"} <= document.keys()
    assert (document["file"], document["kind"], document["hard"]) == ("f.eml", "other", False)


def test_dmarc() -> None:
    (document,) = dmarc_documents("r.xml", xml([(3, "pass", "fail")]))
    assert {"file", "org", "report_id", "domain", "begin", "end", "records"} <= document.keys()
    assert (document["begin"], document["messages"], document["aligned"]) == (1_700_000_000, 3, 3)
    assert (document["dkim_aligned"], document["spf_aligned"]) == (3, 0)
    assert dmarc_documents("r.xml", b"<x/>")[0].keys() == {"file", "error"}


def test_tls() -> None:
    data = json.dumps(tls()).encode()
    assert tls_documents("t.json", data)[0]["policies"][0]["failed"] == 2
    assert "tlsrpt" in dmarc_documents("t.json", data)[0]["error"]
    assert "mail dmarc" in tls_documents("r.xml", xml([]))[0]["error"]


def test_feedback() -> None:
    mail = (
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b\n"
        b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        b"Original-Rcpt-To: a@d.example\nSource-IP: 192.0.2.1\n\n--b--\n"
    )
    (document,) = feedback_documents("f.eml", mail)
    assert (document["recipient"], document["feedback_type"]) == ("a@d.example", "abuse")
    assert document["source_ip"] == "192.0.2.1"
    assert "mail arf" in dmarc_documents("f.eml", mail)[0]["error"]
    assert "error" in feedback_documents("f.eml", b"Subject: x\n\ny")[0]
