"""Leaves: what is written is what is read, and nothing else is."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coop_ledger.codec import (
    REGISTRY,
    canonical,
    commitment,
    decode,
    encode,
    encode_openings,
    parse,
    parse_canonical,
    parse_openings,
    sealed_paths,
)
from coop_ledger.domain import (
    REDACTED,
    Act,
    Claim,
    Correction,
    Entry,
    Once,
    Retraction,
    RetractionReason,
    Source,
    UnknownEvent,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import (
    CodecError,
    CoopLedgerError,
    InvalidValueError,
    LeafTooLargeError,
    MalformedEventError,
    NotCanonicalError,
)
from coop_ledger.log import MAX_LEAF, assemble, parse_instant, placed
from coop_ledger.testing import bodies, claims, labels
from tests.codec.leaves import BARE, ID, INSTANT, ORIGIN, PATHS, SEALED, changed, leaf_of, salts, with_body

# what is written


@given(bodies())
def test_what_is_written_is_what_is_read(body: Claim | Act) -> None:
    leaf, openings = leaf_of(body)
    entry = decode(leaf, openings)
    assert entry == Entry(0, ID, parse_instant(INSTANT), False, "unnamed", body, None)
    assert decode(leaf, openings, trusted=True) == entry
    assert leaf_of(body) == (leaf, openings)
    assert not isinstance(entry.body, UnknownEvent)
    assert leaf_of(entry.body) == (leaf, openings)


@given(bodies(), st.integers(0, 2**53 - 1), st.booleans())
def test_a_leaf_is_canonical_wherever_it_is_placed(body: Claim | Act, position: int, clamped: bool) -> None:
    leaf, openings = leaf_of(body, position=position, clamped=clamped)
    assert canonical(parse(leaf)) == leaf
    assert openings is None or canonical(parse(openings)) == openings
    assert (decode(leaf, openings).position, decode(leaf, openings).clamped) == (position, clamped)


@given(bodies())
def test_no_sealed_text_stands_in_the_leaf(body: Claim | Act) -> None:
    leaf, openings = leaf_of(body)
    value = json.loads(leaf)
    opened = parse_openings(openings)
    assert set(value["sealed"]) == set(opened) == set(sealed_paths(body))
    for path, (salt, text) in opened.items():
        assert value["sealed"][path] == commitment(ORIGIN, ID, path, salt, text)
        holder: Any = value["body"]
        *parents, name = path.split("/")[1:]
        for part in parents:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        assert name not in holder


@given(labels(200), st.integers(0, 9), st.integers(1, 9))
def test_the_key_of_a_call_stands_in_the_leaf(key: str, index: int, more: int) -> None:
    once = Once(key, index, index + more)
    leaf, openings = leaf_of(BARE, once=once)
    assert parse_canonical(leaf)["once"] == [key, index, index + more]
    assert decode(leaf, openings).once == once == decode(leaf, openings, trusted=True).once


def test_a_leaf_has_exactly_its_keys() -> None:
    leaf, _ = leaf_of(SEALED, once=Once("k", 0, 1), clamped=True)
    assert list(json.loads(leaf)) == [
        "body", "id", "once", "origin", "position", "recorded_at", "recorded_clamped", "recorder", "sealed", "type",
        "v", "version",
    ]  # fmt: skip
    leaf, _ = leaf_of(BARE)
    assert {"once", "recorded_clamped"}.isdisjoint(json.loads(leaf))
    assert json.loads(leaf)["sealed"] == {}


def test_the_type_stands_beside_the_claim() -> None:
    leaf = json.loads(leaf_of(BARE)[0])
    assert (leaf["type"], leaf["version"]) == ("institution.opened", 1)
    assert leaf["body"] == {
        "assertion": "OCCURRED",
        "event": {"institution": "kcac-secretariat"},
        "sources": [{"kind": "press", "publisher": "MOFA"}],
    }


def test_a_correction_says_the_type_of_its_claim() -> None:
    act = Correction("01586478-3800-7000-8000-000000000009", SEALED, "A slip.")
    leaf, openings = leaf_of(act)
    value = json.loads(leaf)
    claim = value["body"]["claim"]
    assert (value["type"], claim["type"], claim["version"]) == ("act.correction", "meeting.delegation-attended", 1)
    assert claim["event"] == {"head": "p-k1d0", "meeting": "kcac-forum/10", "party": "KG"}
    assert tuple(sorted(value["sealed"])) == (*(f"/claim{path}" for path in PATHS), "/reason")
    assert decode(leaf, openings).body == act


def test_sealed_paths_are_known_without_writing() -> None:
    assert sorted(sealed_paths(SEALED)) == list(PATHS)
    assert sealed_paths(BARE) == ()


def test_random_bytes_are_asked_for_once() -> None:
    asked: list[int] = []

    def draw(size: int) -> bytes:
        asked.append(size)
        return salts("x")(size)

    encode(SEALED, origin=ORIGIN, entry_id=ID, recorder="unnamed", once=None, draw=draw)
    assert asked == [5 * 32]


@pytest.mark.parametrize(
    "names",
    [
        {"entry_id": "01586478-3800-4000-8000-000000000001"},
        {"entry_id": ID.replace("a", "A").upper() + "x"},
        {"entry_id": None},
        {"origin": ""},
        {"origin": "with blank"},
        {"origin": "plus+sign"},
        {"origin": "ü"},
        {"origin": "o" * 201},
        {"origin": 5},
        {"recorder": ""},
        {"recorder": "r" * 65},
        {"recorder": " r"},
        {"recorder": "ü"},
        {"recorder": "a\nb"},
        {"recorder": None},
        {"once": Once("", 0, 1)},
        {"once": Once("a\ud800", 0, 1)},
        {"once": Once("k" * 201, 0, 1)},
    ],
)
def test_names_off_their_shape_are_not_written(names: dict[str, Any]) -> None:
    given_names = {"origin": ORIGIN, "entry_id": ID, "recorder": "unnamed", "once": None} | names
    with pytest.raises(InvalidValueError):
        encode(BARE, draw=salts("x"), **given_names)


def test_an_erased_text_is_not_recorded_again() -> None:
    claim = occurred(ev.InstitutionOpened("x"), sources=Source("MOFA", title=REDACTED))
    with pytest.raises(InvalidValueError, match="an erased text cannot be recorded again") as caught:
        leaf_of(claim)
    assert caught.value.where == "/sources/0/title"


def test_a_leaf_has_room_for_any_place() -> None:
    """What fits at all fits at every position; one byte more is refused before a store sees it."""
    url = "urn:x:" + "y" * 1_950
    full = BARE
    while True:  # sources of full length, then one that fills what is left
        more = (*full.sources, Source(f"P{len(full.sources)}", url=url))
        try:
            leaf_of(Claim(full.assertion, full.event, sources=more))
        except LeafTooLargeError:
            break
        full = Claim(full.assertion, full.event, sources=more)

    def padded(size: int) -> Claim:
        return Claim(full.assertion, full.event, sources=(*full.sources, Source("Q", url="urn:x:" + "y" * size)))

    with pytest.raises(LeafTooLargeError, match="the entry is too large"):
        leaf_of(padded(1_950))
    fitting = 0
    for size in range(1, 1_950):
        try:
            leaf_of(padded(size))
        except LeafTooLargeError:
            break
        fitting = size
    assert fitting
    leaf, openings = leaf_of(padded(fitting), position=2**53 - 1, clamped=True)
    assert len(leaf) == MAX_LEAF
    assert decode(leaf, openings).body == padded(fitting)


# what is read


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"more": 1}, "a leaf has exactly its keys"),
        ({"recorder": ...}, "a leaf has exactly its keys"),
        ({"sealed": ...}, "a leaf has exactly its keys"),
        ({"body": []}, "a key of the leaf holds another type"),
        ({"position": True}, "a key of the leaf holds another type"),
        ({"position": "0"}, "a key of the leaf holds another type"),
        ({"position": None}, "a key of the leaf holds another type"),
        ({"sealed": None}, "a key of the leaf holds another type"),
        ({"version": "1"}, "a key of the leaf holds another type"),
        ({"recorded_at": 5}, "a key of the leaf holds another type"),
        ({"v": 2}, "no such format of leaves"),
        ({"v": 0}, "no such format of leaves"),
        ({"v": True}, "no such format of leaves"),
        ({"position": -1}, "positions count from 0 and versions from 1"),
        ({"version": 0}, "positions count from 0 and versions from 1"),
        ({"recorded_clamped": False}, "the mark of a clamped time is true or absent"),
        ({"recorded_clamped": 1}, "the mark of a clamped time is true or absent"),
        ({"type": "institution opened"}, "a type is a wire name"),
        ({"type": ""}, "a type is a wire name"),
        ({"type": "Institution.Opened"}, "a type is a wire name"),
        ({"id": ID.upper() + "0"}, "an entry id is a UUIDv7 in small letters"),
        ({"origin": "a b"}, "an origin is 1 to 200 printable ASCII characters without blanks or plus signs"),
        ({"recorder": "\u202e"}, "a recorder is 1 to 64 printable ASCII characters"),
        ({"recorded_at": "2016-11-18T09:00:00Z"}, "the time of recording cannot be read"),
        ({"recorded_at": "2016-02-30T09:00:00.000000Z"}, "the time of recording cannot be read"),
        ({"once": None}, "a call's key is [key, i, n]"),
        ({"once": ["k", 1]}, "a call's key is [key, i, n]"),
        ({"once": ["k", 1, 1]}, "a call's key is [key, i, n]"),
        ({"once": ["k", -1, 1]}, "a call's key is [key, i, n]"),
        ({"once": ["k", False, 1]}, "a call's key is [key, i, n]"),
        ({"once": ["k", 0, True]}, "a call's key is [key, i, n]"),
        ({"once": [5, 0, 1]}, "the key of a call is off its shape"),
        ({"once": ["", 0, 1]}, "the key of a call is off its shape"),
        ({"sealed": {"/note": "00"}}, "a commitment is 64 hex digits"),
        ({"sealed": {"note": "00" * 32}}, "a sealed field is named by a JSON Pointer of plain names"),
        ({"sealed": {"/a/b": "00" * 32}}, "a sealed path leads nowhere"),
        ({"sealed": {"/event": "00" * 32}}, "a sealed field stands in the body too, or has no place there"),
    ],
)
def test_another_envelope_is_refused(keys: dict[str, Any], what: str) -> None:
    leaf, openings = leaf_of(BARE)
    with pytest.raises(CodecError) as caught:
        decode(changed(leaf, **keys), openings)
    assert caught.value.what == what


@pytest.mark.parametrize("value", [None, [], "leaf", 1])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_leaf_is_an_object(value: Any, trusted: bool) -> None:
    with pytest.raises(CodecError, match="a leaf is an object"):
        decode(canonical(value), None, trusted=trusted)


@pytest.mark.parametrize(
    ("path", "item", "what"),
    [
        ("/event/type", "institution.opened", "the event of a leaf is an object without its type"),
        ("/event/version", 1, "the event of a leaf is an object without its type"),
        ("/event", ["x"], "the event of a leaf is an object without its type"),
        ("/event", ..., "the event of a leaf is an object without its type"),
        ("/event/institution", "No Slug", "this is no claim"),
        ("/event/person", "p-1", "this is no claim"),
        ("/when", None, "this is no claim"),
        ("/parties", [], "this is no claim"),
        ("/sources", [], "this is no claim"),
        ("/type", "institution.opened", "this is no claim"),
        ("/sources/0/kind", ..., "a field that is always written is missing"),
        ("/note", "In the open.", "the texts of this type are sealed, and nothing else is"),
        ("/sources/0/title", "In the open.", "the texts of this type are sealed, and nothing else is"),
    ],
)
def test_another_spelling_of_a_body_is_refused(path: str, item: Any, what: str) -> None:
    leaf, openings = leaf_of(BARE)
    with pytest.raises(CodecError) as caught:
        decode(with_body(leaf, path, item), openings)
    assert caught.value.what == what


def test_faults_of_a_body_are_named_with_their_places() -> None:
    leaf, openings = leaf_of(SEALED)
    with pytest.raises(MalformedEventError) as caught:
        decode(with_body(with_body(leaf, "/event/party", "kg"), "/parties/0/role", "guest"), openings)
    assert {problem.path for problem in caught.value.problems} == {"/event/party", "/parties/0/role"}


def test_only_texts_are_sealed() -> None:
    """A field that is public cannot be hidden by a commitment, whether its opening is there or not."""
    leaf = with_body(leaf_of(BARE)[0], "/event/institution", ...)
    path, salt = "/event/institution", "5a" * 32
    hidden = changed(leaf, sealed={path: commitment(ORIGIN, ID, path, salt, "kcac-secretariat")})
    with pytest.raises(CodecError, match="the texts of this type are sealed, and nothing else is"):
        decode(hidden, encode_openings({path: (salt, "kcac-secretariat")}))
    with pytest.raises(MalformedEventError):
        decode(hidden, None)


@given(st.sampled_from((BARE, SEALED)), st.data())
@settings(max_examples=150)
def test_one_wrong_byte_is_refused_or_says_something_else(body: Claim, data: st.DataObject) -> None:
    leaf, openings = leaf_of(body)
    at = data.draw(st.integers(0, len(leaf) - 1))
    spoiled = leaf[:at] + bytes([data.draw(st.integers(0, 255))]) + leaf[at + 1 :]
    with contextlib.suppress(CoopLedgerError):
        decode(spoiled, openings, trusted=True)
    try:
        entry = decode(spoiled, openings, origin=ORIGIN)
    except CoopLedgerError:
        assert spoiled != leaf
    else:
        assert (entry == decode(leaf, openings)) is (spoiled == leaf)


@given(bodies(), st.sampled_from((None, 0, 2)), st.booleans())
def test_another_spelling_of_a_leaf_is_refused(body: Claim | Act, indent: int | None, ascii_only: bool) -> None:
    leaf, openings = leaf_of(body)
    other = json.dumps(json.loads(leaf), indent=indent, ensure_ascii=ascii_only).encode()
    with pytest.raises(NotCanonicalError):
        decode(other, openings)
    assert decode(other, openings, trusted=True).body == body


@pytest.mark.parametrize("leaf", [b"", b"{", b"\xff", b"[" * 30_000, b'{"a":' * 12_000, b"[1.5]", b"NaN"])
def test_rubbish_is_refused_even_where_it_is_trusted(leaf: bytes) -> None:
    for trusted in (False, True):
        with pytest.raises(CodecError):
            decode(leaf, None, trusted=trusted)


def test_a_leaf_that_stands_elsewhere_is_found_out() -> None:
    """T10, T12, T20: the leaf names its ledger, its place and itself."""
    leaf, openings = leaf_of(SEALED, position=7)
    assert decode(leaf, openings, origin=ORIGIN, position=7, entry_id=ID) == decode(leaf, openings)
    for wrong in ({"origin": "other.example.org"}, {"position": 0}, {"entry_id": ID[:-1] + "2"}):
        with pytest.raises(CodecError, match="not the one that should stand here"):
            decode(leaf, openings, **wrong)


def test_every_type_of_the_registry_can_stand_in_a_leaf() -> None:
    """A wire name is within what an envelope takes."""
    leaf, _ = leaf_of(Retraction("01586478-3800-7000-8000-000000000009", RetractionReason.WRONG))
    for name in REGISTRY:
        assert decode(changed(leaf, type=name, version=99), None).body == UnknownEvent(
            name, 99, {"target": "01586478-3800-7000-8000-000000000009", "reason": "wrong"}
        )


@given(claims())
@settings(max_examples=30)
def test_the_place_is_the_stores(claim: Claim) -> None:
    """Head and tail do not depend on where the entry comes to stand."""
    one = encode(claim, origin=ORIGIN, entry_id=ID, recorder="r", once=None, draw=salts("x"))
    other = encode(claim, origin=ORIGIN, entry_id=ID, recorder="r", once=None, draw=salts("x"))
    assert one == other
    for position in (0, 12_345):
        assert decode(assemble(one.head, placed(position, INSTANT, False), one.tail), one.openings).body == claim
