"""
Stores of others, each with one fault planted; contract and machine must find them.

``Kept`` is sound. It is in memory, and outlives its object: ``opening`` restores what was held, as a file would.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from coop_ledger.errors import AppendConflictError, InvalidValueError
from coop_ledger.stores import (
    PAGE,
    Clock,
    Condition,
    Draft,
    Head,
    MemoryStore,
    Placed,
    Polling,
    Query,
    Restored,
    Stored,
    Watch,
)

ORIGIN = "broken.example/1"


class Kept(MemoryStore):
    """A sound store that can be opened again."""

    def held(self) -> list[Restored]:
        at = self._recorded_at or ""
        return [Restored(row.leaf, row.id, at, tuple(row.labels), row.once, row.openings) for row in self._rows]

    def again(self, clock: Clock) -> Kept:
        """The store, closed and opened again."""
        other = type(self)(self.origin, clock=clock)
        other.restore(self.held())
        self.close()
        return other


class LosesTheLastAppend(Kept):
    """The third call is acknowledged and not kept."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        result = super().append(drafts, conditions)
        if result.size > 2:
            self._rows.pop()
        return result


class ForgetsTheLastAppend(Kept):
    """What was acknowledged last is gone after opening again."""

    def held(self) -> list[Restored]:
        return super().held()[:-1]


class LosesWhatFollowsARefusal(Kept):
    """What was acknowledged first after a refusal is gone after opening again."""

    refused = False
    lost: frozenset[str] = frozenset()

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        was_refused, self.refused = self.refused, True
        result = super().append(drafts, conditions)
        self.refused = False
        if was_refused:
            self.lost = frozenset(draft.id for draft in drafts)
        return result

    def held(self) -> list[Restored]:
        return [entry for entry in super().held() if entry.id not in self.lost]


class LosesTheEndOfABatch(Kept):
    """Of a batch that came last the second half is gone after opening again."""

    half = 0

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        result = super().append(drafts, conditions)
        self.half = len(drafts) // 2
        return result

    def held(self) -> list[Restored]:
        entries = super().held()
        return entries[: len(entries) - self.half]


class TruncatesTheTail(Kept):
    """The last leaf is cut after opening again."""

    def held(self) -> list[Restored]:
        *others, last = super().held() or [Restored(b"", "", "")]
        return [*others, last._replace(leaf=last.leaf[:-2])] if last.id else []


class ReadsBackwards(Kept):
    """Pages come in the wrong order."""

    def read(self, query: Query, **options: Any) -> list[Stored]:
        return super().read(query, **options)[::-1]


class SwapsTwo(Kept):
    """Of a page of four and more the third comes before the second."""

    def read(self, query: Query, **options: Any) -> list[Stored]:
        page = super().read(query, **options)
        return page if len(page) < 4 else [page[0], page[2], page[1], *page[3:]]


class HalfBatches(Kept):
    """The drafts of a call are kept one by one, until one is refused."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if len(drafts) < 2:
            return super().append(drafts, conditions)
        first = super().append(drafts[:1], conditions)
        for draft in drafts[1:]:
            last = super().append([draft._replace(once=None)])
        return Placed(range(first.size - 1, last.size), last.recorded_at, last.clamped, last.size, last.root)


class IgnoresConditions(Kept):
    """A stale condition does not stop a call."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return super().append(drafts)


class ReusesAPosition(Kept):
    """The fourth entry takes the place of the third."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if len(self._rows) != 3:
            return super().append(drafts, conditions)
        gone = self._rows.pop()
        del self._places[gone.id]
        return super().append(drafts, conditions)


class BringsOpeningsBack(Kept):
    """What was erased in part reads as it was."""

    def openings(self, position: int) -> bytes | None:
        return b"{long opening}" if super().openings(position) else super().openings(position)


class ForgetsErasures(Kept):
    """Openings that were erased come back after opening again."""

    def __init__(self, origin: str, *, clock: Clock) -> None:
        super().__init__(origin, clock=clock)
        self.first: dict[str, bytes | None] = {}

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self.first.update({draft.id: draft.openings for draft in drafts})
        return super().append(drafts, conditions)

    def held(self) -> list[Restored]:
        return [entry._replace(openings=self.first.get(entry.id, entry.openings)) for entry in super().held()]


class ForgetsSecondErasures(Kept):
    """An entry that was erased twice reads after opening again as before the second time."""

    def __init__(self, origin: str, *, clock: Clock) -> None:
        super().__init__(origin, clock=clock)
        self.erased: dict[str, list[bytes]] = {}

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *conditions: Any) -> Placed:
        result = super().erase(position, old, remaining, draft, *conditions)
        self.erased.setdefault(self._rows[position].id, []).append(old)
        return result

    def held(self) -> list[Restored]:
        twice = {entry_id: olds[-1] for entry_id, olds in self.erased.items() if len(olds) > 1}
        return [entry._replace(openings=twice.get(entry.id, entry.openings)) for entry in super().held()]


class ShowsErasedById(Kept):
    """What was erased is still there for who asks by id."""

    def __init__(self, origin: str, *, clock: Clock) -> None:
        super().__init__(origin, clock=clock)
        self.first: dict[int, bytes] = {}

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *conditions: Any) -> Placed:
        result = super().erase(position, old, remaining, draft, *conditions)
        self.first.setdefault(position, old)
        return result

    def entry(self, entry_id: str) -> Stored | None:
        found = super().entry(entry_id)
        return found and found._replace(openings=self.first.get(found.position, found.openings))


class RestoresOpenings(Kept):
    """An erasure is taken back by the next call."""

    erased: tuple[int, bytes] | None = None

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *conditions: Any) -> Placed:
        result = super().erase(position, old, remaining, draft, *conditions)
        self.erased = position, old
        return result

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if self.erased is not None:
            position, openings = self.erased
            self._rows[position].openings, self.erased = openings, None
        return super().append(drafts, conditions)


class MissesALabel(Kept):
    """Of the fourth entry and later ones the last label is not in the index."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if len(self._rows) > 2:
            drafts = [draft._replace(labels=draft.labels[:-1]) for draft in drafts]
        return super().append(drafts, conditions)


class FindsByPrefix(Kept):
    """A label leads to entries of longer ones, as with LIKE in a database."""

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        super().read(query, after=after, limit=limit, size=size)
        known = self.labels()
        longer = tuple((one,) for group in query if len(group) == 1 for one in known if one.startswith(group[0]))
        return super().read((*query, *longer), after=after, limit=limit, size=size)


class ForgetsKeys(Kept):
    """A call under a known key is recorded a second time."""

    def once(self, key: str) -> list[Stored]:
        return []

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._keys.clear()
        return super().append(drafts, conditions)


class GoesBackInTime(Kept):
    """An instant before the last is taken as it is."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._recorded_at = None
        return super().append(drafts, conditions)


class ComparesBeforeKeys(Kept):
    """An erasure that is repeated finds the openings changed by itself, and never gets to its key."""

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *conditions: Any) -> Placed:
        if self.openings(position) != old:
            raise AppendConflictError("others by now", positions=(position,), since=position)
        return super().erase(position, old, remaining, draft, *conditions)


class IgnoresConditionsOfErasures(Kept):
    """A stale condition does not stop an erasure."""

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *_: Any) -> Placed:
        return super().erase(position, old, remaining, draft)


class LooksForIdsFirst(Kept):
    """Of several reasons to refuse the last is told."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if any(draft.id in self._places for draft in drafts):
            raise InvalidValueError("an entry id stands twice")
        return super().append(drafts, conditions)


class KeepsACopy(Kept):
    """What was erased stays where no entry is."""

    def leftovers(self, pieces: Sequence[bytes]) -> list[bytes]:
        return [piece for piece in pieces if b"entry 4" in piece and self.openings(4) == b"{}"]


class SleepsOn(Kept):
    """What waits for more does not hear of it."""

    def watch(self) -> Watch:
        sizes = {len(self._rows)}
        return Polling(lambda size: min(sizes) > size)


class _Deaf(Polling):
    def stop(self) -> None:
        """Go on."""


class CannotBeStopped(Kept):
    """What waits for more waits until there is more."""

    def watch(self) -> Watch:
        return _Deaf(lambda size: self._closed or len(self._rows) > size)


class ShowsOldTiles(Kept):
    """A tile is given with its first hash twice."""

    def tile(self, level: int, index: int) -> bytes:
        tile = super().tile(level, index)
        return tile[:32] + tile[:32] + tile[64:]


class GivesOtherHashes(Kept):
    """Of the leaf hashes at the end one is of another leaf."""

    def hashes(self, start: int, end: int) -> list[bytes]:
        found = super().hashes(start, end)
        return found if len(found) < 3 else [found[1], *found[1:]]


class DropsOpeningsOfRestored(Kept):
    """What is restored loses the bytes beside the leaves."""

    def restore(self, entries: Iterable[Restored]) -> Head:
        return super().restore([entry._replace(openings=None) for entry in entries])


class KeepsHalfARestore(Kept):
    """A restore whose source breaks leaves what came before."""

    def restore(self, entries: Iterable[Restored]) -> Head:
        given: list[Restored] = []
        try:
            given.extend(entries)
        except Exception:
            super().restore(given)
            raise
        return super().restore(given)


class TurnsWhatComes(Kept):
    """Of drafts that come one after the other the last is placed first."""

    def extend(self, drafts: Iterable[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return super().extend(list(drafts)[::-1], conditions)


class KeepsWhatCame(Kept):
    """Of drafts whose source breaks, those that came are kept."""

    def extend(self, drafts: Iterable[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        given: list[Draft] = []
        try:
            given.extend(drafts)
        except Exception:
            super().extend(given, conditions)
            raise
        return super().extend(given, conditions)


class TellsThreadsWrong(Kept):
    """Of what other threads write the position is told that was the next before them."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        result = super().append(drafts, conditions)
        if threading.current_thread() is threading.main_thread():
            return result
        return Placed(range(len(drafts)), result.recorded_at, result.clamped, result.size, result.root)


class ListsALabelTooMany(Kept):
    """A label of nothing is listed."""

    def labels(self, prefix: str = "", *, size: int | None = None) -> list[str]:
        return sorted([*super().labels(prefix, size=size), "subject:none"])


class IgnoresTheSize(Kept):
    """A page goes on beyond the size that was asked for."""

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        return super().read(query, after=after, limit=limit)


class GivesWhatIsAsked(Kept):
    """A page has as many entries as its caller wants."""

    def read(self, query: Query, *, after: int = -1, limit: int = PAGE, size: int | None = None) -> list[Stored]:
        return [stored for stored in self._all(query, size) if stored.position > after][: limit + (limit == PAGE)]

    def _all(self, query: Query, size: int | None) -> list[Stored]:
        return [self._stored(at) for at in self._matching(query, -1, len(self._rows) if size is None else size)]


class DropsGroups(Kept):
    """Of a long query the end is left out."""

    def read(self, query: Query, **options: Any) -> list[Stored]:
        return super().read(query[:999], **options)


class TakesIdsTwice(Kept):
    """An id that is there is taken again."""

    def _check_new(self, ids: Sequence[str], keys: Any) -> None:
        self._check_keys(keys)


class TakesKeysTwice(Kept):
    """Of what is restored a key may stand twice."""

    def restore(self, entries: Iterable[Restored]) -> Head:
        given = list(entries)
        keys = [None if entry.once is None else entry.once[:2] for entry in given]
        twice = [at for at, key in enumerate(keys) if key is not None and key in keys[:at]]
        return super().restore([one._replace(once=None) if at in twice else one for at, one in enumerate(given)])


class ErasesTooMuch(Kept):
    """An erasure leaves nothing."""

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *conditions: Any) -> Placed:
        result = super().erase(position, old, remaining, draft, *conditions)
        self._rows[position].openings = None
        return result


class InventsOpenings(Kept):
    """What is restored without openings gets some."""

    def restore(self, entries: Iterable[Restored]) -> Head:
        return super().restore([entry._replace(openings=entry.openings or b"{}") for entry in entries])


class WorksInAFork(Kept):
    """A fork has a store of its own, that nobody else sees."""

    def head(self) -> Head:
        self._process = os.getpid()
        return super().head()


class NeverCloses(Kept):
    """A store that was closed goes on."""

    def close(self) -> None:
        pass


def opening(kind: type[Kept]) -> Callable[[Path, Clock], Kept]:
    """Opens stores of one class; a folder stands for what was opened there before."""
    found: dict[Path, Kept] = {}

    def opened(folder: Path, clock: Clock) -> Kept:
        store = kind(ORIGIN, clock=clock)
        if folder in found:
            store.restore(found[folder].held())
        found[folder] = store
        return store

    return opened
