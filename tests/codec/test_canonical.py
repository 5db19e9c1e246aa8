"""The one byte form: against an independent writer, and what has no such form."""

from __future__ import annotations

import enum
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.codec import MAX_DEPTH, MAX_INT, canonical, parse, parse_canonical, pointer
from coop_ledger.errors import NotCanonicalError
from tests.codec.values import keys, plain_values, texts


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


def nested(depth: int, inside: Any = None) -> Any:
    value = inside
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@given(plain_values())
def test_equals_an_independent_writer(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(plain_values())
def test_reads_back_and_is_stable(value: Any) -> None:
    form = canonical(value)
    assert parse(form) == value
    assert parse_canonical(form) == value
    assert canonical(parse(form)) == form


@given(st.dictionaries(keys(), st.none(), min_size=1))
def test_keys_stand_in_utf16_order(value: dict[str, None]) -> None:
    found = list(parse(canonical(value)))
    assert found == sorted(value, key=lambda key: key.encode("utf-16-be"))


@given(plain_values(), plain_values())
def test_two_values_never_share_their_bytes(one: Any, other: Any) -> None:
    """Types count: true is not 1."""
    assert (canonical(one) == canonical(other)) is (repr(one) == repr(other) or _same(one, other))


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def test_text_is_never_normalised() -> None:
    assert canonical({"\u00e9": 1, "e\u0301": 2}) == '{"e\u0301":2,"\u00e9":1}'.encode()


def test_other_types_that_mean_the_same() -> None:
    assert canonical((1, (2,))) == b"[1,[2]]"
    assert canonical([Colour.RED, Level.HIGH, True]) == b'["red",3,true]'
    assert canonical(MappingProxyType({"b": 1, "a": ()})) == b'{"a":[],"b":1}'


@pytest.mark.parametrize("limit", [MAX_INT, -MAX_INT])
def test_integers_end_where_doubles_are_exact(limit: int) -> None:
    assert canonical([limit]) == f"[{limit}]".encode()
    assert canonical([limit, Level.HIGH]) == f"[{limit},3]".encode()
    with pytest.raises(NotCanonicalError, match="the integer is too large") as caught:
        canonical({"a": [limit + (1 if limit > 0 else -1)]})
    assert caught.value.where == "/a/0"


@pytest.mark.parametrize("inside", [None, 0, "text", True, Level.HIGH, Colour.RED])
def test_depth_counts_arrays_and_objects(inside: Any) -> None:
    deepest = canonical(nested(MAX_DEPTH, inside))
    assert parse(deepest) == nested(MAX_DEPTH, inside)
    with pytest.raises(NotCanonicalError, match="nested too deep"):
        canonical(nested(MAX_DEPTH + 1, inside))


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: (value,), lambda value: {"a": value}])
@pytest.mark.parametrize("inside", [1, Level.HIGH])
def test_depth_counts_each_kind_by_one(wrap: Callable[[Any], Any], inside: int) -> None:
    value: Any = inside
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    assert canonical(value).count(b"1" if inside == 1 else b"3") == 1
    with pytest.raises(NotCanonicalError, match="nested too deep"):
        canonical(wrap(value))


def test_a_value_within_itself_is_too_deep() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotCanonicalError, match="nested too deep"):
        canonical(endless)


@pytest.mark.parametrize(
    ("value", "what", "where"),
    [
        (1.5, "this type has no canonical form", "/"),
        ({"a": {"b": [1, 2.0]}}, "this type has no canonical form", "/a/b/1"),
        ([float("nan")], "this type has no canonical form", "/0"),
        ({"a/b": {"~": b"bytes"}}, "this type has no canonical form", "/a~1b/~0"),
        ([{1, 2}], "this type has no canonical form", "/0"),
        ({"a": {1: "x"}}, "an object's keys are text", "/a"),
        ({None: 1}, "an object's keys are text", "/"),
        (["\ud800"], "the text holds a lone surrogate", "/0"),
        ({"a": {"\udfff": 1}}, "the text holds a lone surrogate", "/a"),
        ("a\0b", "the text holds U+0000", "/"),
        ({"\0": 1}, "the text holds U+0000", "/"),
        ([1, "\0"], "the text holds U+0000", "/1"),
        (2**53, "the integer is too large", "/"),
    ],
)
def test_what_has_no_form_is_refused_with_its_place(value: Any, what: str, where: str) -> None:
    with pytest.raises(NotCanonicalError) as caught:
        canonical(value)
    assert (caught.value.what, caught.value.where) == (what, where)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Alibek\ud800", r"'\ud800' as character 7 of 7"),
        ("Alibek\x00\udfff", r"'\x00' as character 7 of 8"),
        (b"Alibek", "bytes"),
    ],
)
def test_what_is_refused_is_not_shown(value: Any, found: str) -> None:
    """It may be a text that is sealed."""
    with pytest.raises(NotCanonicalError) as caught:
        canonical({"note": value})
    assert (caught.value.found, caught.value.__cause__) == (found, None)


def test_the_hint_for_a_float_names_the_way_out() -> None:
    with pytest.raises(NotCanonicalError) as caught:
        canonical(0.1)
    assert caught.value.hint == "write a decimal as text"


@given(texts())
def test_a_backslash_before_u0000_is_only_text(text: str) -> None:
    assert canonical(text + "\\u0000") == rfc8785.dumps(text + "\\u0000")


def test_pointers_escape_their_two_marks() -> None:
    assert pointer(pointer("", "a/b"), 3) == "/a~1b/3"
    assert pointer("", "~1") == "/~01"
