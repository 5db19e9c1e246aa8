"""Proof texts: what is written reads back, there is one spelling, and the public vectors by the documented rules."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import InclusionError, InvalidValueError, NoteError, SignatureError
from coop_ledger.log import (
    MAX_HASHES,
    MAX_PROOF,
    MAX_SIZE,
    ProofText,
    format_proof,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_proof,
    parse_vkey,
    verify_inclusion,
    verify_note,
)
from coop_ledger.signing import check_ed25519
from coop_ledger.testing import proof_texts
from tests.shared import shared_json

VECTORS = "data/vectors/merkle/notes/tlog-proof.json"
HASH = base64.b64encode(bytes(range(32))).decode()
GOOD = f"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 5\n{HASH}\n{HASH}\n\na checkpoint\n\nwith an empty line\n"


@given(proof_texts())
def test_what_is_written_reads_back(proof: ProofText) -> None:
    assert parse_proof(format_proof(proof)) == proof


@given(proof_texts(), st.data())
def test_there_is_one_spelling(proof: ProofText, data: st.DataObject) -> None:
    """A text in which one byte is another is refused, or it is another proof, written just so."""
    text = bytearray(format_proof(proof))
    head = len(text) - len(proof.checkpoint)
    at = data.draw(st.integers(0, head - 1) | st.integers(0, len(text) - 1))
    if data.draw(st.booleans()):
        text[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        text[at:at] = data.draw(st.sampled_from([b"\n", b" ", b"0", b"=", b"\r"]))
    try:
        found = parse_proof(bytes(text))
    except NoteError:
        return
    assert found != proof
    assert format_proof(found) == bytes(text)


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"c2sp.org/tlog-proof@v1\n{text}".encode()))
def test_any_bytes_are_a_proof_or_refused(data: bytes) -> None:
    try:
        found = parse_proof(data)
    except NoteError:
        return
    assert format_proof(found) == data


def test_the_checkpoint_is_kept_verbatim() -> None:
    found = parse_proof(GOOD.encode())
    assert found == ProofText(5, (bytes(range(32)),) * 2, b"a checkpoint\n\nwith an empty line\n", b"a")
    odd = b"\xff not even UTF-8"
    assert parse_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + odd).checkpoint == odd


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("proof@v1", "proof@v2", "line 1"),
        ("c2sp", " c2sp", "line 1"),
        ("v1\n", "v1\r\n", "line 1"),
        ("v1\n", "v1\n\n", "index"),
        ("extra YQ==\n", "extra \n", "extra"),
        ("extra YQ==\n", "extra YR==\n", "extra"),
        ("extra YQ==\n", "extra YQ\n", "extra"),
        ("extra YQ==\n", "extra YQ==\nextra YQ==\n", "index"),
        ("extra YQ==\n", "Extra YQ==\n", "index"),
        ("extra YQ==\nindex 5\n", "index 5\nextra YQ==\n", "hash 0"),
        ("index 5\n", "", "index"),
        (f"extra YQ==\nindex 5\n{HASH}\n{HASH}\n", "", "index"),
        (f"extra YQ==\nindex 5\n{HASH}\n{HASH}", "extra YQ==", "index"),
        (f"extra YQ==\nindex 5\n{HASH}\n{HASH}", "extra YQ", "extra"),
        ("index 5", "5", "index"),
        ("index 5", "index  5", "index"),
        ("index 5", "index 05", "index"),
        ("index 5", "index +5", "index"),
        ("index 5", "index -5", "index"),
        ("index 5", "index 5 ", "index"),
        ("index 5", "index ", "index"),
        ("index 5", "index 1_0", "index"),
        ("index 5", f"index {MAX_SIZE + 1}", "index"),
        ("index 5", "index \u0665", "byte 40"),
        (HASH, HASH[:-1], "hash 0"),
        (HASH, HASH + " ", "hash 0"),
        (HASH, "AAAA", "hash 0"),
        (HASH, base64.b64encode(bytes(33)).decode(), "hash 0"),
        (f"{HASH}\n{HASH}\n", f"{HASH}\n" * (MAX_HASHES + 1), None),
        ("\n\na checkpoint\n\nwith an empty line\n", "\na checkpoint\n", None),
        ("a checkpoint\n\nwith an empty line\n", "", None),
        ("with an empty line\n", "x" * MAX_PROOF, None),
    ],
)
def test_each_rule_refuses(old: str, new: str, where: str | None) -> None:
    parse_proof(GOOD.encode())
    assert old in GOOD
    with pytest.raises(NoteError) as caught:
        parse_proof(GOOD.replace(old, new, 1).encode())
    assert caught.value.where == where


def test_the_largest_proof_is_read() -> None:
    proof = ProofText(MAX_SIZE, (bytes(32),) * MAX_HASHES, b"x")
    text = format_proof(proof)
    whole = proof._replace(checkpoint=b"x" * (1 + MAX_PROOF - len(text)))
    assert len(format_proof(whole)) == MAX_PROOF
    assert parse_proof(format_proof(whole)) == whole


@pytest.mark.parametrize(
    "proof",
    [
        ProofText(-1, (), b"x"),
        ProofText(MAX_SIZE + 1, (), b"x"),
        ProofText(0, (b"short",), b"x"),
        ProofText(0, (bytes(32),) * (MAX_HASHES + 1), b"x"),
        ProofText(0, (), b""),
        ProofText(0, (), b"x", b""),
        ProofText(0, [bytes(32)], b"x"),  # type: ignore[arg-type]
    ],
)
def test_what_would_not_read_back_is_not_written(proof: ProofText) -> None:
    with pytest.raises(InvalidValueError):
        format_proof(proof)


def test_public_vectors_of_the_format() -> None:
    vectors = shared_json(VECTORS)
    assert (len(vectors["parse_good"]), len(vectors["parse_bad"])) == (3, 7)
    for case in vectors["parse_good"]:
        found = parse_proof(case["text"].encode())
        extra = case["extra_base64"]
        assert found.index == case["index"]
        assert len(found.hashes) == case["hashes"]
        assert found.extra == (None if extra is None else base64.b64decode(extra))
        assert found.checkpoint == case["text"].partition("\n\n")[2].encode()
        assert format_proof(found) == case["text"].encode()
    for case in vectors["parse_bad"]:
        with pytest.raises(NoteError):
            parse_proof(case["text"].encode())


def test_public_vectors_that_hold_as_a_whole() -> None:
    """Text, signed checkpoint and path, of a log that others keep; spoiled, each of the three is refused."""
    cases = shared_json(VECTORS)["complete_derived"]["cases"]
    assert len(cases) == 4
    for case in cases:
        assert case["expect"] == "accept"
        found = parse_proof(case["proof"].encode())
        note, key = parse_note(found.checkpoint), parse_vkey(case["log_vkey"])
        (verified,) = verify_note(note, [key], check_ed25519)
        stated = parse_checkpoint(note.text)
        leaf = leaf_hash(case["leaf_bytes_utf8"].encode())
        verify_inclusion(found.index, stated.size, leaf, found.hashes, stated.root)
        assert (verified.key, stated.origin) == (key, key.name)
        with pytest.raises(InclusionError):
            verify_inclusion(found.index, stated.size, leaf_hash(b"other"), found.hashes, stated.root)
        spoiled = parse_note(found.checkpoint.replace(b"\n15\n", b"\n16\n"))
        with pytest.raises(SignatureError):
            verify_note(spoiled, [key], check_ed25519)
