"""What a domain's records lead to, put behind the findings on the records themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from penguintui.model.observation import Finding
from penguintui.model.status import Status

_DEEP = ("dns.spf", "dns.mx", "dns.dmarc", "dns.bimi")
"""Records that lead to others: includes, mail servers, receivers of reports, the policy that a logo needs."""
_BESIDE = ("dns.caa", "dns.dnssec")
"""What only the lint of the whole domain looks at, and nobody expects: told when there is a verdict."""


def deepened(findings: Sequence[Finding], deeper: Sequence[Finding], domain: str) -> list[Finding]:
    """The findings on single records, and where such a record is there, what the lint says of all it leads to.

    deeper: of `mail.domain.lint_domain`, whose subject is the domain where it speaks of the record itself. What a
    record shows by itself stays the reason, unless what it leads to is worse.
    """
    by_check: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in deeper:
        by_check[finding.check].append(replace(finding, subject="" if finding.subject == domain else finding.subject))
    told: list[Finding] = []
    for finding in findings:
        below = by_check[finding.check] if finding.check in _DEEP and _there(finding) else []
        own = next((one for one in below if not one.subject), None)
        told.append(finding if own is None else _worse(finding, own))
        told += [one for one in below if one.subject]
    return told + [one for check in _BESIDE for one in by_check[check] if one.status is not Status.UNKNOWN]


def _there(finding: Finding) -> bool:
    """Whether the record was found: what is missing, or not known, leads nowhere."""
    return finding.status is not Status.UNKNOWN and "answer" not in finding.evidence


def _worse(record: Finding, tree: Finding) -> Finding:
    shown = record if record.status is not Status.OK and record.status >= tree.status else tree
    return replace(shown, evidence={**record.evidence, **tree.evidence})
