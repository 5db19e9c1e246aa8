"""Ledgers that hold a given history entry for entry, so that twins can be compared; a plan to record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from coop_ledger import CountryRegistry, Ledger, Source, When, announced
from coop_ledger import events as ev
from coop_ledger.codec import encode
from coop_ledger.domain import Claim, Entry, Redaction, SubjectId, subjects_of, targets_of
from coop_ledger.projections import Effects, Projection, effects_of, project
from coop_ledger.query import labels_of
from coop_ledger.redaction import carry_out
from coop_ledger.stores import Draft, MemoryStore
from coop_ledger.testing import with_redactions_carried_out

ORIGIN = "history.example/1"
LATE = datetime(2031, 1, 1, tzinfo=UTC)

SOURCE = Source("Korea.net", When("2016-11-18"))
OPENED = ev.InstitutionOpened("kcac")
PLAN = announced(OPENED, when="2017", sources=SOURCE, note="said at the forum")
START = datetime(2016, 11, 20, 9, tzinfo=UTC)


class AnyCountry(CountryRegistry):
    """A registry that knows every code: histories are older and younger than ISO's list."""

    def check(self, code: str, when: Any = None) -> None:
        """Refuse nothing."""


class History:
    """
    A ledger in memory that takes entries as they are, also acts that ``record`` would refuse.

    Redactions are carried out.
    """

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.now = LATE
        self.entries: dict[str, Entry] = {}
        self.store = MemoryStore(ORIGIN, clock=lambda: self.now)
        self.ledger = Ledger(self.store, clock=lambda: LATE, countries=AnyCountry(()))
        self.add(*entries)

    def add(self, *entries: Entry) -> None:
        """Append entries; an act is labelled with what its targets are about, and these in turn."""
        for entry in entries:
            body: Any = entry.body
            leaf = encode(
                body, origin=ORIGIN, entry_id=entry.id, recorder=entry.recorder, once=entry.once, draw=os.urandom
            )
            about, waiting, seen = dict.fromkeys(subjects_of(body)), list(targets_of(body)), set[str]()
            while waiting:
                target = waiting.pop()
                if target in self.entries and target not in seen:
                    about.update(dict.fromkeys(subjects_of(self.entries[target].body)))
                    waiting.extend(targets_of(self.entries[target].body))
                seen.add(target)
            once = None if entry.once is None else (f"{entry.once.key} {entry.once.index}", 0, 1)
            self.now = entry.recorded_at
            draft = Draft(leaf.head, leaf.tail, entry.id, labels_of(body, about), once, leaf.openings)
            if isinstance(body, Redaction):
                carry_out(self.store, body, draft, ())
            else:
                self.store.append([draft])
            self.entries[entry.id] = entry

    def effects(self, size: int | None = None, published: date | None = None) -> tuple[list[Entry], Effects]:
        """The first entries, and what their acts make of them: all read, nothing looked up."""
        known = with_redactions_carried_out(list(self.entries.values()))[:size]
        acts = [entry for entry in known if not isinstance(entry.body, Claim)]
        return known, effects_of(acts, {entry.id: entry for entry in known}, published)

    def twin(
        self,
        projection: Projection[Any],
        size: int | None = None,
        published: date | None = None,
        day: date | None = None,
    ) -> dict[SubjectId, Any]:
        """The states of a view by the slow and obvious way: all entries folded."""
        return project(projection, *self.effects(size, published), day)
