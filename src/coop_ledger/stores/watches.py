"""
Waiting for a log to grow: by looking again and again, less and less often. Knows no entry.

A look costs some microseconds, and the pauses grow to a twentieth of a second, so that a process that waits uses next
to no time of the processor. Source: DESIGN §6.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from threading import Event, Lock
from typing import Final

from coop_ledger.errors import StoreBusyError, StoreDamagedError
from coop_ledger.stores.connections import Connections, translated

__all__ = ["Polling", "watch_file"]

_SHORTEST_S: Final = 0.001
_LONGEST_S: Final = 0.05
_GROWTH: Final = 1.5


class Polling:
    """
    A :class:`Watch` that looks by itself.

    Args:
        look: Whether the log has more than so many entries; may raise what ends the wait.
        give_back: Called once, at the end.

    >>> sizes = iter([3, 3, 4])
    >>> watch = Polling(lambda size: next(sizes) > size)
    >>> watch.wait(3)
    True
    """

    def __init__(self, look: Callable[[int], bool], give_back: Callable[[], None] = lambda: None) -> None:
        self._look = look
        self._give_back = give_back
        self._process = os.getpid()
        self._stopped = Event()
        self._lock = Lock()

    def wait(self, size: int) -> bool:
        """See :meth:`Watch.wait`."""
        pause = _SHORTEST_S
        while True:
            with self._lock:  # what is looked at is not given back meanwhile
                if self._stopped.is_set():
                    return False
                if self._look(size):
                    return True
            self._stopped.wait(pause)
            pause = min(pause * _GROWTH, _LONGEST_S)

    def stop(self) -> None:
        """See :meth:`Watch.stop`."""
        self._stopped.set()

    def close(self) -> None:
        """See :meth:`Watch.close`."""
        self._stopped.set()
        if os.getpid() != self._process:
            return  # what it waits with is the parent's, and so may be the lock
        with self._lock:
            give_back, self._give_back = self._give_back, lambda: None
            give_back()


class _FileLook:
    """Looks at a file whether others have changed it since, by a connection that waits for nobody."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._size = 0

    def __call__(self, size: int) -> bool:
        self._connections.check_usable()
        self._connections.check_file()
        try:
            with translated(self._connections.path):
                self._read()
        except StoreBusyError:  # a writer is at its commit, or has more than fits into its memory
            return False
        return self._size > size

    def _read(self) -> None:
        if self._connection is None:
            self._connection = self._connections.connect("ro" if self._connections.readonly else "rw", timeout_s=0)
        # asked first: what is committed between the two questions is seen by the next look at the latest
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            row = self._connection.execute("SELECT size FROM head").fetchone()
            if row is None or not isinstance(row[0], int):
                raise StoreDamagedError("the head is none of a ledger", where=str(self._connections.path))
            self._version, self._size = version, row[0]

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def watch_file(connections: Connections) -> Polling:
    """
    What waits for a ledger file to grow, whoever writes it; it ends with its connections at the latest.

    Raises:
        LedgerClosedError, ForkedProcessError: The file is not in use here.
    """
    connections.check_usable()
    look = _FileLook(connections)
    watch = Polling(look, look.close)
    connections.watches.add(watch)
    return watch
