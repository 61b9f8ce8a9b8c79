"""Whose samples are whose: remembered by asking, and right whatever an asking brings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from penguintui.model.observation import Sample
from penguintui.store.identities import Identities
from penguintui.store.opening import open_for_writing
from penguintui.store.past import keep_series

SAMPLES = st.lists(
    st.builds(
        Sample,
        st.sampled_from(["a", "b", "c"]),
        st.just(1.0),
        st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"), max_size=2),
    ),
    max_size=4,
)
ASKINGS = st.lists(st.tuples(SAMPLES, st.sampled_from(["h1", "h2"]), st.sampled_from([10.0, 20.0])), max_size=12)


@settings(max_examples=30)
@given(ASKINGS, st.integers(0, 12))
def test_each_sample_finds_its_series(
    tmp_path_factory, askings: Sequence[tuple[list[Sample], str, float]], forgetting: int
) -> None:
    folder: Path = tmp_path_factory.mktemp("identities")
    engine = open_for_writing(f"sqlite:///{folder / 'store.db'}")
    identities = Identities()
    with engine.begin() as connection:
        for turn, (samples, instance, valid_for) in enumerate(askings):
            if turn == forgetting:
                identities.load(connection)
            layout = identities.origin({"instance": instance}).layout(connection, samples, valid_for)
            assert layout.names == {sample.metric for sample in samples}
            for sample, number in zip(samples, layout.ids, strict=True):
                sql = "SELECT metric, labels, valid_for FROM series WHERE id = ?"
                metric, labels, holds = connection.exec_driver_sql(sql, (number,)).one()
                assert (metric, json.loads(labels)) == (sample.metric, {**sample.labels, "instance": instance})
                assert holds == valid_for
    engine.dispose()


def test_a_series_that_somebody_else_made_is_gone_on_with(url: str) -> None:
    engine = open_for_writing(url)
    identities = Identities()
    with engine.begin() as connection:
        identities.load(connection)
        keep_series(connection, "m", {"instance": "h"}, [(1.0, 1.0)], 60.0)
        made = identities.origin({"instance": "h"}).series(connection, Sample("m", 2.0), 15.0)
        rows = connection.exec_driver_sql("SELECT id, valid_for FROM series").all()
        assert [tuple(row) for row in rows] == [(made, 15.0)]
    engine.dispose()
