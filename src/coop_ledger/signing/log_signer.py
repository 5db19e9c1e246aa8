"""
The signer of a log: signs a checkpoint only if the log has grown from the last one that it signed.

What it signed last stands in a file of its own, outside the ledger, so that an older copy of the ledger, or a
rewritten one, is noticed before the key vouches for it. Source: C2SP tlog-checkpoint, Signatures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from coop_ledger.errors import CodecError, InvalidValueError, KeyFileError, SplitViewError, VerificationError
from coop_ledger.log import (
    ED25519,
    EMPTY_ROOT,
    MAX_NOTE,
    Checkpoint,
    Note,
    format_checkpoint,
    format_note,
    parse_checkpoint,
    parse_note,
    verify_consistency,
    verify_note,
)
from coop_ledger.signing.ed25519 import check_ed25519
from coop_ledger.signing.files import OTHERS_WRITE, locked, read_guarded, write_whole
from coop_ledger.signing.keys import SigningKey

__all__ = ["LogSigner", "Prove"]

Prove = Callable[[int, int], Sequence[bytes]]
"""``prove(size_old, size)`` gives the hashes that show one size of a log to be a prefix of another."""

_WAIT_S: Final = 10.0


class LogSigner:
    """
    Signs the checkpoints of one log.

    Args:
        key: The log's key, of kind ``ED25519``; its name is the origin of the log.
        state: The file that holds the last note signed; ``begin`` makes it. It stands outside the ledger, and no
            backup of the ledger brings it back.

    Raises:
        InvalidValueError: The key is a witness's.
        KeyFileError: There is no such file, others may write it, or it holds no checkpoint that this key signed.
    """

    def __init__(self, key: SigningKey, state: str | os.PathLike[str]) -> None:
        key.check_kind(ED25519, "a log signs with a key of its own", "make one with SigningKey.generate(origin)")
        self._key = key
        self._state = Path(state)
        self._read()

    @classmethod
    def begin(cls, key: SigningKey, state: str | os.PathLike[str]) -> LogSigner:
        """
        Begin to sign for a log: once in its life, with a new key.

        Raises:
            InvalidValueError: The key is a witness's.
            KeyFileError: The file is there already, or cannot be written.

        The first note is that of the empty log. A file that was lost is no reason to begin again: nobody would know
        what the key vouched for. Begin a new ledger then, with a new origin and a new key.
        """
        data = _signed(key, Checkpoint(key.vkey.name, 0, EMPTY_ROOT))
        write_whole(Path(state), data, over=False)
        return cls(key, state)

    @property
    def last(self) -> bytes:
        """The last note signed, UTF-8; also after a crash between signing and handing out."""
        return self._read()[0]

    def sign(self, checkpoint: Checkpoint, prove: Prove) -> bytes:
        """
        Sign a checkpoint of the log as it is now.

        Args:
            checkpoint: Origin, size and root of the log.
            prove: Gives the proof from an earlier size of the log to this one; not asked from size 0.

        Returns:
            The signed note, UTF-8; for the checkpoint that was signed last, the same note again.

        Raises:
            InvalidValueError: A checkpoint of another log, or one that is none.
            SplitViewError: The log is shorter than it was, or has another root at the same size.
            ConsistencyError: The proof does not show that the log has only grown.
            KeyFileError: The state cannot be read or written, or another process holds it for 10 seconds.

        Guarantees: the note is on disk, in the state file, before it is returned; of processes that sign at the same
        time each sees what the one before has signed.
        """
        if checkpoint.origin != self._key.vkey.name:
            raise InvalidValueError(
                "this key signs for another log", where="origin", expected=self._key.vkey.name,
                found=ascii(checkpoint.origin)[:200],
            )  # fmt: skip
        format_checkpoint(checkpoint)
        with locked(self._state.with_name(f"{self._state.name}.lock"), timeout_s=_WAIT_S):
            data, last = self._read()
            if checkpoint == last:
                return data
            _check_growth(last, checkpoint, prove)
            data = _signed(self._key, checkpoint)
            write_whole(self._state, data, over=True)
        return data

    def _read(self) -> tuple[bytes, Checkpoint]:
        """The last note and its checkpoint, checked: whoever can write the file cannot sign."""
        try:
            data = read_guarded(self._state, limit=MAX_NOTE, forbidden=OTHERS_WRITE)
            note = parse_note(data)
            verify_note(note, [self._key.vkey], check_ed25519)
            last = parse_checkpoint(note.text)
        except (CodecError, VerificationError) as error:
            raise self._not_ours(str(error)) from error
        if last.origin != self._key.vkey.name:
            raise self._not_ours(ascii(last.origin)[:200])
        return data, last

    def _not_ours(self, found: str) -> KeyFileError:
        return KeyFileError(
            "this file holds no checkpoint that this key signed",
            where=str(self._state),
            found=found,
            hint="find out who changed it; take the newest note that this key signed from those who keep copies",
        )


def _signed(key: SigningKey, checkpoint: Checkpoint) -> bytes:
    text = format_checkpoint(checkpoint)
    return format_note(Note(text, (key.sign_note(text),)))


def _check_growth(last: Checkpoint, checkpoint: Checkpoint, prove: Prove) -> None:
    """Refuse a log that has not only grown since the last checkpoint."""
    if checkpoint.size < last.size:
        raise SplitViewError(
            "the log is shorter than the last checkpoint that this key signed",
            where=last.origin,
            expected=f"at least {last.size} entries",
            found=str(checkpoint.size),
            hint="find the entries that are missing; if they are lost, begin a new ledger with a new origin and key",
        )
    if checkpoint.size == last.size:
        raise SplitViewError(
            "the log has another root than the last checkpoint that this key signed",
            where=f"{last.origin} at size {last.size}",
            expected=last.root.hex(),
            found=checkpoint.root.hex(),
            hint="the log was rewritten: compare it with a backup, and sign nothing",
        )
    proof = prove(last.size, checkpoint.size) if last.size else ()
    verify_consistency(last.size, checkpoint.size, last.root, checkpoint.root, proof)
