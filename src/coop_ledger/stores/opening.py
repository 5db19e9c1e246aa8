"""
Which store an address leads to: a path to SQLite, ``postgresql://…`` to PostgreSQL; whether one is there, and how one
that was begun in vain goes again. Knows neither of them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from coop_ledger.errors import CoopLedgerError
from coop_ledger.stores.base import Clock, system_clock
from coop_ledger.stores.files import remove_empty
from coop_ledger.stores.postgres.place import is_postgres
from coop_ledger.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from coop_ledger.stores.postgres.store import PostgresStore

__all__ = ["is_there", "open_store", "take_back"]


def open_store(
    path: str | os.PathLike[str],
    *,
    origin: str | None = None,
    readonly: bool = False,
    clock: Clock = system_clock,
    timeout_s: float = 30.0,
) -> SqliteStore | PostgresStore:
    """
    Open the ledger at a path or address, or create it; arguments and errors of the store's own ``open``.

    Args:
        path: The file, or ``postgresql://user@host/database``.
        origin: The origin that it must have, or gets.
        readonly: Open for reading only.
        clock: Gives the present instant; a server's own is taken in place of ``system_clock``.
        timeout_s: How long to wait for another writer, in seconds.
    """
    if is_postgres(path):
        from coop_ledger.stores.postgres.store import PostgresStore

        own = None if clock is system_clock else clock
        return PostgresStore.open(os.fspath(path), origin=origin, readonly=readonly, clock=own, timeout_s=timeout_s)
    return SqliteStore.open(path, origin=origin, readonly=readonly, clock=clock, timeout_s=timeout_s)


def is_there(path: str | os.PathLike[str], origin: str) -> bool:
    """
    Whether something stands already where a ledger is to be.

    Args:
        path: The file, or the address of the database.
        origin: The origin of the ledger: a database may hold those of others.

    Raises:
        NotALedgerError, WrongOriginError, StoreError: A database has something else in its place, or does not answer.
    """
    if is_postgres(path):
        from coop_ledger.stores.postgres.opening import is_made

        return is_made(os.fspath(path), origin)
    return os.path.lexists(path)


def take_back(path: str | os.PathLike[str], origin: str) -> None:
    """
    Remove a ledger that was just begun, if it is still empty; who does so has an error to raise, and gets no other.

    Args:
        path: The file, or the address of the database.
        origin: The origin of the ledger.
    """
    with suppress(CoopLedgerError):
        if is_postgres(path):
            from coop_ledger.stores.postgres.opening import unmake

            unmake(os.fspath(path), origin)
        else:
            remove_empty(Path(path), origin)
