"""Requests, decisions and replies of a witness: the public conversation, step by step, and what holds for all."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.errors import CoopLedgerError, InvalidValueError, NoteError, SignatureError, UntrustedNoteError
from coop_ledger.log import (
    COSIGNATURE,
    EMPTY_ROOT,
    MAX_NOTE,
    AddCheckpoint,
    Checkpoint,
    Misbehaviour,
    Note,
    Reply,
    Signature,
    Watched,
    add_cosignatures,
    cosigned_message,
    decide,
    encode_base64,
    format_add_checkpoint,
    format_checkpoint,
    format_note,
    format_reply,
    join_cosignature,
    parse_add_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_reply,
    parse_vkey,
    verify_note,
)
from coop_ledger.log.witness import MAX_REQUEST
from coop_ledger.signing import SigningKey, check_ed25519
from tests.shared import shared_json
from tests.witnessing.support import MadeLog


def vectors() -> Any:
    return shared_json("data/vectors/merkle/notes/witness-add-checkpoint.json")


OURS = {1: (400, "malformed checkpoint"), 2: (404, "unknown log")}
"""
Steps that another rule of ours decides: the spoiled signature of step 1 is also spelt with spare bits that are not
zero, so that it is malformed before it is wrong; for step 2 the protocol has changed to 404 since.
"""


def test_the_public_conversation_request_by_request() -> None:
    conversation = vectors()["conversation"]
    key = parse_vkey(conversation["log_vkey_derived"])
    assert (key.name, key.key.hex()) == (conversation["log_origin"], conversation["log_public_key_hex"])
    seen = Checkpoint(key.name, 0, EMPTY_ROOT)
    assert len(conversation["steps"]) == 9
    for at, step in enumerate(conversation["steps"]):
        request = parse_add_checkpoint(step["request_body"].encode())
        assert format_add_checkpoint(request) == step["request_body"].encode()
        decision = decide(request, {key.name: Watched(key, seen)}, check_ed25519)
        status, words = OURS.get(at, (step["status"], step.get("body_contains", "")))
        assert decision.reply.status == status, at
        if status == 200:
            assert decision.accepted is not None
            assert decision.reply.body == b""
            seen = parse_checkpoint(decision.accepted.text)
            continue
        assert decision.accepted is None
        if status == 409:
            assert decision.reply.body.decode() == step["body_equals"]
        else:
            assert words in decision.reply.body.decode()
    assert seen.size == 5


def test_the_spoiled_signature_of_the_conversation_in_its_one_spelling() -> None:
    conversation = vectors()["conversation"]
    key = parse_vkey(conversation["log_vkey_derived"])
    body = conversation["steps"][1]["request_body"]
    head, _, coded = body.rstrip("\n").rpartition(" ")
    request = parse_add_checkpoint(f"{head} {encode_base64(base64.b64decode(coded))}\n".encode())
    decision = decide(request, {key.name: Watched(key, Checkpoint(key.name, 0, EMPTY_ROOT))}, check_ed25519)
    assert decision.reply.status == 403
    assert conversation["steps"][1]["body_contains"] in decision.reply.body.decode()


def test_the_public_pairs_of_updates() -> None:
    pairs = vectors()["update_pairs"]
    key = parse_vkey(pairs["log_vkey"])
    five, eight = (parse_checkpoint(parse_note(pairs[name].encode()).text) for name in ("size5", "size8"))
    proof = tuple(bytes.fromhex(text) for text in pairs["proof_5_to_8_hex"])

    def asked(old: int, proof: tuple[bytes, ...], name: str, seen: Checkpoint) -> tuple[int, bytes, object]:
        request = AddCheckpoint(old, proof, pairs[name].encode())
        found = decide(request, {key.name: Watched(key, seen)}, check_ed25519)
        return found.reply.status, found.reply.body, found.misbehaviour

    other = Checkpoint(five.origin, 5, bytes(32))  # what was cosigned at size 5, where size5 is then the fork
    found = {
        "size5 then size8 with proof": asked(5, proof, "size8", five),
        "size5 stored, request says old 2": asked(2, proof, "size8", five),
        "size5 stored, same size5 again with no proof": asked(5, (), "size5", five),
        "size5 stored, another root at size 5": asked(5, (), "size5", other),
        "size8 stored, size5 offered": asked(5, (), "size5", eight),
        "size5 stored, size8 with empty proof": asked(5, (), "size8", five),
    }
    wrong = b"invalid consistency proof: the proof has too few hashes\n"
    assert found == {
        "size5 then size8 with proof": (200, b"", None),
        "size5 stored, request says old 2": (409, b"5\n", None),
        "size5 stored, same size5 again with no proof": (200, b"", None),
        "size5 stored, another root at size 5": (409, b"5\n", Misbehaviour.FORK),
        "size8 stored, size5 offered": (409, b"8\n", Misbehaviour.ROLLBACK),
        "size5 stored, size8 with empty proof": (422, wrong, Misbehaviour.UNPROVEN),
    }
    # a hash of two bytes is no hash: such a request is malformed before anything is decided
    garbage = b"old 5\n" + b"AAE=\n" * 4 + b"\n" + pairs["size8"].encode()
    with pytest.raises(NoteError, match="a hash has 32 bytes"):
        parse_add_checkpoint(garbage)
    assert {name for name, _ in pairs["expect"]} == {*found, "size5 stored, size8 with garbage two-byte hashes"}


KEY = SigningKey.generate("coop.example/ledger/1")
TRUE = MadeLog(KEY, most=16)
FALSE = MadeLog(KEY, branch="forked", fork=3, most=16)


@given(st.integers(0, 16), st.integers(0, 16), st.integers(0, 16), st.booleans())
def test_a_log_is_cosigned_exactly_if_it_grew_from_what_was_seen(seen: int, old: int, size: int, forked: bool) -> None:
    log = FALSE if forked else TRUE
    watched = {KEY.vkey.name: Watched(KEY.vkey, TRUE.checkpoint(seen))}
    decision = decide(parse_add_checkpoint(log.request(old, size)), watched, check_ed25519)
    same = log.checkpoint(min(seen, size)).root == TRUE.checkpoint(min(seen, size)).root
    wrong = Misbehaviour
    against = wrong.FORK if size == seen and not same else wrong.ROLLBACK if size < seen else None
    expected: tuple[int, Misbehaviour | None]
    if old > size:
        expected = 400, against
    elif old != seen or against is wrong.FORK:
        expected = 409, against
    elif not same:
        expected = 422, wrong.UNPROVEN
    else:
        expected = 200, None
    assert (decision.reply.status, decision.misbehaviour) == expected
    assert (decision.accepted is not None) is (expected[0] == 200)


def test_from_the_empty_log_only_the_empty_proof_is_taken() -> None:
    watched = {KEY.vkey.name: Watched(KEY.vkey, Checkpoint(KEY.vkey.name, 0, EMPTY_ROOT))}
    request = AddCheckpoint(0, (bytes(32),), TRUE.note(5))
    decision = decide(request, watched, check_ed25519)
    assert (decision.reply.status, decision.misbehaviour) == (422, None)
    assert decide(request._replace(proof=()), watched, check_ed25519).reply.status == 200


def test_a_fork_of_the_first_leaf_is_kept_as_evidence() -> None:
    fork = MadeLog(KEY, branch="forked", most=16)
    watched = {KEY.vkey.name: Watched(KEY.vkey, TRUE.checkpoint(1))}
    decision = decide(parse_add_checkpoint(fork.request(1, 5)), watched, check_ed25519)
    assert (decision.reply.status, decision.misbehaviour) == (422, Misbehaviour.UNPROVEN)


def test_a_proof_too_many_for_the_checkpoint_that_was_seen_is_evidence_of_nothing() -> None:
    watched = {KEY.vkey.name: Watched(KEY.vkey, TRUE.checkpoint(5))}
    decision = decide(AddCheckpoint(5, (bytes(32),), TRUE.note(5)), watched, check_ed25519)
    assert (decision.reply.status, decision.misbehaviour) == (422, None)


def test_a_refusal_says_why() -> None:
    watched = {KEY.vkey.name: Watched(KEY.vkey, TRUE.checkpoint(0))}
    request = AddCheckpoint(6, (), TRUE.note(5))
    assert decide(request, watched, check_ed25519).reply == Reply(400, b"the old size is beyond the checkpoint\n")
    assert decide(request, {}, check_ed25519).reply == Reply(404, b"unknown log\n")


def test_who_is_unknown_and_who_did_not_sign() -> None:
    text = format_checkpoint(TRUE.checkpoint(5))
    stranger = SigningKey.generate(KEY.vkey.name)
    unsigned = format_note(Note(text, (stranger.sign_note(text),)))
    both = format_note(Note(text, (stranger.sign_note(text), KEY.sign_note(text))))
    watched = {KEY.vkey.name: Watched(KEY.vkey, TRUE.checkpoint(0))}

    def status(checkpoint: bytes, logs: dict[str, Watched] = watched) -> int:
        return decide(AddCheckpoint(0, (), checkpoint), logs, check_ed25519).reply.status

    assert status(unsigned) == 403
    assert status(both) == 200
    assert status(both, {}) == 404
    assert status(unsigned, {}) == 404
    assert status(both.replace(b"\n5\n", b"\n6\n")) == 403
    for malformed in (b"", b"\n", both[:-1], both.replace(b"\n5\n", b"\n05\n"), both.replace(b"\n5\n", b"\n5\nmore\n")):
        assert status(malformed) == 400


hashes = st.binary(min_size=32, max_size=32)
requests = st.builds(
    AddCheckpoint, st.integers(0, 2**63 - 1), st.lists(hashes, max_size=63).map(tuple), st.binary(max_size=200)
)


@given(requests)
def test_requests_are_read_as_they_were_written(request: AddCheckpoint) -> None:
    assert parse_add_checkpoint(format_add_checkpoint(request)) == request


@given(
    st.binary()
    | requests.map(format_add_checkpoint).flatmap(
        lambda data: st.integers(0, len(data)).map(lambda at: data[:at] + b"\x00" + data[at + 1 :])
    )
)
def test_what_is_read_has_one_spelling_and_only_our_errors_escape(data: bytes) -> None:
    try:
        request = parse_add_checkpoint(data)
    except NoteError:
        return
    assert format_add_checkpoint(request) == data
    decide(request, {KEY.vkey.name: Watched(KEY.vkey, TRUE.checkpoint(3))}, check_ed25519)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "this is no request"),
        (b"old 5\n", "this is no request"),
        (b"old 5\nAAAA", "this is no request"),
        (b"new 5\n\nnote", "this is no request"),
        (b" old 5\n\nnote", "this is no request"),
        (b"old  5\n\nnote", "this is no number in its one spelling"),
        (b"old 05\n\nnote", "this is no number in its one spelling"),
        (b"old +5\n\nnote", "this is no number in its one spelling"),
        (b"old -1\n\nnote", "this is no number in its one spelling"),
        (b"old 5\r\n\nnote", "this is no number in its one spelling"),
        (b"old 9223372036854775808\n\nnote", "this is no number in its one spelling"),
        (b"old 5\nA\xc3\xa9\n\nnote", "a request begins with ASCII lines"),
        (b"old 5\nAAE=\n\nnote", "a hash has 32 bytes"),
        (b"old 5\n" + b"A" * 43 + b"\n\nnote", "this is no base64"),
        (b"old 5\n" + b"A" * 42 + b"B=\n\nnote", "this base64 is not in its one spelling"),
        (b"old 5\n" + (b"A" * 43 + b"=\n") * 64 + b"\nnote", "the proof has too many hashes"),
        (b"old 5\n\n" + b"n" * 300_000, "the request is too large"),
    ],
)
def test_other_spellings_of_a_request_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(NoteError) as refused:
        parse_add_checkpoint(data)
    assert refused.value.what == what


def test_the_largest_request_and_the_largest_reply_are_read() -> None:
    whole = b"old 0\n\n" + b"n" * (MAX_REQUEST - 7)
    assert len(parse_add_checkpoint(whole).checkpoint) == MAX_REQUEST - 7
    with pytest.raises(NoteError, match="too large"):
        parse_add_checkpoint(whole + b"n")
    for begin in ("— ".encode(), b"refused 400\n"):
        reply = begin + b"r" * (MAX_NOTE - len(begin) - 1) + b"\n"
        assert format_reply(parse_reply(reply)) == reply
        with pytest.raises(NoteError, match="no whole reply"):
            parse_reply(reply[:-1] + b"r\n")


@pytest.mark.parametrize(
    "request_", [AddCheckpoint(-1, (), b""), AddCheckpoint(0, (b"",), b""), AddCheckpoint(0, (bytes(32),) * 64, b"")]
)
def test_no_request_is_written_that_nobody_reads(request_: AddCheckpoint) -> None:
    with pytest.raises(InvalidValueError):
        format_add_checkpoint(request_)


refusals = st.builds(Reply, st.integers(400, 599), st.binary(max_size=50).map(lambda body: body + b"\n"))


@given(refusals | st.binary(max_size=50).map(lambda body: Reply(200, "— ".encode() + body + b"\n")))
def test_replies_are_read_as_they_were_written(reply: Reply) -> None:
    assert parse_reply(format_reply(reply)) == reply


@given(st.binary())
def test_of_other_bytes_no_reply_is_read(data: bytes) -> None:
    with suppress(NoteError):
        assert format_reply(parse_reply(data)) == data


@pytest.mark.parametrize(
    "data",
    [b"", b"refused 409", b"refused 409\n", b"refused 200\nfine\n", b"refused 399\nno\n", b"refused 600\nno\n",
     b"refused 0409\n5\n", b"refused \xff\n5\n", b"accepted\n", "— a b".encode(),
     "— ".encode() + b"a" * 300_000 + b"\n"],
)  # fmt: skip
def test_other_replies_are_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_reply(data)


@pytest.mark.parametrize("status", [400, 599])
def test_the_first_and_the_last_status_of_a_refusal(status: int) -> None:
    assert parse_reply(b"refused %d\nno\n" % status) == Reply(status, b"no\n")


@pytest.mark.parametrize(
    "reply", [Reply(200, b"fine\n"), Reply(409, b"5"), Reply(302, b"elsewhere\n"), Reply(409, b"")]
)
def test_no_reply_is_written_that_reads_otherwise(reply: Reply) -> None:
    with pytest.raises(InvalidValueError):
        format_reply(reply)


W1, W2, W3 = (SigningKey.generate(f"witness.example/{at}", kind=COSIGNATURE) for at in range(3))


def lines(note: bytes, *cosigned: tuple[SigningKey, int]) -> bytes:
    text = parse_note(note).text
    whole = format_note(Note(text, tuple(key.cosign(text, timestamp) for key, timestamp in cosigned)))
    return whole.removeprefix(f"{text}\n".encode())


def test_cosignatures_of_known_witnesses_are_put_under_the_checkpoint() -> None:
    note = TRUE.note(5)
    more = add_cosignatures(note, lines(note, (W1, 10), (W3, 12)), [W1.vkey, W2.vkey], check_ed25519)
    assert more == note + lines(note, (W1, 10))
    assert [found.timestamp for found in verify_note(parse_note(more), [KEY.vkey, W1.vkey], check_ed25519)] == [
        None,
        10,
    ]
    both = add_cosignatures(more, lines(note, (W1, 10), (W2, 11)), [W1.vkey, W2.vkey], check_ed25519)
    assert both == note + lines(note, (W1, 10), (W2, 11))


def test_cosignatures_that_do_not_hold_are_refused() -> None:
    note, other = TRUE.note(5), TRUE.note(6)
    with pytest.raises(SignatureError):
        add_cosignatures(note, lines(other, (W1, 10)), [W1.vkey], check_ed25519)
    with pytest.raises(UntrustedNoteError):
        add_cosignatures(note, lines(note, (W1, 10)), [W2.vkey], check_ed25519)
    for reply in (b"", b"5\n", other, b"more\n\n" + lines(note, (W1, 10)), lines(note, (W1, 10))[:-1]):
        with pytest.raises(CoopLedgerError):
            add_cosignatures(note, reply, [W1.vkey, KEY.vkey], check_ed25519)
    # a witness that signed a longer text, offered as lines under this one
    longer = f"{parse_note(note).text}\nmore\n"
    line = Signature(W1.vkey.name, W1.vkey.key_id, join_cosignature(10, W1.sign(cosigned_message(10, longer))))
    reply = format_note(Note(longer, (line,))).removeprefix(f"{parse_note(note).text}\n".encode())
    with pytest.raises(NoteError, match="more than signature lines"):
        add_cosignatures(note, reply, [W1.vkey], check_ed25519)
    with pytest.raises(InvalidValueError):
        add_cosignatures(note, lines(note, *((W1, at) for at in range(32))), [W1.vkey], check_ed25519)
