"""Commitments, openings, and texts that leave a body and come back."""

from __future__ import annotations

import hashlib
import json
import secrets
import traceback
import tracemalloc
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coop_ledger.codec import canonical, commitment, encode_openings, parse_openings
from coop_ledger.codec.envelope import Names, write_leaf
from coop_ledger.codec.sealing import MAX_OPENINGS, SALT_SIZE, Slot, commitments, open_paths, open_sealed, seal, unseal
from coop_ledger.domain import REDACTED
from coop_ledger.errors import CodecError, CommitmentError, InvalidValueError, LeafTooLargeError
from tests.codec.leaves import ID, ORIGIN, salts
from tests.codec.values import texts

SALT = "5a" * 32


def body() -> dict[str, Any]:
    return {"event": {"position": "We regret it."}, "note": "Aside.", "sources": [{"kind": "press"}, {"title": "Ü"}]}


def slots(plain: dict[str, Any]) -> list[Slot]:
    return [
        ("/event/position", plain["event"], "position"),
        ("/note", plain, "note"),
        ("/sources/1/title", plain["sources"][1], "title"),
    ]


def sealed_body() -> tuple[dict[str, Any], dict[str, str], dict[str, tuple[str, str]]]:
    plain = body()
    sealed, blob = seal(slots(plain), origin=ORIGIN, entry_id=ID, draw=salts("s"))
    return plain, sealed, parse_openings(blob)


@given(texts(), texts(), texts(), texts(), texts())
def test_a_commitment_is_the_hash_of_tag_and_canonical_list(a: str, b: str, c: str, d: str, e: str) -> None:
    expected = hashlib.sha256(b"coop-ledger/sealed/v1" + b"\0" + canonical([a, b, c, d, e])).hexdigest()
    assert commitment(a, b, c, d, e) == expected


def test_a_commitment_by_hand() -> None:
    """The formula of DESIGN §7 with nothing of ours but its words."""
    listed = json.dumps([ORIGIN, ID, "/note", SALT, 'Ü "x"\n'], ensure_ascii=False, separators=(",", ":"))
    assert commitment(ORIGIN, ID, "/note", SALT, 'Ü "x"\n') == (
        hashlib.sha256(b"coop-ledger/sealed/v1\x00" + listed.encode()).hexdigest()
    )


@given(st.lists(texts(), min_size=5, max_size=5), st.integers(0, 4), texts())
def test_any_other_part_gives_another_commitment(parts: list[str], at: int, other: str) -> None:
    assume(parts[at] != other)
    changed = [other if index == at else part for index, part in enumerate(parts)]
    assert commitment(*parts) != commitment(*changed)


def test_text_cannot_move_between_parts() -> None:
    assert commitment("a", "b", 'c","d', "e", "f") != commitment("a", "b", "c", 'd","e', "f")


def test_sealing_takes_texts_out_and_unsealing_puts_them_back() -> None:
    plain, sealed, openings = sealed_body()
    assert plain == {"event": {}, "sources": [{"kind": "press"}, {}]}
    assert list(sealed) == list(openings) == ["/event/position", "/note", "/sources/1/title"]
    open_sealed(sealed, encode_openings(openings), origin=ORIGIN, entry_id=ID)
    unseal(plain, sealed, openings)
    assert plain == body()


def test_each_text_has_its_own_salt_of_32_bytes() -> None:
    _, _, openings = sealed_body()
    drawn = [salt for salt, _ in openings.values()]
    assert drawn == [salts("s")(96)[at : at + 32].hex() for at in (0, 32, 64)]
    assert len(set(drawn)) == 3


def test_a_guessed_text_is_not_confirmed_by_what_is_hashed() -> None:
    """T56: of a text from a short list, the commitments alone tell neither which it is nor that two are equal."""
    answers = ("yes", "no", "KR", "KZ")
    sealed: list[str] = []
    for answer in answers * 2:
        plain = {"note": answer}
        made, _ = seal([("/note", plain, "note")], origin=ORIGIN, entry_id=ID, draw=secrets.token_bytes)
        sealed += made.values()
    assert len(set(sealed)) == len(answers) * 2
    likely = ["", *(byte * SALT_SIZE for byte in ("00", "ff")), ORIGIN, ID, hashlib.sha256(ID.encode()).hexdigest()]
    guesses = {commitment(ORIGIN, ID, "/note", guess, answer) for guess in likely for answer in answers}
    bare = {hashlib.sha256(answer.encode()).hexdigest() for answer in answers}
    assert not (guesses | bare) & set(sealed)


def test_nothing_sealed_draws_nothing() -> None:
    def never(size: int) -> bytes:
        raise AssertionError(size)

    assert seal((), origin=ORIGIN, entry_id=ID, draw=never) == ({}, None)
    assert encode_openings({}) is None
    assert parse_openings(None) == {}


@pytest.mark.parametrize("given_size", [0, 31, 95, 97])
def test_too_few_random_bytes_are_refused(given_size: int) -> None:
    with pytest.raises(InvalidValueError, match="its own salt"):
        seal(slots(body()), origin=ORIGIN, entry_id=ID, draw=lambda _: bytes(given_size))


def test_an_erased_text_cannot_be_sealed_again() -> None:
    plain = body()
    plain["note"] = REDACTED
    with pytest.raises(InvalidValueError, match="erased text") as caught:
        seal(slots(plain), origin=ORIGIN, entry_id=ID, draw=salts("s"))
    assert caught.value.where == "/note"


@given(st.sets(st.sampled_from(("/event/position", "/note", "/sources/1/title"))))
def test_a_missing_opening_reads_redacted(erased: set[str]) -> None:
    plain, sealed, openings = sealed_body()
    left = {path: opening for path, opening in openings.items() if path not in erased}
    blob = encode_openings(left)
    assert open_sealed(sealed, blob, origin=ORIGIN, entry_id=ID) == left
    assert open_paths(sealed, blob, origin=ORIGIN, entry_id=ID) == sorted(left)
    unseal(plain, sealed, left)
    for path, holder, name in slots(plain):
        assert holder[name] == (REDACTED if path in erased else openings[path][1])


@pytest.mark.parametrize(("origin", "entry_id"), [("other.example.org", ID), (ORIGIN, ID[:-1] + "2")])
def test_openings_of_another_entry_do_not_fit(origin: str, entry_id: str) -> None:
    _, sealed, openings = sealed_body()
    with pytest.raises(CommitmentError, match="does not fit") as caught:
        open_sealed(sealed, encode_openings(openings), origin=origin, entry_id=entry_id)
    assert caught.value.expected == sealed["/event/position"]


def test_openings_of_another_field_do_not_fit() -> None:
    """T53: an opening moved to another path."""
    _, sealed, openings = sealed_body()
    openings["/note"], openings["/event/position"] = openings["/event/position"], openings["/note"]
    with pytest.raises(CommitmentError):
        open_sealed(sealed, encode_openings(openings), origin=ORIGIN, entry_id=ID)


@pytest.mark.parametrize("changed", [("00" * 32, "Aside."), (None, "Aside!"), (None, "Aside. ")])
def test_an_altered_opening_does_not_fit(changed: tuple[str | None, str]) -> None:
    """T52: salt or text altered."""
    _, sealed, openings = sealed_body()
    salt, text = changed
    openings["/note"] = salt or openings["/note"][0], text
    with pytest.raises(CommitmentError) as caught:
        open_sealed(sealed, encode_openings(openings), origin=ORIGIN, entry_id=ID)
    assert caught.value.where == f"{ID} /note"


def test_who_needs_paths_alone_is_told_the_same() -> None:
    _, sealed, openings = sealed_body()
    openings["/note"] = openings["/note"][0], "Another."
    with pytest.raises(CommitmentError):
        open_paths(sealed, encode_openings(openings), origin=ORIGIN, entry_id=ID)
    with pytest.raises(CodecError):
        open_paths(sealed, b"{}", origin=ORIGIN, entry_id=ID)


def test_an_opening_without_commitment_is_strange() -> None:
    with pytest.raises(CodecError, match="an opening belongs to no commitment"):
        open_sealed({}, encode_openings({"/note": (SALT, "x")}), origin=ORIGIN, entry_id=ID)


@pytest.mark.parametrize("wrong", [None, 7, "", "ab", "AB" * 32, "ab" * 33, "zz" * 32])
def test_a_commitment_has_64_hex_digits(wrong: Any) -> None:
    with pytest.raises(CodecError, match="a commitment is 64 hex digits"):
        open_sealed({"/note": wrong}, None, origin=ORIGIN, entry_id=ID)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("note", "a sealed field is named by a JSON Pointer of plain names"),
        ("", "a sealed field is named by a JSON Pointer of plain names"),
        ("x/note", "a sealed field is named by a JSON Pointer of plain names"),
        ("/event/~1", "a sealed field is named by a JSON Pointer of plain names"),
        ("/nowhere/note", "a sealed path leads nowhere"),
        ("/sources/2/title", "a sealed path leads nowhere"),
        ("/sources/-1/title", "a sealed path leads nowhere"),
        ("/sources/01/title", "a sealed path leads nowhere"),
        ("/sources/x/title", "a sealed path leads nowhere"),
        ("/event/position/0/x", "a sealed field stands in the body too, or has no place there"),
        ("/note/0", "a sealed field stands in the body too, or has no place there"),
        ("/sources/0", "a sealed field stands in the body too, or has no place there"),
        ("/sources/0/kind", "a sealed field stands in the body too, or has no place there"),
        ("/event", "a sealed field stands in the body too, or has no place there"),
    ],
)
def test_a_path_leads_to_an_empty_place_or_is_refused(path: str, what: str) -> None:
    plain = body()
    with pytest.raises(CodecError) as caught:
        unseal(plain, [path], {})
    assert caught.value.what == what
    assert plain == body()


@given(st.dictionaries(texts(), st.tuples(st.just(SALT), texts())))
def test_openings_are_canonical_bytes_and_read_back(openings: dict[str, tuple[str, str]]) -> None:
    blob = encode_openings(openings)
    assert parse_openings(blob) == openings
    assert blob == (canonical(openings) if openings else None)


@pytest.mark.parametrize(
    "blob",
    [
        b"[]",
        b"null",
        b'{"/note":["salt"]}',
        b'{"/note":["' + b"5a" * 32 + b'"]}',
        b'{"/note":["' + b"5a" * 31 + b'","x"]}',
        b'{"/note":["' + b"5a" * 32 + b'",null]}',
        b'{"/note":[1,"x"]}',
        b'{"/note":{"salt":"x"}}',
        b"{",
        b"",
        b"\xff",
    ],
)
def test_what_is_no_openings_is_refused(blob: bytes) -> None:
    with pytest.raises(CodecError):
        parse_openings(blob)


def test_openings_may_be_larger_than_a_leaf() -> None:
    openings = {f"/sources/{at}/quote": ("5a" * SALT_SIZE, "ü" * 300) for at in range(200)}
    blob = encode_openings(openings)
    assert blob is not None
    assert len(blob) > 100_000
    assert parse_openings(blob) == openings


def test_a_salt_is_hex_in_small_letters() -> None:
    for salt in ("Z" * 64, "A" * 64, "0" * 63, "0" * 65):
        with pytest.raises(CodecError):
            parse_openings(canonical({"/note": [salt, "A word."]}))
    assert parse_openings(canonical({"/note": ["a" * 64, "A word."]})) == {"/note": ("a" * 64, "A word.")}


ONE = b'["' + b"5a" * SALT_SIZE + b'","A \xe2\x80\x93 \\"word\\".\\n\\u001f"]'


@pytest.mark.parametrize(
    "blob",
    [
        b"{}",
        b'{ "/a":%b}' % ONE,
        b'{"/a": %b}' % ONE,
        b'{"/a":%b} ' % ONE,
        b'\n{"/a":%b}' % ONE,
        b'{"/a":%b,}' % ONE,
        b'{"/a":%b}}' % ONE,
        b'["/a":%b}' % ONE,
        b'{"/b":%b,"/a":%b}' % (ONE, ONE),
        b'{"/a":%b,"/a":%b}' % (ONE, ONE),
        b'{"/\\u0061":%b}' % ONE,
        b'{"/a":%b}' % ONE.replace(b"word", b"\\u0077ord"),
        b'{"/a":%b}' % ONE.replace(b"word", b"wo\\/rd"),
        b'{"/a":%b}' % ONE.replace(b"\\n", b"\\u000a"),
        b'{"/a":%b}' % ONE.replace(b"\\u001f", b"\\u001F"),
        b'{"/a":%b}' % ONE.replace(b"\\u001f", b"\\u007f"),
        b'{"/a":%b}' % ONE.replace(b"\\u001f", b"\x1f"),
        b'{"/a":%b}' % ONE.replace(b"\\u001f", b"\\u0000"),
        b'{"/a":%b}' % ONE.replace(b"\\u001f", b"\\ud800"),
        b'{"/a":%b}' % ONE.replace(b"\xe2\x80\x93", b"\xe2\x80"),
        b'{"/a":%b}' % ONE.replace(b"5a", b"5A"),
        b"\xef\xbb\xbf" + b'{"/a":%b}' % ONE,
        (b'{"/a":%b}' % ONE).decode().encode("utf-16"),
    ],
)
def test_openings_have_one_spelling(blob: bytes) -> None:
    assert parse_openings(b'{"/a":%b,"/b":%b}' % (ONE, ONE)).keys() == {"/a", "/b"}
    with pytest.raises(CodecError, match="one form"):
        parse_openings(blob)


def test_openings_are_bytes() -> None:
    with pytest.raises(CodecError, match="openings are bytes"):
        parse_openings("{}")  # type: ignore[arg-type]


MUCH = MAX_OPENINGS - 100


@pytest.mark.parametrize(
    ("blob", "peak_bytes"),
    [
        (b"[" + b"[]," * (MUCH // 3) + b"[]]", 1 << 20),
        (b"[" * MUCH, 1 << 20),
        (b'{"/note":[' + b"[]," * (MUCH // 3) + b"[]]}", 1 << 20),
        (b"{" + b",".join(b'"/%06d":["%b",""]' % (at, b"5a" * 32) for at in range(180_000)) + b"}", 1 << 20),
        (b'{"/note":["' + b"5a" * 32 + b'","' + b"\xf0\x9f\x98\x80" * (MUCH // 4), MAX_OPENINGS + (1 << 20)),
        (b'{"/note":["' + b"5a" * 32 + b'","' + b"x" * MUCH + b'"]} ', 3 * MAX_OPENINGS),
        (b"[]" * MAX_OPENINGS, 1 << 20),
    ],
    ids=["tiny arrays", "deep", "tiny arrays within", "many", "endless", "something behind", "too large"],
)
def test_no_bytes_make_a_reader_of_openings_build_much(blob: bytes, peak_bytes: int) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(CodecError) as caught:
            parse_openings(blob)
        assert tracemalloc.get_traced_memory()[1] < peak_bytes
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 300


def test_a_leaf_has_room_for_no_more_openings() -> None:
    def some(count: int) -> bytes:
        return canonical({f"/{at:04}": ["5a" * 32, ""] for at in range(count)})

    assert len(parse_openings(some(936))) == 936
    with pytest.raises(CodecError) as caught:
        parse_openings(some(937))
    assert caught.value.expected == "at most 936"
    sealed = {f"/{at}": "5a" * 32 for at in range(937)}
    with pytest.raises(LeafTooLargeError):
        write_leaf(Names(ORIGIN, ID, "x"), "x", 1, {}, sealed, None)


MARK, SALT_MARK = "Kemelova", "5a5b5c5d"
DAMAGED = canonical(
    {
        "/note": [SALT_MARK * 8, f'{MARK} "said" – {MARK}\n.'],
        "/sources/0/title": [SALT_MARK * 8, f"{MARK} {MARK}"],
    }
)


@given(st.data())
def test_no_error_shows_what_damaged_openings_hold(data: st.DataObject) -> None:
    """Bytes changed, cut out, doubled or put in: whatever is said of it, no word and no salt is."""
    places = st.integers(0, len(DAMAGED))
    blob = DAMAGED
    for _ in range(data.draw(st.integers(1, 3))):
        start, end = sorted((data.draw(places), data.draw(places)))
        put = data.draw(st.sampled_from((b"", b'"', b"\\", b",", b"]", b"\xff", b"{", blob[start:end] * 2, b"/")))
        blob = blob[:start] + put + blob[data.draw(st.sampled_from((start, start + 1, end))) :]
    sealed = {"/note": "00" * 32, "/sources/0/title": "11" * 32}
    with pytest.raises((CodecError, CommitmentError)) as caught:
        open_sealed(sealed, blob, origin=ORIGIN, entry_id=ID)
    told = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    assert caught.value.__context__ is None
    assert not any(mark in told for mark in (MARK, SALT_MARK))


@given(st.dictionaries(st.sampled_from(["/note", "/é", "/sources/0/title"]), texts(), min_size=1))
def test_what_openings_give_is_what_their_texts_give(given_texts: dict[str, str]) -> None:
    openings = {path: ("5a" * SALT_SIZE, text) for path, text in given_texts.items()}
    assert commitments(encode_openings(openings), origin=ORIGIN, entry_id=ID) == {
        path: commitment(ORIGIN, ID, path, *opening) for path, opening in openings.items()
    }
    assert commitments(None, origin=ORIGIN, entry_id=ID) == {}
