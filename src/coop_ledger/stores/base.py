"""
What a store is: it keeps drafts in order, refuses rewrites, and answers queries over labels.

Knows no event and no JSON: a draft is bytes, labels are opaque short texts. Every store gives the same
guarantees, which ``coop_ledger.testing.StoreContract`` checks (DESIGN §8).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final, NamedTuple, Protocol, TypeVar

import attrs

from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    ForkedProcessError,
    InvalidValueError,
    LedgerClosedError,
    StoreDamagedError,
    repr_of,
)
from coop_ledger.log import HASH_SIZE, TILE_WIDTH, ReadNode, assemble, placed, root_over, tile_reader

__all__ = [
    "PAGE",
    "Clock",
    "Condition",
    "Draft",
    "Head",
    "Placed",
    "Query",
    "Restored",
    "Store",
    "Stored",
    "Watch",
    "beyond",
    "check_in_use",
    "check_page",
    "check_shorter",
    "check_since",
    "erased_meanwhile",
    "hash_rows",
    "leaves_of",
    "pages_of",
    "root_at",
    "system_clock",
    "tree_reader",
]

T = TypeVar("T")

PAGE: Final = 1_000
"""The most entries that one read gives."""

Clock = Callable[[], datetime]
"""Gives the present instant, aware."""


def system_clock() -> datetime:
    """The present instant by this machine's clock; a store on a server takes the server's in its place."""
    return datetime.now(UTC)


Query = tuple[tuple[str, ...], ...]
"""An OR of ANDs of labels: ``()`` matches nothing, ``((),)`` everything."""


class Draft(NamedTuple):
    """
    An entry as it is handed to a store: everything but place and time.

    Args:
        head: The leaf up to ``position``.
        tail: The leaf from ``recorder``.
        id: The entry's id, unique in the store.
        labels: Texts under which the entry is found, each once, printable ASCII.
        once: The call's key, the entry's place in the call, and the number of its entries.
        openings: Bytes beside the leaf that can be erased.
    """

    head: bytes
    tail: bytes
    id: str
    labels: tuple[str, ...] = ()
    once: tuple[str, int, int] | None = None
    openings: bytes | None = None


class Restored(NamedTuple):
    """
    A whole entry for an empty store: what another store held.

    Args:
        leaf: The leaf, verbatim.
        id: The entry's id.
        recorded_at: Its time of recording, as the leaf writes it.
        labels: As in a draft.
        once: As in a draft.
        openings: As in a draft.
    """

    leaf: bytes
    id: str
    recorded_at: str
    labels: tuple[str, ...] = ()
    once: tuple[str, int, int] | None = None
    openings: bytes | None = None


class Stored(NamedTuple):
    """An entry as a store gives it: its place, its id, its leaf, and its openings where there are any left."""

    position: int
    id: str
    leaf: bytes
    openings: bytes | None


@attrs.frozen
class Placed:
    """
    What an append gives, once the entries are durable.

    Args:
        positions: Places of the drafts, in their order.
        recorded_at: Time of recording of all of them.
        clamped: Whether the clock stood behind the entry before.
        size: Entries after the append.
        root: RFC 6962 root at that size.
    """

    positions: range
    recorded_at: str
    clamped: bool
    size: int
    root: bytes


@attrs.frozen
class Head:
    """The end of the log: its size, its root, and when the last entry was recorded (None while empty)."""

    size: int
    root: bytes
    recorded_at: str | None


@attrs.frozen
class Condition:
    """No entry at or after position *since* matches *query*."""

    query: Query
    since: int


class Watch(Protocol):
    """Waits for a log to grow, for one thread at a time; made by :meth:`Store.watch`."""

    def wait(self, size: int) -> bool:
        """
        Wait until the log has more than *size* entries, whoever recorded them.

        Returns:
            True when it has; False once :meth:`stop` was called.

        Raises:
            LedgerClosedError, ForkedProcessError, StoreMovedError, StoreError: It cannot be told any more.

        Guarantees: holds no transaction, and hardly uses the processor.
        """

    def stop(self) -> None:
        """End a wait of whatever thread, and all that come."""

    def close(self) -> None:
        """Stop, and give everything back; a second call does nothing."""


class Store(Protocol):
    """
    Keeps the entries of one ledger.

    Guarantees, for every store:

    - positions are dense from 0; a batch is placed whole or not at all; what was acknowledged stays;
    - ``recorded_at`` never decreases: where the clock went back, the last value is taken and marked;
    - ids are unique, and so is each (key, index) of ``once``;
    - nothing changes or removes a leaf, a label or a tile; only openings shrink, by ``erase``, and never grow again;
    - reads see committed entries only, never hold a transaction, and give at most a page;
    - a store is shared by threads; used after ``close`` or in a forked process it raises.
    """

    @property
    def origin(self) -> str:
        """The name of this ledger's one life."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """
        Place, hash, index and commit drafts, in one transaction.

        Raises:
            AppendConflictError: A condition does not hold.
            KeyTakenError: A ``once`` key of the drafts is in the store.
            InvalidValueError: No draft, an id twice, or a condition beyond the log.
            LeafTooLargeError: A leaf would pass 65,535 bytes.
            StoreUncertainError: It is recorded, but at the very end the disk failed, or the file was moved.
            StoreError: The store could not; nothing was recorded.

        Checked in this order: drafts given, conditions, keys, ids. A call that was made before is known by its key,
        whatever else stands in its way by now but a condition.
        """

    def extend(self, drafts: Iterable[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """
        Place drafts that come one after the other, as :meth:`append` does: all or none; whatever *drafts* raises, none.

        Args:
            drafts: None of them with ``once``. They may be more than memory holds: a store takes them page by page.
            conditions: As in :meth:`append`.

        Raises:
            AppendConflictError, InvalidValueError, LeafTooLargeError, StoreError: As in :meth:`append`.

        Guarantees: one transaction, and one time of recording.
        """

    def restore(self, entries: Iterable[Restored]) -> Head:
        """
        Keep whole entries verbatim, from position 0 on, all or none; whatever *entries* raises, none.

        Raises:
            StoreNotEmptyError: There are entries already.
            InvalidValueError: An id stands twice.
            KeyTakenError: A (key, index) of ``once`` stands twice.
        """

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        """
        A page of the entries that match, in the order of their positions.

        Args:
            query: Which entries.
            after: Only positions greater than this.
            limit: At most so many, 1 to 1,000.
            size: Only positions below this, one that the log has had: pages of one size are one snapshot.

        Raises:
            StoreUnreachableError: Another server answers than the one that had so many entries, and has fewer yet.
        """

    def entry(self, entry_id: str) -> Stored | None:
        """The entry of that id."""

    def once(self, key: str) -> list[Stored]:
        """The entries recorded under a key, in the order of their call."""

    def openings(self, position: int) -> bytes | None:
        """The openings of the entry at a position; None where there are none."""

    def erase(
        self,
        position: int,
        old: bytes,
        remaining: bytes | None,
        draft: Draft,
        conditions: Sequence[Condition] = (),
    ) -> Placed:
        """
        Replace openings by what remains of them, and append the entry that says so, in one transaction.

        Args:
            position: Whose openings.
            old: What the caller read; if the store holds other bytes by now, nothing happens.
            remaining: Shorter than *old*, or None.
            draft: The entry that records the erasure.
            conditions: As in :meth:`append`.

        Raises:
            AppendConflictError: A condition does not hold, or the openings are others by now.
            KeyTakenError, InvalidValueError, LeafTooLargeError, StoreError: As in :meth:`append`; *remaining* is not
                shorter.

        Checked in this order: *remaining*, conditions, key, openings, id. An erasure that is repeated finds the
        openings changed by itself: its key must be told first.
        """

    def leftovers(self, pieces: Sequence[bytes]) -> list[bytes]:
        """
        Those of some byte strings that the store still keeps somewhere although nothing of it holds them.

        Asked after an erasure, for pieces of what was erased: a file may keep them where no entry is any more. What
        an entry still holds, in its leaf, openings or labels, is no leftover.

        Args:
            pieces: What is looked for.

        Returns:
            Those that are there, in their order. A store that cannot look gives back all.

        Raises:
            StoreError: It could not look.
        """

    def labels(self, prefix: str = "", *, size: int | None = None) -> list[str]:
        """The labels that begin with *prefix*, sorted; with *size*, those of entries below it."""

    def tile(self, level: int, index: int) -> bytes:
        """
        A full tile of the tree, 8 KiB.

        Raises:
            EntryNotFoundError: The tile is not full yet.
        """

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """
        Roots of the full tiles *start* to *end* - 1 of a level: what stands for them in the tile above.

        Those that are not full yet are missing at the end.
        """

    def hashes(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of positions *start* to *end* - 1."""

    def head(self) -> Head:
        """The end of the log."""

    def watch(self) -> Watch:
        """What waits for the log to grow; the caller closes it."""

    def close(self) -> None:
        """Give everything back; a second call does nothing."""


def pages_of(items: Iterable[T]) -> Iterator[list[T]]:
    """The same items by pages of 1,000, of which the last may be shorter; they are taken as they are needed."""
    left = iter(items)
    while page := list(islice(left, PAGE)):
        yield page


def leaves_of(drafts: Iterable[Draft], start: int, recorded_at: str, clamped: bool) -> list[bytes]:
    """The leaves of drafts that are placed one after the other from a position on, all at one time of recording."""
    return [
        assemble(draft.head, placed(position, recorded_at, clamped), draft.tail)
        for position, draft in enumerate(drafts, start)
    ]


def check_in_use(process: int, *, closed: bool, where: str) -> None:
    """
    Refuse a ledger that was closed, or opened before this process was forked.

    Args:
        process: The process in which it was opened.
        closed: Whether it was closed.
        where: The ledger, for the message.

    Raises:
        LedgerClosedError, ForkedProcessError: As said.
    """
    if os.getpid() != process:
        raise ForkedProcessError("the ledger was opened before this process was forked", hint="open it here")
    if closed:
        raise LedgerClosedError("the ledger is closed", where=where, hint="open it again")


def check_page(limit: int) -> None:
    """
    Refuse a page size outside 1 to 1,000.

    Raises:
        InvalidValueError: Outside.
    """
    if not 1 <= limit <= PAGE:
        raise InvalidValueError("a page has 1 to 1,000 entries", where="limit", found=repr_of(limit))


def check_since(since: int, size: int) -> None:
    """
    Refuse a condition about a part of the log that does not exist yet.

    Raises:
        InvalidValueError: *since* lies beyond the log.
    """
    if since > size:
        raise beyond(since, size)


def beyond(since: int, size: int) -> InvalidValueError:
    """What a condition is told that speaks of entries after the log."""
    return InvalidValueError(
        "the condition speaks of entries that do not exist yet",
        where="since",
        expected=f"at most {size}, the size of the log",
        found=repr_of(since),
        hint="use the size that was read from this ledger",
    )


def _whole(found: Sequence[bytes], count: int, where: str) -> list[bytes]:
    """So many hashes, or damage."""
    if len(found) != count or any(not isinstance(one, bytes) or len(one) != HASH_SIZE for one in found):
        raise StoreDamagedError(
            "hashes of the tree are missing or cut",
            where=where,
            expected=f"{count} of {HASH_SIZE} bytes",
            hint="restore a backup that verifies",
        )
    return list(found)


def _tile(store: Store, level: int, index: int) -> list[bytes]:
    """The hashes of a full tile."""
    where = f"tile {index} of level {level}"
    try:
        tile = store.tile(level, index)
    except EntryNotFoundError as error:
        raise StoreDamagedError("a tile of the tree is missing", where=where) from error
    return _whole([tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)], TILE_WIDTH, where)


def _ragged(store: Store, size: int) -> list[bytes]:
    """The leaf hashes after the last full tile of level 0."""
    start = size - size % TILE_WIDTH
    return _whole(store.hashes(start, size), size - start, f"positions {start} to {size - 1}")


def hash_rows(store: Store, size: int) -> Iterator[list[bytes]]:
    """
    The first *size* leaf hashes of a store by rows of 256, of which the last may be shorter, from the tiles it keeps.

    Raises:
        StoreDamagedError: A tile or hash is missing, or has another length.
    """
    for index in range(size // TILE_WIDTH):
        yield _tile(store, 0, index)
    if size % TILE_WIDTH:
        yield _ragged(store, size)


def tree_reader(store: Store, size: int) -> ReadNode:
    """
    A reader of the full subtrees over the first *size* entries of a store, from the tiles that it keeps.

    Args:
        store: The store.
        size: Entries, at most the store's.

    Raises:
        StoreDamagedError: At once or when it is used: a tile or hash is missing, or has another length.

    Guarantees: never reads a leaf; with it a proof reads at most 256 hashes a level and edge of the tree.
    """

    def read_roots(level: int, start: int, end: int) -> Sequence[bytes]:
        where = f"tiles {start} to {end - 1} of level {level}"
        return _whole(store.tile_roots(level, start, end), end - start, where)

    def read_tile(level: int, index: int) -> bytes:
        return b"".join(_tile(store, level, index))

    return tile_reader(size, _ragged(store, size), read_tile, read_roots)


def check_shorter(old: bytes, remaining: bytes | None) -> None:
    """
    Refuse what is to remain of openings where nothing would go.

    Raises:
        InvalidValueError: *remaining* is as long as *old*, or longer.
    """
    if len(remaining or b"") >= len(old):
        raise InvalidValueError(
            "what remains is not shorter", where="remaining", expected=f"less than {len(old)} bytes",
            found=f"{len(remaining or b'')} bytes",
        )  # fmt: skip


def erased_meanwhile(position: int) -> AppendConflictError:
    """What an erasure is told that rests on openings which are others by now."""
    return AppendConflictError(
        "the openings are others by now", positions=(position,), since=position, hint="read them again and decide anew"
    )


def root_at(store: Store, size: int) -> bytes:
    """RFC 6962 root over the first *size* entries of a store, 32 bytes, from the tiles that it keeps."""
    return root_over(size, tree_reader(store, size))
