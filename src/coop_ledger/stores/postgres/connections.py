"""
Connections to a ledger in PostgreSQL: one to look with, a pool to work with, each with its settings. Knows no entry.

A connection that broke is told from one that never was: who only asked may ask again, who wrote must look first
whether it is recorded (``retrying.py``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakSet, ref

from coop_ledger.errors import StoreBusyError, StoreUnreachableError
from coop_ledger.stores.base import Watch, check_in_use
from coop_ledger.stores.postgres.answers import driver, pools, translated
from coop_ledger.stores.postgres.place import Place

if TYPE_CHECKING:
    import psycopg

__all__ = ["DURABLE", "Connections", "connected"]

T = TypeVar("T")
_MOST = 8  # connections of one store; a thread more waits for one
_AGAIN_S = 2.0
DURABLE = ("on", "remote_apply")
"""What ``synchronous_commit`` may be; ``on`` waits for the standbys that there are."""
_WAITING = "SyncRepWaitForLSN"
"""Where in the server a wait for replicas is, which an administrator or a time limit may end with a warning."""


def _settings(place: Place, schema: str | None, *, readonly: bool, timeout_s: float) -> dict[str, Any]:
    """What a connection is opened with, beside its address; what the address itself sets comes first."""
    given = driver().conninfo.conninfo_to_dict(place.conninfo)
    options = [
        str(given.get("options") or ""),
        f"-c lock_timeout={max(1, int(timeout_s * 1000))}",
        r"-c default_transaction_isolation=read\ committed",
        "-c client_encoding=UTF8",
        "-c client_min_messages=warning",  # else nobody hears that the server stopped waiting for its replicas
        *(["-c default_transaction_read_only=on"] if readonly else []),
        *([f"-c search_path={schema},pg_temp"] if schema is not None else []),
    ]
    wanted = given.get("target_session_attrs") or "any"
    return {
        "autocommit": True,
        # a session that may only read is none that the driver takes for read-write, wherever it is
        "target_session_attrs": "primary" if readonly and wanted == "read-write" else wanted,
        "options": " ".join(options).strip(),
        "connect_timeout": given.get("connect_timeout") or max(2, int(min(timeout_s, 10))),
        "application_name": given.get("application_name") or "coop_ledger",
    }


@contextmanager
def connected(
    place: Place, schema: str | None = None, *, readonly: bool = False, timeout_s: float
) -> Iterator[psycopg.Connection[Any]]:
    """
    One connection, closed at the end; the errors of the server within become ours.

    Args:
        place: Where the ledger is.
        schema: The schema that is searched first; None: the server's own order.
        readonly: Refuse to write.
        timeout_s: How long to wait for another writer, in seconds.
    """
    with translated(place.shown), _opened(place, schema, readonly=readonly, timeout_s=timeout_s) as connection:
        yield connection


def _opened(place: Place, schema: str | None, *, readonly: bool, timeout_s: float) -> psycopg.Connection[Any]:
    settings = _settings(place, schema, readonly=readonly, timeout_s=timeout_s)
    return cast("psycopg.Connection[Any]", driver().connect(place.conninfo, **settings))


class Connections:
    """
    The connections of one store, shared by its threads.

    Args:
        place: Where the ledger is.
        schema: Its schema.
        readonly: Refuse to write.
        timeout_s: How long to wait for another writer, and for a free connection, in seconds.
    """

    def __init__(self, place: Place, schema: str, *, readonly: bool, timeout_s: float) -> None:
        self.place = place
        self.schema = schema
        self.readonly = readonly
        self.timeout_s = timeout_s
        self._process = os.getpid()
        self.closed = False
        self.watches: WeakSet[Watch] = WeakSet()
        """What is closed with the connections."""
        self._unconfirmed: WeakSet[psycopg.Connection[Any]] = WeakSet()
        self._pool = pools().ConnectionPool(
            place.conninfo, min_size=0, max_size=_MOST, timeout=timeout_s, num_workers=1, open=True, name="coop_ledger",
            reconnect_timeout=min(timeout_s, _AGAIN_S),  # else it waits for longer and longer after a server was away
            kwargs=_settings(place, schema, readonly=readonly, timeout_s=timeout_s),
            configure=self._configure,
        )  # fmt: skip

    def _configure(self, connection: psycopg.Connection[Any]) -> None:
        """
        Have a new connection acknowledge only what is on a disk, whatever was set since the ledger was opened.

        Note, too, which connection was told that it has committed what no replica is known to have.
        """
        if not self.readonly:
            known = connection.execute("SELECT current_setting('synchronous_commit')").fetchone()
            if known is None or known[0] not in DURABLE:
                connection.execute("SET synchronous_commit = on")

        def heard(warning: psycopg.errors.Diagnostic) -> None:
            known = its()
            if known is not None and warning.source_function == _WAITING:  # its words are in the server's language
                unconfirmed.add(known)

        unconfirmed, its = self._unconfirmed, ref(connection)  # what it holds itself would keep it
        connection.add_notice_handler(heard)

    def check_usable(self) -> None:
        """
        Refuse use after ``close`` or in a forked process, without touching the database.

        Raises:
            LedgerClosedError, ForkedProcessError: As said.
        """
        check_in_use(self._process, closed=self.closed, where=self.place.shown)

    def alone(self) -> psycopg.Connection[Any]:
        """A connection beside the pool, which the caller closes; errors are those of the driver."""
        return _opened(self.place, self.schema, readonly=self.readonly, timeout_s=self.timeout_s)

    @contextmanager
    def taken(self) -> Iterator[psycopg.Connection[Any]]:
        """
        A connection for as long as it is needed; the errors of the server within become ours.

        Raises:
            StoreUnreachableError: There is none, or it broke; or the server stopped waiting for its replicas.
            StoreBusyError: All of them are in use, and stay so.
        """
        self.check_usable()
        with translated(self.place.shown):
            try:
                connection = self._pooled()
            except pools().PoolClosed:  # while this thread waited for a connection
                self.check_usable()
                raise
            try:
                yield connection
            finally:
                self._pool.putconn(connection)
        if connection in self._unconfirmed:
            self._unconfirmed.discard(connection)
            raise StoreUnreachableError(
                "the server stopped waiting for its replicas", where=self.place.shown,
                hint="look whether its replicas run; then make the same call again, with its once key",
            )  # fmt: skip

    def _pooled(self) -> psycopg.Connection[Any]:
        """A connection of the pool, which tells no reason when it has none: a connection of one's own does."""
        empty = pools().PoolTimeout
        try:
            return cast("psycopg.Connection[Any]", self._pool.getconn())
        except empty:
            with connected(self.place, self.schema, timeout_s=self.timeout_s):
                pass  # the server is there, perhaps only by now: the pool may have given up before
        try:
            return cast("psycopg.Connection[Any]", self._pool.getconn(min(self.timeout_s, _AGAIN_S)))
        except empty as error:
            raise StoreBusyError(
                "all connections of this ledger are in use", where=self.place.shown,
                expected=f"at most {_MOST} at once", hint="try again, with the same once key",
            ) from error  # fmt: skip

    def ask(self, question: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Ask something that changes nothing; once more, on a new connection, where the old one broke."""
        try:
            with self.taken() as connection:
                return question(connection)
        except StoreUnreachableError:
            self.renew()
        with self.taken() as connection:
            return question(connection)

    def renew(self) -> None:
        """
        Throw away the connections that broke.

        Raises:
            StoreUnreachableError, StoreAccessError: A new one cannot be had either.
        """
        with connected(self.place, self.schema, timeout_s=self.timeout_s):
            pass
        with translated(self.place.shown):
            self._pool.check()

    def close(self) -> None:
        """Close all connections of this process; a second call does nothing."""
        if self.closed or os.getpid() != self._process:
            self.closed = True
            return  # the parent's connections must not be touched here
        self.closed = True
        for watch in list(self.watches):
            watch.close()
        self._pool.close()
