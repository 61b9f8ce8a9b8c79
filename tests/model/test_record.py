"""A record is what a frozen dataclass with slots is."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from penguintui.model.record import record


@record
class Base:
    note: str = field(default="", compare=False, repr=False, kw_only=True)


@record
class Mail(Base):
    """A mail."""

    sender: str
    size: int = 0
    labels: dict[str, str] = field(default_factory=dict)


@record
class Named:
    name: str


@record
class Nothing:
    pass


def twins() -> tuple[type[Any], type[Any]]:
    """The same class both ways."""

    class Target:
        name: str
        weight: float = 1.0
        tags: tuple[str, ...] = ()

    class Again:
        name: str
        weight: float = 1.0
        tags: tuple[str, ...] = ()

    Again.__qualname__ = Target.__qualname__
    return record(Target), dataclass(frozen=True, slots=True)(Again)


def test_is_what_a_dataclass_is() -> None:
    ours, theirs = twins()
    for given in (("a",), ("a", 2.0), ("a", 2.0, ("x",))):
        assert repr(ours(*given)) == repr(theirs(*given))
        assert hash(ours(*given)) == hash(theirs(*given))
        assert asdict(ours(*given)) == asdict(theirs(*given))
    assert ours.__match_args__ == theirs.__match_args__
    assert ours("a") == ours("a", 1.0, ())
    assert ours("a") != ours("b")
    assert ours("a") != theirs("a")
    assert not hasattr(ours("a"), "__dict__")


def test_is_never_changed() -> None:
    one: Any = Mail("a@example.com")
    for name in ("sender", "note", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, "b")
        with pytest.raises(FrozenInstanceError):
            delattr(one, name)
    assert replace(one, size=3) == Mail("a@example.com", 3)


def test_fields_have_their_ways() -> None:
    one, other = Mail("a", 1, note="first"), Mail("a", 1, note="second")
    assert one == other
    assert repr(one) == "Mail(sender='a', size=1, labels={})"
    assert one.labels is not other.labels
    assert {each.name for each in fields(one)} == {"note", "sender", "size", "labels"}
    unbound: Any = Mail
    with pytest.raises(TypeError):
        unbound()
    with pytest.raises(TypeError):
        unbound("a", 1, {}, "note")


def test_of_one_field_and_of_none() -> None:
    assert Named("a") == Named("a") != Named("b")
    assert len({Named("a"), Named("a"), Named("b")}) == 2
    assert Nothing() == Nothing()
    assert repr(Nothing()) == "Nothing()"
