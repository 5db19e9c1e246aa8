"""
Waiting for a ledger in PostgreSQL to grow: the server tells of each commit, and is asked now and then all the same.

``NOTIFY`` is a hint and no more: a replica takes no ``LISTEN``, and what stands between may swallow it. What decides is
the size in the head. Source: DESIGN §6.
"""

from __future__ import annotations

import os
import selectors
import socket
from contextlib import suppress
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

from coop_ledger.errors import StoreUnreachableError
from coop_ledger.stores.postgres import statements as sql
from coop_ledger.stores.postgres.answers import translated
from coop_ledger.stores.postgres.connections import Connections

if TYPE_CHECKING:
    import psycopg

__all__ = ["Listening"]

_TOLD_S: Final = 1.0
"""How long nothing is asked while the server tells of commits."""

_UNTOLD_S: Final = 0.1
"""The same for a replica, which does not."""


class Listening:
    """
    A :class:`Watch` with a connection of its own.

    Args:
        connections: Those of the ledger; the watch ends with them at the latest.
    """

    def __init__(self, connections: Connections) -> None:
        connections.check_usable()
        self._connections = connections
        self._process = os.getpid()
        self._connection: psycopg.Connection[Any] | None = None
        self._longest_s = _TOLD_S
        self._stopped = Event()
        self._lock = Lock()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        connections.watches.add(self)

    def wait(self, size: int) -> bool:
        """See :meth:`Watch.wait`."""
        if self._is_forked():
            self._connections.check_usable()
        with self._lock:  # what is looked at is not given back meanwhile
            while not self._stopped.is_set():
                if self._size() > size:
                    return True
                self._pause()
            return False

    def _size(self) -> int:
        """The entries of the log, asked once more where the connection broke."""
        try:
            return self._asked()
        except StoreUnreachableError:
            self._hang_up()
        return self._asked()

    def _asked(self) -> int:
        connections = self._connections
        connections.check_usable()
        with translated(connections.place.shown):
            if self._connection is None:
                self._connection = connections.alone()
                row = self._connection.execute("SELECT pg_is_in_recovery()").fetchone()
                replica = row is not None and bool(row[0])
                self._longest_s = _UNTOLD_S if replica else _TOLD_S
                if not replica:
                    self._connection.execute(f"LISTEN {connections.schema}")
            with self._connection.cursor(binary=True) as cursor:
                return sql.end_of(cursor.execute(sql.HEAD).fetchone())[0]

    def _pause(self) -> None:
        """Until the server tells of a commit, somebody stops it, or it is time to ask."""
        connection = self._connection
        assert connection is not None
        try:
            with selectors.DefaultSelector() as selector, translated(self._connections.place.shown):
                if list(connection.notifies(timeout=0)):
                    return  # it came with the answer to the last question: nothing more will come of it
                selector.register(self._ear, selectors.EVENT_READ)
                selector.register(connection.fileno(), selectors.EVENT_READ)
                selector.select(self._longest_s)
                for _ in connection.notifies(timeout=0):
                    pass
        except StoreUnreachableError:
            self._hang_up()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def stop(self) -> None:
        """See :meth:`Watch.stop`."""
        if not self._stopped.is_set():
            self._stopped.set()
            if not self._is_forked():
                with suppress(OSError):  # closed at this very moment
                    self._bell.send(b"!")

    def _is_forked(self) -> bool:
        """Whether all of this is another process's: bell and connection are shared with it, and its lock stays held."""
        return os.getpid() != self._process

    def close(self) -> None:
        """See :meth:`Watch.close`."""
        self.stop()
        if self._is_forked():
            return
        with self._lock:
            self._hang_up()
            self._bell.close()
            self._ear.close()
