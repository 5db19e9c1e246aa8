"""
Stores that are broken on purpose, each in one way: a harness that finds nothing in them is blind.

``STORES`` names them, and the honest one; each is opened with a path and an origin. ``spoil`` breaks what is no store.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

from coop_ledger.errors import StoreError
from coop_ledger.interchange import bundle
from coop_ledger.signing import log_signer
from coop_ledger.static_files import StaticFolder
from coop_ledger.stores import Condition, Draft, Head, Placed, SqliteStore, files
from coop_ledger.stores.connections import Connections
from coop_ledger.stores.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION

__all__ = ["STORES", "spoil"]

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


def _pretended(store: SqliteStore, drafts: Sequence[Draft]) -> Placed:
    """What an append would give that did not happen."""
    head = store.head()
    end = head.size + len(drafts)
    return Placed(range(head.size, end), "2016-11-15T09:00:00.000000Z", False, end, head.root)


class EarlyStore(SqliteStore):
    """Acknowledges a call, and records it together with the next."""

    _waiting: tuple[Draft, ...] = ()

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if self._waiting:
            super().append(self._waiting, conditions)
        self._waiting = tuple(drafts)
        return _pretended(self, drafts)


class ForgetfulStore(SqliteStore):
    """Keeps no keys: a call that is repeated is recorded again."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return super().append([draft._replace(once=None) for draft in drafts], conditions)


class PiecemealStore(SqliteStore):
    """Gives each entry of a call a transaction of its own."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return [super(PiecemealStore, self).append([draft], conditions) for draft in drafts][-1]

    @staticmethod
    def _check_keys(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> None:
        """Let a key stand for the calls that it covers by half."""


def _out_of_turn(store: SqliteStore) -> None:
    """Let a store write when it likes: what races find does not come about among those who wait for each other."""
    setattr(store._connections.turns, "take", lambda descriptor: None)  # noqa: B010


class DeafStore(SqliteStore):
    """Acknowledges whatever the system says."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        _out_of_turn(self)
        return super()._transact(work)

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        try:
            return super().append(drafts, conditions)
        except StoreError:
            return _pretended(self, drafts)


class UnjournalledStore(SqliteStore):
    """Writes pages over the old ones, and keeps nothing to go back to."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._connections.get().execute("PRAGMA journal_mode=OFF")
        return super()._transact(work)


class ForgettingStore(SqliteStore):
    """Erases words, and says so in a transaction of its own."""

    def erase(
        self,
        position: int,
        old: bytes,
        remaining: bytes | None,
        draft: Draft,
        conditions: Sequence[Condition] = (),
    ) -> Placed:
        sql = "UPDATE openings SET blob = ? WHERE position = ?"
        self._transact(lambda connection: connection.execute(sql, (remaining or b"", position)))
        return self.append([draft], conditions)


class HastyStore(SqliteStore):
    """Reads what a receipt says before and after the transaction, in which others may have been quicker."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        size = self.head().size
        placed = super().append(drafts, conditions)
        end = size + len(drafts)
        return Placed(range(size, end), placed.recorded_at, placed.clamped, end, self.head().root)


class TrustingStore(SqliteStore):
    """Takes every condition for true."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return super().append(drafts)


class EarlyLookingStore(SqliteStore):
    """Looks at conditions before its transaction begins."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._check_conditions(self._connections.get(), conditions, self.head().size)
        return super().append(drafts)


class BlindStore(SqliteStore):
    """Does not look whether its file is still where it was."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        for look in ("check_file", "check_written"):
            setattr(self._connections, look, lambda: None)
        return super()._transact(work)


class ShortSightedStore(SqliteStore):
    """Looks whether its file is still where it was before it commits, and not after."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        setattr(self._connections, "check_written", lambda: None)  # noqa: B010
        return super()._transact(work)


class CarriedStore(SqliteStore):
    """Does not notice that it was carried over into a fork."""

    def head(self) -> Head:
        self._connections._process = os.getpid()
        return super().head()


class _NoTurns:
    """A lock that lets everybody in."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class OneConnectionStore(SqliteStore):
    """Has one connection for all threads, who take no turns."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        _out_of_turn(self)
        setattr(self, "_lock", _NoTurns())  # noqa: B010
        setattr(self._connections, "_mine", SimpleNamespace())  # noqa: B010
        first = next(iter(self._connections._all.values()))
        self._connections._mine.connection = first
        return super()._transact(work)


class UnsyncedStore(SqliteStore):
    """Never asks the disk to bring anything to rest."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._connections.get().execute("PRAGMA synchronous=OFF")
        return super()._transact(work)


class HalfSyncedStore(SqliteStore):
    """Syncs files, but not the folder after a journal is gone from it: a call that was acknowledged can be undone."""

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._connections.get().execute("PRAGMA synchronous=FULL")
        return super()._transact(work)


def _opening(kind: type[SqliteStore]) -> Callable[[str | Path, str], SqliteStore]:
    return lambda path, origin: kind.open(path, origin=origin, clock=_now)


STORES = {
    "ours": _opening(SqliteStore),
    "early": _opening(EarlyStore),
    "forgetful": _opening(ForgetfulStore),
    "piecemeal": _opening(PiecemealStore),
    "deaf": _opening(DeafStore),
    "unjournalled": _opening(UnjournalledStore),
    "forgetting": _opening(ForgettingStore),
    "hasty": _opening(HastyStore),
    "trusting": _opening(TrustingStore),
    "blind": _opening(BlindStore),
    "short-sighted": _opening(ShortSightedStore),
    "carried over": _opening(CarriedStore),
    "one connection": _opening(OneConnectionStore),
    "unsynced": _opening(UnsyncedStore),
    "half synced": _opening(HalfSyncedStore),
    "early looking": _opening(EarlyLookingStore),
}
"""How a store of each kind is opened."""


@contextmanager
def _named_at_once(target: Path) -> Iterator[Path]:
    """A new file that has its name before it is whole."""
    target.touch()
    yield target


def _written_at_once(path: Path, data: bytes, *, over: bool, mode: int = 0o600) -> None:
    """A file that has its name before it is whole."""
    with path.open("wb", buffering=0) as file:
        half = len(data) // 2
        file.write(data[:half])
        file.write(data[half:])
    path.chmod(mode)


def _served_at_once(self: StaticFolder, name: str, data: bytes) -> None:
    """A published file that has its name before it is whole."""
    target = self.path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    _written_at_once(target, data, over=True, mode=0o644)


def _made_piecemeal(connections: Connections, origin: str) -> None:
    """An empty ledger, each of its tables in a transaction of its own."""
    with closing(connections.connect("rwc")) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute("INSERT INTO head VALUES (1, ?, 0, 0, NULL, x'')", (origin,))


def spoil(how: str) -> None:
    """Break this process in a way: ``straight`` for files that have their names at once, ``unmade`` for creation."""
    if how == "straight":
        for module in (files, bundle):
            setattr(module, "new_file", _named_at_once)  # noqa: B010
        setattr(log_signer, "write_whole", _written_at_once)  # noqa: B010
        setattr(StaticFolder, "write", _served_at_once)  # noqa: B010
    elif how == "unmade":
        setattr(files, "_create", _made_piecemeal)  # noqa: B010
