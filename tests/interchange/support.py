"""Ledgers that hold given entries as writers would have kept them, bundles of them, and what two ledgers share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.codec import canonical, encode, encode_openings, parse_openings
from coop_ledger.domain import Entry, Redaction, UnknownEvent
from coop_ledger.interchange import BundleEntry, read_bundle
from coop_ledger.log import format_instant, placed
from coop_ledger.query import Named, all_subjects, labels_of, named
from coop_ledger.stores import Draft, MemoryStore, Store, Stored
from coop_ledger.testing import ticking
from tests.ledger.support import AnyCountry

ORIGIN = "bundle.example/1"
START = datetime(2016, 11, 20, 9, tzinfo=UTC)


def small(count: int = 3, *, once: str | None = None) -> Ledger:
    """A ledger of plans with notes, each from its own call, or all from one."""
    ledger = Ledger.in_memory(origin=ORIGIN, clock=ticking(START))
    plans = [
        announced(
            ev.InstitutionOpened(f"office-{number}"),
            when="2017",
            sources=Source("Korea.net", title=f"Title {number}"),
            note=f"note {number}",
        )
        for number in range(count)
    ]
    if once is not None:
        ledger.record(*plans, once=once)
    else:
        for plan in plans:
            ledger.record(plan)
    return ledger


def _draft(entry: Entry, labels: tuple[str, ...]) -> Draft:
    once = None if entry.once is None else (entry.once.key, entry.once.index, entry.once.count)
    if not isinstance(entry.body, UnknownEvent):
        found = encode(
            entry.body, origin=ORIGIN, entry_id=entry.id, recorder=entry.recorder, once=entry.once, draw=os.urandom
        )
        return Draft(found.head, found.tail, entry.id, labels, once, found.openings)
    part = placed(0, format_instant(START), False)
    leaf: dict[str, Any] = {
        "body": entry.body.raw, "id": entry.id, "origin": ORIGIN, "position": 0, "recorded_at": format_instant(START),
        "recorder": entry.recorder, "sealed": {}, "type": entry.body.type, "v": 1, "version": entry.body.version,
    }  # fmt: skip
    if once is not None:
        leaf["once"] = list(once)
    head, _, tail = canonical(leaf).partition(part)
    return Draft(head, tail, entry.id, labels, once)


class Keeper:
    """
    A store in memory that holds entries as a writer would have kept them.

    Each call is one append, times and clamps are those given, and a redaction erases what it names.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.now = START
        self.known: dict[str, Named] = {}
        self.store = MemoryStore(ORIGIN, clock=lambda: self.now)
        self.ledger = Ledger(self.store, clock=ticking(datetime(2031, 1, 1, tzinfo=UTC)), countries=AnyCountry(()))
        self.keep(*entries)

    def keep(self, *entries: Entry) -> None:
        """Keep more entries."""
        for _, call in groupby(entries, key=lambda entry: entry.once.key if entry.once else entry.id):
            self._keep(list(call))

    def _keep(self, call: Sequence[Entry]) -> None:
        first = call[0]
        self.now = first.recorded_at - timedelta(days=first.clamped)
        if len(call) == 1 and isinstance(first.body, Redaction) and self._erase(first, first.body):
            return
        self.store.append([self._labelled(entry) for entry in call])
        for entry in call:
            if isinstance(entry.body, Redaction):
                self._forget(entry.body)

    def _labelled(self, entry: Entry) -> Draft:
        draft = _draft(entry, labels_of(entry.body, all_subjects(entry.body, self.known.get)))
        self.known[entry.id] = named(entry.body)
        return draft

    def _remaining(self, redaction: Redaction) -> tuple[int, bytes, bytes | None] | None:
        target = self.store.entry(redaction.target)
        if target is None or target.openings is None:
            return None
        left = parse_openings(target.openings)
        gone = [left.pop(path) for path in redaction.paths if path in left]
        return (target.position, target.openings, encode_openings(left)) if gone else None

    def _erase(self, entry: Entry, redaction: Redaction) -> bool:
        found = self._remaining(redaction)
        if found is not None:
            self.store.erase(*found, self._labelled(entry))
        return found is not None

    def _forget(self, redaction: Redaction) -> None:
        """A redaction among others of one call: what the store itself would have erased in their transaction."""
        found = self._remaining(redaction)
        if found is not None:
            self.store._rows[found[0]].openings = found[2]


def as_bundle(ledger: Ledger, folder: Path, name: str = "a.bundle", **options: Any) -> Path:
    """A ledger's bundle; the name is freed first."""
    path = folder / name
    path.unlink(missing_ok=True)
    ledger.export(path, **options)
    return path


def entries_of(path: Path) -> list[BundleEntry]:
    return [line for line in read_bundle(path) if isinstance(line, BundleEntry)]


def held(store: Store) -> dict[str, Any]:
    """All that a store holds, and how it is found."""
    stored = store.read(((),))
    labels = store.labels()
    return {
        "entries": stored,
        "head": store.head(),
        "labels": {label: [one.position for one in store.read(((label,),))] for label in labels},
        "once": [
            (leaf["once"], [one.position for one in store.once(leaf["once"][0])])
            for leaf in map(_leaf, stored)
            if "once" in leaf
        ],
    }


def _leaf(stored: Stored) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stored.leaf)
    return found


def edited(path: Path, change: Callable[[list[bytes]], list[bytes]], name: str = "edited.bundle") -> Path:
    """A bundle whose lines, with their line feeds, were changed."""
    target = path.with_name(name)
    target.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    return target
