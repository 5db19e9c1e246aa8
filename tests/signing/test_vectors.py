"""
Public vectors of notes, keys, checkpoints, cosignatures, whole logs and Ed25519, each by a rule that is written down.

A table names every case of a file, what ours makes of it, and why; a case without its line fails the suite.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.errors import (
    CoopLedgerError,
    NoteError,
    SignatureError,
    UnsupportedKeyError,
    UntrustedNoteError,
)
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    Checkpoint,
    Note,
    Verified,
    VerifierKey,
    format_checkpoint,
    format_note,
    format_vkey,
    leaf_hash,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    prove_consistency,
    reader_over,
    root_of,
    split_cosignature,
    verify_consistency,
    verify_inclusion,
    verify_note,
)
from coop_ledger.signing import SigningKey, check_ed25519
from tests.shared import shared_json

VECTORS = "data/vectors/merkle"

GOOD = "good"
Outcome = str | type[CoopLedgerError]
Table = dict[str, tuple[Outcome, str]]

NOTES: Table = {
    "one known signature, one unknown": (GOOD, "lines of unknown keys are passed over"),
    "both known": (GOOD, "every line of a known key holds"),
    "no known key": (UntrustedNoteError, "a note is nothing before a known key signed it"),
    "known key listed twice by the verifier and used": (SignatureError, "a line that two given keys could have made"),
    "known key listed twice by the verifier but not used": (GOOD, "the double is not asked for"),
    "101 repeated signature lines (Go limit is 100)": (NoteError, "at most 32 lines of signature"),
    "101 repeated signature lines, no known key": (NoteError, "at most 32 lines of signature"),
    "signature bytes spoiled for a known key": (SignatureError, "a bad line of a known key spoils the note"),
    "duplicate known and unknown lines, one unknown line spoiled": (
        GOOD,
        "a key counts once; unknown lines do not count",
    ),
    "text only": (NoteError, "no empty line, no signatures"),
    "text and blank line only": (NoteError, "no signatures"),
    "last newline missing": (NoteError, "each line ends with a newline"),
    "control character 0x01 first": (NoteError, "no control character but the newline"),
    "byte 0xff first (not UTF-8)": (NoteError, "UTF-8"),
    "space in key name and no last newline": (NoteError, "each line ends with a newline; a name holds no blank"),
    "extra line after the signatures": (NoteError, "after the empty line there are signature lines only"),
}
"""notes/go-note.json, ``open``."""

SPECIFICATION: Table = {
    "signed_note": (GOOD, "the example of signed-note"),
    "checkpoint_with_cosignature": (UntrustedNoteError, "it reads, but its lines belong to no published key"),
    "sumdb_checkpoint": (GOOD, "a real log; the name of its key is not its origin"),
}
"""notes/c2sp-examples.json."""

KEYS: Table = {
    "two parts only": (NoteError, "name, ID and key"),
    "key part not base64": (NoteError, "standard base64"),
    "unknown algorithm byte and wrong length": (NoteError, "the ID is not that of the key"),
    "key ID not hexadecimal": (NoteError, "the ID is recomputed and compared as text"),
    "key ID does not match": (NoteError, "the ID is recomputed"),
}
"""notes/vkeys.json, ``bad``."""

TIMES: Table = {
    "ZGhG": (GOOD, "four bytes of ID, eight of time, 64 of signature"),
    "eQjR": (NoteError, "64 bytes are a plain signature, not a cosignature"),
    "5%/$": (NoteError, "standard base64"),
}
"""notes/vkeys.json, ``cosignature_timestamps``, by the first four characters."""

CHECKPOINTS: Table = {
    "valid": (NoteError, "stricter than its origin: a root has 32 bytes, this has 7"),
    "trailing data": (NoteError, "stricter than its origin: no extension lines, and the root has 38 bytes"),
    "trailing newlines": (NoteError, "no empty lines"),
    "insufficient lines": (NoteError, "three lines"),
    "empty origin": (NoteError, "an origin is not empty"),
    "no newline after hash": (NoteError, "each line ends with a newline"),
    "size not a number": (NoteError, "a size is digits"),
    "size negative": (NoteError, "a size has no sign"),
    "size too large": (NoteError, "a size is below 2**63"),
    "hash not base64": (NoteError, "standard base64"),
    "good": (GOOD, "three lines in their one spelling"),
    "size zero with empty root": (GOOD, "the empty log has the root of nothing"),
    "size zero with another root": (NoteError, "the empty log has one root only"),
    "leading zero in size": (NoteError, "one spelling of a number"),
    "plus sign": (NoteError, "one spelling of a number"),
    "underscore in size": (NoteError, "one spelling of a number"),
    "space round size": (NoteError, "one spelling of a number"),
    "Arabic-Indic digit": (NoteError, "ASCII digits"),
    "fullwidth digit": (NoteError, "ASCII digits"),
    "hash of 31 bytes": (NoteError, "a root has 32 bytes"),
    "hash of 33 bytes": (NoteError, "a root has 32 bytes"),
    "hash without padding": (NoteError, "one spelling of base64: padded"),
    "hash with non-zero spare bits": (NoteError, "one spelling of base64: spare bits are zero"),
    "URL-safe alphabet": (NoteError, "standard base64"),
    "newline inside hash": (NoteError, "exactly three lines"),
    "CRLF line ends": (NoteError, "no control character but the newline"),
    "empty extension line": (NoteError, "no extension lines"),
    "size 2^63": (NoteError, "a size is below 2**63"),
    "tab in origin": (NoteError, "no control character but the newline"),
    "space in origin is only discouraged": (GOOD, "an origin may hold blanks; ledgers of ours do not make such"),
}
"""notes/checkpoint-text.json, both lists."""

COSIGNATURES: Table = {
    "log signature of an unknown type ignored, one Ed25519 cosignature valid": (GOOD, "unknown keys are passed over"),
    "cosignature only, different origin": (GOOD, "a witness's line suffices for a note; a policy may want more"),
    "mirror cosignature": (GOOD, "a mirror cosigns as a witness does"),
    "origin line changed after cosigning": (SignatureError, "the whole text is signed"),
    "size changed after cosigning": (SignatureError, "the whole text is signed"),
    "cosignature timestamp raised by one bit": (SignatureError, "the time is signed"),
    "cosignature checked with a key of another witness only: no known signature": (
        UntrustedNoteError,
        "name and ID both differ",
    ),
    "cosignature lines moved to another checkpoint text": (SignatureError, "the whole text is signed"),
}
"""notes/cosignatures.json, both lists."""

ED25519_FLAGS: dict[str, str] = {
    "Ktv": "a published signature holds",
    "Valid": "an ordinary signature holds",
    "TinkOverflow": "S of any size below the order of the group",
    "InvalidKtv": "a published bad signature",
    "InvalidSignature": "S or R is an edge value and the equation fails",
    "InvalidEncoding": "R or S in another encoding than the one of RFC 8032",
    "SignatureMalleability": "S is not reduced: a second form of a good signature",
    "SignatureWithGarbage": "longer than 64 bytes",
    "TruncatedSignature": "shorter than 64 bytes",
    "CompressedSignature": "shorter than 64 bytes",
}
"""ed25519/wycheproof-ed25519.json: why its groups hold or fail; each case says ``valid`` or ``invalid``."""


def vectors(name: str) -> Any:
    return shared_json(f"{VECTORS}/{name}.json")


def outcome(note: bytes, keys: list[str]) -> tuple[Outcome, tuple[Verified, ...]]:
    """What ours makes of a note and the verifier keys given."""
    try:
        return GOOD, verify_note(parse_note(note), [parse_vkey(text) for text in keys], check_ed25519)
    except CoopLedgerError as error:
        return type(error), ()


def identified(verified: tuple[Verified, ...]) -> list[str]:
    return [f"{one.key.name}+{one.key.key_id.hex()}" for one in verified]


def test_no_case_is_left_out() -> None:
    checkpoint_texts, cosignatures = vectors("notes/checkpoint-text"), vectors("notes/cosignatures")
    keys = vectors("notes/vkeys")
    found: list[tuple[Table, list[str]]] = [
        (NOTES, [case["name"] for case in vectors("notes/go-note")["open"]]),
        (SPECIFICATION, [*vectors("notes/c2sp-examples")]),
        (KEYS, [case["name"] for case in keys["bad"]]),
        (TIMES, [case["signature_base64"][:4] for case in keys["cosignature_timestamps"]]),
        (
            CHECKPOINTS,
            [
                case["name"]
                for case in [*checkpoint_texts["from_formats_project"], *checkpoint_texts["derived_strict"]["cases"]]
            ],
        ),
        (COSIGNATURES, [case["name"] for case in [*cosignatures["positive"], *cosignatures["negative_derived"]]]),
    ]
    for table, names in found:
        assert [*table] == names
    wycheproof = vectors("ed25519/wycheproof-ed25519")
    assert set(ED25519_FLAGS) == {flag for _, case in wycheproof_cases(wycheproof) for flag in case["flags"]}
    sections = {
        "notes/go-note": {"source", "public_test_signing_key", "sign", "vkey_good", "vkey_bad", "vkey_rule", "open"},
        "notes/checkpoint-text": {"from_formats_project", "derived_strict"},
        "notes/cosignatures": {"about", "positive", "negative_derived"},
        "notes/vkeys": {"source", "good", "bad", "disputed", "cosignature_timestamps"},
    }
    for name, parts in sections.items():
        assert set(vectors(name)) == parts


@pytest.mark.parametrize("name", NOTES)
def test_notes_of_the_go_checksum_database(name: str) -> None:
    case = next(case for case in vectors("notes/go-note")["open"] if case["name"] == name)
    expected, why = NOTES[name]
    found, verified = outcome(base64.b64decode(case["note_base64"]), case["vkeys"])
    assert found == expected, why
    assert (found == GOOD) is (case["expect"] == "accept")
    assert identified(verified) == case["verified"]


def test_the_key_of_the_go_checksum_database_signs_as_it_does(tmp_path: Path) -> None:
    case = vectors("notes/go-note")
    path = tmp_path / "key"
    path.write_text(case["public_test_signing_key"])
    path.chmod(0o600)
    key = SigningKey.load(path)
    assert format_vkey(key.vkey) == case["vkey_good"][0]
    note = Note(case["sign"]["text"], (key.sign_note(case["sign"]["text"]),))
    assert format_note(note).decode() == case["sign"]["want_note"]


def test_keys_of_the_go_checksum_database() -> None:
    """Its rule: every proper part of a good key, and every good key with one byte raised by one, is refused."""
    case = vectors("notes/go-note")
    for text in case["vkey_good"]:
        key = parse_vkey(text)
        assert (key.kind, format_vkey(key)) == (ED25519, text)
        parts = {text[start:end] for start in range(len(text)) for end in range(start, len(text) + 1)} - {text}
        raised = {text[:at] + chr(ord(text[at]) + 1) + text[at + 1 :] for at in range(len(text))}
        for spoiled in parts | raised:
            with pytest.raises((NoteError, UnsupportedKeyError)):
                parse_vkey(spoiled)
    lengthened, of_other_kind = case["vkey_bad"]
    with pytest.raises(NoteError, match="base64"):  # longer, and with spare bits that are not zero
        parse_vkey(lengthened)
    with pytest.raises(UnsupportedKeyError):
        parse_vkey(of_other_kind)


def test_examples_of_the_specifications() -> None:
    cases = vectors("notes/c2sp-examples")
    sumdb = cases["sumdb_checkpoint"]["vkey"]
    for name, (expected, why) in SPECIFICATION.items():
        whole = cases[name]["note"].encode()
        assert outcome(whole, [cases[name].get("vkey", sumdb)])[0] == expected, why
        assert format_note(parse_note(whole)) == whole
    cosigned = parse_note(cases["checkpoint_with_cosignature"]["note"].encode())
    assert parse_checkpoint(cosigned.text)[:2] == ("example.com/behind-the-sofa", 20852163)
    log, witness = cosigned.signatures
    assert split_cosignature(witness.blob)[0] == cases["checkpoint_with_cosignature"]["cosignature_timestamp"]
    # the log's line was made by another log under another name: under its own text and name it does not hold
    relabelled = VerifierKey(log.name, ED25519, parse_vkey(sumdb).key)
    assert relabelled.key_id != log.key_id
    assert (
        parse_checkpoint(parse_note(cases["sumdb_checkpoint"]["note"].encode()).text).origin == "go.sum database tree"
    )


def test_verifier_keys() -> None:
    case = vectors("notes/vkeys")
    for good in case["good"]:
        key = parse_vkey(good["vkey"])
        assert (key.name, key.kind, len(key.key)) == (good["name"], good["type"], good["key_bytes"])
        assert format_vkey(key) == good["vkey"]
    for bad in case["bad"]:
        expected, why = KEYS[bad["name"]]
        assert isinstance(expected, type)
        with pytest.raises(expected):
            pytest.fail(f"{parse_vkey(bad['vkey'])} was read: {why}")
    (disputed,) = case["disputed"]
    with pytest.raises(NoteError, match="ID") as caught:
        parse_vkey(disputed["vkey"])
    assert (caught.value.expected, caught.value.found) == ("'31236897'", "'5893dc2c'")
    key = parse_vkey(disputed["vkey"].replace("5893dc2c", "31236897"))
    assert (key.kind, len(key.key)) == (ML_DSA_44, 1312)


def test_times_of_cosignatures() -> None:
    for case in vectors("notes/vkeys")["cosignature_timestamps"]:
        expected, why = TIMES[case["signature_base64"][:4]]
        try:
            (line,) = parse_note(f"a\n\n— a {case['signature_base64']}\n".encode()).signatures
            found: Outcome = GOOD
            assert split_cosignature(line.blob)[0] == case["unix"]
        except NoteError:
            found = NoteError
        assert found == expected, why
        assert (found == GOOD) is (case["unix"] is not None)


def test_texts_of_checkpoints() -> None:
    case = vectors("notes/checkpoint-text")
    strict = {one["name"]: one["expect"] == "accept" for one in case["derived_strict"]["cases"]}
    for one in [*case["from_formats_project"], *case["derived_strict"]["cases"]]:
        expected, why = CHECKPOINTS[one["name"]]
        try:
            assert format_checkpoint(parse_checkpoint(one["text"])) == one["text"]
            found: Outcome = GOOD
        except NoteError:
            found = NoteError
        assert found == expected, f"{one['name']}: {why}"
        assert strict.get(one["name"], found == GOOD) is (found == GOOD)


@pytest.mark.parametrize("name", COSIGNATURES)
def test_cosignatures(name: str) -> None:
    cases = vectors("notes/cosignatures")
    case = next(case for case in [*cases["positive"], *cases["negative_derived"]] if case["name"] == name)
    expected, why = COSIGNATURES[name]
    found, verified = outcome(case["note"].encode(), case["vkeys"])
    assert found == expected, why
    assert [{"key": one.key.name, "timestamp": one.timestamp} for one in verified] == case.get("expect_valid", [])
    assert all(one.key.kind == COSIGNATURE for one in verified)


def checkpoint_of(note: bytes, key: str) -> Checkpoint:
    """The checkpoint of a note that a key signed."""
    parsed = parse_note(note)
    verify_note(parsed, [parse_vkey(key)], check_ed25519)
    return parse_checkpoint(parsed.text)


def test_a_log_of_fifteen_entries_signed_at_every_size() -> None:
    case = vectors("logs/tessera-testdata")
    leaves = [leaf_hash(text.encode()) for text in case["entries_utf8"]]
    found = [checkpoint_of(note.encode(), case["vkey"]) for note in case["checkpoints_by_size"]]
    assert found == [Checkpoint("example.com/log/testdata", size, root_of(leaves[:size])) for size in range(16)]
    read = reader_over(leaves)
    for old in found:
        for new in found[old.size :]:
            verify_consistency(old.size, new.size, old.root, new.root, prove_consistency(old.size, new.size, read))
    for at, note in enumerate(case["checkpoints_by_size"]):
        moved = case["checkpoints_by_size"][at - 1].partition("\n\n")[0] + "\n\n" + note.partition("\n\n")[2]
        assert outcome(moved.encode(), [case["vkey"]])[0] == SignatureError


def test_a_mirror_of_three_hundred_leaves_cosigned() -> None:
    case = vectors("logs/sunlight-mirror-300")
    leaves = [bytes.fromhex(text) for text in case["leaf_hashes_hex"]]
    found = checkpoint_of(case["checkpoint"].encode(), case["witness_vkey"])
    assert found == Checkpoint("rome2026h1.example.org", 300, root_of(leaves))


def test_an_entry_of_a_public_log_under_its_signed_checkpoint() -> None:
    case = vectors("logs/rekor-v2-entry")
    _, size, root = checkpoint_of(case["checkpoint"].encode(), case["vkey"])
    proof = [base64.b64decode(text) for text in case["proof_base64"]]
    verify_inclusion(case["leaf_index"], size, leaf_hash(base64.b64decode(case["leaf_bytes_base64"])), proof, root)


def wycheproof_cases(file: Any) -> list[tuple[bytes, Any]]:
    return [(bytes.fromhex(group["publicKey"]["pk"]), case) for group in file["testGroups"] for case in group["tests"]]


def test_every_case_of_ed25519() -> None:
    file = vectors("ed25519/wycheproof-ed25519")
    cases = wycheproof_cases(file)
    assert len(cases) == file["numberOfTests"] == 151
    found = []
    for public, case in cases:
        assert case["result"] in ("valid", "invalid")
        holds = check_ed25519(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
        assert holds is (case["result"] == "valid"), f"{case['tcId']}: {case['comment']}, {case['flags']}"
        found.append(holds)
    assert sum(found) == 88
