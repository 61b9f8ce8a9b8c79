"""Whole series at once, of a past that no agent watched: generated history, or what is brought from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from penguintui.model.clock import Time
from penguintui.store.identities import canonical
from penguintui.store.samples import keep_samples

if TYPE_CHECKING:
    from sqlalchemy import Connection


def keep_series(
    connection: Connection,
    metric: str,
    labels: Mapping[str, str],
    points: Sequence[tuple[Time, float]],
    valid_for: float,
) -> None:
    """Store the samples of one series, new or known. An agent that writes the same labels goes on in it.

    points: (time, value), any order; one that is there already is replaced. valid_for: seconds for which each holds.
    """
    series = connection.exec_driver_sql(
        "INSERT INTO series (metric, labels, valid_for) VALUES (?, ?, ?) "
        "ON CONFLICT (metric, labels) DO UPDATE SET valid_for = excluded.valid_for RETURNING id",
        (metric, canonical(labels), valid_for),
    ).scalar_one()
    keep_samples(connection, [(series, round(time * 1000), value) for time, value in points])
