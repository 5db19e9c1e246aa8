"""
Ledger files as a whole: telling them from others, making them, copying them. Knows no entry.

A file is a ledger if its header names us and its objects are exactly those of ``schema.py``. The header is read
as bytes first: opening a database can change it, and one that is not ours is not ours to change.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from coop_ledger.errors import (
    CoopLedgerError,
    InvalidValueError,
    LedgerNotFoundError,
    NotALedgerError,
    SchemaVersionError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    WrongOriginError,
    repr_of,
)
from coop_ledger.stores.connections import Connections, translated
from coop_ledger.stores.raw import sync, using
from coop_ledger.stores.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, TEXT_ENCODING, fingerprint, fingerprint_of

__all__ = ["check_path", "copy_file", "new_file", "open_file", "remove_empty", "system_errors"]

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER: Final = 100
_ENCODING_AT: Final = slice(56, 60)
_VERSION_AT: Final = slice(60, 64)
_APPLICATION_AT: Final = slice(68, 72)

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a full disk, quota or limit of file size looks like."""

_ADDRESS: Final = re.compile(r"\s*([a-z][a-z0-9+._-]+:)/", re.ASCII | re.IGNORECASE)
"""How an address begins; a ``Path`` of it has one stroke only. A drive of Windows has one letter."""
_SERVER: Final = "name a file; the address of a ledger in a database begins with postgresql://"
_BUNDLE: Final = "name a file; to verify a ledger in PostgreSQL, export it into a bundle first"


def check_path(path: str | os.PathLike[str]) -> Path:
    """
    The path of a file as a caller writes it.

    Raises:
        InvalidValueError: Another type, empty, with a character that no path can have, or the address of a server.
    """
    given = path if isinstance(path, str) else os.fspath(path) if isinstance(path, os.PathLike) else None
    if not isinstance(given, str) or not given or "\x00" in given:
        raise InvalidValueError("this is not the path of a file", where="path", found=repr_of(path)[:200])
    try:
        os.fsencode(given)
    except UnicodeError as error:
        raise InvalidValueError("this is not the path of a file", where="path", found=repr_of(path)[:200]) from error
    address = _ADDRESS.match(given)
    if address is not None and not os.path.lexists(address[1]):
        raise InvalidValueError(  # which may hold a password
            "this is the address of a server, and not the path of a file", where="path", found=f"{address[1]}//…",
            hint=_BUNDLE if address[1].casefold() in ("postgresql:", "postgres:") else _SERVER,
        )  # fmt: skip
    return Path(given)


@contextmanager
def system_errors(path: Path) -> Iterator[None]:
    """
    Turn errors of the file system into ours.

    Raises:
        LedgerNotFoundError, StoreReadOnlyError, StoreFullError, StoreError: The one that fits, chained to the system's.
    """
    try:
        yield
    except CoopLedgerError:  # some of ours are errors of the system, too
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LedgerNotFoundError("there is no such folder", where=str(path.parent), hint="make it first") from error
    except PermissionError as error:
        raise StoreReadOnlyError("the rights do not allow it", where=str(path), hint="check file and folder") from error
    except OSError as error:
        if error.errno == errno.EROFS:
            raise StoreReadOnlyError(
                "the file system cannot be written", where=str(path), hint="name a place that can be written"
            ) from error
        if error.errno in _NO_ROOM:
            raise StoreFullError(
                "there is no room for the file", where=str(path), found=str(error.strerror), hint="make room"
            ) from error
        raise StoreError(
            "the system could not do it", where=str(path)[:200], found=str(error.strerror), hint="check path and disk"
        ) from error


def open_file(connections: Connections, origin: str | None) -> str:
    """
    Open the ledger at a path, or make it where *origin* is given and nothing is there; its origin.

    Raises:
        LedgerNotFoundError, NotALedgerError, WrongOriginError, SchemaVersionError, StoreDamagedError,
        StoreReadOnlyError: As :meth:`SqliteStore.open` says.
    """
    path = connections.path
    new = _is_to_make(path, origin)
    if not new:
        with system_errors(path):
            connections.remember_file()
        with translated(path):  # the first read goes back to before a writer that was killed
            connections.get().execute("SELECT 1 FROM sqlite_schema").fetchone()
        new = _is_to_make(path, origin)  # which may be to nothing: the writer was making the ledger
    if new:
        if origin is None or connections.readonly:
            raise LedgerNotFoundError(
                "there is no ledger", where=str(path), hint="give origin=… to create one, or check the path"
            )
        _create(connections, origin)
    with system_errors(path):
        connections.remember_file()
    with translated(path):
        found = _identify(connections.get(), path)
    if origin is not None and found != origin:
        raise WrongOriginError(
            "this is another ledger", where=str(path), expected=origin, found=found, hint="check path and origin"
        )
    return found


def _is_to_make(path: Path, origin: str | None) -> bool:
    """Whether a ledger is to be made there; refuses what is none, before the database may touch it."""
    with system_errors(path):
        new = _is_new(path, empty_too=origin is not None)
        if not new:
            _check_header(path)
    return new


def _is_new(path: Path, *, empty_too: bool) -> bool:
    """Whether nothing is there, or, if that counts too, an empty file; refuses what is no regular file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return True
    if path.is_dir():
        raise NotALedgerError("this is a folder", where=str(path), expected="a ledger file")
    if not path.is_file():
        raise NotALedgerError("this is no regular file", where=str(path), expected="a ledger file")
    return empty_too and found.st_size == 0


def _check_header(path: Path) -> None:
    """Refuse a file whose header does not name us, or has texts kept as no ledger keeps them."""
    with using(path) as file:
        header = file.read(0, _HEADER)
    if not header.startswith(_MAGIC) or len(header) < _HEADER:
        raise NotALedgerError(
            "this file is not a ledger", where=str(path), expected="a database", hint="check the path"
        )
    application = int.from_bytes(header[_APPLICATION_AT], "big")
    version = int.from_bytes(header[_VERSION_AT], "big")
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
    encoding = int.from_bytes(header[_ENCODING_AT], "big")
    if encoding != TEXT_ENCODING:  # keys and labels are found by the bytes of their texts
        raise StoreDamagedError(
            "no ledger keeps its texts in that encoding", where=str(path), expected=f"{TEXT_ENCODING} (UTF-8)",
            found=str(encoding), hint="restore a backup that verifies",
        )  # fmt: skip


def _create(connections: Connections, origin: str) -> None:
    """Make an empty ledger in one transaction; who comes second finds it made."""
    path = connections.path
    if not path.parent.is_dir():
        raise LedgerNotFoundError("the folder does not exist", where=str(path.parent), hint="make it first")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StoreReadOnlyError("the folder cannot be written", where=str(path.parent), hint="check its rights")
    connection = connections.connect("rwc")
    try:
        with system_errors(path):
            connections.remember_file()
        with translated(path):
            connection.execute("BEGIN IMMEDIATE")
            if not fingerprint_of(connection):
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute("INSERT INTO head VALUES (1, ?, 0, 0, NULL, x'')", (origin,))
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        raise
    connection.close()


def _identify(connection: sqlite3.Connection, path: Path) -> str:
    """The origin of a file that is a ledger in every respect but its entries."""
    strange = fingerprint_of(connection) ^ fingerprint()
    if strange:
        names = ", ".join(sorted({f"{one.kind} {one.name}" for one in strange}))
        raise StoreDamagedError("tables, triggers or views were changed", where=str(path), found=names)
    row = connection.execute("SELECT origin FROM head").fetchone()
    if row is None:
        raise StoreDamagedError("the head is missing", where=str(path))
    return str(row[0])


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """
    Make a file that has its name only once it is whole.

    Args:
        target: The name, which must be free.

    Yields:
        Another name in the same folder, under which the file is written.

    Raises:
        InvalidValueError: The name is taken.
        StoreError: The file could not be made; none is left.

    Guarantees: on the disk before it has its name; whatever is raised meanwhile, nothing is left.
    """
    import tempfile  # only whole new files need it

    with system_errors(target):
        if target.exists():
            raise _taken(target)
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}-", dir=target.parent)
        os.close(handle)
        part = Path(name)
        try:
            yield part
            sync(part)
            try:
                os.link(part, target)  # unlike a rename, refuses a name that was taken meanwhile
            except FileExistsError as error:
                raise _taken(target) from error
            sync(target.parent)
        finally:
            part.unlink(missing_ok=True)


def copy_file(connections: Connections, target: Path, check: Callable[[Path], None]) -> None:
    """
    Copy a ledger file, as it is at one moment, under a name that is free.

    Args:
        connections: Connections to the file.
        target: The new name.
        check: Raises if the copy, which still has another name, is not what it should be.

    Raises:
        InvalidValueError: The name is taken.
        StoreError: The copy could not be made, or *check* refused it; no file is left.
    """
    with new_file(target) as part:
        with translated(target):
            copy = sqlite3.connect(part, isolation_level=None)
            try:
                connections.get().backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE").fetchall()  # a copy is one file, whatever its original was
            finally:
                copy.close()
        check(part)


def remove_empty(path: Path, origin: str) -> None:
    """
    Remove the file of a ledger of that origin that has no entries, or nothing at all yet; any other one stays.

    A writer who waits meanwhile finds it moved.

    Raises:
        StoreError: It is not there, or cannot be read or removed.
    """
    with system_errors(path), translated(path):
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # nobody records between the look and the end
            if path.stat().st_size == 0 or _is_empty(connection, origin):
                path.unlink()


def _is_empty(connection: sqlite3.Connection, origin: str) -> bool:
    """Whether a file is a ledger of that origin, and without entries."""
    if fingerprint_of(connection) != fingerprint():
        return False
    rows: list[tuple[int, str]] = connection.execute("SELECT size, origin FROM head").fetchall()
    return rows == [(0, origin)]


def _taken(target: Path) -> InvalidValueError:
    return InvalidValueError("something is there already", where=str(target), hint="name a new file")
