"""
The obvious store: lists in memory. It is what others are compared with, and what tests and examples use.

Knows no file; what it holds is gone with it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence

import attrs

from coop_ledger.errors import (
    AppendConflictError,
    EntryNotFoundError,
    ForkedProcessError,
    InvalidValueError,
    KeyTakenError,
    LedgerClosedError,
    StoreNotEmptyError,
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
)
from coop_ledger.stores.watches import Polling

__all__ = ["MemoryStore"]


@attrs.define
class _Row:
    """One entry; only its openings ever change."""

    id: str
    leaf: bytes
    labels: frozenset[str]
    once: tuple[str, int, int] | None
    openings: bytes | None


class MemoryStore:
    """
    A store in memory.

    Args:
        origin: The ledger's origin.
        clock: Gives the present instant.
    """

    def __init__(self, origin: str, *, clock: Clock) -> None:
        self._origin = origin
        self._clock = clock
        self._rows: list[_Row] = []
        self._places: dict[str, int] = {}
        self._keys: dict[str, list[int]] = {}
        self._frontier = Frontier()
        self._hashes: list[bytes] = []
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._recorded_at: str | None = None
        self._lock = threading.RLock()
        self._closed = False
        self._process = os.getpid()

    @property
    def origin(self) -> str:
        """The name of this ledger's one life."""
        return self._origin

    def _check_open(self) -> None:
        if self._closed:
            raise LedgerClosedError("the ledger is closed", hint="open it again")
        if os.getpid() != self._process:
            raise ForkedProcessError("the ledger was opened before this process was forked", hint="open it here")

    def _matching(self, query: Query, after: int, size: int) -> Iterable[int]:
        wanted = [frozenset(group) for group in query]
        for position in range(after + 1, min(size, len(self._rows))):
            if any(group <= self._rows[position].labels for group in wanted):
                yield position

    def _check_conditions(self, conditions: Sequence[Condition]) -> None:
        for condition in conditions:
            check_since(condition.since, len(self._rows))
            found = tuple(self._matching(condition.query, condition.since - 1, len(self._rows)))
            if found:
                raise AppendConflictError(
                    "the log has changed", positions=found, since=condition.since, hint="read again and decide anew"
                )

    def _check_new(self, ids: Sequence[str], keys: Iterable[tuple[str, int, int] | None]) -> None:
        self._check_keys(keys)
        if len(set(ids)) != len(ids) or not self._places.keys().isdisjoint(ids):
            raise InvalidValueError("an entry id stands twice", where="id")

    def _check_keys(self, keys: Iterable[tuple[str, int, int] | None]) -> None:
        for once in keys:
            if once is not None and once[0] in self._keys:
                raise KeyTakenError(once[0])

    def _grow(self, rows: Sequence[_Row], recorded_at: str) -> None:
        size = len(self._rows)
        hashes = [leaf_hash(row.leaf) for row in rows]
        ragged = self._hashes[size - size % TILE_WIDTH :]
        for level, index, blob in completed_tiles(size, ragged, hashes, self.tile):
            self._tiles[level, index] = blob
        for position, row in enumerate(rows, size):
            self._places[row.id] = position
            if row.once is not None:
                self._keys.setdefault(row.once[0], []).append(position)
        self._rows.extend(rows)
        self._hashes.extend(hashes)
        self._frontier.extend(hashes)
        self._recorded_at = recorded_at

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """See :meth:`Store.append`."""
        with self._lock:
            self._check_open()
            if not drafts:
                raise InvalidValueError("there is nothing to record", where="drafts")
            self._check_conditions(conditions)
            self._check_new([draft.id for draft in drafts], [draft.once for draft in drafts])
            size = len(self._rows)
            recorded_at, clamped = not_before(self._recorded_at, format_instant(self._clock()))
            rows = [
                _Row(draft.id, leaf, frozenset(draft.labels), draft.once, draft.openings)
                for draft, leaf in zip(drafts, leaves_of(drafts, size, recorded_at, clamped), strict=True)
            ]
            self._grow(rows, recorded_at)
            head = self.head()
            return Placed(range(size, head.size), recorded_at, clamped, head.size, head.root)

    def extend(self, drafts: Iterable[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        """See :meth:`Store.extend`."""
        return self.append(list(drafts), conditions)

    def restore(self, entries: Iterable[Restored]) -> Head:
        """See :meth:`Store.restore`."""
        with self._lock:
            self._check_open()
            if self._rows:
                raise StoreNotEmptyError(
                    "the store holds entries already", found=f"{len(self._rows)} entries", hint="name an empty one"
                )
            given = list(entries)
            self._check_new([entry.id for entry in given], [])
            seen = set[tuple[str, int]]()
            for key, place, _ in [entry.once for entry in given if entry.once is not None]:
                if (key, place) in seen:
                    raise KeyTakenError(key)
                seen.add((key, place))
            if given:
                rows = [
                    _Row(entry.id, entry.leaf, frozenset(entry.labels), entry.once, entry.openings) for entry in given
                ]
                self._grow(rows, given[-1].recorded_at)
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
        with self._lock:
            self._check_open()
            check_shorter(old, remaining)
            self._check_conditions(conditions)
            self._check_keys([draft.once])
            if self.openings(position) != old:
                raise erased_meanwhile(position)
            placed_now = self.append([draft])
            self._rows[position].openings = remaining or None
            return placed_now

    def leftovers(self, pieces: Sequence[bytes]) -> list[bytes]:
        """See :meth:`Store.leftovers`; lists in memory keep nothing but their entries."""
        self._check_open()
        return []

    def _stored(self, position: int) -> Stored:
        row = self._rows[position]
        return Stored(position, row.id, row.leaf, row.openings)

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        """See :meth:`Store.read`."""
        with self._lock:
            self._check_open()
            check_page(limit)
            found = self._matching(query, after, len(self._rows) if size is None else size)
            return [self._stored(position) for _, position in zip(range(limit), found, strict=False)]

    def entry(self, entry_id: str) -> Stored | None:
        """See :meth:`Store.entry`."""
        with self._lock:
            self._check_open()
            return self._stored(self._places[entry_id]) if entry_id in self._places else None

    def once(self, key: str) -> list[Stored]:
        """See :meth:`Store.once`."""
        with self._lock:
            self._check_open()
            return [self._stored(position) for position in self._keys.get(key, ())]

    def openings(self, position: int) -> bytes | None:
        """See :meth:`Store.openings`."""
        with self._lock:
            self._check_open()
            return self._rows[position].openings if 0 <= position < len(self._rows) else None

    def labels(self, prefix: str = "", *, size: int | None = None) -> list[str]:
        """See :meth:`Store.labels`."""
        with self._lock:
            self._check_open()
            return sorted({text for row in self._rows[:size] for text in row.labels if text.startswith(prefix)})

    def tile(self, level: int, index: int) -> bytes:
        """See :meth:`Store.tile`."""
        with self._lock:
            self._check_open()
            if (level, index) not in self._tiles:
                raise EntryNotFoundError("there is no such full tile", found=f"level {level}, index {index}")
            return self._tiles[level, index]

    def tile_roots(self, level: int, start: int, end: int) -> list[bytes]:
        """See :meth:`Store.tile_roots`."""
        with self._lock:
            self._check_open()
            places = ((level, index) for index in range(start, end))
            return [tile_root(self._tiles[place]) for place in places if place in self._tiles]

    def hashes(self, start: int, end: int) -> list[bytes]:
        """See :meth:`Store.hashes`."""
        with self._lock:
            self._check_open()
            return self._hashes[start:end]

    def head(self) -> Head:
        """See :meth:`Store.head`."""
        with self._lock:
            self._check_open()
            return Head(len(self._rows), self._frontier.root(), self._recorded_at)

    def watch(self) -> Watch:
        """See :meth:`Store.watch`."""
        self._check_open()
        return Polling(lambda size: self.head().size > size)

    def close(self) -> None:
        """See :meth:`Store.close`."""
        self._closed = True
