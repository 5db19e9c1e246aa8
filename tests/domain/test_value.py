"""How values compare and show: as attrs would, written once."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import Value


@attrs.frozen(eq=False, repr=False)
class Ours(Value):
    a: Any
    b: Any = 0
    note: Any = attrs.field(default="", eq=False)
    secret: Any = attrs.field(default="", repr=False)


@attrs.frozen
class Theirs:
    a: Any
    b: Any = 0
    note: Any = attrs.field(default="", eq=False)
    secret: Any = attrs.field(default="", repr=False)


@attrs.frozen(eq=False, repr=False)
class One(Value):
    a: Any


@attrs.frozen(eq=False, repr=False)
class Another(Value):
    a: Any


@attrs.frozen(eq=False, repr=False)
class Empty(Value):
    pass


@attrs.frozen(slots=False, eq=False, repr=False)
class Narrower(Ours):
    c: Any = 0


ITEMS = st.integers(0, 1) | st.sampled_from(["", "x"]) | st.tuples(st.booleans())
FIELDS = st.tuples(ITEMS, ITEMS, ITEMS, ITEMS)


@given(FIELDS, FIELDS)
def test_values_compare_hash_and_show_as_attrs_has_them(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert (Ours(*one) == Ours(*other)) is (Theirs(*one) == Theirs(*other))
    assert (Ours(*one) != Ours(*other)) is (Theirs(*one) != Theirs(*other))
    assert repr(Ours(*one)) == repr(Theirs(*one)).replace("Theirs", "Ours")
    if Ours(*one) == Ours(*other):
        assert hash(Ours(*one)) == hash(Ours(*other))


def test_a_field_that_does_not_count_is_not_compared() -> None:
    assert Ours(1, note="x") == Ours(1, note="y")
    assert hash(Ours(1, note="x")) == hash(Ours(1, note="y"))
    assert Ours(1, secret="x") != Ours(1, secret="y")


def test_values_of_different_classes_differ() -> None:
    assert Ours(1) != Narrower(1)
    assert One(1) != Another(1)
    assert One(1) != (1,)
    assert One(1) != Ours(1)
    assert Narrower(1, c=1) != Narrower(1, c=2)
    assert len({One(1), One(1), One(2), Empty(), Empty()}) == 3


def test_what_cannot_be_hashed_is_not() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(One([]))
