"""Sealed texts of leaves: erased ones read as such, altered ones are found out; what is not known is kept whole."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.codec import (
    claim_to_plain,
    commitment,
    decode,
    encode_openings,
    parse_openings,
    sealed_paths,
)
from coop_ledger.codec.entries import _FIELDS
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    REDACTED,
    Claim,
    Correction,
    Party,
    Source,
    UnknownEvent,
    Where,
    field_specs,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import (
    CodecError,
    CommitmentError,
    MalformedEventError,
)
from tests.codec.leaves import BARE, ID, ORIGIN, PATHS, SEALED, changed, leaf_of, with_body


@given(st.sets(st.sampled_from(PATHS)))
def test_what_is_erased_reads_redacted_and_all_else_stays(erased: set[str]) -> None:
    leaf, openings = leaf_of(SEALED)
    left = {path: opening for path, opening in parse_openings(openings).items() if path not in erased}
    entry = decode(leaf, encode_openings(left))
    assert decode(leaf, encode_openings(left), trusted=True) == entry
    assert isinstance(entry.body, Claim)
    assert entry.body.note is (REDACTED if "/note" in erased else entry.body.note)
    assert sorted(sealed_paths(entry.body)) == list(PATHS)
    whole, found = claim_to_plain(SEALED), claim_to_plain(entry.body)
    one: Any
    other: Any
    for path in PATHS:
        one, other = whole, found
        *parents, name = path.split("/")[1:]
        for part in parents:
            one, other = (x[int(part)] if isinstance(x, list) else x[part] for x in (one, other))
        assert other[name] == (REDACTED if path in erased else one[name])
        other[name] = one[name]
    assert found == whole


@pytest.mark.parametrize("trusted", [False, True])
def test_an_altered_opening_is_found_out(trusted: bool) -> None:
    leaf, openings = leaf_of(SEALED)
    assert openings is not None
    other, _ = leaf_of(SEALED, entry_id=ID[:-1] + "2")
    with pytest.raises(CommitmentError):
        decode(leaf, openings.replace(b"After", b"Under"), trusted=trusted)
    with pytest.raises(CommitmentError):
        decode(leaf, openings.replace(b"After the Forum", b"Under"), trusted=trusted)
    with pytest.raises(CommitmentError):
        decode(other, openings, trusted=trusted)


@pytest.mark.parametrize("trusted", [False, True])
def test_an_opening_of_nothing_is_refused(trusted: bool) -> None:
    leaf, _ = leaf_of(BARE)
    with pytest.raises(CodecError, match="an opening belongs to no commitment"):
        decode(leaf, encode_openings({"/note": ("00" * 32, "x")}), trusted=trusted)


def test_the_sealed_fields_are_those_of_the_design() -> None:
    """The one list of DESIGN §3a, by hand; a field that is added to it is read through here."""
    found = {(cls.__name__, name) for cls, fields in _FIELDS.items() for name in fields.sealed}
    assert found == {
        ("Claim", "note"),
        ("Source", "title"), ("Source", "author"), ("Source", "quote"),
        ("PersonNamed", "name"), ("DelegationAttended", "head_as_written"),
        ("StatementMade", "position"), ("ReservationMade", "text"),
        ("InitiativeAdopted", "description"), ("InitiativeStarted", "description"),
        ("InitiativeProgressed", "description"), ("InitiativeDelivered", "description"),
        ("Correction", "reason"), ("Retraction", "note"), ("Merge", "reason"), ("Resolution", "rationale"),
    }  # fmt: skip


def test_nothing_is_sealed_where_sealing_does_not_look() -> None:
    """Texts are taken out of claims, events, sources and acts; no other class may have one, or a written default."""
    for cls in (Where, Party, ev.SectorShare):
        assert not any(spec.sealed for spec in field_specs(cls).values())
    assert _FIELDS.keys() == {Claim, Source, *EVENT_TYPES, *ACT_TYPES}
    assert {cls.__name__: fields.written for cls, fields in _FIELDS.items() if fields.written} == {
        "Source": ("kind",),
        "FigureReported": ("qualifier",),
    }


MARK = "Kemelova"


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("/note", f"{MARK}\x07", "a sealed text does not fit its place"),
        ("/note", MARK * 1_000, "a sealed text does not fit its place"),
        ("/event/head_as_written", " ", "a sealed text does not fit its place"),
        ("/when", MARK, "this is no claim"),
        ("/event", MARK, "the event of a leaf is an object without its type"),
        ("/odd", MARK, "this is no claim"),
        ("/sources/1/published", MARK, "this is no claim"),
        ("/event/delegation", MARK, "this is no claim"),
    ],
)
def test_a_sealed_text_that_does_not_fit_its_place_is_not_shown(path: str, text: str, what: str, trusted: bool) -> None:
    """Who writes a leaf can commit to anything, and can seal what is not sealed."""
    leaf, openings = leaf_of(SEALED)
    opened = {**parse_openings(openings), path: ("5a" * 32, text)}
    if path in ("/when", "/event"):
        leaf = with_body(leaf, path, ...)
        opened = {one: opening for one, opening in opened.items() if not one.startswith("/event/")}
    sealed = {one: commitment(ORIGIN, ID, one, *opening) for one, opening in opened.items()}
    with pytest.raises(CodecError) as caught:
        decode(changed(leaf, sealed=sealed), encode_openings(opened), trusted=trusted)
    assert caught.value.what == what
    told = "".join(traceback.format_exception(caught.value, limit=0)) + repr(caught.value)
    assert "Lee Hana" not in told
    assert text == " " or MARK not in told


def test_what_does_not_fit_beside_sealed_texts_is_told_as_ever() -> None:
    leaf, openings = leaf_of(SEALED)
    with pytest.raises(MalformedEventError) as caught:
        decode(with_body(leaf, "/when", "yesterday"), openings)
    assert [problem.path for problem in caught.value.problems] == ["/when"]
    assert "yesterday" in str(caught.value)


# what is not known


@pytest.mark.parametrize(("name", "version"), [("initiative.teleported", 1), ("institution.opened", 2), ("act.x", 9)])
@pytest.mark.parametrize("trusted", [False, True])
def test_an_unknown_type_or_version_is_kept_whole(name: str, version: int, trusted: bool) -> None:
    leaf, _ = leaf_of(SEALED)
    body = {"event": {"head_as_written": "Kemelova Dinara"}, "odd": [1, {"deep": [True]}]}
    path, salt = "/event/head_as_written", "5a" * 32
    unknown = changed(
        leaf,
        type=name,
        version=version,
        body={**body, "event": {}},
        sealed={path: commitment(ORIGIN, ID, path, salt, "Kemelova Dinara")},
    )
    entry = decode(unknown, encode_openings({path: (salt, "Kemelova Dinara")}), trusted=trusted)
    assert entry.body == UnknownEvent(name, version, body)
    entry = decode(unknown, None, trusted=trusted)
    assert isinstance(entry.body, UnknownEvent)
    assert entry.body.raw["event"] == {"head_as_written": REDACTED}


def test_a_correction_to_an_unknown_event_is_unknown() -> None:
    leaf, openings = leaf_of(Correction("01586478-3800-7000-8000-000000000009", BARE, "A slip."))
    for key, value in (("type", "initiative.teleported"), ("version", 2)):
        entry = decode(with_body(leaf, f"/claim/{key}", value), openings)
        assert isinstance(entry.body, UnknownEvent)
        assert (entry.body.type, entry.body.version) == ("act.correction", 1)
        assert entry.body.raw["claim"][key] == value
        assert entry.body.raw["reason"] == "A slip."


@pytest.mark.parametrize(
    ("path", "item", "what"),
    [
        ("/claim/type", ..., "the type of a corrected event stands beside it"),
        ("/claim/version", ..., "the type of a corrected event stands beside it"),
        ("/claim/event/type", "institution.opened", "the type of a corrected event stands beside it"),
        ("/claim/event/version", 1, "the type of a corrected event stands beside it"),
        ("/claim/event", "x", "the type of a corrected event stands beside it"),
        ("/claim", "x", "this is no act"),
        ("/claim", ..., "this is no act"),
        ("/claim/event/institution", 5, "this is no act"),
        ("/claim/sources/0/kind", ..., "a field that is always written is missing"),
        ("/claim/note", "In the open.", "the texts of this type are sealed, and nothing else is"),
    ],
)
def test_another_spelling_of_a_correction_is_refused(path: str, item: Any, what: str) -> None:
    leaf, openings = leaf_of(Correction("01586478-3800-7000-8000-000000000009", BARE, "A slip."))
    with pytest.raises(CodecError) as caught:
        decode(with_body(leaf, path, item), openings)
    assert caught.value.what == what
