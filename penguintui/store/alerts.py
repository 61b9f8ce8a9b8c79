"""Alerts in the store, as intervals: what was pending or firing at any moment can be seen as it was."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penguintui.model.clock import Time
from penguintui.store import then
from penguintui.store.identities import canonical

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from penguintui.store.reader import Reader

_REWORD_SECONDS = 60.0
"""An alert whose words change (a number in them) gets a new interval at most this often, as findings do."""

_OPEN = (
    "SELECT rule, labels, id, state, active_at, fired_at, annotations, valid_from FROM alerts "
    'WHERE valid_to IS NULL AND "group" = ?'
)


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """A pending or firing alert as it stands.

    group: the rule's file and group, `file;group`. active_at: since when its query holds. fired_at: when it fired.
    observed: when its rule was last evaluated; `holds` seconds later nothing is known of it any more.
    """

    group: str
    rule: str
    labels: Mapping[str, str]
    state: str
    active_at: Time
    fired_at: Time | None
    value: float
    annotations: Mapping[str, str]
    observed: Time
    holds: float

    @property
    def firing(self) -> bool:
        return self.state == "firing"

    def stale(self, at: Time) -> bool:
        return at - self.observed > self.holds


def keep_alerts(
    connection: Connection, group: str, alerts: Sequence[AlertRecord], now: Time, leave: Collection[str] = ()
) -> None:
    """Make these the alerts of a group from `now`; what was open and is not among them ends.

    An alert that goes on in its state keeps the time at which it fired. leave: rules whose alerts stay as they are,
    since nobody knows now how they stand.
    """
    opened = {(row[0], row[1]): row for row in connection.exec_driver_sql(_OPEN, (group,)).all()}
    refreshed, fresh = [], []
    ended = {row[2] for row in opened.values() if row[0] not in leave}
    for alert in alerts:
        labels, words = canonical(alert.labels), canonical(alert.annotations)
        value = None if math.isnan(alert.value) else alert.value
        fired_at = alert.fired_at
        known = opened.get((alert.rule, labels))
        if known is not None and known[3:5] == (alert.state, alert.active_at):
            _, _, row_id, _, _, fired_at, was, valid_from = known
            if was == words or now - valid_from < _REWORD_SECONDS:
                ended.discard(row_id)
                refreshed.append((value, words, alert.observed, alert.holds, row_id))
                continue
        row = (group, alert.rule, labels, alert.state, alert.active_at, fired_at, value, words)
        fresh.append((*row, alert.observed, alert.holds, now))
    if refreshed:
        connection.exec_driver_sql(
            "UPDATE alerts SET value = ?, annotations = ?, observed = ?, holds = ? WHERE id = ?", refreshed
        )
    if ended:
        connection.exec_driver_sql("UPDATE alerts SET valid_to = ? WHERE id = ?", [(now, one) for one in ended])
    if fresh:
        connection.exec_driver_sql(
            'INSERT INTO alerts ("group", rule, labels, state, active_at, fired_at, value, annotations, observed, '
            "holds, valid_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            fresh,
        )


def keep_groups(connection: Connection, groups: Collection[str], now: Time) -> None:
    """End the alerts of all other groups: their rules are no more."""
    for (group,) in connection.exec_driver_sql('SELECT DISTINCT "group" FROM alerts WHERE valid_to IS NULL').all():
        if group not in groups:
            connection.exec_driver_sql(
                'UPDATE alerts SET valid_to = ? WHERE valid_to IS NULL AND "group" = ?', (now, group)
            )


def alerts(reader: Reader) -> list[AlertRecord]:
    """The alerts of the reader's moment, pending ones included, in no particular order."""
    where, values = reader.valid()
    rows = reader.store.rows(f"SELECT * FROM alerts WHERE {where}", values)  # noqa: S608
    asked = {} if reader.moment.live or not rows else reader.store.asked.alerts(reader)
    return [_record(row, reader.at, asked) for row in rows]


def _record(row: Any, at: Time, asked: Mapping[str, Time]) -> AlertRecord:
    labels = json.loads(row["labels"])
    evaluated = asked.get(canonical({**labels, "alertstate": row["state"]}))
    return AlertRecord(
        group=row["group"],
        rule=row["rule"],
        labels=labels,
        state=row["state"],
        active_at=row["active_at"],
        fired_at=row["fired_at"],
        value=float("nan") if row["value"] is None else row["value"],
        annotations=json.loads(row["annotations"]),
        observed=then.seen(row["observed"], evaluated, row["valid_from"], at),
        holds=row["holds"],
    )
