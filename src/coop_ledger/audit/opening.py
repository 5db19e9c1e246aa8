"""
Opening a file that may be hostile, for reading only: what it is, a private copy, and a connection that can do little.

Knows no entry. This way to a file shares nothing with the one that writers take. Nothing beside the file is made or
changed, and nothing in it is believed: the path must lead to a regular file without sidecars, the examination reads a
copy that nobody else can change, and the connection to that copy reads known tables and nothing else, within limits.
Source: audit.md §7; SQLite, "Defense Against The Dark Arts".
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from coop_ledger.audit.findings import Finding, RefusalError, Verdict
from coop_ledger.audit.other_files import STARTS, recognised
from coop_ledger.stores import APPLICATION_ID, SCHEMA_VERSION, TEXT_ENCODING, fingerprint

__all__ = ["Copy", "DamageError", "LinesError", "Text", "opened", "reopened"]

_LARGEST_FILE: Final = 1 << 40
_LONGEST_PATH: Final = 500
"""Bytes of a path that SQLite surely takes."""

_LONGEST_TOLD: Final = 80
"""Characters of a statement that are shown."""

_SECONDS: Final = 60.0
_BYTES_A_SECOND: Final = 100_000
"""A reader gets a minute, and a second for each so many bytes: a hundred times what it needs (measured)."""

_PATIENCE: Final = 30.0
"""Seconds for which another program may keep the file to itself."""

_HOT: Final = 2.0
"""Seconds after which a journal that must be rolled back is nobody's who is still at work."""

_BACKUP: Final = "ask for a copy made with Ledger.backup"
_TAKE_BACK: Final = "end what uses it and open it once with Ledger.open"

_ENCODING_AT: Final = slice(56, 60)
"""Where the header of a database says how its texts are kept."""

_OPCODES: Final = 10_000
"""Steps of SQLite's machine between two looks at the clock."""

_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 17 * 1024 * 1024,  # openings of one entry may have 16 MiB
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 32,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 3,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 10,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

_SETTINGS: Final = ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "cache_size=-32768")

_BUNDLE: Final = b'{"'
_LEAF: Final = b'{"body":'
"""A leaf alone begins so; a bundle begins with its header."""

_FOREIGN: Final = (sqlite3.Error, UnicodeError)
"""What the database module raises; it cannot decode a message that quotes a name which is no UTF-8."""

_TABLES: Final = frozenset(one.name for one in fingerprint() if one.kind == "table") | {"sqlite_master"}
_FUNCTIONS: Final = frozenset(("count", "group_concat", "char"))
_CHECKS: Final = frozenset(("integrity_check", "quick_check"))


class Text(bytes):
    """A text as the file has it: bytes that need not be UTF-8; a blob is plain ``bytes``."""


class LinesError(Exception):
    """The file is no database but begins as a bundle does; never leaves the examiner, which reads it as one."""


class DamageError(Exception):
    """Pages that contradict each other under a reader; never leaves the examiner, which makes it a finding."""


def _refusal(
    code: str,
    message: str,
    *,
    field: str | None = None,
    expected: str | None = None,
    found: str | None = None,
    hint: str | None = None,
) -> RefusalError:
    return RefusalError(Finding(code, message, None, field, expected, found, verdict=Verdict.UNREADABLE, hint=hint))


class Copy:
    """
    The private copy of a file, and the one connection to it.

    Args:
        connection: Opened by :func:`opened`.
        bare: Whether it holds leaves and openings only, with no index of labels and no cached tree.
        most: More rows than it has room for, in bytes of the file; None where it was made here.
        path: Where it lies.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, bare: bool = False, most: int | None = None, path: Path | None = None
    ) -> None:
        self._connection = connection
        self.most = most
        self.bare = bare
        self.path = path

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """
        The rows of a statement, one after the other.

        Raises:
            RefusalError: A value beyond the limits, or no end in sight.
            DamageError: Pages that contradict each other, or hold more rows than the file has bytes.
        """
        with _foreign_errors():
            found = self._connection.execute(sql)
            yield from islice(found, self.most)
            if self.most is not None and next(found, None) is not None:  # a page that is met again and again
                raise DamageError(f"there are more rows than the file has bytes: {sql[:_LONGEST_TOLD]}")

    def count(self, table: str) -> int:
        """
        How many rows a table has; counted one by one, since ``count(*)`` is one step, which no limit of time ends.

        Raises:
            RefusalError, DamageError: As :meth:`rows`.
        """
        return sum(1 for _ in self.rows(f"SELECT 1 FROM {table} NOT INDEXED"))

    def row(self, sql: str, *parameters: str | int) -> tuple[Any, ...] | None:
        """
        The first row of a statement, if there is one.

        Raises:
            RefusalError, DamageError: As :meth:`rows`.
        """
        with _foreign_errors():
            found: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
            return found


@contextmanager
def _foreign_errors() -> Iterator[None]:
    """Tell what the database refuses to read from what it cannot."""
    try:
        yield
    except _FOREIGN as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            raise _refusal("T28", "reading the file takes far longer than its size allows") from error
        if code == sqlite3.SQLITE_TOOBIG:
            raise _refusal("T59", "a value is too large to be one of a ledger", found=str(error)) from error
        if code == sqlite3.SQLITE_FULL:
            raise _refusal("T35", "there is no room for what sorting needs", found=str(error)) from error
        raise DamageError(str(error)) from error
    except MemoryError as error:
        raise _refusal("T59", "reading the file needs more memory than there is") from error


@contextmanager
def opened(path: Path) -> Iterator[Copy]:
    """
    A private copy of a ledger file, as it is at one moment; writers go on meanwhile.

    Args:
        path: The file.

    Raises:
        RefusalError: No regular file, no database, none of ours, one that lies beside a journal or a write-ahead log
            that would change what is read, too large, or one that would not hold still.
        LinesError: It begins as a bundle.
    """
    identity = _regular_file(path)
    _check_sidecars(path)
    _check_mode(path)
    try:
        folder = tempfile.TemporaryDirectory(prefix="coop-ledger-verify-")
    except OSError as error:
        raise _refusal("T35", "there is no place for a private copy", found=error.strerror) from error
    with folder as name:
        target = Path(name, "copy")
        _check_room(path, target)
        _copy(path, target)
        if _regular_file(path) != identity:
            raise _refusal("T66", "the file was replaced by another while it was copied", hint=_BACKUP)
        with closing(_connected(target)) as connection:
            yield Copy(connection, most=target.stat().st_size, path=target)


@contextmanager
def reopened(path: str, *, bare: bool) -> Iterator[Copy]:
    """
    A private copy that another has made, for a worker who looks at a part of it.

    Args:
        path: Where it lies.
        bare: Whether it holds leaves and openings only.

    Raises:
        RefusalError, OSError: It is not there, or cannot be read.
    """
    target = Path(path)
    with closing(_connected(target, bare=bare)) as connection:
        yield Copy(connection, bare=bare, most=target.stat().st_size, path=target)


def _regular_file(path: Path) -> tuple[int, int]:
    """Device and number of the file; what is none is refused before anything opens it."""
    try:
        found = path.lstat()
    except OSError as error:
        hint = "check the path"
        raise _refusal("T35", "there is no file that can be read", found=error.strerror, hint=hint) from error
    for test, kind in (
        (stat.S_ISLNK, "a symbolic link: name the file that it leads to"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    ):
        if test(found.st_mode):
            raise _refusal("T35", "this is no regular file", expected="a regular file", found=kind)
    if not stat.S_ISREG(found.st_mode):
        raise _refusal("T35", "this is no regular file", expected="a regular file", found="a device")
    if found.st_size > _LARGEST_FILE:
        raise _refusal("T59", "the file is too large", expected=f"at most {_LARGEST_FILE} bytes")
    if not os.access(path, os.R_OK):
        raise _refusal("T35", "the rights do not allow to read the file")
    return found.st_dev, found.st_ino


def _check_sidecars(path: Path) -> None:
    """Refuse a write-ahead log: no writer of ours makes one, and SQLite would read it in place of pages."""
    for ending in ("-wal", "-shm"):
        if os.path.lexists(f"{path}{ending}"):
            raise _refusal(
                "T34",
                "a write-ahead log lies beside the file: no ledger has one, and it changes what is read",
                expected="the file alone",
                found=f"{path.name}{ending}",
                hint=f"{_BACKUP}; if the ledger is yours, {_TAKE_BACK}, then move away what still lies there",
            )


def _check_mode(path: Path) -> None:
    """Refuse a path that SQLite does not take, unless a bundle lies there, and a file whose mode no ledger has."""
    if len(os.fsencode(path.absolute())) > _LONGEST_PATH:
        other = _not_a_database(path)
        refusal = _refusal("T35", "the path is too long", expected=f"at most {_LONGEST_PATH} bytes")
        raise other if isinstance(other, LinesError) else refusal
    try:
        # without locks SQLite does not open a file in WAL mode; with them it would make files beside it
        with closing(_connect(path, "ro&nolock=1")) as connection:
            connection.execute("PRAGMA application_id").fetchone()
    except _FOREIGN as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CANTOPEN:
            raise _refusal(
                "T34",
                "the file is in WAL mode, in which no ledger is written",
                expected="a rollback journal",
                found="a write-ahead log",
                hint=f"{_BACKUP}; if the ledger is yours, {_TAKE_BACK}: that takes it back",
            ) from error
        # whatever else is wrong, making the copy will tell


def _check_room(path: Path, target: Path) -> None:
    """Refuse a file that the place for copies has no room for."""
    size, free = path.stat().st_size, shutil.disk_usage(target.parent).free
    if size > free:
        raise _refusal(
            "T35",
            f"there is no room for a private copy in {tempfile.gettempdir()}; set TMPDIR to a place that has it",
            expected=f"{size} bytes",
            found=f"{free} bytes",
        )


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    return connection


def _copy(path: Path, target: Path) -> None:
    """Copy the pages as they are at one moment; no statement is run on the file and no table is read."""
    began = time.monotonic()

    def wait(_status: int, _remaining: int, _total: int) -> None:
        if time.monotonic() - began > _PATIENCE:
            raise _refusal("T66", f"another program kept the file to itself for {_PATIENCE:.0f} seconds")

    while True:
        try:
            with closing(_connect(path, "ro")) as source, closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA journal_mode=OFF").fetchall()
                copy.execute("PRAGMA synchronous=OFF")
                source.backup(copy, progress=wait)
            return
        except _FOREIGN as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code == sqlite3.SQLITE_READONLY_ROLLBACK and time.monotonic() - began < _HOT:
                time.sleep(0.05)  # a writer that was stopped just now may be followed by one that rolls back
                continue
            raise _no_copy(path, error, code) from error


def _no_copy(path: Path, error: Exception, code: int | None) -> Exception:
    if code == sqlite3.SQLITE_READONLY_ROLLBACK:
        return _refusal(
            "T34",
            "a journal of an unfinished write lies beside the file",
            expected="the file alone",
            found=f"{path.name}-journal",
            hint="open the ledger once with Ledger.open, so that it is rolled back, or find out who put it there",
        )
    if code == sqlite3.SQLITE_NOTADB:
        return _not_a_database(path)
    if code is not None and code & 0xFF == sqlite3.SQLITE_FULL:
        return _refusal("T35", "there is no room for a private copy", found=str(error))
    return _refusal("T36", "the file cannot be read as a database", found=str(error))


def _not_a_database(path: Path) -> Exception:
    with path.open("rb") as file:  # no database, so no locks of ours that closing it would give up
        start = file.read(STARTS)
    other = None if start.startswith(_BUNDLE) and not start.startswith(_LEAF) else recognised(start)
    if other is None and start.startswith(_BUNDLE):
        return LinesError()
    if other is None:
        return _refusal("T32", "this file is no ledger", expected="a database of SQLite", found="another file")
    what = "archives are not looked into" if other.code == "T60" else f"this is no ledger, but {other.what}"
    return _refusal(
        other.code, what, expected="a ledger, a bundle, or a published folder", found=other.what, hint=other.hint
    )


def _connected(target: Path, *, bare: bool = False) -> sqlite3.Connection:
    """A connection to the copy that reads known tables only, within limits of size and time."""
    with _foreign_errors():
        connection = _connect(target, "ro&immutable=1")
    try:
        connection.text_factory = Text
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}").fetchall()
        if not bare:
            _check_kind(connection)
            _check_encoding(target)
        latest = time.monotonic() + _SECONDS + target.stat().st_size / _BYTES_A_SECOND
        connection.set_progress_handler(lambda: time.monotonic() > latest, _OPCODES)
        connection.set_authorizer(_allowed)
    except _FOREIGN as error:
        connection.close()
        raise _refusal("T36", "the file cannot be read as a database", found=str(error)) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _check_kind(connection: sqlite3.Connection) -> None:
    """Refuse a database that does not say that it is a ledger of the one schema that is known."""
    for name, wanted, what in (
        ("application_id", APPLICATION_ID, "this database is no ledger"),
        ("user_version", SCHEMA_VERSION, "this ledger has another schema than this program knows: use a later version"),
    ):
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != wanted:
            raise _refusal("T32", what, field=name, expected=str(wanted), found=str(found))


def _check_encoding(target: Path) -> None:
    """Refuse texts that are not kept in UTF-8: what reads as one text then has other bytes, by which it is found."""
    with target.open("rb") as file:  # no pragma, which tells UTF-8 of numbers that stand for nothing
        found = int.from_bytes(file.read(_ENCODING_AT.stop)[_ENCODING_AT], "big")
    if found != TEXT_ENCODING:
        what = "no ledger keeps its texts in that encoding"
        raise _refusal("T32", what, field="encoding", expected=f"{TEXT_ENCODING} (UTF-8)", found=str(found))


def _allowed(action: int, first: str | None, second: str | None, database: str | None, _inner: str | None) -> int:
    """What a statement may do: read known tables, count, join texts, and have the file checked."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and first in _TABLES and database in ("main", None):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first in _CHECKS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
