"""
The store for many services: a ledger in a PostgreSQL database. Knows bytes, labels and SQL; no event and no JSON.

An append is one call of one function of the server, which locks the head: position, time, hash and commit are one
round trip. Reads are single statements and hold nothing. Schema: ``schema.py``; large batches: ``batches.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from coop_ledger.errors import (
    EntryNotFoundError,
    InvalidValueError,
    StoreNotEmptyError,
    StoreReadOnlyError,
    StoreUnreachableError,
)
from coop_ledger.log import format_instant
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
    pages_of,
)
from coop_ledger.stores.postgres import statements as sql
from coop_ledger.stores.postgres.batches import locked
from coop_ledger.stores.postgres.connections import Connections
from coop_ledger.stores.postgres.erasing import standing
from coop_ledger.stores.postgres.opening import find_or_make
from coop_ledger.stores.postgres.place import place_of
from coop_ledger.stores.postgres.retrying import Found, committed_once, recorded_once
from coop_ledger.stores.postgres.watching import Listening

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresStore"]

_FEW: Final = 64
"""Drafts of one call that the server's function takes; more go by COPY."""


class PostgresStore:
    """
    A store in a PostgreSQL database; opened by :meth:`open`.

    Args:
        connections: Connections to the ledger's schema.
        origin: The ledger's origin, read from there.
        clock: Gives the present instant; None: the server's clock, read under the lock.
    """

    def __init__(self, connections: Connections, origin: str, *, clock: Clock | None = None) -> None:
        self._connections = connections
        self._origin = origin
        self._clock = clock

    @classmethod
    def open(
        cls,
        address: str,
        *,
        origin: str | None = None,
        readonly: bool = False,
        clock: Clock | None = None,
        timeout_s: float = 30.0,
    ) -> PostgresStore:
        """
        Open a ledger in a database, or create it where *origin* is given and the database has none of it.

        Args:
            address: ``postgresql://user@host/database``, with ``?origin=…`` if the database has several ledgers.
            origin: The origin that it must have; to create, the origin that it gets.
            readonly: Open for reading only; the server may be a replica then.
            clock: Gives the present instant; None: the server's clock, one for all writers.
            timeout_s: How long to wait for another writer, in seconds.

        Raises:
            LedgerNotFoundError: The database has no such ledger, or several and no origin was given.
            NotALedgerError, WrongOriginError: Something else stands where the ledger would.
            SchemaVersionError: A ledger that this version does not read.
            StoreReadOnlyError: A replica, or a user who may only read.
            StoreAccessError: The server refuses the user, the password or the database, or a right is missing.
            StoreUnreachableError: No server answers.
            SettingRefusedError: A server that is too old, or acknowledges what a crash undoes.
            MissingExtraError: The extra ``postgres`` is not installed.
            InvalidValueError: *address* is none, or names another origin than *origin*.
        """
        place = place_of(address)
        wanted = place.meant(origin)
        schema, found = find_or_make(place, wanted, readonly=readonly, create=origin is not None, timeout_s=timeout_s)
        return cls(Connections(place, schema, readonly=readonly, timeout_s=timeout_s), found, clock=clock)

    @property
    def origin(self) -> str:
        """The name of this ledger's one life."""
        return self._origin

    @property
    def address(self) -> str:
        """Where the ledger is, without its password."""
        return self._connections.place.shown

    @property
    def schema(self) -> str:
        """The schema of the ledger in its database."""
        return self._connections.schema

    def _check_writable(self) -> None:
        self._connections.check_usable()
        if self._connections.readonly:
            raise StoreReadOnlyError(
                "the ledger was opened for reading", where=self.address, hint="open it without readonly=True"
            )

    def _all(self, statement: str, parameters: Any) -> list[Any]:
        def question(connection: psycopg.Connection[Any]) -> list[Any]:
            with connection.cursor(binary=True) as cursor:
                return cursor.execute(statement, parameters).fetchall()

        return self._connections.ask(question)

    # What writes.

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """See :meth:`Store.append`; a connection that breaks is made anew, and nothing is recorded twice."""
        self._check_writable()
        if not drafts:
            raise InvalidValueError("there is nothing to record", where="drafts")
        return recorded_once(
            lambda connection: self._append(connection, drafts, conditions), drafts, self._connections, self._found
        )

    def _append(
        self, connection: psycopg.Connection[Any], drafts: Sequence[Draft], conditions: Sequence[Condition]
    ) -> Placed:
        if len(drafts) <= _FEW:
            return self._call(connection, drafts, conditions, (None, None, None))
        with connection.transaction():
            batch = locked(connection)
            keys = sorted({draft.once[0] for draft in drafts if draft.once is not None})
            batch.check(sql.conditions_of(conditions), keys)
            return batch.place(pages_of(drafts), self._clock)

    def _call(
        self,
        connection: psycopg.Connection[Any],
        drafts: Sequence[Draft],
        conditions: Sequence[Condition],
        erasure: tuple[int | None, bytes | None, bytes | None],
    ) -> Placed:
        """One call of the server's function."""
        now = None if self._clock is None else format_instant(self._clock())
        statement, told = sql.call_of(drafts)
        with connection.cursor(binary=True) as cursor:
            row = cursor.execute(
                statement, (*told, sql.conditions_of(conditions), now, *erasure), prepare=True
            ).fetchone()
        assert row is not None
        start, recorded_at, clamped, root = row
        end = start + len(drafts)
        return Placed(range(start, end), recorded_at, clamped, end, root)

    def _found(self, first: str, last: str) -> Found | None:
        """What is recorded of a call, by the ids of its first and last entry."""
        with self._connections.taken() as connection, connection.transaction():
            connection.execute(sql.WAIT)
            row = connection.execute(sql.FOUND, (first,)).fetchone()
            whole = connection.execute(sql.FOUND, (last,)).fetchone() is not None
        return Found(self, *row) if row is not None and whole else None

    def extend(self, drafts: Iterable[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """See :meth:`Store.extend`."""
        self._check_writable()

        def work(connection: psycopg.Connection[Any], pages: Iterable[Sequence[Draft]]) -> Placed:
            batch = locked(connection)
            batch.check(sql.conditions_of(conditions), [])
            return batch.place(pages, self._clock)

        return committed_once(work, pages_of(drafts), self._connections)

    def restore(self, entries: Iterable[Restored]) -> Head:
        """See :meth:`Store.restore`."""
        self._check_writable()

        def work(connection: psycopg.Connection[Any], pages: Iterable[Sequence[Restored]]) -> None:
            batch, recorded_at = locked(connection), None
            if batch.size:
                raise StoreNotEmptyError(
                    "the store holds entries already", found=f"{batch.size} entries", hint="name an empty one"
                )
            for page in pages:
                batch.write(page, [entry.leaf for entry in page])
                recorded_at = page[-1].recorded_at
            if recorded_at is not None:
                batch.finish(recorded_at)

        committed_once(work, pages_of(entries), self._connections)
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
        self._check_writable()
        check_shorter(old, remaining)
        erasure = (position, old, remaining or b"")
        return recorded_once(
            lambda connection: self._call(connection, [draft], conditions, erasure),
            [draft],
            self._connections,
            self._found,
        )

    def leftovers(self, pieces: Sequence[bytes]) -> list[bytes]:
        """See :meth:`Store.leftovers`; only a superuser may look, else all are given back."""
        self._check_writable()
        with self._connections.taken() as connection:
            return standing(connection, pieces)

    # What reads.

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        """See :meth:`Store.read`."""
        check_page(limit)
        parameters = {"after": after, "limit": limit, "size": size}
        if any(not group for group in query):
            rows = self._up_to(size, sql.PAGE_OF_ALL, parameters)
        else:
            rows = self._up_to(size, sql.PAGE_OF_SOME, {**parameters, "groups": sql.groups_of(query)})
        return [_stored(row) for row in rows]

    def _up_to(self, size: int | None, statement: str, parameters: dict[str, Any]) -> list[Any]:
        """
        Rows of a log that has at least *size* entries, where the statement tells its size before each.

        An address may name several servers, and one that answers may not have yet what another one gave.
        """
        rows = self._all(statement, parameters)
        if not rows:
            sql.end_of(None)  # raises: the head is missing
        known = rows[0][0]
        if size is not None and known < size:
            raise StoreUnreachableError(
                "the server that answers is behind", where=self.address, expected=f"{size} entries",
                found=f"{known} entries", hint="another one gave more: try again, or name the primary",
            )  # fmt: skip
        return [rest for _, *rest in rows if rest[0] is not None]

    def entry(self, entry_id: str) -> Stored | None:
        """See :meth:`Store.entry`."""
        rows = self._all(sql.BY_ID, (entry_id,)) if sql.can_stand(entry_id) else []
        return _stored(rows[0]) if rows else None

    def once(self, key: str) -> list[Stored]:
        """See :meth:`Store.once`."""
        return [_stored(row) for row in (self._all(sql.BY_KEY, (key,)) if sql.can_stand(key) else [])]

    def openings(self, position: int) -> bytes | None:
        """See :meth:`Store.openings`."""
        rows = self._all(sql.OPENINGS, (position,))
        return (rows[0][0] or None) if rows else None

    def labels(self, prefix: str = "", *, size: int | None = None) -> list[str]:
        """See :meth:`Store.labels`."""
        parameters = {"prefix": prefix, "size": size}
        return [text for (text,) in (self._up_to(size, sql.LABELS, parameters) if sql.can_stand(prefix) else [])]

    def tile(self, level: int, index: int) -> bytes:
        """See :meth:`Store.tile`."""
        rows = self._all(sql.TILE, (level, index))
        if not rows:
            raise EntryNotFoundError("there is no such full tile", found=f"level {level}, index {index}")
        return bytes(rows[0][0])

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """See :meth:`Store.tile_roots`."""
        return [root for (root,) in self._all(sql.ROOTS, (level, start, end))]

    def hashes(self, start: int, end: int) -> list[bytes]:
        """See :meth:`Store.hashes`."""
        return [digest for digest, _ in self._up_to(end, sql.HASHES_BELOW, {"start": start, "size": end})]

    def head(self) -> Head:
        """See :meth:`Store.head`."""
        rows = self._all(sql.HEAD, ())
        size, recorded_at, frontier = sql.end_of(rows[0] if rows else None)
        return Head(size, frontier.root(), recorded_at)

    def watch(self) -> Watch:
        """See :meth:`Store.watch`; the server tells of each commit, and is asked now and then."""
        return Listening(self._connections)

    def __enter__(self) -> PostgresStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """See :meth:`Store.close`."""
        self._connections.close()


def _stored(row: Any) -> Stored:
    position, entry_id, leaf, blob = row
    return Stored(position, entry_id, leaf, blob or None)
