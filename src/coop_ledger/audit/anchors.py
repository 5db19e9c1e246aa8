"""
What comes from outside: the checkpoints and the policy that a caller brings, read. Knows no ledger and judges nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from coop_ledger.errors import CodecError, InvalidValueError, NoteError, UnsupportedKeyError
from coop_ledger.log import (
    MAX_NOTE,
    Checkpoint,
    Note,
    Policy,
    format_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_policy,
)

__all__ = ["Brought", "read_checkpoints", "read_note", "read_policy"]

_HINT: Final = (
    "give three lines: origin, size, root in base64, each ended by a line feed alone and with nothing around it; "
    "or (origin, size, root)"
)
_MOST: Final = 1_000
"""Checkpoints that are compared at once."""


class Brought(NamedTuple):
    """
    A checkpoint to compare a ledger with.

    Attributes:
        checkpoint: What it states.
        note: It with its signatures; None if it has none.
        data: The signed note, verbatim.
        own: Whether it came with the ledger, and is no witness for it by itself.
    """

    checkpoint: Checkpoint
    note: Note | None = None
    data: bytes = b""
    own: bool = False


def read_checkpoints(given: object) -> tuple[Brought, ...]:
    """
    The checkpoints that a caller has.

    Args:
        given: None; or ``(origin, size, root)``; or the text of a checkpoint, signed or not, as ``str`` or ``bytes``;
            or a list of these.

    Raises:
        InvalidValueError: Something else, or another spelling of a checkpoint.
    """
    if given is None:
        return ()
    listed = given if isinstance(given, list) else [given]
    if len(listed) > _MOST:
        raise InvalidValueError(
            "these are too many checkpoints", where="checkpoint", expected=f"at most {_MOST}", found=str(len(listed))
        )
    return tuple(map(_read, listed))


def _read(given: object) -> Brought:
    try:
        if isinstance(given, str | bytes):
            return read_note(given.encode() if isinstance(given, str) else given)
        if isinstance(given, Sequence) and len(given) == 3:
            checkpoint = Checkpoint(*given)
            format_checkpoint(checkpoint)
            return Brought(checkpoint)
    except (CodecError, InvalidValueError) as error:
        found = error.found if error.where is None else f"{error.where}: {error.found}"
        raise InvalidValueError(error.what, where="checkpoint", found=found, hint=_HINT) from error
    except (UnicodeError, TypeError, AttributeError) as error:
        raise InvalidValueError("this is no checkpoint", where="checkpoint", found=str(error), hint=_HINT) from error
    raise InvalidValueError("this is no checkpoint", where="checkpoint", found=type(given).__name__, hint=_HINT)


def read_note(data: bytes, *, own: bool = False) -> Brought:
    """
    A checkpoint from its text: a note with its signatures, or the three lines alone; every byte of it counts.

    Of three lines alone the last newline may be missing, as one who copies lines loses it.

    Raises:
        NoteError: Another spelling.
        UnicodeError: Not UTF-8.
    """
    if own or b"\n\n" in data:
        note = parse_note(data)
        return Brought(parse_checkpoint(note.text), note, data, own)
    text = data.decode()
    return Brought(parse_checkpoint(text if text.endswith("\n") else f"{text}\n"))


def read_policy(given: object) -> Policy | None:
    """
    The policy that a caller has.

    Args:
        given: None; a ``Policy``; its text as ``bytes``, or as ``str`` with a line feed; or the path of its file.

    Raises:
        InvalidValueError: Something else, a file that cannot be read, or a text that is no policy.
        UnsupportedKeyError: A key in it of a kind that this version does not know.
    """
    if given is None or isinstance(given, Policy):
        return given
    if isinstance(given, os.PathLike) or (isinstance(given, str) and "\n" not in given):
        given = _file(Path(given))
    if not isinstance(given, str | bytes):
        found = type(given).__name__
        raise InvalidValueError("this is no policy", where="policy", expected="a path, a text or a Policy", found=found)
    try:
        return parse_policy(given)
    except (NoteError, UnsupportedKeyError) as error:
        where = "policy" if error.where in (None, "policy") else f"policy, {error.where}"
        kind = InvalidValueError if isinstance(error, NoteError) else UnsupportedKeyError
        raise kind(error.what, where=where, expected=error.expected, found=error.found, hint=error.hint) from error


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_NOTE + 1)
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        found = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidValueError(
            "the policy cannot be read", where="policy", found=found, hint="give the path of its file, or its text"
        ) from error
