"""What an agent asks the store before it writes again what it left in its spool; on both kinds of store."""

from __future__ import annotations

import math
from dataclasses import replace

from sqlalchemy import Connection

from penguintui.store.ingest import Ingest, Reported, newest_words, without_findings
from penguintui.store.writer import Writer
from tests.agent.observing import reported, slow

BEGIN = 1_790_000_000.0


def test_what_was_stored_is_known(url: str) -> None:
    writer, ingest = Writer(url), Ingest()
    stored = reported(BEGIN, slow(), m=1.0, none=math.nan)
    writer.submit(lambda connection: ingest.record(connection, [stored])).result(10)
    others = [
        reported(BEGIN + 0.001, slow(), m=1.0, none=math.nan),
        reported(BEGIN, slow(), m=1.0, none=math.nan, more=2.0),
        replace(stored, job="other"),
    ]
    for known in (ingest, Ingest()):
        assert writer.submit(lambda connection, known=known: known.has(connection, stored)).result(10)
        for other in others:
            assert not writer.submit(lambda connection, known=known, other=other: known.has(connection, other)).result(
                10
            )
    assert writer.submit(newest_words).result(10) == {("api", "http"): BEGIN}
    writer.close()


def test_without_its_findings_an_observation_leaves_the_same_samples(url: str) -> None:
    writer, ingest = Writer(url), Ingest()
    samples = "SELECT metric, labels, time, value FROM samples JOIN series ON series.id = series_id ORDER BY 1, 2, 3"

    def record(one: Reported) -> list[tuple[object, ...]]:
        def work(connection: Connection) -> list[tuple[object, ...]]:
            ingest.record(connection, [one])
            return [tuple(row) for row in connection.exec_driver_sql(samples)]

        return writer.submit(work).result(10)

    with_findings = record(reported(BEGIN, slow(), m=1.0))
    assert len(with_findings) == 3
    assert record(without_findings(reported(BEGIN, slow(), m=1.0))) == with_findings
    found = writer.submit(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM findings").scalar_one())
    assert found.result(10) == 1
    writer.close()
