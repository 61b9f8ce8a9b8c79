"""Compares reports with the totals recorded for them: `python -m tests.conformance.dmarc FOLDER`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from penguintui.mail.dmarc import AggregateReport, FailureReport, Refused, Report, TlsReport, read_reports


def _when(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def told(report: Report | Refused, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a report says, in the words of the record; only what the record says too."""
    if isinstance(report, Refused):
        return {"error": report.reason}
    if isinstance(report, AggregateReport):
        return {
            "type": "aggregate",
            "org": report.org,
            "report_id": report.report_id,
            "domain": report.domain,
            "p": report.policy.get("p"),
            "records": report.records,
            "messages": report.messages,
            "dmarc_aligned": report.aligned,
            "spf_aligned": report.spf_aligned,
            "dkim_aligned": report.dkim_aligned,
            "begin": datetime.fromtimestamp(report.begin, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "end": datetime.fromtimestamp(report.end, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "disposition": {name: report.dispositions.get(name, 0) for name in wanted.get("disposition", {})},
        }
    if isinstance(report, TlsReport):
        policies = [
            {
                "policy_domain": policy.domain,
                "policy_type": policy.type,
                "successful_session_count": policy.successful,
                "failed_session_count": policy.failed,
            }
            for policy in report.policies
        ]
        return {"type": "smtp_tls", "org": report.org, "policies": policies}
    assert isinstance(report, FailureReport)
    return {
        "type": "failure",
        "feedback_type": report.feedback_type,
        "arrival_date_utc": datetime.fromtimestamp(report.arrival or 0, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "reported_domain": report.reported_domain,
        "source": report.source_ip,
        "delivery_result": report.delivery_result,
        "auth_failure": list(report.auth_failure),
        "original_mail_from": report.original_mail_from or None,
    }


def compare(folder: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """File, what was recorded, what is found; both reduced to what both say."""
    expected: dict[str, dict[str, Any]] = json.loads((folder / "expected.json").read_text())
    for name, record in expected.items():
        path = folder / name
        if path.exists():
            found = told(read_reports(path.read_bytes(), name)[0], record)
            if "source" in record:
                record["source"] = record["source"]["ip_address"]
            if "error" in record:
                record["error"] = found.get("error", "an error")
            yield name, {key: value for key, value in record.items() if key in found or key == "error"}, found


def main() -> int:
    wrong = 0
    for name, wanted, found in compare(Path(sys.argv[1])):
        if wanted != found:
            wrong += 1
            print(
                name,
                {key: (wanted.get(key), found.get(key)) for key in wanted | found if wanted.get(key) != found.get(key)},
            )
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
