"""Notes, keys, checkpoints and cosignatures: what is written reads back, and there is one spelling of each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import (
    CoopLedgerError,
    InvalidValueError,
    NoteError,
    SignatureError,
    UnsupportedKeyError,
    UntrustedNoteError,
)
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    EMPTY_ROOT,
    MAX_NOTE,
    MAX_SIGNATURES,
    MAX_SIZE,
    ML_DSA_44,
    Checkpoint,
    Note,
    Signature,
    Verified,
    VerifierKey,
    cosigned_message,
    decode_base64,
    encode_base64,
    format_checkpoint,
    format_note,
    format_vkey,
    join_cosignature,
    parse_checkpoint,
    parse_note,
    parse_policy,
    parse_proof,
    parse_size,
    parse_vkey,
    split_cosignature,
    verify_note,
)
from coop_ledger.testing import checkpoints, notes, verifier_keys

ROOT = bytes(range(32))
KEY = VerifierKey("example.org/log", ED25519, ROOT)
WITNESS = VerifierKey("witness.example.org", COSIGNATURE, ROOT)
TEXT = format_checkpoint(Checkpoint("example.org/log", 8, ROOT))


def line_of(key: VerifierKey, blob: bytes = b"s" * 64) -> Signature:
    return Signature(key.name, key.key_id, blob)


def note_of(*lines: Signature) -> Note:
    return Note(TEXT, lines)


def holds(_public: bytes, _message: bytes, _signature: bytes) -> bool:
    return True


# what is written reads back


@given(notes())
def test_notes_read_back(note: Note) -> None:
    assert parse_note(format_note(note)) == note


@given(verifier_keys())
def test_keys_read_back_with_their_id(key: VerifierKey) -> None:
    text = format_vkey(key)
    assert parse_vkey(text) == key
    digest = hashlib.sha256(key.name.encode() + b"\n" + bytes([key.kind]) + key.key).hexdigest()
    assert text.split("+")[1] == key.key_id.hex() == digest[:8]


@given(checkpoints())
def test_checkpoints_read_back(checkpoint: Checkpoint) -> None:
    text = format_checkpoint(checkpoint)
    assert parse_checkpoint(text) == checkpoint
    assert text.count("\n") == 3


@given(st.integers(0, MAX_SIZE), st.binary(min_size=64, max_size=64))
def test_cosignatures_read_back(timestamp: int, signature: bytes) -> None:
    blob = join_cosignature(timestamp, signature)
    assert split_cosignature(blob) == (timestamp, signature)
    assert blob[:8] == timestamp.to_bytes(8, "big")
    assert cosigned_message(timestamp, TEXT) == f"cosignature/v1\ntime {timestamp}\n{TEXT}".encode()


# one spelling: what reads is exactly what would be written


def spoiled(whole: bytes, data: st.DataObject) -> bytes:
    """Some bytes replaced, left out, put in or doubled, by what a format is likely to stumble over."""
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 3)))
    odd = st.sampled_from([b"", b"\n", b" ", b"+", b"=", b"\r\n", b"\x00", b"\xff", "—".encode(), "٣".encode(), b"0"])
    return whole[:start] + data.draw(odd | st.binary(max_size=3)) + whole[end:]


@given(notes(), st.data())
def test_a_spoiled_note_is_refused_or_another_note(note: Note, data: st.DataObject) -> None:
    whole = spoiled(format_note(note), data)
    try:
        read = parse_note(whole)
    except NoteError:
        return
    assert format_note(read) == whole


@given(verifier_keys(), st.data())
def test_a_spoiled_key_is_refused(key: VerifierKey, data: st.DataObject) -> None:
    text = spoiled(format_vkey(key).encode(), data).decode("utf-8", "surrogateescape")
    try:
        read = parse_vkey(text)
    except (NoteError, UnsupportedKeyError):
        return
    assert read == key  # whatever else changed, the ID would not fit


@given(checkpoints(), st.data())
def test_a_spoiled_checkpoint_is_refused_or_another_checkpoint(checkpoint: Checkpoint, data: st.DataObject) -> None:
    text = spoiled(format_checkpoint(checkpoint).encode(), data).decode("utf-8", "surrogateescape")
    try:
        read = parse_checkpoint(text)
    except NoteError:
        return
    assert format_checkpoint(read) == text


# only declared errors escape

anything = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
note_like = st.lists(
    st.sampled_from([b"\n", b"\n\n", "— ".encode(), b" ", b"a", b"AAAAAAA=", b"+", b"\xe2\x80", b"=", b"\x85"]),
    max_size=12,
).map(b"".join)
texts = st.text(max_size=200) | st.text(st.characters(), max_size=200)
text_like = st.lists(
    st.sampled_from(["\n", "+", "0", "8", "a", "AQ==", "\ud800", "٣", "530d903a", "=", "9" * 5000]), max_size=9
).map("".join)


@given(anything | note_like)
def test_any_bytes_are_a_note_or_a_note_error(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert format_note(note) == data


@given(texts | text_like)
def test_any_text_is_a_key_or_a_declared_error(text: str) -> None:
    try:
        key = parse_vkey(text)
    except (NoteError, UnsupportedKeyError):
        return
    assert format_vkey(key) == text


@given(texts | text_like)
def test_any_text_is_a_checkpoint_or_a_note_error(text: str) -> None:
    try:
        checkpoint = parse_checkpoint(text)
    except NoteError:
        return
    assert format_checkpoint(checkpoint) == text


@given(st.binary(max_size=80))
def test_any_bytes_are_a_cosignature_or_a_note_error(blob: bytes) -> None:
    try:
        timestamp, signature = split_cosignature(blob)
    except NoteError:
        return
    assert join_cosignature(timestamp, signature) == blob


@given(
    st.builds(
        Note, texts, st.lists(st.builds(Signature, texts, st.binary(max_size=6), st.binary(max_size=99))).map(tuple)
    ),
    st.lists(st.builds(VerifierKey, texts, st.integers(-1, 300), st.binary(max_size=40)), max_size=3),
    st.builds(Checkpoint, texts, st.integers(), st.binary(max_size=40)),
)
def test_writers_refuse_with_declared_errors_what_readers_would(
    note: Note, keys: list[VerifierKey], checkpoint: Checkpoint
) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: format_note(note),
        *(lambda key=key: format_vkey(key) for key in keys),
        lambda: format_checkpoint(checkpoint),
        lambda: verify_note(note, keys, holds),
        lambda: cosigned_message(checkpoint.size, note.text),
    ]
    for attempt in attempts:
        with suppress(CoopLedgerError):
            attempt()


@pytest.mark.parametrize("size", [True, -1, MAX_SIZE + 1, 1.0, "1"])
def test_times_that_no_cosignature_can_state_are_refused(size: int) -> None:
    with pytest.raises(InvalidValueError):
        cosigned_message(size, TEXT)
    with pytest.raises(InvalidValueError):
        join_cosignature(size, b"s" * 64)


def test_cosignatures_have_their_length_and_a_time_that_fits() -> None:
    with pytest.raises(InvalidValueError):
        join_cosignature(1, b"s" * 63)
    with pytest.raises(NoteError):
        split_cosignature(b"\x80" + b"\x00" * 71)
    for length in (0, 8, 71, 73, 2428):
        with pytest.raises(NoteError):
            split_cosignature(b"\x00" * length)


@pytest.mark.parametrize(
    "text", ["", "-0", "+8", " 8", "8 ", "08", "1_0", "٣", "1٣", "\uff18", "0x8", "8.0", str(2**63), "9" * 20]
)
def test_numbers_have_one_spelling(text: str) -> None:
    """T43."""
    with pytest.raises(NoteError):
        parse_size(text, where="size")
    assert parse_size(str(MAX_SIZE), where="size") == MAX_SIZE


@pytest.mark.parametrize(
    "text", ["A", "AA", "AA=", "AA===", "AB==", "AA==\n", " AA==", "AA==AA==", "_-8=", "ä", "AA =="]
)
def test_base64_has_one_spelling(text: str) -> None:
    """T43."""
    with pytest.raises(NoteError):
        decode_base64(text, where="root")
    assert decode_base64("+/8=", where="root") == b"\xfb\xff"


# the rules of notes, one by one


def test_sixteen_signatures_must_be_taken_and_thirty_two_are() -> None:
    for number, accepted in ((1, True), (16, True), (MAX_SIGNATURES, True), (MAX_SIGNATURES + 1, False)):
        whole = f"{TEXT}\n".encode() + number * "— a AAAAAAA=\n".encode()
        if accepted:
            assert len(parse_note(whole).signatures) == number
        else:
            with pytest.raises(NoteError, match="too many"):
                parse_note(whole)


def test_a_note_has_at_most_256_kib() -> None:
    rest = "\n— a AAAAAAA=\n".encode()
    largest = b"x" * (MAX_NOTE - len(rest) - 1) + b"\n" + rest
    assert len(parse_note(largest).text) == MAX_NOTE - len(rest)
    with pytest.raises(NoteError, match="too large"):
        parse_note(b"x" + largest)


@pytest.mark.parametrize("character", [chr(code) for code in (*range(10), *range(11, 32), *range(127, 160))])
def test_control_characters_are_in_no_note_checkpoint_or_name(character: str) -> None:
    with pytest.raises(NoteError):
        parse_note(f"a{character}\n\n— a AAAAAAA=\n".encode())
    with pytest.raises(NoteError):
        parse_checkpoint(f"a{character}\n0\n{encode_base64(EMPTY_ROOT)}\n")
    with pytest.raises(InvalidValueError):
        format_vkey(VerifierKey(f"a{character}", ED25519, ROOT))
    with pytest.raises(NoteError):
        cosigned_message(0, f"a{character}\n")


@pytest.mark.parametrize("name", ["", "a+b", "a b", "a\u00a0b", "a\u2003b", "a\u3000", "a\u2028b", "a\nb", "\ud800"])
def test_names_of_keys_hold_no_blank_and_no_plus(name: str) -> None:
    with pytest.raises(InvalidValueError):
        format_vkey(VerifierKey(name, ED25519, ROOT))
    with pytest.raises(InvalidValueError):
        format_note(Note("a\n", (Signature(name, b"1234", b"s"),)))


@pytest.mark.parametrize(
    "line",
    [
        "- a AAAAAAA=", "—a AAAAAAA=", "— a  AAAAAAA=", "— a AAAAAAA= ", "— AAAAAAA=", "— a AAAAAA==", "— a", "—", "a",
        "— a+b AAAAAAA=",
    ],
)  # fmt: skip
def test_a_line_that_is_no_signature_spoils_the_note(line: str) -> None:
    for lines in ([line], ["— a AAAAAAA=", line], [line, "— a AAAAAAA="]):
        with pytest.raises(NoteError):
            parse_note("\n".join([TEXT, *lines, ""]).encode())


def test_the_last_empty_line_ends_the_text() -> None:
    note = parse_note("a\n\n— a AAAAAAA=\n\n— b AAAAAAA=\n".encode())
    assert note.text == "a\n\n— a AAAAAAA=\n"
    assert [line.name for line in note.signatures] == ["b"]


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n", b"a\n", b"a\n\n", b"a\n\n\n", "\n— a AAAAAAA=\n".encode()])
def test_what_lacks_text_or_signature_is_no_note(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(data)


@pytest.mark.parametrize(
    "signatures", [(), (line_of(KEY),) * 33, (Signature("a", b"123", b""),), (Signature("a", b"1", b"2"),)]
)
def test_a_note_that_no_reader_takes_is_not_written(signatures: tuple[Signature, ...]) -> None:
    with pytest.raises(InvalidValueError):
        format_note(Note("a\n", signatures))


def test_a_line_whose_id_has_other_than_four_bytes_is_not_written() -> None:
    with pytest.raises(InvalidValueError, match="reads back"):
        format_note(Note("a\n", (Signature("a", b"12345", b"s"),)))


@pytest.mark.parametrize("text", ["", "a", "a\n\n", "\ud800\n"])
def test_a_text_without_its_newline_is_not_written(text: str) -> None:
    if text == "a\n\n":
        assert parse_note(format_note(Note(text, (line_of(KEY),)))).text == text
    else:
        with pytest.raises(InvalidValueError):
            format_note(Note(text, (line_of(KEY),)))


# the rules of keys and checkpoints


def test_keys_of_other_kinds_and_lengths_are_refused() -> None:
    for kind in (0, 2, 3, 5, 7, 255):
        material = bytes([kind]) + ROOT
        key_id = hashlib.sha256(b"a\n" + material).hexdigest()[:8]
        with pytest.raises(UnsupportedKeyError):
            parse_vkey(f"a+{key_id}+{encode_base64(material)}")
    for kind, length in ((ED25519, 31), (ED25519, 33), (COSIGNATURE, 0), (ML_DSA_44, 32), (ML_DSA_44, 1313)):
        with pytest.raises(InvalidValueError, match="length"):
            format_vkey(VerifierKey("a", kind, bytes(length)))
    for kind in (0, 2, 256, -1):
        with pytest.raises(UnsupportedKeyError):
            format_vkey(VerifierKey("a", kind, ROOT))
        with pytest.raises(UnsupportedKeyError):
            VerifierKey("a", kind, ROOT).key_id  # noqa: B018
    with pytest.raises((NoteError, UnsupportedKeyError)):
        parse_vkey(f"a+{hashlib.sha256(b'a' + bytes([10])).hexdigest()[:8]}+")


def test_an_id_is_written_in_small_letters() -> None:
    text = format_vkey(VerifierKey("a", ED25519, bytes(32)))
    name, key_id, coded = text.split("+", 2)
    assert key_id != key_id.upper()
    with pytest.raises(NoteError):
        parse_vkey(f"{name}+{key_id.upper()}+{coded}")


@pytest.mark.parametrize(
    "text",
    ["", "\n", "a\n0\n", "a\n0\nx\n\n", "a\n0\n\n", TEXT[:-1], TEXT + "x", TEXT + "x\n", TEXT + "\n", "\n" + TEXT],
)
def test_a_checkpoint_has_exactly_three_lines(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 8, ROOT), Checkpoint("a\nb", 8, ROOT), Checkpoint("a", -1, ROOT), Checkpoint("a", 2**63, ROOT),
        Checkpoint("a", 8, ROOT[1:]), Checkpoint("a", 0, ROOT), Checkpoint("a", True, ROOT),
        Checkpoint("\ud800", 8, ROOT),
    ],
)  # fmt: skip
def test_a_checkpoint_that_no_reader_takes_is_not_written(checkpoint: Checkpoint) -> None:
    with pytest.raises(InvalidValueError):
        format_checkpoint(checkpoint)


# who signed


def test_name_and_id_must_both_match() -> None:
    """T41."""
    other_id = Signature(KEY.name, bytes(4), b"s" * 64)
    other_name = Signature("example.org/other", KEY.key_id, b"s" * 64)
    with pytest.raises(UntrustedNoteError):
        verify_note(note_of(other_id, other_name), [KEY], holds)
    assert verify_note(note_of(other_id, line_of(KEY), other_name), [KEY], holds) == (Verified(KEY, None),)


def test_a_bad_line_of_a_known_key_spoils_the_note_wherever_it_stands() -> None:
    def good_only(_public: bytes, _message: bytes, signature: bytes) -> bool:
        return signature == b"g" * 64

    good, bad = line_of(KEY, b"g" * 64), line_of(KEY)
    witness = line_of(WITNESS, join_cosignature(1, b"g" * 64))
    assert verify_note(note_of(good, witness), [KEY], good_only) == (Verified(KEY, None),)
    for lines in ([bad], [good, bad], [bad, good], [bad, witness], [witness, bad], [good, witness, bad]):
        with pytest.raises(SignatureError):
            verify_note(note_of(*lines), [KEY, WITNESS], good_only)


@pytest.mark.parametrize("blob", [b"s", b"s" * 63, b"s" * 65, join_cosignature(1, b"s" * 64)])
def test_a_plain_signature_has_64_bytes(blob: bytes) -> None:
    with pytest.raises(SignatureError):
        verify_note(note_of(line_of(KEY, blob)), [KEY], holds)


@pytest.mark.parametrize("blob", [b"s" * 64, b"s" * 71, b"s" * 73, b"\xff" * 72])
def test_a_cosignature_has_a_time_and_64_bytes(blob: bytes) -> None:
    with pytest.raises(SignatureError):
        verify_note(note_of(line_of(WITNESS, blob)), [WITNESS], holds)


def test_what_is_checked_is_the_text_and_for_a_witness_the_time_too() -> None:
    seen: list[tuple[bytes, bytes, bytes]] = []

    def check(*given: bytes) -> bool:
        public, message, signature = given
        seen.append((public, message, signature))
        return True

    lines = line_of(KEY, b"k" * 64), line_of(WITNESS, join_cosignature(7, b"w" * 64))
    assert verify_note(note_of(*lines), [WITNESS, KEY], check) == (Verified(KEY, None), Verified(WITNESS, 7))
    assert seen == [
        (KEY.key, TEXT.encode(), b"k" * 64),
        (WITNESS.key, f"cosignature/v1\ntime 7\n{TEXT}".encode(), b"w" * 64),
    ]


@given(st.lists(st.integers(0, MAX_SIZE), min_size=1, max_size=5))
def test_a_witness_counts_once_with_its_earliest_time(times: list[int]) -> None:
    lines = [line_of(WITNESS, join_cosignature(time, b"s" * 64)) for time in times]
    assert verify_note(note_of(line_of(KEY), *lines, line_of(KEY)), [KEY, WITNESS], holds) == (
        Verified(KEY, None),
        Verified(WITNESS, min(times)),
    )


def test_one_key_under_two_kinds_are_two_keys() -> None:
    same = VerifierKey(WITNESS.name, ED25519, WITNESS.key)
    assert same.key_id != WITNESS.key_id
    assert verify_note(note_of(line_of(same)), [same, WITNESS], holds) == (Verified(same, None),)


def colliding() -> tuple[VerifierKey, VerifierKey]:
    """Two keys of one name whose IDs, 32 bits only, are the same."""
    seen: dict[bytes, VerifierKey] = {}
    for number in count():  # about 80,000 tries
        key = VerifierKey("a", ED25519, number.to_bytes(32, "big"))
        if (other := seen.setdefault(key.key_id, key)) is not key:
            return other, key
    raise AssertionError


def test_keys_that_share_name_and_id_are_told_apart_by_nobody() -> None:
    """T41: with both of another key."""
    one, other = colliding()
    assert (one.name, one.key_id) == (other.name, other.key_id)
    for keys in ([one, other], [one, one]):
        with pytest.raises(SignatureError, match="share"):
            verify_note(note_of(line_of(one)), keys, holds)
        assert verify_note(note_of(line_of(KEY)), [*keys, KEY], holds) == (Verified(KEY, None),)


def test_a_signature_that_cannot_be_checked_is_neither_good_nor_bad() -> None:
    newer = VerifierKey("a", ML_DSA_44, bytes(1312))
    assert parse_vkey(format_vkey(newer)) == newer
    with pytest.raises(UnsupportedKeyError):
        verify_note(note_of(line_of(KEY), line_of(newer, bytes(2428))), [KEY, newer], holds)
    assert verify_note(note_of(line_of(KEY), line_of(newer)), [KEY], holds) == (Verified(KEY, None),)


def test_without_keys_nobody_is_trusted() -> None:
    with pytest.raises(UntrustedNoteError, match="no keys"):
        verify_note(note_of(line_of(KEY)), [], holds)


def test_messages_quote_hostile_texts_briefly_and_without_control() -> None:
    long = "a" * 50_000
    for data in (
        f"{long}",
        f"a\n\n{long}\n",
        f"a\n\n— {long} {long}=\n",
        f"a\n\n— {long} AAAA\n",
        "a\n\n— \u202ea AAAA\n",
    ):
        with pytest.raises(NoteError) as caught:
            parse_note(data.encode())
        assert len(str(caught.value)) < 400
        assert str(caught.value).isprintable()
    with pytest.raises(UntrustedNoteError) as untrusted:
        verify_note(Note("a\n", (Signature(long, b"1234", b"s"),)), [KEY], holds)
    assert len(str(untrusted.value)) < 500


def test_base64_of_the_vectors_is_the_standard_one() -> None:
    assert encode_base64(ROOT) == base64.b64encode(ROOT).decode()


@pytest.mark.parametrize("read", [parse_note, parse_proof, parse_policy])
def test_what_is_no_text_is_refused(read: Any) -> None:
    for found in (None, 3, bytearray(b"x"), *(["text"] if read is not parse_policy else [])):
        with pytest.raises(InvalidValueError):
            read(found)
