"""The lease, as a model: two agents, a store that is there or not, clocks that run apart. Never do both begin work."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from penguintui.agent.lease import LASTS, PATIENCE, Term, Watch

_DRIFT = PATIENCE / LASTS
"""How much faster one clock may run than another."""


class Row:
    """The lease in the store."""

    def __init__(self) -> None:
        self.token, self.beat, self.owner = 0, 0, ""


class Side:
    """An agent, with a clock that begins anywhere and runs at its own speed."""

    def __init__(self, name: str, begins: float, speed: float) -> None:
        self.name, self.clock, self.speed = name, begins, speed
        self.watch, self.term = Watch(), None
        self.sent: float | None = None
        self.term: Term | None

    @property
    def works(self) -> bool:
        return self.term is not None and self.term.holds(self.clock)


class Leases(RuleBasedStateMachine):
    """A renewal is sent, reaches the store later or never, and is answered later or never."""

    def __init__(self) -> None:
        super().__init__()
        self.row = Row()
        self.sides = [Side("a", 1000.0, 1.0), Side("b", -50.0, 1.0)]
        self.tokens: list[int] = []

    @rule(seconds=st.floats(0.01, 3.0), speeds=st.tuples(*[st.floats(1.0, _DRIFT)] * 2))
    def time_passes(self, seconds: float, speeds: tuple[float, float]) -> None:
        for side, speed in zip(self.sides, speeds, strict=True):
            side.clock += seconds * speed

    @rule(which=st.sampled_from([0, 1]))
    def looks(self, which: int) -> None:
        side, row = self.sides[which], self.row
        if side.term is not None:
            return
        may = side.watch.may_take(token=row.token, beat=row.beat, owner=row.owner, own=side.name, now=side.clock)
        if may:
            row.token, row.beat, row.owner = row.token + 1, row.beat + 1, side.name
            self.tokens.append(row.token)
            side.term = Term(row.token, side.clock, row.beat)

    @rule(which=st.sampled_from([0, 1]), arrives=st.booleans(), answered=st.booleans(), slow=st.floats(0, 2))
    def renews(self, which: int, arrives: bool, answered: bool, slow: float) -> None:
        side, row = self.sides[which], self.row
        assume(side.term is not None)
        assert side.term is not None
        sent = side.clock
        for other in self.sides:
            other.clock += slow
        if not arrives:
            return
        if row.token != side.term.token:
            side.term.lose("another has it")
            side.term, side.watch = None, Watch()
            return
        row.beat += 1
        if answered:
            side.term.renewed(sent, row.beat)

    @precondition(lambda self: any(side.term is not None for side in self.sides))
    @rule(which=st.sampled_from([0, 1]))
    def dies_and_begins_anew(self, which: int) -> None:
        side = self.sides[which]
        side.term, side.watch = None, Watch()

    @invariant()
    def never_two_at_once(self) -> None:
        assert sum(side.works for side in self.sides) <= 1

    @invariant()
    def the_token_only_grows(self) -> None:
        assert self.tokens == sorted(set(self.tokens))


TestLeases = Leases.TestCase


def test_a_renewal_holds_from_when_it_was_sent() -> None:
    term = Term(1, sent=10.0)
    assert term.holds(10.0 + LASTS - 0.01)
    assert not term.holds(10.0 + LASTS)
    term.renewed(12.0)
    term.renewed(11.0)
    assert term.holds(12.0 + LASTS - 0.01)
    assert term.lapsed_for(12.0 + LASTS + 1.5) == 1.5


def test_a_lost_term_never_holds_again_and_says_so_once() -> None:
    term, told = Term(1, sent=10.0), []
    term.when_lost(lambda: told.append("early"))
    term.lose("another agent holds it")
    term.lose("a second reason")
    term.when_lost(lambda: told.append("late"))
    term.renewed(11.0)
    assert not term.holds(11.5)
    assert (term.lost, told) == ("another agent holds it", ["early", "late"])


def test_who_stands_by_waits_until_nothing_was_renewed_for_long() -> None:
    watch = Watch()
    seen = {"token": 3, "owner": "other", "own": "me"}
    assert not watch.may_take(beat=1, now=0.0, **seen)
    assert not watch.may_take(beat=1, now=PATIENCE - 0.01, **seen)
    assert not watch.may_take(beat=2, now=PATIENCE, **seen)
    assert watch.may_take(beat=2, now=2 * PATIENCE, **seen)


def test_a_free_lease_and_ones_own_are_taken_at_once() -> None:
    for owner in ("", "me"):
        assert Watch().may_take(token=3, beat=1, owner=owner, own="me", now=0.0)
