"""
The text of a checkpoint: which log, how many leaves, which root; knows no signature.

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Source: C2SP tlog-checkpoint, without extension lines, which no auditor of the log could check.
"""

from __future__ import annotations

from typing import NamedTuple

from coop_ledger.errors import NoteError
from coop_ledger.log.hashing import EMPTY_ROOT, HASH_SIZE
from coop_ledger.log.strict import decode_base64, encode_base64, encode_text, in_digits, parse_size, shown, written

__all__ = ["Checkpoint", "format_checkpoint", "parse_checkpoint"]


class Checkpoint(NamedTuple):
    """
    The state of a log at one size.

    Attributes:
        origin: Which log: not empty, no control characters; blanks are only discouraged.
        size: Leaves, 0 to 2**63 - 1.
        root: Root over them, 32 bytes; that of the empty tree for size 0.
    """

    origin: str
    size: int
    root: bytes


def parse_checkpoint(text: str) -> Checkpoint:
    """
    Read the text of a checkpoint: exactly three lines, each ended by a newline.

    Raises:
        NoteError: Any other spelling, an extension line, a root that is not 32 bytes, size 0 with another
            root than that of the empty tree.

    >>> text = "example.com/log\\n0\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n"
    >>> parse_checkpoint(text).size
    0
    """
    encode_text(text, where="checkpoint")
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise NoteError(
            "this is no checkpoint",
            expected="three lines, each ended by a newline: origin, size, root",
            found=shown(text),
        )
    origin, digits, coded, _ = lines
    if not origin:
        raise NoteError("a checkpoint names its log", where="origin", found="an empty line")
    size = parse_size(digits, where="size")
    root = decode_base64(coded, where="root")
    if len(root) != HASH_SIZE:
        raise NoteError("a root has 32 bytes", where="root", expected="32 bytes", found=f"{len(root)} bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise NoteError(
            "the root of no leaves is another", where="root", expected=encode_base64(EMPTY_ROOT), found=coded
        )
    return Checkpoint(origin, size, root)


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """
    Write the text of a checkpoint: three lines, each ended by a newline.

    Raises:
        InvalidValueError: A checkpoint that ``parse_checkpoint`` would refuse.
    """
    text = f"{checkpoint.origin}\n{in_digits(checkpoint.size)}\n{encode_base64(checkpoint.root)}\n"
    return written(text, checkpoint, parse_checkpoint)
