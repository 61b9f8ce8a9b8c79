"""Screen 4: who is at the door?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.model.record import record

if TYPE_CHECKING:
    from penguintui.model.clock import Time
    from penguintui.model.status import Status
    from penguintui.views.models.chart import Chart
    from penguintui.views.models.what import Change, Need, Value


@record
class AttemptRow:
    """Failed logins by one source (an address) or against one account, over the window shown.

    status: that of the finding on the source, or on the worst source that tried the account.
    others: the accounts that a source tried, or the sources that tried an account, most first ("root 40, ana 2").
    """

    name: str
    failures: Value
    others: str
    last: str
    last_at: Time
    status: Status
    reason: str


@record
class Breach:
    """A login that succeeded after failures."""

    at: Time
    time: str
    target: str
    text: str
    remedy: str


@record
class CertificateRow:
    """One certificate: how many days are left, until when, and what is wrong with it."""

    target: str
    days: Value
    ends: str
    status: Status
    reason: str
    remedy: str


@record
class ControlRow:
    """A control or the result of a scan: what a query with `check: compliance.…` or `check: security.…` found.

    name: without that first word. age: of the evidence.
    """

    name: str
    status: Status
    text: str
    remedy: str
    age: str
    target: str


@record
class Security:
    """`headline` answers the screen's question in one line; UNKNOWN while no log is watched.

    window: over what attempts are counted ("1h"). failures: failed logins in it; chart: over the last day.
    needs: what is not watched (logs, certificates, controls, vulnerabilities), and what to do for it.
    """

    status: Status
    headline: str
    window: str
    failures: Value
    chart: Chart
    sources: tuple[AttemptRow, ...]
    accounts: tuple[AttemptRow, ...]
    breaches: tuple[Breach, ...]
    certificates: tuple[CertificateRow, ...]
    controls: tuple[ControlRow, ...]
    changes: tuple[Change, ...]
    needs: tuple[Need, ...] = ()
