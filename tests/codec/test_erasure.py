"""Erasing openings, and how each sealed field of an entry stands."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.codec import (
    SealedState,
    decode,
    encode_openings,
    erasure_of,
    parse_openings,
    sealed_states,
)
from coop_ledger.codec.erasure import PIECE
from coop_ledger.domain import Redaction
from coop_ledger.errors import CodecError
from coop_ledger.testing import prose
from coop_ledger.testing.redactions import erased
from tests.codec.leaves import BARE, ID, PATHS, SEALED, changed, leaf_of

OTHER = ID[:-1] + "2"
SALTS = st.integers(0, 99).map(lambda seed: hashlib.sha256(bytes([seed])).hexdigest())
TEXTS = prose() | st.text(st.sampled_from('a"\\한'), min_size=1, max_size=3_000)


def redaction(*paths: str, target: str = ID) -> Redaction:
    return Redaction(target, paths, "law", "office")


@given(st.sets(st.sampled_from(PATHS)), st.lists(st.sets(st.sampled_from(PATHS), min_size=1), max_size=3))
def test_each_field_has_the_state_of_its_opening_and_its_acts(gone: set[str], named: list[set[str]]) -> None:
    leaf, openings = leaf_of(SEALED)
    left = encode_openings({path: one for path, one in parse_openings(openings).items() if path not in gone})
    acts = [redaction(*sorted(paths)) for paths in named]
    others = [redaction(*PATHS, target=OTHER)]
    states = sealed_states(leaf, left, [*others, *acts])
    assert list(states) == sorted(PATHS)
    told = set().union(*named)
    assert {path for path, state in states.items() if state is SealedState.OPEN} == set(PATHS) - gone - told
    assert {path for path, state in states.items() if state is SealedState.REDACTED} == gone & told
    assert {path for path, state in states.items() if state is SealedState.MISSING} == gone - told
    assert {path for path, state in states.items() if state is SealedState.INCOMPLETE} == told - gone


def test_an_entry_without_sealed_texts_has_no_states() -> None:
    leaf, openings = leaf_of(BARE)
    assert sealed_states(leaf, openings, [redaction("/note")]) == {}


def test_states_are_read_of_leaves_and_openings_only() -> None:
    leaf, openings = leaf_of(SEALED)
    for bad_leaf, bad_openings in (
        (b"{}", openings),
        (leaf, b"[]"),
        (leaf, b'{"/note":1}'),
        (changed(leaf, v=2), None),
    ):
        with pytest.raises(CodecError):
            sealed_states(bad_leaf, bad_openings, ())


@given(st.sets(st.sampled_from(PATHS)), st.booleans())
def test_what_is_erased_is_gone_and_what_remains_still_fits(gone: set[str], before: bool) -> None:
    leaf, openings = leaf_of(SEALED)
    if before:  # one text was erased earlier
        openings = erasure_of(openings, PATHS[:1]).remaining
    erasure = erasure_of(openings, [*sorted(gone), *gone, "/nowhere"])
    there = set(PATHS[1:] if before else PATHS)
    assert set(erasure.pieces) == gone & there
    assert parse_openings(erasure.remaining).keys() == there - gone
    assert (erasure.remaining is None) == (there <= gone)
    assert decode(leaf, erasure.remaining).body == erased(SEALED, gone | ({PATHS[0]} if before else set()))
    again = erasure_of(erasure.remaining, gone)
    assert (again.remaining, again.pieces) == (erasure.remaining, {})


@given(st.dictionaries(st.sampled_from(PATHS), st.tuples(SALTS, TEXTS), min_size=1), st.data())
def test_pieces_are_of_the_erased_opening_and_of_no_other(
    openings: dict[str, tuple[str, str]], data: st.DataObject
) -> None:
    stored = encode_openings(openings)
    assert stored is not None
    paths = data.draw(st.lists(st.sampled_from(sorted(openings)), min_size=1, unique=True))
    for path, pieces in erasure_of(stored, paths).pieces.items():
        alone = encode_openings({path: openings[path]})
        assert alone is not None
        assert 2 <= len(pieces) <= 64
        assert all(len(piece) == PIECE and piece in alone and piece in stored for piece in pieces)
        salt, _ = openings[path]
        assert pieces[0] == f'"{salt}'.encode()[:PIECE]
        assert alone.endswith(pieces[-1] + b"}")
        # whatever remains of a stored opening holds a piece, if it is long enough
        rest = alone[len(path) + 5 : -1]
        span = 3 * PIECE + len(rest) // 60
        for start in range(0, max(1, len(rest) - span), 97):
            assert any(piece in rest[start : start + span] for piece in pieces)


def test_the_words_of_a_short_text_are_looked_for_with_their_salt() -> None:
    salts = ("ab" * 32, "cd" * 32)
    stored = encode_openings({"/note": (salts[0], "Kim"), "/reason": (salts[1], "Kim")})
    pieces = erasure_of(stored, ["/note", "/reason"]).pieces
    assert all(any(piece.endswith(b',"Kim"]') for piece in some) for some in pieces.values())
    assert not set(pieces["/note"]) & set(pieces["/reason"])


def test_openings_that_are_none_are_refused() -> None:
    with pytest.raises(CodecError):
        erasure_of(b'"text"', ["/note"])
    assert erasure_of(None, ["/note"]) == (None, {})
