"""
The facade: one ledger, opened, written and read. The only room that knows all floors; no rule lives here.

A ledger draws ids and salts, checks countries and dates, hands drafts to its store, and rebuilds states
with the shipped projections. It knows neither SQL nor bytes. Reading one subject reads that subject's
entries only; reads never hold a transaction (DESIGN §6, §8).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from coop_ledger.codec import body_to_plain, check_origin, check_recorder, decode, encode
from coop_ledger.domain import (
    ISO_COUNTRIES,
    Act,
    Claim,
    CountryRegistry,
    Entry,
    Once,
    SubjectId,
    UnknownEvent,
    subjects_of,
    targets_of,
)
from coop_ledger.errors import EntryNotFoundError, InvalidValueError, KeyTakenError, ReusedKeyError, StoreError
from coop_ledger.ids import entry_ids, in_chunks
from coop_ledger.log import parse_instant
from coop_ledger.query import Condition, Query, everything, labels_of
from coop_ledger.reader import Reader
from coop_ledger.recording import (
    AlreadyRecorded,
    Receipt,
    check_body,
    check_key,
    check_kind,
    differences,
)
from coop_ledger.stores import Clock, Draft, MemoryStore, SqliteStore, Store, Stored

__all__ = ["Ledger"]

_SEED_SIZE = 10


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger(Reader):
    """
    A tamper-evident log of sourced claims, and the states that follow from it.

    Made by :meth:`open` and :meth:`in_memory`. May be shared by threads; after a fork it must be opened anew.

    Args:
        store: What keeps the entries.
        recorder: Pseudonym of who records through this object, 1 to 64 printable ASCII characters.
        countries: The registry that countries are checked against when they are recorded.
        clock: Gives the present instant, aware.
        draw: ``draw(n)`` gives n random bytes, for ids and salts.

    >>> from coop_ledger import Source, announced, events as ev
    >>> ledger = Ledger.in_memory()
    >>> receipt = ledger.record(
    ...     announced(ev.InstitutionOpened("kcac-secretariat"), when="2017", sources=Source("Korea.net"))
    ... )
    >>> ledger.size, ledger.institution("kcac-secretariat").status
    (1, <Status.PLANNED: 'planned'>)
    """

    def __init__(
        self,
        store: Store,
        *,
        recorder: str = "unnamed",
        countries: CountryRegistry = ISO_COUNTRIES,
        clock: Clock = _now,
        draw: Callable[[int], bytes] = os.urandom,
    ) -> None:
        check_recorder(recorder)
        self._store = store
        self._recorder = recorder
        self._countries = countries
        self._clock = clock
        self._draw = draw

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        origin: str | None = None,
        readonly: bool = False,
        recorder: str = "unnamed",
        countries: CountryRegistry = ISO_COUNTRIES,
        clock: Clock = _now,
        draw: Callable[[int], bytes] = os.urandom,
        timeout_s: float = 30.0,
    ) -> Ledger:
        """
        Open a ledger file; with *origin*, create it if it is missing.

        Args:
            path: The file.
            origin: The origin that the ledger must have, or gets, like ``forum.example.org/2026-k3f9``.
            readonly: Open for reading only.
            recorder: Pseudonym of who records.
            countries: The registry of countries in use.
            clock: Gives the present instant, aware.
            draw: Gives random bytes.
            timeout_s: How long to wait for another writer, in seconds.

        Raises:
            LedgerNotFoundError: Nothing is there, and no origin was given.
            NotALedgerError: Something else is there.
            WrongOriginError: A ledger of another origin.
            SchemaVersionError: A ledger that this version does not read.
            InvalidValueError: An origin or recorder off its shape.
            StoreError: It could not be opened.
        """
        if origin is not None:
            check_origin(origin)
        check_recorder(recorder)
        store = SqliteStore.open(path, origin=origin, readonly=readonly, clock=clock, timeout_s=timeout_s)
        return cls(store, recorder=recorder, countries=countries, clock=clock, draw=draw)

    @classmethod
    def in_memory(
        cls,
        *,
        origin: str = "in-memory.example",
        recorder: str = "unnamed",
        countries: CountryRegistry = ISO_COUNTRIES,
        clock: Clock = _now,
        draw: Callable[[int], bytes] = os.urandom,
    ) -> Ledger:
        """A ledger in memory, for tests and first steps; the arguments are those of :meth:`open`."""
        check_origin(origin)
        return cls(MemoryStore(origin, clock=clock), recorder=recorder, countries=countries, clock=clock, draw=draw)

    @property
    def origin(self) -> str:
        """The name of this ledger's one life."""
        return self._store.origin

    @property
    def size(self) -> int:
        """Number of entries; read it before what a decision rests on, and give it to :func:`Unchanged`."""
        return self._store.head().size

    @property
    def root(self) -> bytes:
        """RFC 6962 root over all entries, 32 bytes."""
        return self._store.head().root

    def record(self, *bodies: Claim | Act, once: str | None = None, condition: Condition | None = None) -> Receipt:
        """
        Record claims and acts, all or none; they are durable when the call returns.

        Args:
            bodies: What to record, in order.
            once: A key for the call: the same key with the same content records nothing a second time.
            condition: What must still be true of the log, made by :func:`Unchanged`.

        Returns:
            The receipt; an :class:`AlreadyRecorded` where *once* was used before with the same content.

        Raises:
            InvalidValueError: Nothing to record, no claim and no act, or a condition beyond the log.
            UnknownCountryError, FutureOccurrenceError: A claim that can never be right.
            EntryNotFoundError: An act names an entry that is not there.
            AppendConflictError: The condition does not hold.
            ReusedKeyError: *once* was used before with other content.
            LeafTooLargeError: An entry would pass 65,535 bytes.
            StoreError: The store could not; nothing was recorded.

        Guarantees: one transaction.
        """
        if not bodies:
            raise InvalidValueError("there is nothing to record", where="record", hint="give at least one claim")
        if condition is not None and not isinstance(condition, Condition):
            raise InvalidValueError("a condition is made by Unchanged(…)", where="condition", found=repr(condition))
        now = self._clock()
        limit, subjects = (now + timedelta(days=1)).date(), []
        for index, body in enumerate(bodies):
            check_kind(body, index)
            about = subjects_of(body)
            check_body(body, about, index, limit=limit, countries=self._countries)
            subjects.append(about)
        if once is not None:
            check_key(once)
            recorded = self._store.once(once)
            if recorded:
                return self._already(once, recorded, bodies)
        drafts = self._drafts(bodies, subjects, once, now)
        try:
            placed = self._store.append(drafts, () if condition is None else condition.parts)
        except KeyTakenError as error:  # another writer was quicker with the same key
            return self._already(error.key, self._store.once(error.key), bodies)
        ids = tuple(draft.id for draft in drafts)
        return Receipt(tuple(placed.positions), ids, parse_instant(placed.recorded_at), placed.size, placed.root)

    def _drafts(
        self, bodies: Sequence[Claim | Act], subjects: Sequence[tuple[SubjectId, ...]], once: str | None, now: datetime
    ) -> list[Draft]:
        ids = entry_ids(now, self._draw(_SEED_SIZE))
        draw = in_chunks(self._draw) if len(bodies) > 1 else self._draw
        drafts = []
        for index, (body, about) in enumerate(zip(bodies, subjects, strict=True)):
            entry_id = next(ids)
            key = None if once is None else Once(once, index, len(bodies))
            leaf = encode(body, origin=self.origin, entry_id=entry_id, recorder=self._recorder, once=key, draw=draw)
            labels = labels_of(body, about if isinstance(body, Claim) else self._with_targets(about, body))
            place = None if key is None else (key.key, key.index, key.count)
            drafts.append(Draft(leaf.head, leaf.tail, entry_id, labels, place, leaf.openings))
        return drafts

    def _with_targets(self, about: tuple[SubjectId, ...], body: Act) -> tuple[SubjectId, ...]:
        """An act's subjects, with those of the entries that it names, and that these name in turn (decision 0003)."""
        found = dict.fromkeys(about)
        waiting, seen = list(targets_of(body)), set[str]()
        while waiting:
            target = waiting.pop()
            if target not in seen:
                seen.add(target)
                named = self.entry(target).body
                found.update(dict.fromkeys(subjects_of(named)))
                waiting.extend(targets_of(named))
        return tuple(found)

    def _already(self, once: str, recorded: Sequence[Stored], bodies: Sequence[Claim | Act]) -> AlreadyRecorded:
        """The receipt of then, if what was recorded under the key is what is given now."""
        entries = [decode(stored.leaf, stored.openings, trusted=True) for stored in recorded]
        fields = [
            f"/{index}{path}"
            for index, (entry, body) in enumerate(zip(entries, bodies, strict=False))
            for path in differences(_named(entry.body), _named(body))
        ]
        if len(entries) != len(bodies):
            fields.insert(0, f"the number of entries: {len(entries)} then, {len(bodies)} now")
        if fields:
            raise ReusedKeyError(
                "this key was used for other content", key=once, fields=tuple(fields), hint="use another key"
            )
        head = self._store.head()
        positions = tuple(entry.position for entry in entries)
        ids = tuple(entry.id for entry in entries)
        return AlreadyRecorded(positions, ids, entries[0].recorded_at, head.size, head.root)

    def entries(self, query: Query | None = None, *, after: int = -1, size: int | None = None) -> Iterator[Entry]:
        """See :meth:`Reader.entries`."""
        wanted = (everything() if query is None else query).any_of
        end = self.size if size is None else size
        while True:
            page = self._store.read(wanted, after=after, size=end)
            for stored in page:
                yield decode(stored.leaf, stored.openings, trusted=True)
            if not page:
                return
            after = page[-1].position

    def entry(self, entry_id: str) -> Entry:
        """
        The entry of an id.

        Raises:
            EntryNotFoundError: There is none.
        """
        stored = self._store.entry(entry_id)
        if stored is None:
            raise EntryNotFoundError("there is no such entry", where="id", found=repr(entry_id))
        return decode(stored.leaf, stored.openings, trusted=True)

    def _labels(self, prefix: str) -> list[str]:
        return self._store.labels(prefix)

    def backup(self, target: str | os.PathLike[str]) -> None:
        """
        Copy the ledger, as it is at one moment, into a new file; its size and root are checked.

        Raises:
            InvalidValueError: Something is there already.
            StoreError: This ledger is in memory, or the copy failed; then no file is left.
        """
        if not isinstance(self._store, SqliteStore):
            raise StoreError("a ledger in memory has no file to copy", where=str(Path(target)))
        self._store.backup(target)

    def close(self) -> None:
        """Give everything back; a second call does nothing, any other use raises ``LedgerClosedError``."""
        self._store.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _named(body: Claim | Act | UnknownEvent) -> Any:
    """A body's plain form with the name of its class, so that acts of equal fields differ."""
    if isinstance(body, UnknownEvent):
        return {"type": body.type, "version": body.version, "body": body.raw}
    return {"body": type(body).__name__, **body_to_plain(body)}
