"""
How a witness answers: the request, the decision by what it saw last, the reply; keeps nothing and signs nothing.

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

A request gives the size that the witness is thought to have seen last, a proof that the log only grew since, an
empty line and the signed checkpoint. Source: C2SP tlog-witness, add-checkpoint.
"""  # noqa: E501  (a line of the format)

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from coop_ledger.errors import ConsistencyError, NoteError, VerificationError
from coop_ledger.log.checkpoint import Checkpoint, parse_checkpoint
from coop_ledger.log.note import MAX_NOTE, CheckSignature, Note, format_note, parse_note, verify_note
from coop_ledger.log.proof_text import parse_hashes
from coop_ledger.log.proofs import verify_consistency
from coop_ledger.log.strict import encode_base64, in_digits, parse_size, shown, written
from coop_ledger.log.vkey import VerifierKey

__all__ = [
    "MAX_REQUEST",
    "AddCheckpoint",
    "Decision",
    "Misbehaviour",
    "Reply",
    "Watched",
    "add_cosignatures",
    "decide",
    "format_add_checkpoint",
    "format_reply",
    "parse_add_checkpoint",
    "parse_reply",
]

MAX_REQUEST: Final = MAX_NOTE + 4096
"""Bytes of the largest request that is read: a note, and a proof of 63 lines."""

_OLD: Final = "old "
_REFUSED: Final = b"refused "


class AddCheckpoint(NamedTuple):
    """
    A request for a cosignature.

    Attributes:
        old: Size of the checkpoint that the witness cosigned last, 0 for none.
        proof: Consistency proof from there to the size of the checkpoint: at most 63 hashes, 32 bytes each.
        checkpoint: The signed note, verbatim.
    """

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


class Misbehaviour(enum.Enum):
    """What a refused checkpoint, genuinely signed by its log, may be evidence of."""

    FORK = "fork"
    """Another root at the size that the witness cosigned: the two notes prove it by themselves."""

    UNPROVEN = "unproven"
    """A larger log of which nothing shows that it grew from the one cosigned: a fork, or a bad proof."""

    ROLLBACK = "rollback"
    """A smaller log than the one cosigned: a log that lost entries, or an old checkpoint sent again."""


class Reply(NamedTuple):
    """
    What goes back to the log.

    Attributes:
        status: The status of the protocol: 200, 400, 403, 404, 409 or 422; 503 where the witness cannot answer now.
        body: With 200 signature lines; with 409 the size cosigned last; else a sentence. Ended by a newline.
    """

    status: int
    body: bytes


class Watched(NamedTuple):
    """
    What a witness knows of a log.

    Attributes:
        key: The key that it trusts for this origin.
        seen: The checkpoint that it cosigned last; of size 0 if none so far.
    """

    key: VerifierKey
    seen: Checkpoint


class Decision(NamedTuple):
    """
    What the rules say to a request.

    Attributes:
        reply: What to answer; the body is empty with status 200, where the cosignature is still to be made.
        accepted: The signed checkpoint, with 200 only: to be stored first, and cosigned then.
        misbehaviour: What to keep as evidence, if it is any.
    """

    reply: Reply
    accepted: Note | None = None
    misbehaviour: Misbehaviour | None = None


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """
    Read a request; the checkpoint in it is not looked into.

    Args:
        data: The whole request, at most 256 KiB and a proof.

    Raises:
        NoteError: Any other spelling, a hash that is not 32 bytes, more than 63 of them.
    """
    if len(data) > MAX_REQUEST:
        raise NoteError("the request is too large", expected=f"at most {MAX_REQUEST} bytes", found=f"{len(data)} bytes")
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        first, *rest = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("a request begins with ASCII lines", where=f"byte {error.start}") from error
    if not blank or not first.startswith(_OLD):
        raise NoteError("this is no request", expected="old SIZE, hashes, an empty line, a note", found=shown(first))
    old = parse_size(first.removeprefix(_OLD), where="old size")
    return AddCheckpoint(old, parse_hashes(rest), checkpoint)


def format_add_checkpoint(request: AddCheckpoint) -> bytes:
    """
    Write a request.

    Raises:
        InvalidValueError: One that ``parse_add_checkpoint`` would refuse.
    """
    lines = [f"{_OLD}{in_digits(request.old)}\n", *(f"{encode_base64(item)}\n" for item in request.proof), "\n"]
    return written("".join(lines).encode("ascii") + request.checkpoint, request, parse_add_checkpoint)


def decide(request: AddCheckpoint, logs: Mapping[str, Watched], check: CheckSignature) -> Decision:
    """
    Answer a request by the rules of the protocol.

    Args:
        request: As ``parse_add_checkpoint`` gave it.
        logs: What the witness knows of its logs, by origin.
        check: How an Ed25519 signature is checked, ``coop_ledger.signing.check_ed25519`` for one.

    Returns:
        The first that applies: 400 the checkpoint is malformed, 404 the origin is unknown, 403 its key did not sign
        or a line of it is bad, 400 the old size is beyond the checkpoint, 409 another root at the size seen, or
        another old size than that, 422 the consistency proof does not hold; else 200. A fork or a rollback is told
        as such whatever the old size, also with the last 400.

    Guarantees: pure. A checkpoint that was accepted may be cosigned only after it was stored in place of the one
    seen, with nothing stored in between. Source: C2SP tlog-witness; extension lines are refused with 400.
    """
    try:
        note = parse_note(request.checkpoint)
        checkpoint = parse_checkpoint(note.text)
    except NoteError as error:
        return _refused(400, f"malformed checkpoint: {error.what}")
    watched = logs.get(checkpoint.origin)
    if watched is None:
        return _refused(404, "unknown log")
    try:
        verify_note(note, [watched.key], check)
    except VerificationError as error:
        return _refused(403, f"invalid signature: {error.what}")
    if request.old > checkpoint.size:
        return _refused(400, "the old size is beyond the checkpoint", _against(checkpoint, watched.seen))
    return _grown(request, note, checkpoint, watched.seen)


def _grown(request: AddCheckpoint, note: Note, checkpoint: Checkpoint, seen: Checkpoint) -> Decision:
    """The part of the decision that is about growth, once the checkpoint is known to be genuine."""
    against = _against(checkpoint, seen)
    if against is Misbehaviour.FORK or request.old != seen.size:
        return _refused(409, str(seen.size), against)
    try:
        verify_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, request.proof)
    except ConsistencyError as error:
        unproven = 0 < seen.size < checkpoint.size
        return _refused(422, f"invalid consistency proof: {error.what}", Misbehaviour.UNPROVEN if unproven else None)
    return Decision(Reply(200, b""), accepted=note)


def _against(checkpoint: Checkpoint, seen: Checkpoint) -> Misbehaviour | None:
    """What a genuine checkpoint is evidence of beside the one seen, whatever the request says of old sizes."""
    if checkpoint.size == seen.size and checkpoint.root != seen.root:
        return Misbehaviour.FORK
    return Misbehaviour.ROLLBACK if checkpoint.size < seen.size else None


def _refused(status: int, reason: str, misbehaviour: Misbehaviour | None = None) -> Decision:
    return Decision(Reply(status, f"{reason}\n".encode()), misbehaviour=misbehaviour)


def format_reply(reply: Reply) -> bytes:
    """
    Write a reply as a file: the signature lines themselves, or ``refused STATUS``, a newline and the body.

    Raises:
        InvalidValueError: A reply that ``parse_reply`` would read otherwise.

    >>> format_reply(Reply(409, b"5\\n"))
    b'refused 409\\n5\\n'
    """
    data = reply.body if reply.status == 200 else b"%s%s\n%s" % (_REFUSED, in_digits(reply.status).encode(), reply.body)
    return written(data, reply, parse_reply)


def parse_reply(data: bytes) -> Reply:
    """
    Read a reply from its file.

    Raises:
        NoteError: Neither signature lines nor a refusal, or a last line without newline.
    """
    if len(data) > MAX_NOTE or not data.endswith(b"\n"):
        raise NoteError("this is no whole reply", expected="signature lines or a refusal", found=f"{len(data)} bytes")
    if not data.startswith(_REFUSED):
        if not data.startswith("— ".encode()):
            raise NoteError("this is no reply", expected="signature lines or a refusal", found=shown(data))
        return Reply(200, data)
    first, _, body = data.removeprefix(_REFUSED).partition(b"\n")
    status = parse_size(first.decode("ascii", "replace"), where="status")
    if not 400 <= status <= 599 or not body:
        raise NoteError("this is no refusal", expected="a status from 400 to 599, then a text", found=shown(data))
    return Reply(status, body)


def add_cosignatures(note: bytes, lines: bytes, keys: Iterable[VerifierKey], check: CheckSignature) -> bytes:
    """
    Put the cosignatures of a reply under the checkpoint that was sent.

    Args:
        note: The signed checkpoint, verbatim.
        lines: The body of a reply with status 200.
        keys: Keys of the witnesses; lines of others are left out.
        check: How an Ed25519 signature is checked.

    Returns:
        The note with the lines that hold and that it did not have.

    Raises:
        NoteError: Something that is no note, or no signature lines.
        SignatureError: A line of a known witness does not hold for this checkpoint.
        UntrustedNoteError: No line is of a known witness.
        InvalidValueError: The note would have more than 32 lines.
    """
    signed = parse_note(note)
    replied = parse_note(f"{signed.text}\n".encode() + lines)
    if replied.text != signed.text:
        raise NoteError("this is more than signature lines", where="reply", found=shown(lines))
    known = {(found.key.name, found.key.key_id) for found in verify_note(replied, keys, check)}
    new = [line for line in replied.signatures if (line.name, line.key_id) in known]
    return format_note(Note(signed.text, tuple(dict.fromkeys((*signed.signatures, *new)))))
