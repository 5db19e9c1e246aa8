"""
Signed notes: a text and the lines of those who signed it; knows neither logs nor how a signature is computed.

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

Nothing in a note is trustworthy before ``verify_note`` gave a key that signed it. Source: C2SP signed-note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from coop_ledger.errors import InvalidValueError, NoteError, SignatureError, UnsupportedKeyError, UntrustedNoteError
from coop_ledger.log.cosignature import ED25519_SIGNATURE, cosigned_message, split_cosignature
from coop_ledger.log.strict import decode_base64, encode_base64, encode_text, shown, written
from coop_ledger.log.vkey import COSIGNATURE, ML_DSA_44, VerifierKey, check_name

__all__ = [
    "MAX_NOTE",
    "MAX_SIGNATURES",
    "CheckSignature",
    "Note",
    "Signature",
    "Verified",
    "format_note",
    "parse_note",
    "verify_note",
]

MAX_NOTE: Final = 256 * 1024
"""Bytes of the largest note that is read: 256 KiB."""

MAX_SIGNATURES: Final = 32
"""Signature lines of a note, at most; C2SP signed-note demands that 16 are taken."""

CheckSignature = Callable[[bytes, bytes, bytes], bool]
"""``check(public key, message, signature)``: whether the Ed25519 signature holds; 32, any and 64 bytes."""

_DASH: Final = "— "
_ID: Final = 4


class Signature(NamedTuple):
    """
    One signature line.

    Attributes:
        name: Name of the key that is said to have signed.
        key_id: Its ID, 4 bytes.
        blob: The signature, at least one byte; a time and a signature if it is a cosignature.
    """

    name: str
    key_id: bytes
    blob: bytes


class Note(NamedTuple):
    """
    A text with its signature lines, none of them checked.

    Attributes:
        text: One or more lines, with the last newline; what was signed.
        signatures: 1 to 32 lines, in their order.
    """

    text: str
    signatures: tuple[Signature, ...]


class Verified(NamedTuple):
    """
    A known key whose signature on a note holds.

    Attributes:
        key: The key.
        timestamp: Seconds since 1970 that a cosignature states; None for a plain signature.
    """

    key: VerifierKey
    timestamp: int | None


def parse_note(data: bytes) -> Note:
    """
    Read a signed note.

    Args:
        data: The whole note, UTF-8, at most 256 KiB.

    Raises:
        InvalidValueError: No bytes.
        NoteError: Any other spelling: no UTF-8, a control character, no empty line before the signatures,
            no signature or more than 32, a line that is none, a missing last newline.

    The text may hold empty lines: the last one in the note ends it.
    """
    if not isinstance(data, bytes):
        raise InvalidValueError("a note is given as bytes", where="data", found=type(data).__name__)
    if len(data) > MAX_NOTE:
        raise NoteError("the note is too large", expected=f"at most {MAX_NOTE} bytes", found=f"{len(data)} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("the note is not UTF-8", where=f"byte {error.start}") from error
    encode_text(whole, where="note")
    text, blank, rest = whole.rpartition("\n\n")
    lines = rest.split("\n")
    if not blank or lines.pop() or not lines:
        raise NoteError(
            "this is no signed note", expected="a text, an empty line, then signature lines, each ended by a newline"
        )
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("too many signatures", expected=f"at most {MAX_SIGNATURES}", found=str(len(lines)))
    return Note(f"{text}\n", tuple(_parse_line(line) for line in lines))


def _parse_line(line: str) -> Signature:
    name, blank, coded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not blank:
        raise NoteError("this is no signature line", expected="— name base64", found=shown(line))
    check_name(name)
    blob = decode_base64(coded, where=f"signature of {shown(name)}")
    if len(blob) <= _ID:
        raise NoteError("the signature is too short", where=f"signature of {shown(name)}", found=f"{len(blob)} bytes")
    return Signature(name, blob[:_ID], blob[_ID:])


def format_note(note: Note) -> bytes:
    """
    Write a signed note, UTF-8.

    Raises:
        InvalidValueError: A note that ``parse_note`` would refuse or read otherwise.
    """
    lines = [f"{_DASH}{line.name} {encode_base64(line.key_id + line.blob)}\n" for line in note.signatures]
    whole = f"{note.text}\n{''.join(lines)}"
    return written(whole.encode("utf-8", "replace"), note, parse_note)


def verify_note(note: Note, keys: Iterable[VerifierKey], check: CheckSignature) -> tuple[Verified, ...]:
    """
    Find the known keys that signed a note; every line of a known key must hold.

    Args:
        note: As ``parse_note`` gave it.
        keys: The keys that the caller knows, from its own policy, never from what came with the note.
        check: How an Ed25519 signature is checked, ``coop_ledger.signing.check_ed25519`` for one.

    Returns:
        Each key once, in the order of its first line. Of several cosignatures of one key the earliest time counts.

    Raises:
        SignatureError: A line under name and ID of a known key is bad, or two given keys share both.
        UntrustedNoteError: No known key signed.
        UnsupportedKeyError: A known key signed whose kind cannot be checked here (ML-DSA-44).

    Lines under an unknown name, or under a known name with another ID, are passed over.
    Source: C2SP signed-note, Signatures.
    """
    known: dict[tuple[str, bytes], list[VerifierKey]] = {}
    for key in keys:
        known.setdefault((key.name, key.key_id), []).append(key)
    found: dict[VerifierKey, int | None] = {}
    for line in note.signatures:
        named = known.get((line.name, line.key_id), [])
        if len(named) > 1:
            raise SignatureError(
                "several of the known keys share name and ID",
                where=f"signature of {shown(line.name)}",
                found=line.key_id.hex(),
                hint="give each key once, and rename one of two that collide",
            )
        for key in named:
            timestamp = _check_line(note.text, line, key, check)
            earlier = found.setdefault(key, timestamp)
            if timestamp is not None and earlier is not None:
                found[key] = min(timestamp, earlier)
    if not found:
        raise UntrustedNoteError(
            "no known key signed this note",
            expected=f"one of {', '.join(sorted({name for name, _ in known})) or 'no keys'}",
            found=shown(", ".join(sorted({line.name for line in note.signatures}))),
            hint="compare the keys of your policy with the name and ID of the signer",
        )
    return tuple(Verified(key, timestamp) for key, timestamp in found.items())


def _check_line(text: str, line: Signature, key: VerifierKey, check: CheckSignature) -> int | None:
    """The time of a cosignature, or None, once the signature holds."""
    where = f"signature of {shown(line.name)}"
    if key.kind == ML_DSA_44:
        raise UnsupportedKeyError(
            "ML-DSA-44 signatures cannot be checked by this version", where=where, hint="check it with a newer version"
        )
    timestamp, signature, message = None, line.blob, encode_text(text, where="note")
    if key.kind == COSIGNATURE:
        try:
            timestamp, signature = split_cosignature(line.blob)
        except NoteError as error:
            raise SignatureError(error.what, where=where, expected=error.expected, found=error.found) from error
        message = cosigned_message(timestamp, text)
    if len(signature) != ED25519_SIGNATURE or not check(key.key, message, signature):
        raise SignatureError(
            "the signature does not hold",
            where=where,
            hint="the text or the line was changed after it was signed: get the note again from its source",
        )
    return timestamp
