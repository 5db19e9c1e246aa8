"""
The default store: one SQLite file. Knows bytes, labels and SQL; no event and no JSON.

One transaction for each append, with a rollback journal and ``synchronous=EXTRA``: when ``append`` returns,
the entries are on the disk. Reads are single statements and hold nothing. Schema: ``schema.py``.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeVar

from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    InvalidValueError,
    KeyTakenError,
    StoreDamagedError,
    StoreNotEmptyError,
    StoreReadOnlyError,
    StoreUncertainError,
)
from coop_ledger.log import (
    TILE_WIDTH,
    Frontier,
    completed_tiles,
    format_instant,
    leaf_hash,
    not_before,
    tile_root,
)
from coop_ledger.stores.base import (
    PAGE,
    Clock,
    Condition,
    Draft,
    Head,
    Placed,
    Query,
    Restored,
    Stored,
    Watch,
    check_page,
    check_shorter,
    check_since,
    erased_meanwhile,
    leaves_of,
    pages_of,
    root_at,
)
from coop_ledger.stores.connections import Connections, commit, insert_rows, translated
from coop_ledger.stores.files import check_path, copy_file, open_file, system_errors
from coop_ledger.stores.labels import LabelNumbers, matching_positions, write_labelled
from coop_ledger.stores.rows import ROWS, Row, damaged, has_known_id, is_held, known_key, page_of, stored_of
from coop_ledger.stores.watches import watch_file

__all__ = ["SqliteStore"]

T = TypeVar("T")
_LEVEL = 48


class SqliteStore:
    """
    A store in one SQLite file; opened by :meth:`open`.

    Args:
        connections: Connections to the file.
        origin: The ledger's origin, read from it.
        clock: Gives the present instant.
    """

    def __init__(self, connections: Connections, origin: str, *, clock: Clock) -> None:
        self._connections = connections
        self._origin = origin
        self._clock = clock
        self._lock = threading.RLock()
        self._numbers = LabelNumbers()
        self._frontier = Frontier()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        origin: str | None = None,
        readonly: bool = False,
        clock: Clock,
        timeout_s: float = 30.0,
    ) -> SqliteStore:
        """
        Open a ledger file, or create it where *origin* is given and nothing is there.

        Args:
            path: The file.
            origin: The origin that it must have; to create, the origin that it gets.
            readonly: Open for reading only.
            clock: Gives the present instant.
            timeout_s: How long to wait for another writer, in seconds.

        Raises:
            LedgerNotFoundError: Nothing is there, and no origin was given.
            NotALedgerError: Something else is there.
            WrongOriginError: A ledger of another origin.
            SchemaVersionError: A ledger that this version does not read.
            InvalidValueError: *path* is none.
            SettingRefusedError, StoreReadOnlyError, StoreBusyError, StoreError: It could not be opened.
        """
        connections = Connections(check_path(path), readonly=readonly, timeout_s=timeout_s)
        try:
            found = open_file(connections, origin)
        except BaseException:
            connections.close()
            raise
        return cls(connections, found, clock=clock)

    @property
    def origin(self) -> str:
        """The name of this ledger's one life."""
        return self._origin

    @property
    def path(self) -> Path:
        """The file."""
        return self._connections.path

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        connections = self._connections
        connections.check_usable()
        with translated(self.path):
            connection = connections.get()
            if not connection.in_transaction:
                connections.turns.wait_to_read(connections.place())
            return question(connection)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in one writing transaction, when it is this thread's turn."""
        connections = self._connections
        connections.check_usable()
        if connections.readonly:
            raise StoreReadOnlyError(
                "the ledger was opened for reading", where=str(self.path), hint="open it without readonly=True"
            )
        connections.check_file()
        descriptor = connections.place()
        try:
            connections.turns.take(descriptor)
            with self._lock:
                return self._in_transaction(work)
        finally:
            connections.turns.leave(descriptor)

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """
        Do some work in one writing transaction; whatever goes wrong, nothing stays and the next one starts afresh.

        No context manager: an interrupt that comes between its two halves would leave the transaction open.
        """
        self._connections.check_usable()
        self._connections.check_file()
        with translated(self.path):
            connection = self._connections.get()
            try:
                connection.execute("BEGIN IMMEDIATE")
                result = work(connection)
                self._connections.check_file()
                commit(connection, self.path)
                self._connections.check_written()
            except BaseException as error:
                self._numbers.forget()
                if connection.in_transaction and not isinstance(error, sqlite3.Error | StoreUncertainError):
                    connection.execute("ROLLBACK")
                else:  # after a full disk or an I/O error the transaction is gone already
                    self._connections.drop()
                raise
            return result

    def _end(self, connection: sqlite3.Connection) -> tuple[int, str | None, Frontier]:
        """Size, last time and frontier of the log, the frontier from memory where the size still fits."""
        row = connection.execute("SELECT size, recorded_at, frontier FROM head").fetchone()
        if row is None or not (
            isinstance(row[0], int) and isinstance(row[1], str | None) and isinstance(row[2], bytes)
        ):
            raise damaged("the head is none of a ledger", str(self.path))
        size, recorded_at, blob = row
        known = self._frontier  # one look: another thread may put its own there meanwhile
        if known.size == size and known.to_bytes() == blob:
            return size, recorded_at, known.copy()
        try:
            return size, recorded_at, Frontier.from_bytes(size, blob)
        except InvalidValueError as error:
            raise StoreDamagedError("the frontier does not fit the size", where=str(self.path)) from error

    @staticmethod
    def _matching(connection: sqlite3.Connection, query: Query, after: int, size: int, limit: int) -> list[int] | None:
        """Positions that match, at most *limit*; None where everything does."""
        if any(not group for group in query):
            return None
        return matching_positions(connection, query, after, size, limit)

    def _check_conditions(self, connection: sqlite3.Connection, conditions: Sequence[Condition], size: int) -> None:
        for condition in conditions:
            check_since(condition.since, size)
            found = self._matching(connection, condition.query, condition.since - 1, size, PAGE)
            positions = tuple(range(condition.since, min(size, condition.since + PAGE)) if found is None else found)
            if positions:
                raise AppendConflictError(
                    "the log has changed", positions=positions, since=condition.since, hint="read again and decide anew"
                )

    @staticmethod
    def _check_keys(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> None:
        for key in {draft.once[0] for draft in drafts if draft.once is not None}:
            if connection.execute("SELECT 1 FROM once WHERE key = ?", (key,)).fetchone() is not None:
                raise KeyTakenError(key)

    def _write(
        self,
        connection: sqlite3.Connection,
        entries: Sequence[Draft | Restored],
        leaves: Sequence[bytes],
        recorded_at: str,
        frontier: Frontier,
    ) -> Frontier:
        """Write whole leaves after the *frontier*, with all that stands beside them; the frontier behind them."""
        size = frontier.size
        hashes = [leaf_hash(leaf) for leaf in leaves]
        labelled: defaultdict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(entries, size):
            for label in entry.labels:
                labelled[label].append(at)
        numbers = self._numbers.of(connection, labelled)
        grown = size + len(entries)
        connection.execute("UPDATE head SET grows_to = ?", (grown,))
        try:
            rows = zip(range(size, grown), hashes, (entry.id for entry in entries), leaves, strict=True)
            insert_rows(connection, "entries (position, hash, id, leaf)", 4, chain.from_iterable(rows))
        except sqlite3.IntegrityError as error:
            if not has_known_id(connection, entries, size):
                raise
            raise InvalidValueError("an entry id stands twice", where="id") from error
        opened = ((at, entry.openings) for at, entry in enumerate(entries, size) if entry.openings is not None)
        insert_rows(connection, "openings (position, blob)", 2, chain.from_iterable(opened))
        write_labelled(connection, {numbers[label]: positions for label, positions in labelled.items()})
        keyed = [(*entry.once[:2], at) for at, entry in enumerate(entries, size) if entry.once is not None]
        try:
            connection.executemany("INSERT INTO once (key, place, position) VALUES (?, ?, ?)", keyed)
        except sqlite3.IntegrityError as error:
            key = known_key(connection, keyed, size)
            if key is None:
                raise
            raise KeyTakenError(key) from error
        if size % TILE_WIDTH + len(hashes) >= TILE_WIDTH:
            ragged = self._hashes(connection, size - size % TILE_WIDTH, size)
            tiles = completed_tiles(size, ragged, hashes, lambda level, index: self._tile(connection, level, index))
            connection.executemany(
                "INSERT INTO tiles (place, root, blob) VALUES (?, ?, ?)",
                [(level << _LEVEL | index, tile_root(blob), blob) for level, index, blob in tiles],
            )
        frontier.extend(hashes)
        connection.execute(
            "UPDATE head SET size = ?, recorded_at = ?, frontier = ?",
            (grown, recorded_at, frontier.to_bytes()),
        )
        return frontier

    def _append(
        self, connection: sqlite3.Connection, pages: Iterable[Sequence[Draft]], end: tuple[int, str | None, Frontier]
    ) -> tuple[Placed, Frontier]:
        size, last, frontier = end
        recorded_at, clamped = not_before(last, format_instant(self._clock()))
        for drafts in pages:
            leaves = leaves_of(drafts, frontier.size, recorded_at, clamped)
            frontier = self._write(connection, drafts, leaves, recorded_at, frontier)
        return Placed(range(size, frontier.size), recorded_at, clamped, frontier.size, frontier.root()), frontier

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """See :meth:`Store.append`."""
        if not drafts:
            raise InvalidValueError("there is nothing to record", where="drafts")

        def work(connection: sqlite3.Connection) -> tuple[Placed, Frontier]:
            end = self._end(connection)
            self._check_conditions(connection, conditions, end[0])
            self._check_keys(connection, drafts)
            return self._append(connection, [drafts], end)

        result, self._frontier = self._transact(work)
        return result

    def extend(self, drafts: Iterable[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """See :meth:`Store.extend`."""

        def work(connection: sqlite3.Connection) -> tuple[Placed, Frontier]:
            end = self._end(connection)
            self._check_conditions(connection, conditions, end[0])
            result = self._append(connection, pages_of(drafts), end)
            if not result[0].positions:
                raise InvalidValueError("there is nothing to record", where="drafts")
            return result

        result, self._frontier = self._transact(work)
        return result

    def _keep(self, connection: sqlite3.Connection, page: Sequence[Restored], frontier: Frontier) -> Frontier:
        return self._write(connection, page, [entry.leaf for entry in page], page[-1].recorded_at, frontier)

    def restore(self, entries: Iterable[Restored]) -> Head:
        """See :meth:`Store.restore`."""

        def work(connection: sqlite3.Connection) -> None:
            size, _, frontier = self._end(connection)
            if size:
                raise StoreNotEmptyError(
                    "the store holds entries already", found=f"{size} entries", hint="name an empty one"
                )
            for page in pages_of(entries):
                frontier = self._keep(connection, page, frontier)

        self._transact(work)
        return self.head()

    def erase(
        self,
        position: int,
        old: bytes,
        remaining: bytes | None,
        draft: Draft,
        conditions: Sequence[Condition] = (),
    ) -> Placed:
        """See :meth:`Store.erase`."""
        check_shorter(old, remaining)

        def work(connection: sqlite3.Connection) -> tuple[Placed, Frontier]:
            end = self._end(connection)
            self._check_conditions(connection, conditions, end[0])
            self._check_keys(connection, [draft])
            changed = connection.execute(
                "UPDATE openings SET blob = ? WHERE position = ? AND blob = ?", (remaining or b"", position, old)
            ).rowcount
            if changed != 1:
                raise erased_meanwhile(position)
            return self._append(connection, [[draft]], end)

        result, self._frontier = self._transact(work)
        return result

    def leftovers(self, pieces: Sequence[bytes]) -> list[bytes]:
        """See :meth:`Store.leftovers`; reads the whole file, and nobody writes meanwhile."""

        def work(connection: sqlite3.Connection) -> list[bytes]:
            with system_errors(self.path):
                there = self._connections.file.standing(pieces)
            return [piece for piece in pieces if piece in there and not is_held(connection, piece)]

        return self._transact(work)

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        """See :meth:`Store.read`."""
        check_page(limit)

        def question(connection: sqlite3.Connection) -> list[Stored]:
            # one end for all groups of the query, whatever is appended meanwhile
            end = connection.execute("SELECT size FROM head").fetchone()[0] if size is None else size
            positions = self._matching(connection, query, after, end, limit)
            if positions is None:
                rows = connection.execute(
                    f"{ROWS} WHERE e.position > ? AND e.position < ? ORDER BY e.position LIMIT ?", (after, end, limit)
                ).fetchall()
                return page_of(rows, after, self.path)
            marks = ", ".join("?" * len(positions))
            rows = connection.execute(f"{ROWS} WHERE e.position IN ({marks}) ORDER BY e.position", positions).fetchall()
            return page_of(rows, after, self.path)

        return self._ask(question)

    def entry(self, entry_id: str) -> Stored | None:
        """See :meth:`Store.entry`."""
        row: Row | None = self._ask(lambda c: c.execute(f"{ROWS} WHERE e.id = ?", (entry_id,)).fetchone())
        return None if row is None else stored_of(row)

    def once(self, key: str) -> list[Stored]:
        """See :meth:`Store.once`."""
        sql = f"{ROWS} JOIN once k ON k.position = e.position WHERE k.key = ? ORDER BY k.place"
        return [stored_of(row) for row in self._ask(lambda c: c.execute(sql, (key,)).fetchall())]

    def openings(self, position: int) -> bytes | None:
        """See :meth:`Store.openings`."""
        sql = "SELECT CAST(blob AS BLOB) FROM openings WHERE position = ?"
        row: tuple[bytes] | None = self._ask(lambda c: c.execute(sql, (position,)).fetchone())
        return (row[0] or None) if row is not None else None

    def labels(self, prefix: str = "", *, size: int | None = None) -> list[str]:
        """See :meth:`Store.labels`."""
        sql = (
            "SELECT text FROM labels WHERE text >= ? AND text < ? AND EXISTS"
            " (SELECT 1 FROM labelled WHERE labelled.number = labels.number AND position < ?) ORDER BY text"
        )
        arguments = (prefix, prefix + "\x7f", 2**62 if size is None else size)
        return [text for (text,) in self._ask(lambda c: c.execute(sql, arguments).fetchall())]

    @staticmethod
    def _tile(connection: sqlite3.Connection, level: int, index: int) -> bytes:
        row = connection.execute("SELECT blob FROM tiles WHERE place = ?", (level << _LEVEL | index,)).fetchone()
        if row is None:
            raise EntryNotFoundError("there is no such full tile", found=f"level {level}, index {index}")
        return bytes(row[0])

    def tile(self, level: int, index: int) -> bytes:
        """See :meth:`Store.tile`."""
        return self._ask(lambda connection: self._tile(connection, level, index))

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """See :meth:`Store.tile_roots`."""
        sql = "SELECT root FROM tiles WHERE place >= ? AND place < ? ORDER BY place"
        places = (level << _LEVEL | start, level << _LEVEL | end)
        return [root for (root,) in self._ask(lambda connection: connection.execute(sql, places).fetchall())]

    @staticmethod
    def _hashes(connection: sqlite3.Connection, start: int, end: int) -> list[bytes]:
        sql = "SELECT hash FROM entries WHERE position >= ? AND position < ? ORDER BY position"
        return [digest for (digest,) in connection.execute(sql, (start, end)).fetchall()]

    def hashes(self, start: int, end: int) -> list[bytes]:
        """See :meth:`Store.hashes`."""
        return self._ask(lambda connection: self._hashes(connection, start, end))

    def head(self) -> Head:
        """See :meth:`Store.head`."""
        size, recorded_at, frontier = self._ask(self._end)
        return Head(size, frontier.root(), recorded_at)

    def watch(self) -> Watch:
        """See :meth:`Store.watch`; looks at ``PRAGMA data_version``."""
        return watch_file(self._connections)

    def backup(self, target: str | os.PathLike[str], prepare: Callable[[Path], None] | None = None) -> Head:
        """
        Copy the ledger, as it is at one moment, into a new file; every leaf of the copy is hashed again.

        Args:
            target: The new file.
            prepare: Called with the checked copy while it still has another name; if it raises, no file is left.

        Returns:
            The head of the ledger that was copied.

        Raises:
            InvalidValueError: No path, or something is there already.
            StoreDamagedError: The root of the copy is not this ledger's at that size; no file is left.
            StoreError: It could not be written; no file is left.
        """
        self._connections.check_usable()
        heads: list[Head] = []

        def finish(part: Path) -> None:
            heads.append(self._check_copy(part))
            if prepare is not None:
                prepare(part)

        copy_file(self._connections, check_path(target), finish)
        return heads[0]

    def _check_copy(self, part: Path) -> Head:
        frontier = Frontier()
        with SqliteStore.open(part, origin=self._origin, readonly=True, clock=self._clock) as copy:
            head = copy.head()
            while page := copy.read(((),), after=frontier.size - 1, size=head.size):
                frontier.extend(leaf_hash(stored.leaf) for stored in page)
        own, found = root_at(self, head.size), frontier.root()
        if (frontier.size, found, head.root) != (head.size, own, own):
            raise StoreDamagedError(
                "the copy is not the ledger that was copied",
                where=str(self.path),
                expected=own.hex(),
                found=found.hex(),
            )
        return head

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """See :meth:`Store.close`."""
        self._connections.close()
