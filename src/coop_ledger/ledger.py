"""
The facade: one ledger, opened, written and read. The only room that knows all floors; no rule lives here.

A ledger draws ids and salts, checks countries and dates, hands drafts to its store, and rebuilds states
with the shipped projections. It knows neither SQL nor bytes. Reading one subject reads that subject's
entries only; reads never hold a transaction (DESIGN §6, §8).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coop_ledger import stores
from coop_ledger.analyst import Analyst
from coop_ledger.axes import day_of, instant_of
from coop_ledger.codec import SealedState, body_to_plain, check_origin, check_recorder, sealed_states
from coop_ledger.domain import (
    ISO_COUNTRIES,
    Act,
    Body,
    Claim,
    CountryRegistry,
    Entry,
    Once,
    Redaction,
    SubjectId,
    UnknownEvent,
    subjects_of,
    targets_of,
)
from coop_ledger.errors import (
    AnomalyError,
    AppendConflictError,
    InvalidValueError,
    KeyTakenError,
    ReusedKeyError,
    StoreDamagedError,
    StoreError,
    repr_of,
)
from coop_ledger.following import Followed
from coop_ledger.ids import entry_ids, in_chunks
from coop_ledger.log import parse_instant
from coop_ledger.prover import Prover
from coop_ledger.query import Condition, Named, all_subjects, labels_of, named, of_type
from coop_ledger.recording import (
    AlreadyRecorded,
    Receipt,
    check_body,
    check_key,
    check_kind,
    check_touch,
    differences,
    draft_of,
    instant_now,
    last_day,
    named_body,
)
from coop_ledger.redaction import carry_out
from coop_ledger.scope import Scope, read_entry
from coop_ledger.stores import Clock, Draft, MemoryStore, Placed, SqliteStore, Store, Stored, open_store, system_clock
from coop_ledger.strictness import concerned, new_anomalies
from coop_ledger.view import View

if TYPE_CHECKING:
    from coop_ledger.interchange import BundleFooter

__all__ = ["Ledger"]

_SEED_SIZE = 10


class Ledger(Analyst, Prover, Followed):
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
        clock: Clock = system_clock,
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
        clock: Clock = system_clock,
        draw: Callable[[int], bytes] = os.urandom,
        timeout_s: float = 30.0,
    ) -> Ledger:
        """
        Open a ledger file, or a ledger in a PostgreSQL database; with *origin*, create it if it is missing.

        Args:
            path: The file, or ``postgresql://user@host/database`` (extra ``postgres``).
            origin: The origin that the ledger must have, or gets, like ``forum.example.org/2026-k3f9``.
            readonly: Open for reading only.
            recorder: Pseudonym of who records.
            countries: The registry of countries in use.
            clock: Gives the present instant, aware; if it is left out, a database takes its own for the recording.
            draw: Gives random bytes.
            timeout_s: How long to wait for another writer, in seconds.

        Raises:
            LedgerNotFoundError: Nothing is there, and no origin was given.
            NotALedgerError: Something else is there.
            WrongOriginError: A ledger of another origin.
            SchemaVersionError: A ledger that this version does not read.
            InvalidValueError: An origin or recorder off its shape.
            StoreUnreachableError, StoreAccessError: The server of the database does not answer, or refuses the user.
            MissingExtraError: An address of a database without the extra ``postgres``.
            StoreError: It could not be opened.
        """
        if origin is not None:
            check_origin(origin)
        check_recorder(recorder)
        store = open_store(path, origin=origin, readonly=readonly, clock=clock, timeout_s=timeout_s)
        return cls(store, recorder=recorder, countries=countries, clock=clock, draw=draw)

    @classmethod
    def in_memory(
        cls,
        *,
        origin: str = "in-memory.example",
        recorder: str = "unnamed",
        countries: CountryRegistry = ISO_COUNTRIES,
        clock: Clock = system_clock,
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

    def record(
        self,
        *bodies: Claim | Act,
        once: str | None = None,
        condition: Condition | None = None,
        strict: bool = False,
    ) -> Receipt:
        """
        Record claims and acts, all or none; they are durable when the call returns.

        A Redaction, alone in its call, erases: the words that it names are gone when the call returns, and the
        receipt's ``leftovers`` says whether any may be left in the file. It cannot be undone.

        Args:
            bodies: What to record, in order.
            once: A key for the call: the same key with the same content records nothing a second time.
            condition: What must still be true of the log, made by :func:`Unchanged`.
            strict: Refuse what would make the record irregular, instead of recording it with an anomaly.

        Returns:
            The receipt; an :class:`AlreadyRecorded` where *once* was used before with the same content.

        Raises:
            InvalidValueError: Nothing to record, no claim and no act, a condition beyond the log, an act that names
                itself, a later entry, or one that it cannot touch, a Redaction that is not alone in its call or
                names what is not sealed in its entry, or a clock that gives no instant.
            UnknownCountryError, FutureOccurrenceError: A claim that can never be right.
            EntryNotFoundError: An act names an entry that is not there.
            AnomalyError: A strict call would have made the record irregular.
            AppendConflictError: The condition does not hold.
            ReusedKeyError: *once* was used before with other content.
            LeafTooLargeError: An entry would pass 65,535 bytes.
            StoreUncertainError: It is recorded, but at the very end the disk failed, or the file was moved.
            StoreError: The store could not; nothing was recorded.

        Guarantees: one transaction.
        """
        if not bodies:
            raise InvalidValueError("there is nothing to record", where="record", hint="give at least one claim")
        if condition is not None and not isinstance(condition, Condition):
            raise InvalidValueError("a condition is made by Unchanged(…)", where="condition", found=repr_of(condition))
        now = instant_now(self._clock)
        limit, subjects = last_day(now), []
        for index, body in enumerate(bodies):
            check_kind(body, index, len(bodies))
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
            placed, leftovers = self._append(drafts, bodies, condition, strict, now)
        except KeyTakenError as error:  # another writer was quicker with the same key
            return self._already(error.key, self._store.once(error.key), bodies)
        ids, recorded_at = tuple(draft.id for draft in drafts), parse_instant(placed.recorded_at)
        return Receipt(tuple(placed.positions), ids, recorded_at, placed.size, placed.root, leftovers)

    def _append(
        self, drafts: list[Draft], bodies: Sequence[Body], condition: Condition | None, strict: bool, now: datetime
    ) -> tuple[Placed, tuple[str, ...]]:
        parts = () if condition is None else condition.parts
        if isinstance(bodies[0], Redaction):  # alone in its call; no course becomes irregular by it
            return carry_out(self._store, bodies[0], drafts[0], parts)
        while strict:
            scope = self._scope()
            entries = [
                Entry(scope.size + index, draft.id, now, False, self._recorder, body)
                for index, (draft, body) in enumerate(zip(drafts, bodies, strict=True))
            ]
            guard = self._strictly(scope, entries)
            try:
                return self._store.append(drafts, (*parts, *guard)), ()
            except AppendConflictError:
                if any(self._store.read(part.query, after=part.since - 1, limit=1) for part in parts):
                    raise  # the caller's own condition; else a concurrent entry about the subjects: look again
        return self._store.append(drafts, parts), ()

    @staticmethod
    def _strictly(scope: Scope, entries: Sequence[Entry]) -> tuple[stores.Condition, ...]:
        """Refuse entries that would be irregular; the condition under which that judgement holds."""
        about = concerned(scope, entries)
        anomalies = new_anomalies(scope, entries, about)
        if anomalies:
            raise AnomalyError(
                "this would make the record irregular",
                anomalies=anomalies,
                found=" | ".join(f"{anomaly.code}: {anomaly.message}" for anomaly in anomalies),
                hint="record what is missing first, or record without strict=True",
            )
        return (stores.Condition(tuple((subject,) for subject in about), scope.size),) if about else ()

    def _drafts(
        self, bodies: Sequence[Claim | Act], subjects: Sequence[tuple[SubjectId, ...]], once: str | None, now: datetime
    ) -> list[Draft]:
        fresh = entry_ids(now, self._draw(_SEED_SIZE))
        ids = [next(fresh) for _ in bodies]
        places = {entry_id: index for index, entry_id in enumerate(ids)}
        draw = in_chunks(self._draw) if len(bodies) > 1 else self._draw
        drafts = []
        for index, (entry_id, body, about) in enumerate(zip(ids, bodies, subjects, strict=True)):
            if not isinstance(body, Claim):
                about = self._with_targets(index, places, bodies)
            drafts.append(
                draft_of(
                    body, labels_of(body, about), origin=self.origin, entry_id=entry_id, recorder=self._recorder,
                    once=None if once is None else Once(once, index, len(bodies)), draw=draw,
                )
            )  # fmt: skip
        return drafts

    def _with_targets(self, index: int, places: Mapping[str, int], bodies: Sequence[Body]) -> tuple[SubjectId, ...]:
        """The subjects of the act at *index* of a call, of what it names, and of what that names (decision 0003)."""
        scope, body, known = self._scope(), bodies[index], dict[str, Body]()
        for target in targets_of(body):
            place = places.get(target)
            if place is not None and place >= index:
                raise InvalidValueError(
                    "an act names itself or a later entry of its call", where=type(body).__name__, found=target
                )
            known[target] = named_body(scope, body, target) if place is None else bodies[place]
            check_touch(body, known[target], target)

        def find(entry_id: str) -> Named | None:
            place = places.get(entry_id)
            if place is None and entry_id not in known:
                entry = scope.find(entry_id)
                return None if entry is None else named(entry.body)
            return named(known[entry_id] if place is None else bodies[place])

        return all_subjects(body, find)

    def _already(self, once: str, recorded: Sequence[Stored], bodies: Sequence[Claim | Act]) -> AlreadyRecorded:
        """The receipt of then, if what was recorded under the key is what is given now."""
        entries = [read_entry(stored) for stored in recorded]
        keys = [Once(once, index, len(entries)) for index in range(len(entries))]
        if not entries or [entry.once for entry in entries] != keys:
            raise StoreDamagedError("the key leads to entries that were not recorded under it", where=f"once={once!r}")
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

    def _scope(self) -> Scope:
        """All that is recorded by now."""
        return Scope(self._store, self.size)

    def at(
        self,
        *,
        published: date | str | None = None,
        recorded: datetime | str | None = None,
        size: int | None = None,
    ) -> View:
        """
        The ledger as it was known at some point; without an axis, as it is now, and it stays so.

        Args:
            published: Only sources that were surely published by the end of this day; undated ones never count.
            recorded: Only entries recorded by this instant, or by the end of this day in UTC.
            size: Only the first so many entries; the same axis as *recorded*.

        Raises:
            InvalidValueError: No day or instant, an axis given twice, or a point that lies beyond the log.

        Source: DESIGN §4, D1, D2.
        """
        if recorded is not None and size is not None:
            raise InvalidValueError(
                "recorded and size are one axis, given twice", where="recorded, size", hint="give one of them"
            )
        head = self._store.head()
        if size is not None and (not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= head.size):
            raise InvalidValueError(
                "the view lies beyond the log", where="size", expected=f"0 to {head.size}", found=repr_of(size)
            )
        until = None if recorded is None else instant_of("recorded", recorded)
        if until is not None:
            size = self._size_at(until, head.size)
        day = None if published is None else day_of("published", published)
        return View(Scope(self._store, head.size if size is None else size, day), until)

    def _size_at(self, until: datetime, size: int) -> int:
        """How many entries had been recorded by an instant; found by halving, since the times never decrease."""
        now = instant_now(self._clock)
        if until > now:
            raise InvalidValueError(
                "the view lies beyond the log: more may be recorded until then",
                where="recorded",
                expected=f"an instant up to now, {now.isoformat()}",
                found=until.isoformat(),
            )
        low, high = 0, size
        while low < high:
            middle = (low + high) // 2
            (stored,) = self._store.read(((),), after=middle - 1, limit=1)
            low, high = (middle + 1, high) if read_entry(stored).recorded_at <= until else (low, middle)
        return low

    def sealed(self, which: str | int) -> dict[str, SealedState]:
        """
        How the sealed texts of an entry stand, by their paths: open, redacted, missing, or not erased as recorded.

        Args:
            which: Its id, or its position.

        Raises:
            EntryNotFoundError: There is no such entry.
            InvalidValueError: Neither text nor a whole number.
        """
        position = self.entry(which).position
        (stored,) = self._store.read(((),), after=position - 1, limit=1)
        return sealed_states(stored.leaf, stored.openings, self.redactions())

    def redactions(self) -> list[Redaction]:
        """The redactions recorded here, oldest first; keep them apart, for :func:`restore_backup`."""
        return [entry.body for entry in self.entries(of_type(Redaction)) if isinstance(entry.body, Redaction)]

    def backup(self, target: str | os.PathLike[str]) -> None:
        """
        Copy the ledger, as it is at one moment, into a new file; its size and root are checked.

        Raises:
            InvalidValueError: Something is there already.
            StoreError: This ledger is no file, or the copy failed; then no file is left.
        """
        if not isinstance(self._store, SqliteStore):
            raise StoreError(
                "this ledger is no file that can be copied", where=str(Path(target)),
                hint="export it, or copy it into a file with copy_ledger",
            )  # fmt: skip
        self._store.backup(target)

    def export(
        self,
        target: str | os.PathLike[str],
        *,
        openings: bool = True,
        size: int | None = None,
        checkpoint: str | bytes | None = None,
    ) -> BundleFooter:
        """
        Write the ledger into a new file that others can read and check; arguments and errors of :func:`export_bundle`.

        Source: ``docs/reference/format.md``, Bundles.
        """
        from coop_ledger.interchange import export_bundle  # only who hands a ledger over needs it

        return export_bundle(self, target, openings=openings, size=size, checkpoint=checkpoint)

    @classmethod
    def from_bundle(
        cls,
        source: str | os.PathLike[str],
        path: str | os.PathLike[str] | None = None,
        *,
        origin: str | None = None,
        recorder: str = "unnamed",
        countries: CountryRegistry = ISO_COUNTRIES,
        clock: Clock = system_clock,
        draw: Callable[[int], bytes] = os.urandom,
    ) -> Ledger:
        """
        Make a ledger of a bundle, every byte of it checked; errors of :func:`import_bundle`.

        Args:
            source: The bundle.
            path: The file of the new ledger; None: it stays in memory.
            origin: The origin that the bundle must have, if it is known.
            recorder: Pseudonym of who records from now on.
            countries: The registry of countries in use.
            clock: Gives the present instant, aware.
            draw: Gives random bytes.
        """
        from coop_ledger.interchange import import_bundle, origin_of

        check_recorder(recorder)
        if path is not None:
            import_bundle(source, path, origin=origin)
            return cls.open(path, recorder=recorder, countries=countries, clock=clock, draw=draw)
        store = MemoryStore(origin_of(source), clock=clock)
        import_bundle(source, store, origin=origin)
        return cls(store, recorder=recorder, countries=countries, clock=clock, draw=draw)

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
