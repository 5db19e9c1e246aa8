"""
Stores that are broken on purpose, each in one way: a harness that finds nothing in them is blind.

``STORES`` names them, and the honest one; each is opened with a path and an origin.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from coop_ledger.errors import StoreError
from coop_ledger.stores import Condition, Draft, Placed, SqliteStore

__all__ = ["STORES"]


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


class DeafStore(SqliteStore):
    """Acknowledges whatever the system says."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        try:
            return super().append(drafts, conditions)
        except StoreError:
            return _pretended(self, drafts)


class UnjournalledStore(SqliteStore):
    """Writes pages over the old ones, and keeps nothing to go back to."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._connections.get().execute("PRAGMA journal_mode=OFF")
        return super().append(drafts, conditions)


def _opening(kind: type[SqliteStore]) -> Callable[[str | Path, str], SqliteStore]:
    return lambda path, origin: kind.open(path, origin=origin, clock=_now)


STORES = {
    "ours": _opening(SqliteStore),
    "early": _opening(EarlyStore),
    "forgetful": _opening(ForgetfulStore),
    "piecemeal": _opening(PiecemealStore),
    "deaf": _opening(DeafStore),
    "unjournalled": _opening(UnjournalledStore),
}
