"""The spool's files: whole records survive whatever happens to the file, in order; what is lost is told."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.observation import Bookmark, Event, Finding, Observation, Sample
from penguintui.model.status import Status
from penguintui.model.target import Kind, Target
from penguintui.store import segment
from penguintui.store.ingest import Reported
from penguintui.store.spool import Spool
from penguintui.store.spooled import Sampled, pack, time_of, unpack

PAYLOADS = [b"first", b"second, a little longer", b"", b"fourth"]


class Heard:
    """What a spool tells of losses."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.lost = 0

    def __call__(self, words: str, records: int) -> None:
        self.words.append(words)
        self.lost += records


@pytest.fixture
def heard() -> Heard:
    return Heard()


def opened(folder: Path, heard: Heard | None = None, size: int = 1 << 20) -> Spool:
    return Spool(folder, size, heard or Heard())


def fill(spool: Spool, payloads: list[bytes], begin: int = 0) -> None:
    spool.append(begin, [(100.0 + begin + i, payload) for i, payload in enumerate(payloads)])


def read_all(spool: Spool) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    number = spool.begin
    while records := spool.read(number, 64):
        found.update({record.number: record.payload or b"" for record in records})
        number = records[-1].number + 1
    return found


def test_what_is_put_in_is_there_for_the_next_process_too(tmp_path: Path, heard: Heard) -> None:
    spool = opened(tmp_path / "spool", heard)
    assert (spool.begin, spool.end, spool.used, spool.read(0, 100)) == (0, 0, 0, [])
    assert not (tmp_path / "spool").exists(), "nothing waits, so nothing is there"
    fill(spool, PAYLOADS)
    fill(spool, PAYLOADS, begin=10)
    for one in (spool, opened(tmp_path / "spool", heard)):
        assert (one.begin, one.end, one.count(0), one.count(2), one.count(11)) == (0, 14, 8, 6, 3)
        assert read_all(one) == dict(zip([0, 1, 2, 3, 10, 11, 12, 13], PAYLOADS * 2, strict=True))
        assert (one.time(1), one.time(5), one.time(14)) == (101.0, 110.0, None)
    assert heard.words == []
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "spool").iterdir()} == {0o600}
    spool.release(4)
    assert (spool.begin, spool.count(0)) == (10, 4)
    spool.release(14)
    assert (spool.end, spool.used, list((tmp_path / "spool").iterdir())) == (14, 0, [])


@pytest.mark.parametrize("cut", range(1, 26 + len(PAYLOADS[3])))
def test_a_torn_tail_is_named_and_all_before_it_goes_on(tmp_path: Path, cut: int, heard: Heard) -> None:
    fill(opened(tmp_path), PAYLOADS)
    path = next(tmp_path.iterdir())
    os.truncate(path, path.stat().st_size - cut)
    spool = opened(tmp_path, heard)
    whole = 3 if cut <= segment.OVERHEAD + len(PAYLOADS[3]) else 2
    assert read_all(spool) == dict(enumerate(PAYLOADS[:whole]))
    assert spool.end == whole
    if cut not in (segment.OVERHEAD + len(PAYLOADS[3]),):
        assert str(path) in heard.words[0]
        assert "no whole record" in heard.words[0]
    fill(spool, [b"after"], begin=whole)
    assert read_all(opened(tmp_path))[whole] == b"after"


@given(flipped=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flipped_bit_costs_no_record_before_it_and_is_told(
    tmp_path_factory: pytest.TempPathFactory, flipped: int, bit: int
) -> None:
    folder, heard = tmp_path_factory.mktemp("spool"), Heard()
    fill(opened(folder), PAYLOADS)
    path = next(folder.iterdir())
    data = bytearray(path.read_bytes())
    at = flipped % len(data)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    found = read_all(opened(folder, heard))
    assert all(PAYLOADS[number] == payload for number, payload in found.items())
    assert found.keys() != set(range(4))
    assert heard.words
    before = len(b"penguintui spool 1\n")
    for number, payload in enumerate(PAYLOADS):
        before += segment.OVERHEAD + len(payload)
        if before <= at and at >= len(b"penguintui spool 1\n"):
            assert number in found


def test_a_damaged_payload_costs_that_record_alone(tmp_path: Path, heard: Heard) -> None:
    fill(opened(tmp_path), PAYLOADS)
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes().replace(b"second", b"sEcond"))
    assert read_all(opened(tmp_path, heard)) == {0: PAYLOADS[0], 2: PAYLOADS[2], 3: PAYLOADS[3]}
    assert (heard.lost, str(path) in heard.words[0]) == (1, True)


def test_a_file_that_is_none_of_ours_is_left_alone_and_named(tmp_path: Path, heard: Heard) -> None:
    stranger = tmp_path / f"{7:020d}.spool"
    stranger.write_bytes(b"penguintui spool 9\nsomething newer")
    (tmp_path / "positions.json").write_text("{}", encoding="utf-8")
    spool = opened(tmp_path, heard)
    assert (spool.used, spool.begin, spool.end) == (0, 8, 8)
    assert str(stranger) in heard.words[0]
    fill(spool, [b"ours"], begin=8)
    assert read_all(spool) == {8: b"ours"}
    assert stranger.exists()


def test_a_file_that_goes_away_is_counted_and_the_rest_goes_on(tmp_path: Path, heard: Heard) -> None:
    spool = opened(tmp_path, heard)
    fill(spool, PAYLOADS)
    fill(spool, PAYLOADS, begin=10)
    next(iter(sorted(tmp_path.iterdir()))).unlink()
    assert [record.number for record in spool.read(1, 1000)] == [10, 11, 12, 13]
    assert heard.lost == 4
    assert "cannot be read" in heard.words[0]


def test_a_disk_that_fills_in_the_middle_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = opened(tmp_path)
    fill(spool, [b"fine"])
    real = os.pwrite

    def little(descriptor: int, data: bytes, at: int) -> int:
        if at > 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:9], at)

    monkeypatch.setattr(os, "pwrite", little)
    with pytest.raises(OSError, match="No space left"):
        fill(spool, [b"x" * 50], begin=1)
    monkeypatch.undo()
    assert (spool.end, next(tmp_path.iterdir()).stat().st_size) == (1, spool.used)
    fill(spool, [b"again"], begin=1)
    assert read_all(opened(tmp_path)) == {0: b"fine", 1: b"again"}


def test_it_is_bounded_in_files_of_a_sixteenth(tmp_path: Path) -> None:
    spool = opened(tmp_path, size=16 * 1024)
    number = 0
    while spool.has_room([b"x" * 200]):
        fill(spool, [b"x" * 200], begin=number)
        number += 1
    assert 15 * 1024 < sum(path.stat().st_size for path in tmp_path.iterdir()) <= 16 * 1024
    assert len(list(tmp_path.iterdir())) > 10
    gone = spool.release_oldest()
    assert gone.start == 0
    assert spool.begin == gone.stop
    assert spool.has_room([b"x" * 200])


TEXT = st.text(max_size=8)
LABELS = st.dictionaries(TEXT, TEXT, max_size=3)
FLOATS = st.floats(allow_nan=False)
SAMPLE = st.builds(Sample, TEXT, FLOATS, LABELS)
FINDING = st.builds(Finding, TEXT, st.sampled_from(Status), TEXT, TEXT, TEXT, LABELS)
EVENT = st.builds(Event, FLOATS, TEXT, TEXT, st.sampled_from(Status), LABELS)


def several(of: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(of, max_size=3).map(tuple)


OBSERVATION = st.builds(
    Observation,
    *(FLOATS, FLOATS, st.booleans(), several(SAMPLE), several(FINDING), several(EVENT), st.booleans(), FLOATS),
    several(st.builds(Bookmark, TEXT, TEXT, st.booleans())),
)
TARGET = st.builds(Target, TEXT, st.sampled_from(Kind), TEXT, LABELS)
ITEM = st.one_of(
    st.builds(Reported, TARGET, TEXT, TEXT, OBSERVATION),
    st.builds(Sampled, LABELS, several(st.tuples(SAMPLE, FLOATS)), FLOATS, st.booleans()),
)


@given(ITEM)
def test_what_is_packed_is_what_is_unpacked(item: Reported | Sampled) -> None:
    assert unpack(pack(item)) == item
    assert isinstance(time_of(item), float)


def test_numbers_that_are_none_survive() -> None:
    samples = (Sample("a", float("nan")), Sample("b", float("-inf")))
    found = unpack(pack(Reported(Target("t", Kind.HOST, "e"), "p", "j", Observation(1.0, 1.0, True, samples))))
    assert isinstance(found, Reported)
    assert str([sample.value for sample in found.observation.samples]) == "[nan, -inf]"


@given(st.binary(max_size=40))
def test_rubbish_is_no_item(payload: bytes) -> None:
    with pytest.raises(ValueError, match="no observation"):
        unpack(payload)
