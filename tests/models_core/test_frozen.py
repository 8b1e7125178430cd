"""What is frozen for the type checker is otherwise the dataclass that it says."""

import dataclasses
import pickle

import pytest

from models.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    first: int
    second: tuple[int, ...] = ()
    aside: int = dataclasses.field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Other:
    first: int
    second: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Itself:
    first: int


@dataclass(slots=True)
class Open:
    first: int


def test_equal_values_are_equal_and_one_key():
    assert Pair(1, (2,), 3) == Pair(1, (2,), 4) != Pair(1)
    assert {Pair(1): "x"}[Pair(1, aside=5)] == "x"
    assert Pair(1) != Other(1)


def test_it_is_shown_copied_and_sent_on_as_a_dataclass():
    assert repr(Pair(1)) == "Pair(first=1, second=())".replace("Pair", Pair.__qualname__)
    assert dataclasses.replace(Pair(1, (2,), 3), first=4) == Pair(4, (2,))
    assert pickle.loads(pickle.dumps(Pair(1, (2,), 3))).aside == 3
    assert not hasattr(Pair(1), "__dict__")


def test_who_is_only_itself_stays_so():
    one = Itself(1)
    assert {one: "x"}.get(Itself(1)) is None
    assert one != Itself(1)


def test_what_may_change_is_no_key():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open(1))
