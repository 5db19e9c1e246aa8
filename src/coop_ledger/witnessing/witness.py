"""
A witness: cosigns a checkpoint only if its log has grown from the last one it accepted, and keeps what speaks
against that. Knows no network: requests and replies are bytes.

What is accepted is on disk before the cosignature is made. Killed in between, the witness has promised more than it
said, and will say it when asked again; in the other order it would have said what it does not remember.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from coop_ledger.errors import InvalidValueError, KeyFileError, NoteError
from coop_ledger.log import (
    COSIGNATURE,
    ED25519,
    AddCheckpoint,
    Checkpoint,
    Decision,
    Note,
    Reply,
    VerifierKey,
    cosigned_message,
    decide,
    encode_base64,
    format_note,
    format_reply,
    format_vkey,
    parse_add_checkpoint,
    parse_checkpoint,
    parse_note,
)
from coop_ledger.signing import SigningKey, check_ed25519, locked, write_whole
from coop_ledger.witnessing.state import Memory, read_state, write_state

__all__ = ["Witness"]

_WAIT_S: Final = 30.0


def _now() -> int:
    return int(time.time())


class Witness:
    """
    A witness in its folder, made once by ``create``.

    Args:
        folder: Holds ``state.json``, ``evidence/`` and a lock; no backup of it may ever be brought back.
        key: The witness's own key, of kind ``COSIGNATURE``.
        clock: Gives the time, whole seconds since 1970.

    Raises:
        KeyFileError: The memory is missing, damaged or another witness's. It is never made anew by itself.
        InvalidValueError: The key is none of a witness.

    Any number of processes and threads may use one folder; they take turns.
    """

    def __init__(self, folder: str | os.PathLike[str], key: SigningKey, *, clock: Callable[[], int] = _now) -> None:
        _check_key(key)
        self._folder = Path(folder)
        self._state = self._folder / "state.json"
        self._key = key
        self._clock = clock
        read_state(self._state, key.vkey)

    @classmethod
    def create(cls, folder: str | os.PathLike[str], key: SigningKey, *, clock: Callable[[], int] = _now) -> Witness:
        """
        Make the memory of a new witness, which watches no log yet; once, with a key that never cosigned.

        Raises:
            KeyFileError: There is a memory already, or the folder cannot be written.
            InvalidValueError: The key is none of a witness.
        """
        _check_key(key)
        path = Path(folder)
        try:
            (path / "evidence").mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KeyFileError("the folder cannot be made", where=str(path), found=error.strerror) from error
        write_state(path / "state.json", key.vkey, {}, over=False)
        return cls(path, key, clock=clock)

    @property
    def vkey(self) -> VerifierKey:
        """The public half of the key, for the policies of auditors."""
        return self._key.vkey

    @property
    def logs(self) -> dict[str, Checkpoint]:
        """What was accepted last of each log, by origin; size 0 for nothing yet."""
        return {origin: memory.watched.seen for origin, memory in self._read().items()}

    @property
    def evidence(self) -> tuple[Path, ...]:
        """The files of evidence that were kept, by name."""
        return tuple(sorted((self._folder / "evidence").glob("*.json")))

    def watch(self, log: VerifierKey) -> None:
        """
        Begin to witness a log, from its beginning.

        Args:
            log: The log's key, from its operator and not from a request; its name is the origin.

        Raises:
            InvalidValueError: It is watched already, or this is no key of a log.
            KeyFileError: The memory cannot be read or written.

        Never for a log that this key cosigned before and has forgotten: nobody would know what it vouched for.
        """
        if log.kind != ED25519:
            raise InvalidValueError("this is no key of a log", expected="kind 0x01", found=f"{log.kind:#04x}")
        with self._locked():
            logs = self._read()
            if log.name in logs:
                raise InvalidValueError("this log is watched already", where=ascii(log.name)[:200])
            self._write({**logs, log.name: Memory(log, b"", 0)})

    def answer(self, request: bytes) -> bytes:
        """
        Answer a request as a file: signature lines, or a refusal; ``parse_reply`` reads both.

        Raises:
            KeyFileError: As ``reply`` says; nothing was signed.
        """
        return format_reply(self.reply(request))

    def reply(self, request: bytes) -> Reply:
        """
        Answer a request as status and body, for a front that speaks HTTP.

        Args:
            request: The body of add-checkpoint.

        Returns:
            200 and the cosignature, or a refusal; 503 while the clock stands behind the last cosignature of the log.

        Raises:
            KeyFileError: The memory cannot be read or written, evidence cannot be kept, or another process holds
                the folder for 30 seconds; nothing was signed.
            InvalidValueError: The clock gives no whole number of seconds.

        Guarantees: what is cosigned was accepted by ``decide`` against all that was accepted before, and was on disk
        first; times of cosignatures of one log never decrease.
        """
        try:
            asked = parse_add_checkpoint(request)
        except NoteError as error:
            return Reply(400, f"malformed request: {error.what}\n".encode())
        with self._locked():
            logs = self._read()
            decision = decide(asked, {origin: memory.watched for origin, memory in logs.items()}, check_ed25519)
            if decision.misbehaviour:
                self._keep(asked, decision, logs)
            if decision.accepted is None:
                return decision.reply
            return self._cosigned(decision.accepted, logs)

    def _cosigned(self, note: Note, logs: dict[str, Memory]) -> Reply:
        """Store, then sign: the order is what keeps a killed witness honest."""
        memory = logs[parse_checkpoint(note.text).origin]
        now = self._clock()
        if now < memory.timestamp:
            return Reply(503, b"the clock stands behind the last cosignature\n")
        cosigned_message(now, note.text)  # refuses a time that cannot be signed, before it is remembered
        self._write({**logs, memory.key.name: Memory(memory.key, _own_lines(note, memory.key), now)})
        line = self._key.cosign(note.text, now)
        return Reply(200, format_note(Note(note.text, (line,))).removeprefix(f"{note.text}\n".encode()))

    def _keep(self, asked: AddCheckpoint, decision: Decision, logs: dict[str, Memory]) -> None:
        """Write a file of evidence, once for each checkpoint that speaks against the one accepted."""
        note = parse_note(asked.checkpoint)
        memory = logs[parse_checkpoint(note.text).origin]
        offered = _own_lines(note, memory.key)
        assert decision.misbehaviour is not None
        kind = decision.misbehaviour.value
        name = hashlib.sha256(memory.note + b"\x00" + offered).hexdigest()
        path = self._folder / "evidence" / f"{kind}-{name[:32]}.json"
        if os.path.lexists(path):
            return
        value = {
            "kind": kind,
            "origin": memory.key.name,
            "key": format_vkey(memory.key),
            "kept_at": self._clock(),
            "accepted_at": memory.timestamp,
            "accepted": memory.note.decode(),
            "offered": offered.decode(),
            "old": asked.old,
            "proof": [encode_base64(item) for item in asked.proof],
        }
        write_whole(path, json.dumps(value, indent=1, ensure_ascii=False).encode(), over=False)

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self._folder / "lock", timeout_s=_WAIT_S)

    def _read(self) -> dict[str, Memory]:
        return read_state(self._state, self._key.vkey)

    def _write(self, logs: dict[str, Memory]) -> None:
        write_state(self._state, self._key.vkey, logs, over=True)


def _check_key(key: SigningKey) -> None:
    hint = "make one with SigningKey.generate(name, kind=COSIGNATURE)"
    key.check_kind(COSIGNATURE, "a witness signs with a key of its own", hint)


def _own_lines(note: Note, key: VerifierKey) -> bytes:
    """The note with the log's own signature alone: what others put under it is neither checked nor kept."""
    lines = tuple(line for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id))
    return format_note(Note(note.text, lines))
