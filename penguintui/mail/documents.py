"""What the `mail` commands print, as plain dictionaries with stable keys. Times are seconds since 1970, UTC."""

from __future__ import annotations

from typing import Any

from penguintui.mail.bounce import Kind, read
from penguintui.mail.bulk import judge_mail
from penguintui.mail.dmarc import AggregateReport, FailureReport, Refused, Report, ReportError, TlsReport, read_reports
from penguintui.mail.dmarc.failure import read_feedback
from penguintui.mail.domain import DomainLint
from penguintui.mail.mime import read_mail
from penguintui.mail.providers import explain_text
from penguintui.mail.spf import Lint, Look, Verdict
from penguintui.model.status import Status, worst

Document = dict[str, Any]


def spf_document(verdict: Verdict) -> Document:
    """One check of an address."""
    return {
        "result": verdict.result.value,
        "explanation": verdict.explanation,
        "lookups": verdict.lookups,
        "voids": verdict.voids,
        "reason": verdict.reason,
        "void_names": list(verdict.void_names),
    }


def lint_document(lint: Lint) -> Document:
    """What a domain's SPF record leads to and what is wrong with it."""
    return {
        "domain": lint.domain,
        "record": lint.record,
        "length": len(lint.record),
        "lookups": lint.lookups,
        "voids": list(lint.voids),
        "status": lint.status.word,
        "looks": [_look_document(look) for look in lint.looks],
        "remarks": [
            {
                "code": remark.code,
                "status": remark.status.word,
                "domain": remark.domain,
                "sentence": remark.sentence,
                "remedy": remark.remedy,
            }
            for remark in lint.remarks
        ],
    }


def domain_document(lint: DomainLint) -> Document:
    """All findings on a domain, the most worrying first, and the tree of its SPF record."""
    return {
        "domain": lint.domain,
        "status": lint.status.word,
        "findings": [
            {
                "check": finding.check,
                "subject": finding.subject,
                "status": finding.status.word,
                "summary": finding.summary,
                "remedy": finding.remedy,
                "evidence": dict(finding.evidence),
            }
            for finding in lint.findings
        ],
        "spf": lint_document(lint.spf),
    }


def _look_document(look: Look) -> Document:
    return {
        "term": look.term,
        "name": look.name,
        "total": look.total,
        "voids": list(look.voids),
        "record": look.record,
        "looks": [_look_document(below) for below in look.looks],
    }


def headers_document(file: str, data: bytes, *, marketing: bool) -> Document:
    """Whether a mail is as large providers demand it; `status` is that of the worst demand."""
    judged = judge_mail(data, marketing=marketing)
    return {
        "file": file,
        "status": worst((demand.status for demand in judged.demands), Status.UNKNOWN).word,
        "from": judged.author,
        "demands": [
            {
                "code": demand.code,
                "status": demand.status.word,
                "by": list(demand.who),
                "sentence": demand.sentence,
                "remedy": demand.remedy,
            }
            for demand in judged.demands
        ],
        "signatures": [
            {
                "domain": signature.domain,
                "selector": signature.selector,
                "algorithm": signature.algorithm,
                "headers": sorted(signature.headers),
            }
            for signature in judged.signatures
        ],
    }


def refusal_documents(text: str) -> list[Document]:
    """What a server's answer means, by each provider that it may come from; none when nobody of them says it."""
    return [
        {
            "provider": found.provider,
            "code": found.code,
            "meaning": found.meaning,
            "remedy": found.remedy,
            "retry": found.retry,
        }
        for found in explain_text(text)
    ]


def bounce_documents(file: str, data: bytes) -> list[Document]:
    """A mail to the bounce address, one document per recipient; one of kind `other` when it tells of no delivery."""
    return [
        {
            "file": file,
            "kind": notice.kind.value,
            "recipient": notice.recipient,
            "status": notice.status,
            "reason": notice.reason,
            "hard": notice.hard,
            "feedback_type": notice.feedback_type,
            "reply": notice.reply,
            "derived": notice.derived,
            "suppress": notice.suppress,
            "diagnosis": notice.diagnosis,
        }
        for notice in read(data)
    ]


def dmarc_documents(file: str, data: bytes) -> list[Document]:
    """The DMARC reports of a file, one document per report, or per refusal with `error`."""
    return [_report_document(file, report, "DMARC") for report in read_reports(data, file)]


def tls_documents(file: str, data: bytes) -> list[Document]:
    """The TLS reports of a file, one document per report, or per refusal with `error`."""
    return [_report_document(file, report, "TLS") for report in read_reports(data, file)]


def _report_document(file: str, report: Report | Refused, wanted: str) -> Document:
    if isinstance(report, Refused):
        part = {"part": report.name} if report.name and report.name != file else {}
        return {"file": file, **part, "error": report.reason}
    if isinstance(report, TlsReport) != (wanted == "TLS"):
        command = "tlsrpt" if wanted == "DMARC" else "dmarc"
        return {"file": file, "error": f"no {wanted} report: `mail {command}` reads it"}
    if isinstance(report, AggregateReport):
        return {"file": file} | _aggregate_document(report)
    return {"file": file} | (_failure_document(report) if isinstance(report, FailureReport) else _tls_document(report))


def _aggregate_document(report: AggregateReport) -> Document:
    return {
        "type": "aggregate",
        "org": report.org,
        "report_id": report.report_id,
        "domain": report.domain,
        "begin": int(report.begin),
        "end": int(report.end),
        "records": report.records,
        "messages": report.messages,
        "dkim_aligned": report.dkim_aligned,
        "spf_aligned": report.spf_aligned,
        "aligned": report.aligned,
        "policy": dict(report.policy),
        "dispositions": dict(report.dispositions),
    }


def _failure_document(report: FailureReport) -> Document:
    return {
        "type": "failure",
        "feedback_type": report.feedback_type,
        "domain": report.reported_domain,
        "source_ip": report.source_ip,
        "auth_failure": list(report.auth_failure),
        "delivery_result": report.delivery_result,
        "original_mail_from": report.original_mail_from,
        "arrival": report.arrival,
    }


def _tls_document(report: TlsReport) -> Document:
    return {
        "type": "smtp_tls",
        "org": report.org,
        "report_id": report.report_id,
        "begin": int(report.begin),
        "end": int(report.end),
        "policies": [
            {
                "domain": policy.domain,
                "policy_type": policy.type,
                "successful": policy.successful,
                "failed": policy.failed,
                "failures": dict(policy.failures),
            }
            for policy in report.policies
        ],
    }


def feedback_documents(file: str, data: bytes) -> list[Document]:
    """The complaints of a mail (RFC 5965), one document per recipient, or one with `error`.

    A report of failed authentication tells whose mail failed as well.
    """
    complaints = [notice for notice in read(data) if notice.kind is Kind.COMPLAINT]
    try:
        report = read_feedback(read_mail(data))
    except ReportError:
        report = None  # Microsoft's and Apple's complaints are none of RFC 5965, and tell no more
    told = _failure_document(report) if report else {}
    documents = [
        told
        | {
            "file": file,
            "type": "feedback",
            "recipient": notice.recipient,
            "feedback_type": notice.feedback_type,
            "suppress": notice.suppress,
        }
        for notice in complaints
    ]
    return documents or [{"file": file, "error": "no feedback report (RFC 5965)"}]
