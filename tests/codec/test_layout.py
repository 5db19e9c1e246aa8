"""The quick way to the keys of a leaf reads what the slow way reads, and nothing that it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.codec import canonical, encode, parse, read_envelope, read_leaf
from coop_ledger.codec import envelope as under_test
from coop_ledger.codec.layout import BODY_AT, keys_behind_body
from coop_ledger.domain import Once
from coop_ledger.errors import CodecError
from coop_ledger.log import assemble, placed
from coop_ledger.testing import bodies
from coop_ledger.testing.values import labels

INSTANT = "2016-11-15T09:00:00.000000Z"


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    key = draw(st.none() | labels())
    count = draw(st.integers(1, 5))
    once = None if key is None else Once(key, draw(st.integers(0, count - 1)), count)
    parts = encode(
        draw(bodies()),
        origin=draw(st.sampled_from(["plain.example/1", 'quo"ted', "back\\slash", "~!#"])),
        entry_id="01586478-3800-7000-8000-000000000000",
        recorder=draw(st.sampled_from(["desk", "a b", 'q"', "b\\", "x" * 64])),
        once=once,
        draw=bytes,
    )
    place = draw(st.integers(0, 2**53 - 1))
    return assemble(parts.head, placed(place, INSTANT, draw(st.booleans())), parts.tail)


def slowly(leaf: bytes, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        patch.setattr(under_test, "keys_behind_body", lambda _: None)
        return read_leaf(leaf)


@given(leaves())
def test_both_ways_read_alike(leaf: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        whole = slowly(leaf, patch)
    assert read_leaf(leaf) == whole
    del whole["body"]
    assert read_envelope(leaf) == whole


def test_most_leaves_go_the_quick_way(first: bytes) -> None:
    quick = keys_behind_body(first.decode())
    assert quick is not None
    end, keys = quick
    assert parse(first[BODY_AT:end]) == read_leaf(first)["body"]
    assert {**keys, "body": parse(first[BODY_AT:end])} == read_leaf(first)


@pytest.fixture(scope="module")
def first() -> bytes:
    body = {"assertion": "PLANNED", "event": {"institution": "office"}, "sources": [{"publisher": "MOFA"}]}
    return canonical(
        {
            "body": body,
            "id": "01586478-3800-7000-8000-000000000000",
            "once": ["a key", 0, 2],
            "origin": "plain.example/1",
            "position": 7,
            "recorded_at": INSTANT,
            "recorded_clamped": True,
            "recorder": "desk",
            "sealed": {"/a": "0" * 64, "/b": "1" * 64},
            "type": "institution.opened",
            "v": 1,
            "version": 1,
        }
    )


@given(st.data())
def test_what_one_way_refuses_the_other_refuses(data: st.DataObject) -> None:
    """A byte more, less or other, anywhere: the quick way takes no leaf that the slow one does not."""
    leaf = data.draw(leaves())
    at = data.draw(st.integers(0, len(leaf)))
    piece = data.draw(st.sampled_from([b"", b" ", b",", b'"', b"\\", b"{", b"}", b"0", b"1", b"\x00", b"\xff", b"a"]))
    spoiled = leaf[:at] + piece + leaf[at + data.draw(st.integers(0, 2)) :]
    with pytest.MonkeyPatch.context() as patch:
        refused = None
        try:
            whole = slowly(spoiled, patch)
        except CodecError as error:
            refused = str(error)
    if refused is None:
        assert read_leaf(spoiled) == whole
    else:
        with pytest.raises(CodecError) as caught:
            read_leaf(spoiled)
        assert str(caught.value) == refused


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"/a":"', b'"/b":"'),
        (b'"/a":"', b'"/c":"'),
        (b'1",', b'1"},{'),
        (b'"},"type"', b'",},"type"'),
        (b'"once":["a key",0,2]', b'"once":["a key",00,2]'),
        (b'"v":1', b'"v":2'),
        (b'{"body":', b'{"body": '),
        (b'"position":7', b'"position":-7'),
        (b'"position":7', b'"position":07'),
        (b"desk", b" desk"),
        (b'{"assertion"', b'[{"assertion"'),
    ],
)
def test_near_misses(first: bytes, old: bytes, new: bytes) -> None:
    assert old in first
    with pytest.raises(CodecError):
        read_leaf(first.replace(old, new, 1))


def test_an_envelope_that_is_none(first: bytes) -> None:
    for leaf in (b"", b"\xff", b"{}", first[:-1], first.replace(b'"v":1', b'"v":3')):
        with pytest.raises(CodecError):
            read_envelope(leaf)
