"""
Backups that go back into service: what was erased since they were made is erased in them first.

A backup cannot know what was erased after it was made, nor can ``Ledger.open`` tell a backup from its ledger: who
restores one brings the redactions along. Source: DESIGN §7, audit.md §4 and F21, decision 0011.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from coop_ledger.codec import SealedState, check_recorder
from coop_ledger.domain import Redaction, brief
from coop_ledger.errors import CodecError, CommitmentError, EntryNotFoundError, InvalidValueError, StoreDamagedError
from coop_ledger.ledger import Ledger
from coop_ledger.stores import Clock, SqliteStore, system_clock

__all__ = ["restore_backup"]


def restore_backup(
    backup: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    redactions: Iterable[Redaction],
    recorder: str = "unnamed",
    clock: Clock = system_clock,
    draw: Callable[[int], bytes] = os.urandom,
) -> tuple[Redaction, ...]:
    """
    Copy a backup to where it will serve, with everything erased that was erased since it was made.

    Args:
        backup: A file that ``Ledger.backup`` made; it is only read.
        path: The new file.
        redactions: Those of the lost ledger, oldest first, as ``Ledger.redactions`` gave them while it was there.
            One of an entry that the backup does not hold is passed over: there is nothing to erase.
        recorder: Pseudonym of who restores.
        clock: Gives the present instant, aware.
        draw: Gives random bytes.

    Returns:
        The redactions that were recorded in the new file: given ones that the backup does not hold, and any of its
        own that was not carried out.

    Raises:
        InvalidValueError: Something is at *path* already, or a redaction that does not fit the ledger.
        StoreDamagedError: Words that were erased may still stand in the copy, or the backup is damaged.
        LedgerNotFoundError, NotALedgerError, SchemaVersionError, StoreError: The backup could not be read, or the
            copy not be written.

    Guarantees: nothing stands at *path* before all is erased, and nothing where an error is raised.
    """
    check_recorder(recorder)
    given, done = tuple(redactions), list[Redaction]()
    for act in given:
        if not isinstance(act, Redaction):
            raise InvalidValueError("this is no redaction", where="redactions", found=brief(act))

    def erase(part: Path) -> None:
        with Ledger.open(part, recorder=recorder, clock=clock, draw=draw) as copy:
            for act in _outstanding(copy, given):
                leftovers = copy.record(act).leftovers
                done.append(act)
                if leftovers:
                    raise StoreDamagedError(
                        "words that were erased may still stand in the copy",
                        where=act.target, found=", ".join(leftovers), hint="restore from a copy after VACUUM",
                    )  # fmt: skip

    with SqliteStore.open(backup, readonly=True, clock=clock) as store:
        try:
            store.backup(path, erase)
        except (CodecError, CommitmentError) as error:  # what it found may be words
            raise StoreDamagedError(
                "the backup is damaged", where=error.where, found=error.what, hint="restore another one, and verify it"
            ) from error
    return tuple(done)


def _outstanding(copy: Ledger, given: Iterable[Redaction]) -> Iterator[Redaction]:
    """The redactions that a copy lacks, and those that it holds and that were not carried out in it."""
    known = copy.redactions()
    for act in dict.fromkeys((*known, *given)):
        try:
            states = copy.sealed(act.target)
        except EntryNotFoundError:
            continue
        there = (SealedState.OPEN, SealedState.INCOMPLETE)
        if act not in known or any(states.get(path) in there for path in act.paths):
            yield act
