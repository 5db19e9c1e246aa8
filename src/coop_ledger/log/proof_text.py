"""
Proofs as text, to be kept without any ledger: ``.tlog-proof`` files. Knows no tree and checks nothing.

    c2sp.org/tlog-proof@v1
    index 1
    6Bi0BDwKZ8Aed8gSjzX9CJCmNG5/Q0HHWK58cxx5TYc=

    example.com/log
    2
    ...

Source: C2SP tlog-proof. The checkpoint after the empty line is kept verbatim and not read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from coop_ledger.errors import InvalidValueError, NoteError
from coop_ledger.log.hashing import HASH_SIZE
from coop_ledger.log.note import MAX_NOTE
from coop_ledger.log.strict import decode_base64, encode_base64, in_digits, parse_size, shown, written

__all__ = ["MAX_HASHES", "MAX_PROOF", "ProofText", "format_proof", "parse_hashes", "parse_proof"]

MAX_HASHES: Final = 63
"""Hashes of a proof, at most: a log of 2**63 leaves needs no more."""

MAX_PROOF: Final = 2 * MAX_NOTE
"""Bytes of the largest proof text that is read: 512 KiB, half of it for the checkpoint."""

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = "index "


class ProofText(NamedTuple):
    """
    What a proof text says, none of it checked.

    Attributes:
        index: 0-based place of the leaf in the log.
        hashes: Sibling hashes, lowest level first, 32 bytes each.
        checkpoint: The signed checkpoint, verbatim; at least one byte.
        extra: What the maker put beside them, at least one byte; nobody vouches for it. None if there is nothing.
    """

    index: int  # type: ignore[assignment]  # the method of tuples of this name is of no use here
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def parse_proof(data: bytes) -> ProofText:
    """
    Read a proof text in its one spelling.

    Args:
        data: The whole text, at most 512 KiB.

    Raises:
        InvalidValueError: No bytes.
        NoteError: Another first line; ``extra`` or a hash that is not base64 in its one spelling; an empty ``extra``;
            no ``index`` line, or one that is no number of ASCII digits without leading zeros below 2**63; a hash
            that has not 32 bytes; more than 63 of them; no empty line, or nothing behind it.

    Guarantees: the bytes behind the first empty line are given as they are; they are for ``parse_note``.
    """
    if not isinstance(data, bytes):
        raise InvalidValueError("a proof text is given as bytes", where="data", found=type(data).__name__)
    if len(data) > MAX_PROOF:
        raise NoteError("the proof is too large", expected=f"at most {MAX_PROOF} bytes", found=f"{len(data)} bytes")
    head, _, checkpoint = data.partition(b"\n\n")
    if not checkpoint:
        raise NoteError("this is no proof", expected="a proof, an empty line, then the checkpoint", found=shown(data))
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("the proof is not ASCII", where=f"byte {error.start}") from error
    if lines[0] != _HEADER:
        raise NoteError("this is no proof", where="line 1", expected=_HEADER, found=shown(lines[0]))
    extra = None
    if lines[1:] and lines[1].startswith(_EXTRA):
        extra = decode_base64(lines.pop(1).removeprefix(_EXTRA), where="extra")
        if not extra:
            raise NoteError("the extra line is empty", where="extra", hint="leave it out where there is nothing")
    if not lines[1:] or not lines[1].startswith(_INDEX):
        raise NoteError("the proof names no place", where="index", found=shown("".join(lines[1:2])))
    index = parse_size(lines[1].removeprefix(_INDEX), where="index")
    return ProofText(index, parse_hashes(lines[2:]), checkpoint, extra)


def parse_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """
    Read the hashes of a proof, one a line.

    Raises:
        NoteError: More than 63, or a line that is not 32 bytes in base64 of its one spelling.
    """
    if len(lines) > MAX_HASHES:
        raise NoteError("the proof has too many hashes", expected=f"at most {MAX_HASHES}", found=str(len(lines)))
    hashes = []
    for at, line in enumerate(lines):
        found = decode_base64(line, where=f"hash {at}")
        if len(found) != HASH_SIZE:
            raise NoteError("a hash has 32 bytes", where=f"hash {at}", expected="32 bytes", found=f"{len(found)} bytes")
        hashes.append(found)
    return tuple(hashes)


def format_proof(proof: ProofText) -> bytes:
    """
    Write a proof text.

    Raises:
        InvalidValueError: A proof that ``parse_proof`` would refuse or read otherwise.

    >>> format_proof(ProofText(0, (), b"a checkpoint"))
    b'c2sp.org/tlog-proof@v1\\nindex 0\\n\\na checkpoint'
    """
    extra = [] if proof.extra is None else [f"{_EXTRA}{encode_base64(proof.extra)}"]
    lines = [_HEADER, *extra, f"{_INDEX}{in_digits(proof.index)}", *(encode_base64(one) for one in proof.hashes)]
    return written("\n".join(lines).encode("ascii") + b"\n\n" + proof.checkpoint, proof, parse_proof)
