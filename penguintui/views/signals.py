"""The golden signals of each kind of target: one query for all targets of all kinds that have it.

Each expression gives one value for each `instance`. The first signal of a kind is its sparkline.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from penguintui.model.target import Kind

_LITERAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
"""What means something in a regular expression."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One signal. `$only` in its expressions stands for the matchers that leave one target, or for none.

    title: as it stands before the number in a row. unit: one of `model.metrics.Unit`. share: of a whole of 100 %.
    detail: the expression of a target's chart where that shows more than one line, told apart by the label `by`.
    """

    title: str
    expr: str
    unit: str
    share: bool = False
    detail: str = ""
    by: str = ""

    @property
    def of_all(self) -> str:
        """The expression that gives a value for every target that has the signal."""
        return self.expr.replace("$only", "")

    def of_some(self, targets: Collection[str]) -> str:
        """The expression that gives a value for each of these targets; of none, for all."""
        if not targets:
            return self.of_all
        names = "|".join(_LITERAL.sub(r"\\\g<0>", name) for name in targets)
        return self.expr.replace("$only", f'instance=~"{_quoted(names)}"')

    def of(self, target: str) -> str:
        """The expression of one target's chart."""
        return (self.detail or self.expr).replace("$only", f'instance="{_quoted(target)}"')


def _quoted(text: str) -> str:
    """As it stands between the language's quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _max(selector: str) -> str:
    return f"max by (instance) ({selector})"


def _sum(selector: str) -> str:
    return f"sum by (instance) ({selector})"


ANSWER = Signal("answer", _max("probe_duration_seconds{$only}"), "seconds")
P95 = Signal("p95", _max("quantile_over_time(0.95, probe_duration_seconds{$only}[5m])"), "seconds")
CPU = Signal(
    "cpu",
    '100 * ((1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle",$only}[2m]))) '
    f"or {_max('penguinmails_node_cpu_ratio{$only}')})",
    "percent",
    share=True,
)
MEMORY = Signal(
    "mem",
    f"100 * ((1 - {_max('node_memory_MemAvailable_bytes{$only}')} / {_max('node_memory_MemTotal_bytes{$only}')}) "
    f"or {_max('penguinmails_node_memory_ratio{$only}')})",
    "percent",
    share=True,
)
_ROOM = "1 - node_filesystem_avail_bytes{$only} / node_filesystem_size_bytes{$only}"
DISK = Signal("disk", f"100 * {_max(_ROOM)}", "percent", share=True, detail=f"100 * ({_ROOM})", by="mountpoint")
LOAD = Signal("load", _max("node_load1{$only}"), "count")
WAITING = Signal(
    "waiting",
    f"{_sum('postfix_queue_messages{$only}')} or {_sum('penguinmails_queue_waiting{$only}')}",
    "count",
    detail="postfix_queue_messages{$only} or penguinmails_queue_waiting{$only}",
    by="queue",
)
_OLDEST = "postfix_queue_oldest_seconds{$only}"
OLDEST = Signal("oldest", _max(_OLDEST), "seconds", detail=_OLDEST, by="queue")
FAILED = Signal("failed", _sum("penguinmails_queue_failed{$only}"), "count")
POOL = Signal("pool", _max("penguinmails_db_pool_ratio{$only}"), "ratio", share=True)
_RESPONSE = 'penguinmails_service_response_seconds{quantile="0.95",$only}'
RESPONSE = Signal("own p95", _max(_RESPONSE), "seconds", detail=_RESPONSE, by="service")
ERRORS = Signal("errors", _max("penguinmails_service_error_ratio{$only}"), "ratio")
LOOKUP = Signal("lookup", _max("probe_dns_lookup_time_seconds{$only}"), "seconds")
REPUTATION = Signal("reputation", "min by (instance) (penguinmails_ip_reputation_score{$only})", "count")
LISTINGS = Signal("lists", _sum("penguinmails_ip_listings{$only}"), "count")
LOGINS = Signal("failed/h", _sum('increase(penguintui_logins_total{result="failed",$only}[1h])'), "count")
MAILS = Signal("mails/h", _sum("increase(penguinmails_mails_sent_total{$only}[1h])"), "count")
_DELIVERY = 'penguinmails_delivery_seconds{quantile="0.95",$only}'
DELIVERY = Signal("delivery p95", _max(_DELIVERY), "seconds", detail=_DELIVERY, by="provider")
_BOUNCED = "penguinmails_bounce_ratio{$only}"
BOUNCED = Signal("bounced", _max(_BOUNCED), "ratio", detail=_BOUNCED, by="provider")

SIGNALS: Mapping[Kind, tuple[Signal, ...]] = {
    Kind.SERVICE: (ANSWER, P95, RESPONSE, ERRORS),
    Kind.HOST: (CPU, MEMORY, DISK, LOAD),
    Kind.DATABASE: (ANSWER, POOL),
    Kind.QUEUE: (WAITING, OLDEST, FAILED),
    Kind.CACHE: (ANSWER,),
    Kind.NETWORK: (ANSWER,),
    Kind.DOMAIN: (LOOKUP,),
    Kind.ADDRESS: (REPUTATION, LISTINGS),
    Kind.LOG: (LOGINS,),
    Kind.BUSINESS: (MAILS, DELIVERY, BOUNCED),
}


FIRST: Mapping[Kind, tuple[Signal, ...]] = {kind: signals[:1] for kind, signals in SIGNALS.items()}
"""The signals whose trends stand in rows."""
