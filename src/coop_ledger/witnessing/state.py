"""
What a witness remembers, in one file: its key, its logs, what it cosigned last of each and when; signs nothing.

The file is replaced as a whole. It is never made anew by itself: a witness that forgot what it cosigned could
cosign a fork, so that a missing file stops it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final, NamedTuple

from coop_ledger.errors import CodecError, KeyFileError, VerificationError
from coop_ledger.log import (
    ED25519,
    EMPTY_ROOT,
    MAX_SIZE,
    Checkpoint,
    VerifierKey,
    Watched,
    format_vkey,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_note,
)
from coop_ledger.signing import OTHERS_WRITE, check_ed25519, read_guarded, write_whole

__all__ = ["Memory", "read_state", "write_state"]

_FORMAT: Final = 1
_MAX_FILE: Final = 16 * 1024 * 1024


class Memory(NamedTuple):
    """
    What is remembered of one log.

    Attributes:
        key: The log's key; its name is the origin.
        note: The signed checkpoint that was accepted last, with the log's signature only; empty for none so far.
        timestamp: When, seconds since 1970; 0 for never.
    """

    key: VerifierKey
    note: bytes
    timestamp: int

    @property
    def watched(self) -> Watched:
        """The same as the rules of a witness take it."""
        if not self.note:
            return Watched(self.key, Checkpoint(self.key.name, 0, EMPTY_ROOT))
        return Watched(self.key, parse_checkpoint(parse_note(self.note).text))


def write_state(path: Path, witness: VerifierKey, logs: dict[str, Memory], *, over: bool) -> None:
    """
    Put the state on disk, whole, before anything is signed that rests on it.

    Raises:
        KeyFileError: There is one already (unless *over*), or the system could not do it; the old one stands.
    """
    rows = {
        origin: {"key": format_vkey(memory.key), "note": memory.note.decode(), "timestamp": memory.timestamp}
        for origin, memory in logs.items()
    }
    value = {"format": _FORMAT, "witness": format_vkey(witness), "logs": rows}
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False).encode(), over=over)


def read_state(path: Path, witness: VerifierKey) -> dict[str, Memory]:
    """
    Read the state of this witness, by origin, and check that each note is the log's own.

    Raises:
        KeyFileError: It is missing, damaged, another witness's, or others may write it.
    """
    if not os.path.lexists(path):
        raise KeyFileError(
            "this witness has no memory here", where=str(path), expected="the file that a witness makes when it begins",
            hint="check the folder; if the memory is lost, retire the key and create a witness with a new one",
        )  # fmt: skip
    data = read_guarded(path, limit=_MAX_FILE, forbidden=OTHERS_WRITE)
    try:
        value = json.loads(data.decode("utf-8"))
        if value["format"] != _FORMAT:
            raise _damaged(path, f"format {value['format']!r:.80}")
        if value["witness"] != format_vkey(witness):
            raise KeyFileError(
                "this is the memory of another witness", where=str(path), expected=format_vkey(witness),
                found=f"{value['witness']!r:.200}", hint="check folder and key",
            )  # fmt: skip
        return {origin: _memory(origin, row) for origin, row in value["logs"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, CodecError, VerificationError) as error:
        raise _damaged(path, str(error)[:200]) from error


def _memory(origin: str, row: dict[str, object]) -> Memory:
    key, note, timestamp = parse_vkey(str(row["key"])), str(row["note"]).encode(), row["timestamp"]
    if type(timestamp) is not int or not 0 <= timestamp <= MAX_SIZE or key.kind != ED25519:
        raise ValueError(f"no key of a log or no time: {origin!r:.80}")
    if note:
        verify_note(parse_note(note), [key], check_ed25519)
    memory = Memory(key, note, timestamp)
    if not origin == key.name == memory.watched.seen.origin:
        raise ValueError(f"an entry under another origin: {origin!r:.80}")
    return memory


def _damaged(path: Path, found: str) -> KeyFileError:
    return KeyFileError(
        "the memory of this witness is damaged", where=str(path), found=found,
        hint="never bring back an older copy: retire the key, and create a witness with a new one",
    )  # fmt: skip
