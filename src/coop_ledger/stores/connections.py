"""
Connections to a ledger file: opened with settings that are read back, one for each thread. Knows no table.

Every error of the database leaves this package as one of ours (:func:`translated`). Source of the settings:
``audit.md`` §7.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final
from weakref import WeakSet

from coop_ledger.errors import (
    LedgerClosedError,
    NotALedgerError,
    SettingRefusedError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreMovedError,
    StoreReadOnlyError,
    StoreUncertainError,
)
from coop_ledger.stores.base import Watch, check_in_use
from coop_ledger.stores.raw import RawFile, hold, release, sync
from coop_ledger.stores.turns import PLACES, Turns

__all__ = ["Connections", "commit", "configure", "insert_rows", "translated"]

_ROWS: Final = 64
"""Rows of one statement: with its trigger, a row alone costs three times as much (measured)."""

_WRITER_SETTINGS: Final[tuple[tuple[str, str, int | str], ...]] = (
    ("journal_mode", "DELETE", "delete"),
    ("synchronous", "EXTRA", 3),
)
_SETTINGS: Final[tuple[tuple[str, str, int | str], ...]] = (
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("secure_delete", "ON", 1),
    ("mmap_size", "0", 0),
    ("cache_size", "-32768", -32768),
    *((("fullfsync", "ON", 1), ("checkpoint_fullfsync", "ON", 1)) if sys.platform == "darwin" else ()),
)

_BY_CODE: Final[dict[int, tuple[type[StoreError], str, str]]] = {
    sqlite3.SQLITE_BUSY: (StoreBusyError, "another writer holds the ledger", "try again, with the same once key"),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "another writer holds the ledger", "try again, with the same once key"),
    sqlite3.SQLITE_FULL: (StoreFullError, "there is no room for the entry", "make room and record again"),
    sqlite3.SQLITE_READONLY: (
        StoreReadOnlyError,
        "the ledger cannot be written",
        "check the rights of file and folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (StoreReadOnlyError, "the file or its journal cannot be opened", "check the rights"),
    sqlite3.SQLITE_PERM: (StoreReadOnlyError, "the file cannot be opened", "check the rights of file and folder"),
    sqlite3.SQLITE_NOTADB: (NotALedgerError, "this file is not a ledger", "check the path"),
    sqlite3.SQLITE_CONSTRAINT: (
        StoreDamagedError,
        "the file holds rows that no writer of ours left there",
        "restore a backup that verifies",
    ),
    sqlite3.SQLITE_CORRUPT: (StoreDamagedError, "the file is damaged", "restore a backup that verifies"),
}


@contextmanager
def translated(path: Path | str) -> Iterator[None]:
    """
    Turn errors of the database into ours.

    Raises:
        StoreError: The one that fits, chained to the database's.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if code == sqlite3.SQLITE_IOERR_WRITE:  # what a limit of file size looks like
            kind, what, hint = _BY_CODE[sqlite3.SQLITE_FULL]
        elif code == sqlite3.SQLITE_READONLY_DBMOVED:
            kind, what, hint = StoreMovedError, "the ledger's file was removed or replaced", "open the ledger again"
        elif code is not None and code & 0xFF in _BY_CODE:
            kind, what, hint = _BY_CODE[code & 0xFF]
        else:
            kind, what, hint = StoreError, "the database could not do it", "nothing was recorded; see the cause"
        raise kind(what, where=str(path), found=f"{name}: {error}", hint=hint) from error
    except UnicodeDecodeError as error:  # the database's own words, where they name what is damaged
        kind, what, hint = _BY_CODE[sqlite3.SQLITE_CORRUPT]
        raise kind(what, where=str(path), hint=hint) from error


def configure(connection: sqlite3.Connection, *, readonly: bool, timeout_s: float) -> None:
    """
    Set what ``audit.md`` §7 asks for, and read it back.

    Raises:
        SettingRefusedError: The database answers otherwise.
    """
    connection.execute(f"PRAGMA busy_timeout={int(timeout_s * 1000)}")
    for name, value, expected in (*(() if readonly else _WRITER_SETTINGS), *_SETTINGS):
        connection.execute(f"PRAGMA {name}={value}").fetchall()
        found = connection.execute(f"PRAGMA {name}").fetchone()
        if found is not None and found[0] != expected:
            raise SettingRefusedError(
                "the database did not take a setting", where=name, expected=str(expected), found=str(found[0]),
                hint="use a SQLite of 3.37 or later on a local disk",
            )  # fmt: skip
    if readonly:
        connection.execute("PRAGMA query_only=ON")


def commit(connection: sqlite3.Connection, path: Path) -> None:
    """
    End a transaction, so that it stands.

    Raises:
        StoreUncertainError: It stands, but that its journal is gone may not be on the disk.
        sqlite3.Error: It does not stand.
    """
    try:
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_IOERR_DIR_FSYNC:
            raise
        raise StoreUncertainError(
            "it is recorded, but the disk failed at the end: a power failure may still undo it",
            where=str(path), found=f"{error.sqlite_errorname}: {error}",
            hint="look after the disk; then make the same call again, with its once key",
        ) from error  # fmt: skip


def insert_rows(connection: sqlite3.Connection, into: str, width: int, values: Iterable[object]) -> None:
    """Insert rows of *width* values, given one value after the other, many rows in one statement."""
    left = iter(values)
    while some := list(islice(left, width * _ROWS)):
        marks = f"({', '.join('?' * width)})"
        connection.execute(f"INSERT INTO {into} VALUES {', '.join([marks] * (len(some) // width))}", some)


class Connections:
    """
    One connection for each thread that uses a ledger file.

    Args:
        path: The file.
        readonly: Open for reading only.
        timeout_s: How long to wait for another writer, in seconds.
    """

    def __init__(self, path: Path, *, readonly: bool, timeout_s: float) -> None:
        self.path = path
        self.readonly = readonly
        self.turns = Turns(path, timeout_s)
        self.watches: WeakSet[Watch] = WeakSet()
        self._timeout_s = timeout_s
        self._mine = threading.local()
        self._all: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._closed = False
        self._file: RawFile | None = None

    def _uri(self, mode: str) -> str:
        return f"{self.path.absolute().as_uri()}?mode={mode}"

    def connect(self, mode: str, *, timeout_s: float | None = None) -> sqlite3.Connection:
        """
        A configured connection, which the caller closes.

        Args:
            mode: ``ro``, ``rw`` or ``rwc`` (create if missing), as SQLite has it.
            timeout_s: How long it waits for writers; None for as long as all.
        """
        patience_s = self._timeout_s if timeout_s is None else timeout_s
        with translated(self.path):
            connection = sqlite3.connect(self._uri(mode), uri=True, isolation_level=None, check_same_thread=False)
            try:
                configure(connection, readonly=mode == "ro", timeout_s=patience_s)
            except BaseException:
                connection.close()
                raise
        return connection

    def check_usable(self) -> None:
        """
        Refuse use after ``close`` or in a forked process, without touching the database.

        Raises:
            LedgerClosedError, ForkedProcessError: As said.
        """
        check_in_use(self._process, closed=self._closed, where=str(self.path))

    def get(self) -> sqlite3.Connection:
        """
        This thread's connection.

        Raises:
            StoreMovedError: A new one is needed, and the path leads to another file by now.
        """
        self.check_usable()
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            if self._file is not None:
                self.check_file()
            if not self.readonly:
                self._settle()
            connection = self.connect("ro" if self.readonly else "rw")
            self._mine.connection = connection
            with self._lock:
                for thread in [thread for thread in self._all if not thread.is_alive()]:
                    self._all.pop(thread).close()
                self._all[threading.current_thread()] = connection
        return connection

    def _settle(self) -> None:
        """
        Bring onto the disk what writers before this one did to the folder, before anybody is told of it.

        What commits is that a journal is deleted; who was killed then, or had a disk that failed, left that to others.
        """
        try:
            sync(self.path.parent)
        except (PermissionError, FileNotFoundError):
            pass  # a folder that cannot be opened: whether that matters, the database says
        except OSError as error:
            raise StoreError(
                "the folder cannot be brought onto the disk", where=str(self.path.parent), found=error.strerror,
                hint="look after the disk",
            ) from error  # fmt: skip

    def drop(self) -> None:
        """Close this thread's connection: after an I/O error its transaction is gone, and a new one re-reads."""
        with self._lock:
            connection = self._all.pop(threading.current_thread(), None)
        self._mine.connection = None
        if connection is not None:
            connection.close()

    def remember_file(self) -> None:
        """Note which file this is, and that it is in use: before anything of it is locked."""
        if self._file is None:
            self._file = hold(self.path)

    @property
    def file(self) -> RawFile:
        """The file that was noted, for reading its bytes."""
        if self._file is None:
            raise LedgerClosedError("the ledger is closed", where=str(self.path), hint="open it again")
        return self._file

    def place(self) -> int | None:
        """What this thread takes its places with; None where there are none."""
        file = self.file
        return file.for_locks() if PLACES else None

    def check_file(self) -> None:
        """
        Refuse to go on where the path leads to another file by now.

        Raises:
            StoreMovedError: The file was removed or replaced.
        """
        try:
            found = os.stat(self.path)
        except OSError as error:
            raise StoreMovedError(
                "the ledger's file is not to be found any more", where=str(self.path), found=error.strerror,
                hint="open the ledger again",
            ) from error  # fmt: skip
        if (found.st_dev, found.st_ino) != self.file.key:
            raise StoreMovedError(
                "the ledger's file was removed or replaced", where=str(self.path), hint="open the ledger again"
            )

    def check_written(self) -> None:
        """
        Refuse to acknowledge what went into a file that is not at the path any more.

        Raises:
            StoreUncertainError: The file was removed or replaced while it was written.
        """
        try:
            self.check_file()
        except StoreMovedError as error:
            raise StoreUncertainError(
                "it is recorded in a file that was removed or replaced meanwhile", where=str(self.path),
                hint="open the ledger again; then make the same call again, with its once key",
            ) from error  # fmt: skip

    def close(self) -> None:
        """Close all connections of this process; a second call does nothing."""
        self._closed = True
        if os.getpid() != self._process:
            return  # the parent's connections must not be touched here
        for watch in list(self.watches):
            watch.close()
        with self._lock:
            for connection in self._all.values():
                connection.close()
            self._all.clear()
            file, self._file = self._file, None
        if file is not None:  # last: to give it back may end locks
            release(file)
