"""
How a ledger file stands with the database: its version, the file's journal mode, whether somebody writes.

Changes nothing and knows no entry; for who looks after files, not for who examines them (``coop_ledger.audit``).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import Final, NamedTuple

from coop_ledger.stores.connections import Connections, translated
from coop_ledger.stores.files import check_path

__all__ = ["OLDEST_SQLITE", "FileHealth", "health_of", "sqlite_version"]

OLDEST_SQLITE: Final = (3, 37)
"""The first version of SQLite with all that a ledger file needs."""


def sqlite_version() -> str:
    """The version of the database that this Python uses, like ``3.40.1``."""
    return sqlite3.sqlite_version


class FileHealth(NamedTuple):
    """
    How a ledger file stands with the database.

    Attributes:
        journal_mode: ``delete`` is how we write; in another one (``wal``) others left it.
        schema_version: The version of its tables.
        writing: Whether another process is in the middle of writing; None where that cannot be seen.
    """

    journal_mode: str
    schema_version: int
    writing: bool | None


def health_of(path: str | os.PathLike[str]) -> FileHealth:
    """
    Look at a ledger file, which some ledger has opened already.

    Raises:
        StoreError: The database cannot open it.

    Guarantees: nothing in the file changes; a writer waits for a few milliseconds at most.
    """
    file = check_path(path)
    connections = Connections(file, readonly=True, timeout_s=1.0)
    with translated(file), closing(connections.connect("ro")) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    return FileHealth(mode, version, _is_written(f"{file.absolute().as_uri()}?mode=rw") if mode == "delete" else None)


def _is_written(uri: str) -> bool | None:
    """Whether the place of the one writer is taken: it is asked for, and given back."""
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return True if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY else None
    return False
