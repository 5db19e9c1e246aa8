"""
A pinned part of a log, and the claims that count in it: what every reader of states stands on.

Knows how to find what a question needs through labels, and no projection. A scope is a size of the log, a day by
whose end sources were published, and a day of the world; the log only grows, so all its reads are one snapshot.
Reading one subject reads the entries about it, the acts on them, and the few entries that those name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, product
from typing import Any, Final

import attrs

from coop_ledger import stores
from coop_ledger.codec import decode, wire_name
from coop_ledger.domain import (
    ACT_TYPES,
    Claim,
    Correction,
    Effective,
    Entry,
    Merge,
    Redaction,
    Retraction,
    SubjectId,
    SubjectKind,
    UnknownEvent,
    Value,
    renamable,
    subjects_of,
    targets_of,
)
from coop_ledger.projections import (
    Effects,
    effective_entries,
    effects_of,
    known_sources,
    remains,
    with_sources,
)

__all__ = ["Gathered", "Scope", "read_entry", "root_at", "subjects_named"]


_ACTS: Final = tuple((f"type:{wire_name(act)}",) for act in ACT_TYPES)
_CORRECTED: Final = f"type:{wire_name(Correction)}"
_MERGED: Final = f"type:{wire_name(Merge)}"
_MERGES: Final = ((_MERGED,),)
_ON_MERGES: Final = tuple(f"type:{wire_name(act)}" for act in (Retraction, Redaction))
"""The acts that can name a merge."""
_FEW: Final = 200
"""Up to so many claims, the acts on each are looked up; for more, all acts are read."""
_FIXED: Final = ("country:", "relationship:")
"""Kinds of subjects that are never merged."""


def sides_of(subject: SubjectId) -> tuple[str, ...]:
    """The two country codes of a relationship; none for any other subject."""
    kind, _, slug = subject.partition(":")
    return tuple(slug.split("-")) if kind == SubjectKind.RELATIONSHIP else ()


def read_entry(stored: stores.Stored) -> Entry:
    """The entry that a store holds."""
    return decode(stored.leaf, stored.openings, trusted=True)


def _is_act(entry: Entry) -> bool:
    return not isinstance(entry.body, Claim | UnknownEvent)


def _mentioned(entry: Entry) -> frozenset[SubjectId]:
    """The ids in an entry that a merge may rename."""
    claim = entry.body.claim if isinstance(entry.body, Correction) else entry.body
    return renamable(claim) if isinstance(claim, Claim) else frozenset()


@attrs.frozen(eq=False, repr=False)
class Gathered(Value):
    """
    What a question found.

    Args:
        claims: The claims that may count for it, each with an entry that says it as it counts.
        effects: What the acts that were found make of claims.
        found: Positions of the entries that are about it, without those that these led to.
    """

    claims: tuple[tuple[Entry, Effective], ...]
    effects: Effects
    found: frozenset[int]


@attrs.frozen(eq=False, repr=False)
class Scope(Value):
    """
    Which part of a log is read, and as of which day.

    Args:
        store: Where the entries are.
        size: Only positions below it.
        published: The day by whose end a source must have been published to count; None: all count.
        day: The day of the world as of which states are read; None: as of all that is known.
    """

    store: stores.Store
    size: int
    published: date | None = None
    day: date | None = None

    def stored(self, query: stores.Query, after: int = -1) -> Iterator[Entry]:
        """The recorded entries that match, by position, in pages; not cut by publication."""
        while True:
            page = self.store.read(query, after=after, size=self.size)
            for stored in page:
                yield read_entry(stored)
            if not page:
                return
            after = page[-1].position

    def find(self, entry_id: str) -> Entry | None:
        """The recorded entry of an id, if it lies in the scope."""
        stored = self.store.entry(entry_id)
        return None if stored is None or stored.position >= self.size else read_entry(stored)

    def placed(self, position: int) -> Entry | None:
        """The recorded entry at a position, if it lies in the scope."""
        page = self.store.read(((),), after=position - 1, size=self.size, limit=1) if position >= 0 else ()
        return read_entry(page[0]) if page else None

    def entries(self, query: stores.Query, after: int = -1) -> Iterator[Entry]:
        """The entries that match as far as they were known: claims with the sources that were out."""
        for entry in self.stored(query, after):
            known = self.known(entry)
            if known is not None:
                yield known

    def known(self, entry: Entry) -> Entry | None:
        """An entry with the sources that were out by the day of publication; None if it was not known then."""
        if self.published is None:
            return entry
        named: dict[str, Entry] = {entry.id: entry}
        self._fetch(named)
        if not remains(entry, named, self.published):
            return None
        body = entry.body
        if isinstance(body, Claim):
            body = with_sources(body, known_sources(body.sources, self.published))
        elif isinstance(body, Correction | Retraction):
            given: Any = body
            body = attrs.evolve(given, sources=known_sources(body.sources, self.published))
            if isinstance(body, Correction):
                claim = with_sources(body.claim, known_sources(body.claim.sources, self.published))
                body = attrs.evolve(given, claim=claim, sources=body.sources)
        return attrs.evolve(entry, body=body)

    def labels(self, prefix: str) -> list[str]:
        """The labels of entries in the scope that begin with *prefix*; merged subjects under their own."""
        found = self.store.labels(prefix, size=self.size)
        if self.published is None:
            return found
        return [label for label in found if next(self.entries(((label,),)), None) is not None]

    def _fetch(self, known: dict[str, Entry]) -> list[Entry]:
        """Add the entries that acts among the known ones name, and those that these name in turn."""
        waiting = [target for entry in known.values() for target in targets_of(entry.body)]
        fetched, missing = [], set[str]()
        while waiting:
            target = waiting.pop()
            if target in known or target in missing:
                continue
            entry = self.find(target)
            if entry is None:
                missing.add(target)
                continue
            known[target] = entry
            fetched.append(entry)
            waiting.extend(targets_of(entry.body))
        return fetched

    def _complete(self, known: dict[str, Entry]) -> None:
        """
        Add what the effect of the known acts rests on.

        All acts on an entry carry the labels of its subjects: an entry found by its label came with its acts. One
        that only an act led to has its own acts looked up.
        """
        while fetched := self._fetch(known):
            known |= self._acts_on(fetched)

    def _acts_on(self, entries: Iterable[Entry]) -> dict[str, Entry]:
        """The acts that carry all labels of a claim, which those on it do."""
        claims = (entry for entry in entries if isinstance(entry.body, Claim))
        groups = {(*subjects_of(claim.body), *act) for claim in claims for act in _ACTS}
        return {entry.id: entry for entry in self.stored(tuple(sorted(groups)))} if groups else {}

    def _retractable(self, merges: Iterable[Entry]) -> dict[str, Entry]:
        """Merges with the acts that concern them, and the acts on these."""
        found = {entry.id: entry for entry in merges}
        groups = {(*subjects_of(entry.body), act) for entry in found.values() for act in _ON_MERGES}
        for entry in self.stored(tuple(sorted(groups))):
            if found.keys() & set(targets_of(entry.body)):
                found[entry.id] = entry
        return found

    def _merges(self, subjects: Iterable[SubjectId]) -> dict[str, Entry]:
        """The merges that bear on some subjects, step by step, and the retractions that concern them."""
        if not self.store.read(_MERGES, limit=1, size=self.size):
            return {}
        found, seen, waiting = dict[int, Entry](), set[SubjectId](), set(subjects)
        while waiting:
            seen |= waiting
            groups = tuple((subject, _MERGED) for subject in sorted(waiting) if not subject.startswith(_FIXED))
            merges = list(self.stored(groups))
            found.update((entry.position, entry) for entry in merges)
            waiting = {subject for entry in merges for subject in subjects_of(entry.body)} - seen
        return self._retractable(found.values())

    def _effects(self, known: dict[str, Entry]) -> Effects:
        return effects_of([entry for entry in known.values() if _is_act(entry)], known, self.published)

    def _gathered(self, known: dict[str, Entry], found: Iterable[Entry]) -> Gathered:
        ordered = sorted(known.values(), key=lambda entry: entry.position)
        effects = self._effects(known)
        places = frozenset(entry.position for entry in found)
        return Gathered(tuple(effective_entries(ordered, effects)), effects, places)

    def _labelled(self, subject: SubjectId, merges: dict[str, Entry]) -> dict[str, Entry]:
        """The entries that carry the label of a subject or of one that reads under its id."""
        pair = tuple(f"country:{code}" for code in sides_of(subject))
        members = (pair,) if pair else ((member,) for member in self._effects(merges).merging.members(subject))
        return {entry.id: entry for entry in self.stored(tuple(members))}

    def recorded_about(self, subject: SubjectId) -> dict[str, Entry]:
        """
        The entries about a subject, the acts on them and what these rest on, as recorded, by id.

        Args:
            subject: A subject; if it was merged, the one under which it reads is meant. Of a relationship, what
                is about both countries.
        """
        merges = self._merges((subject,))
        return self._resting(merges, self._labelled(subject, merges))

    def _resting(self, merges: dict[str, Entry], found: dict[str, Entry]) -> dict[str, Entry]:
        known = {**merges, **found}
        self._complete(known)
        known |= self._merges(subject for entry in known.values() for subject in _mentioned(entry))
        return known

    def about(self, subject: SubjectId) -> Gathered:
        """The claims that may count for a subject, with all that acts make of them."""
        merges = self._merges((subject,))
        found = self._labelled(subject, merges)
        return self._gathered(self._resting(merges, found), found.values())

    def name(self, subject: SubjectId) -> SubjectId:
        """The id under which a subject reads (D14)."""
        merges = self._merges((subject,))
        return self._effects(merges).name(subject) if merges else subject

    def is_named(self, subject: SubjectId) -> bool:
        """Whether any entry of the scope is about a subject, whatever became of the entry."""
        pair = tuple(f"country:{code}" for code in sides_of(subject))
        groups = (pair, (subject,)) if pair else ((subject,),)
        return bool(self.store.read(groups, limit=1, size=self.size))

    def merge_effects(self) -> Effects:
        """What all merges of the scope make of its subjects; no other act is read."""
        return self._effects(self._retractable(self.stored(_MERGES)))

    def effects(self) -> Effects:
        """What all acts of the scope make of its claims."""
        known = {entry.id: entry for entry in self.stored(_ACTS)}
        self._fetch(known)
        return self._effects(known)

    def matching(self, query: stores.Query) -> Gathered:
        """The claims of a query as they count, and those that corrections and merges may have made such."""
        members = self.merge_effects().merging.members
        # a correction may make a claim of another type: it carries its subjects and publishers, and not that type
        groups = {*query, *(tuple(map(_corrected, group)) for group in query)}
        widened = (product(*(members(SubjectId(label)) for label in group)) for group in sorted(groups))
        found = {entry.id: entry for entry in self.stored(tuple(dict.fromkeys(chain(*widened))))}
        if len(found) <= _FEW:
            return self._gathered(self._resting({}, found | self._acts_on(found.values())), found.values())
        known = {entry.id: entry for entry in self.stored(_ACTS)}
        self._fetch(known)
        return self._gathered({**known, **found}, found.values())

    def shaping(self, entry: Entry) -> Effects:
        """What acts make of one entry, its merges included; no other act is read."""
        own = {entry.id: entry}
        self._fetch(own)  # acts on acts carry the labels of the claims that these lead to
        own |= self._retractable((entry,)) if isinstance(entry.body, Merge) else self._acts_on(tuple(own.values()))
        return self._effects(self._resting({}, own))

    def everything(self) -> Gathered:
        """All claims of the scope as they count."""
        return self.matching(((),))

    def all_entries(self) -> Iterator[Entry]:
        """All recorded entries, by position."""
        return self.stored(((),))

    def erasures(self) -> int:
        """The number of redactions in the whole log, also after the scope."""
        whole = attrs.evolve(self, size=self.store.head().size)
        return sum(1 for _ in whole.stored(((f"type:{wire_name(Redaction)}",),)))


def _corrected(label: str) -> str:
    """The label that a correction carries in the place of the type that it gives a claim."""
    return _CORRECTED if label.startswith("type:") else label


def subjects_named(scope: Scope, prefixes: Iterable[str]) -> set[SubjectId]:
    """The subjects of some kinds that entries of a scope are about, under the ids they read as."""
    merged = scope.merge_effects()
    return {merged.name(SubjectId(label)) for prefix in prefixes for label in scope.labels(prefix)}


def root_at(scope: Scope) -> bytes:
    """RFC 6962 root over the entries of a scope, 32 bytes, from kept tiles."""
    return stores.root_at(scope.store, scope.size)
