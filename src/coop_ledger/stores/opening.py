"""
Which store an address leads to: a path to SQLite, ``postgresql://…`` to PostgreSQL. Knows neither of them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from coop_ledger.stores.base import Clock, system_clock
from coop_ledger.stores.postgres.place import is_postgres
from coop_ledger.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from coop_ledger.stores.postgres.store import PostgresStore

__all__ = ["open_store"]


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
