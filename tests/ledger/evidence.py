"""Ledgers of any size over made-up leaves, signed checkpoints of them, and files damaged behind the triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from coop_ledger import Ledger
from coop_ledger.log import Checkpoint, Note, format_checkpoint, format_note
from coop_ledger.signing import SigningKey
from coop_ledger.stores import MemoryStore, Restored, SqliteStore
from coop_ledger.testing import ticking

__all__ = ["ORIGIN", "checkpoint_of", "damage", "entry_id", "file_ledger", "key_of", "leaf", "memory_ledger", "signed"]

ORIGIN = "evidence.example/1"
RECORDED = "2016-11-15T09:00:00.000000Z"


def leaf(at: int) -> bytes:
    """The leaf at a position; lengths differ, and one is empty."""
    return f"leaf {at}".encode() * (at % 4)


def entry_id(at: int) -> str:
    return f"id-{at:06d}"


def restored(leaves: Iterable[bytes]) -> Iterator[Restored]:
    return (Restored(one, entry_id(at), RECORDED) for at, one in enumerate(leaves))


def memory_ledger(size: int, *, origin: str = ORIGIN, other_from: int | None = None) -> Ledger:
    """A ledger in memory; from *other_from* on its leaves are those of another history."""
    store = MemoryStore(origin, clock=ticking())
    end = size if other_from is None else other_from
    store.restore(restored(leaf(at) if at < end else b"other " + leaf(at) for at in range(size)))
    return Ledger(store)


def file_ledger(path: Path, size: int) -> Ledger:
    store = SqliteStore.open(path, origin=ORIGIN, clock=ticking())
    if size:
        store.restore(restored(leaf(at) for at in range(size)))
    return Ledger(store)


@cache
def key_of(origin: str) -> SigningKey:
    return SigningKey.generate(origin)


def signed(checkpoint: Checkpoint) -> bytes:
    """A checkpoint under the signature of its log."""
    text = format_checkpoint(checkpoint)
    return format_note(Note(text, (key_of(checkpoint.origin).sign_note(text),)))


def checkpoint_of(ledger: Ledger, size: int | None = None) -> bytes:
    """A signed checkpoint of a ledger, now or at an earlier size."""
    proof = ledger.prove_consistency(ledger.size if size is None else size)
    return signed(Checkpoint(ledger.origin, proof.size_old, proof.root_old))


def damage(path: Path, *statements: str) -> None:
    """Change rows of a ledger file behind its triggers, which are put back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
        for _, sql in triggers:
            connection.execute(sql)
