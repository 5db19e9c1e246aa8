"""
Ledger files as a whole: telling them from others, making them, copying them. Knows no entry.

A file is a ledger if its header names us and its objects are exactly those of ``schema.py``.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from coop_ledger.errors import (
    InvalidValueError,
    LedgerNotFoundError,
    NotALedgerError,
    SchemaVersionError,
    StoreDamagedError,
    StoreReadOnlyError,
    WrongOriginError,
)
from coop_ledger.stores.connections import Connections, translated
from coop_ledger.stores.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, fingerprint, fingerprint_of

__all__ = ["copy_file", "open_file"]


def open_file(connections: Connections, origin: str | None) -> str:
    """
    Open the ledger at a path, or make it where *origin* is given and nothing is there; its origin.

    Raises:
        LedgerNotFoundError, NotALedgerError, WrongOriginError, SchemaVersionError, StoreDamagedError,
        StoreReadOnlyError: As :meth:`SqliteStore.open` says.
    """
    path = connections.path
    if path.is_dir():
        raise NotALedgerError("this is a folder", where=str(path), expected="a ledger file")
    new = not path.exists() or (origin is not None and path.is_file() and path.stat().st_size == 0)
    if new:
        if origin is None or connections.readonly:
            raise LedgerNotFoundError(
                "there is no ledger", where=str(path), hint="give origin=… to create one, or check the path"
            )
        _create(connections, origin)
    elif not path.is_file():
        raise NotALedgerError("this is no regular file", where=str(path), expected="a ledger file")
    with translated(path):
        found = _identify(connections.get(), path)
    if origin is not None and found != origin:
        raise WrongOriginError("this is another ledger", where=str(path), expected=origin, found=found)
    connections.remember_file()
    return found


def _create(connections: Connections, origin: str) -> None:
    """Make an empty ledger in one transaction; who comes second finds it made."""
    path = connections.path
    if not path.parent.is_dir():
        raise LedgerNotFoundError("the folder does not exist", where=str(path.parent), hint="make it first")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StoreReadOnlyError("the folder cannot be written", where=str(path.parent), hint="check its rights")
    connection = connections.connect("rwc")
    try:
        with translated(path):
            connection.execute("BEGIN IMMEDIATE")
            if not fingerprint_of(connection):
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute("INSERT INTO head VALUES (1, ?, 0, NULL, x'')", (origin,))
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        raise
    connection.close()


def _identify(connection: sqlite3.Connection, path: Path) -> str:
    """The origin of a file that is a ledger in every respect but its entries."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise NotALedgerError(
            "this file is not a ledger", where=str(path), expected=f"application id {APPLICATION_ID:#x}",
            found=f"{application:#x}", hint="check the path",
        )  # fmt: skip
    if version != SCHEMA_VERSION:
        raise SchemaVersionError(
            "this version does not read that ledger", where=str(path), expected=f"schema {SCHEMA_VERSION}",
            found=f"schema {version}", hint="use the version of coop_ledger that wrote it, or a later one",
        )  # fmt: skip
    strange = fingerprint_of(connection) ^ fingerprint()
    if strange:
        names = ", ".join(sorted({f"{kind} {name}" for kind, name, _ in strange}))
        raise StoreDamagedError("tables, triggers or views were changed", where=str(path), found=names)
    row = connection.execute("SELECT origin FROM head").fetchone()
    if row is None:
        raise StoreDamagedError("the head is missing", where=str(path))
    return str(row[0])


def copy_file(connections: Connections, target: Path) -> None:
    """
    Copy a ledger file, as it is at one moment, under a name that is free.

    Raises:
        InvalidValueError: The name is taken.
    """
    if target.exists():
        raise InvalidValueError("something is there already", where=str(target), hint="name a new file")
    import tempfile  # only backups need it

    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        with translated(target):
            copy = sqlite3.connect(part, isolation_level=None)
            try:
                connections.get().backup(copy)
            finally:
                copy.close()
        _sync(part)
        os.link(part, target)  # unlike a rename, refuses a name that was taken meanwhile
        _sync(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
