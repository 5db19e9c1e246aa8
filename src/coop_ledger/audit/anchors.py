"""
What comes from outside: a checkpoint that the caller brings, and what the ledger says to it. Knows no file.

This is the one place where an anchor is read and judged. A policy with keys, cosignatures and ages is judged here, too,
as soon as this version can; until then it leads to UNDECIDED, never to a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from coop_ledger.audit.findings import Findings, Verdict
from coop_ledger.errors import CodecError, InvalidValueError
from coop_ledger.log import Checkpoint, format_checkpoint, parse_checkpoint, parse_note

__all__ = ["judge", "read_checkpoint"]

_HINT: Final = "give three lines: origin, size, root in base64; or (origin, size, root)"


def read_checkpoint(given: object) -> Checkpoint:
    """
    A checkpoint as a caller has it.

    Args:
        given: ``(origin, size, root)``; or the text of a checkpoint, signed or not, as ``str`` or ``bytes``.

    Raises:
        InvalidValueError: Something else, or another spelling of a checkpoint.
    """
    try:
        if isinstance(given, str | bytes):
            data = given.encode() if isinstance(given, str) else given
            return parse_checkpoint(_text_of(data))
        if isinstance(given, Sequence) and len(given) == 3:
            checkpoint = Checkpoint(*given)
            format_checkpoint(checkpoint)
            return checkpoint
    except (CodecError, InvalidValueError) as error:
        found = error.found if error.where is None else f"{error.where}: {error.found}"
        raise InvalidValueError(error.what, where="checkpoint", found=found, hint=_HINT) from error
    except (UnicodeError, TypeError, AttributeError) as error:
        raise InvalidValueError("this is no checkpoint", where="checkpoint", found=str(error), hint=_HINT) from error
    raise InvalidValueError("this is no checkpoint", where="checkpoint", found=type(given).__name__, hint=_HINT)


def _text_of(data: bytes) -> str:
    """The text of a checkpoint: of a note without its signatures, of a paste with its last newline."""
    if b"\n\n" in data:
        return parse_note(data).text
    text = data.decode()
    return text if text.endswith("\n") else f"{text}\n"


def judge(
    checkpoint: Checkpoint | None, origin: str | None, size: int, root_then: bytes | None, findings: Findings
) -> Verdict:
    """
    Compare a ledger with the checkpoint that came from outside.

    Args:
        checkpoint: The checkpoint, if there is one.
        origin: The ledger's origin.
        size: Its entries.
        root_then: Its root at the size of the checkpoint, computed from its leaves.
        findings: Where contradictions go.

    Returns:
        The verdict if nothing is wrong.
    """
    if checkpoint is None:
        return Verdict.SELF_CONSISTENT
    if checkpoint.origin != origin:
        what = "the checkpoint is that of another ledger"
        findings.add("T33", what, field="origin", expected=checkpoint.origin, found=origin)
    elif checkpoint.size > size:
        what = "the ledger is shorter than it was at the checkpoint: entries were removed, or an old copy was put here"
        findings.add("T08", what, field="size", expected=f"{checkpoint.size} or more", found=size)
    elif root_then != checkpoint.root:
        findings.add(
            "T04",
            f"the first {checkpoint.size} entries are not those of the checkpoint: they were rewritten",
            field="root",
            expected=checkpoint.root.hex(),
            found=None if root_then is None else root_then.hex(),
        )
    # the tree without leaves is every ledger's: a checkpoint of it agrees with all
    return Verdict.ANCHORED if checkpoint.size else Verdict.SELF_CONSISTENT
