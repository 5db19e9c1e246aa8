"""
Following a log: entries as they are recorded, by whatever process, in order and without a gap.

Positions have no gaps and are given under the lock of the one writer, so that "all behind position n" misses nothing.
Reads are pages of one size; between them nothing is held, however long the consumer works. Source: DESIGN §6, §8.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from threading import Event
from typing import Final

from coop_ledger import stores
from coop_ledger.domain import Entry
from coop_ledger.errors import InvalidValueError, StoreBusyError, repr_of
from coop_ledger.query import Query, check_query, everything
from coop_ledger.scope import read_entry
from coop_ledger.stores import Store

__all__ = ["Followed", "Follower"]

_FEW: Final = 256
"""Entries that are held at a time, at most."""

_PAUSE_S: Final = 0.05


class Follower(Iterator[Entry]):
    """
    The entries of a ledger from a position on, and those that are still to come; made by ``Ledger.follow``.

    An iterator, for one thread at a time, that waits where there is nothing new; and a context manager, which gives
    back what it waits with. Any thread may stop it.
    """

    def __init__(self, store: Store, query: Query, after: int) -> None:
        self._store = store
        self._query = query.any_of
        self._after = after
        self._size = after + 1
        self._held: deque[Entry] = deque()
        self._stopped = Event()
        self._watch: stores.Watch = store.watch()

    def page(self) -> list[Entry]:
        """
        The next entries, at least one and at most 256, as soon as there are any; none once it was stopped.

        Raises:
            LedgerClosedError: The ledger was closed meanwhile.
            StoreMovedError: Its file was removed or replaced.
            StoreError: It cannot be read.
        """
        while not self._stopped.is_set():
            try:
                found = self._found()
            except StoreBusyError:  # a writer has more to write than fits into its memory: it will end
                self._stopped.wait(_PAUSE_S)
                continue
            if found:
                return found
        return []

    def _found(self) -> list[Entry]:
        """The next entries; none where no more match at the size that was seen last."""
        if self._after + 1 >= self._size:
            self._watch.wait(self._size)
            self._size = max(self._size, self._store.head().size)
        found = self._store.read(self._query, after=self._after, limit=_FEW, size=self._size)
        entries = [read_entry(stored) for stored in found]  # first: what cannot be read is not passed over
        self._after = found[-1].position if len(found) == _FEW else self._size - 1
        return entries

    def __next__(self) -> Entry:
        """The next entry; waits for it."""
        if not self._held:
            self._held.extend(self.page())
        if not self._held or self._stopped.is_set():
            raise StopIteration
        return self._held.popleft()

    def stop(self) -> None:
        """End it: who waits stops waiting, and no entry is given any more. Any thread may call this, at any time."""
        self._stopped.set()
        self._watch.stop()

    def close(self) -> None:
        """Stop, and give back what it waits with; a second call does nothing."""
        self.stop()
        self._watch.close()

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_watch"):
            self.close()


class Followed:
    """Lets its entries be followed."""

    _store: Store

    def follow(self, query: Query | None = None, *, after: int = -1) -> Follower:
        """
        Iterate over entries, and go on with those that are still to be recorded, by any process.

        Args:
            query: Which entries; None for all.
            after: Only positions greater than this: that of the last entry that was dealt with. -1 begins at the
                first entry, ``size - 1`` with what is recorded from now on.

        Returns:
            An iterator that waits for what comes, and a context manager; ``stop`` ends it from any thread.

        Raises:
            InvalidValueError: No query, no whole number, or a position that the log has not reached: whoever noted it
                has seen another ledger, or a later state of this one.
            StoreError: The store cannot be watched.

        Guarantees: every entry that matches is given once, in the order of positions, and none is left out. No
            transaction is open while the caller works, and at most 256 entries are held.
        Source: DESIGN §6.

        >>> from coop_ledger import Ledger, Source, announced, events as ev
        >>> ledger = Ledger.in_memory()
        >>> receipt = ledger.record(announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net")))
        >>> with ledger.follow() as entries:
        ...     for entry in entries:
        ...         print(entry.position, entry.id == receipt.ids[0])
        ...         entries.stop()
        0 True
        """
        query = everything() if query is None else query
        check_query(query)
        size = self._store.head().size
        if not isinstance(after, int) or isinstance(after, bool) or not -1 <= after < size:
            raise InvalidValueError(
                "the log has not reached this position", where="after", expected=f"-1 to {size - 1}",
                found=repr_of(after)[:80], hint="it was noted of another ledger, or of a later state of this one",
            )  # fmt: skip
        return Follower(self._store, query, after)
