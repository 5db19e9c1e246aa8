"""
How a contract gets the stores that it tries, and what it fills them with; tests nothing by itself.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import pytest

from coop_ledger.stores import Clock, Draft, Store
from coop_ledger.testing.clauses import Trace, differing
from coop_ledger.testing.twins import EVERYTHING, read_all

__all__ = ["START", "StoreClauses", "alike", "held", "in_a_fork", "made_up", "ticking", "uses"]

START: Final = datetime(2016, 11, 15, 9, tzinfo=UTC)

_numbers = count(1)


def ticking(start: datetime = START, step: timedelta = timedelta(seconds=1)) -> Clock:
    """A clock that stands at *start* and goes on by *step* each time it is read."""
    now = start - step

    def clock() -> datetime:
        nonlocal now
        now += step
        return now

    return clock


def made_up(*labels: str, once: tuple[str, int, int] | None = None, openings: bytes | None = b"{opening}") -> Draft:
    """A draft with an id of its own, whose leaf is JSON and says nothing."""
    number = next(_numbers)
    head = f'{{"body":{{"n":{number}}},'.encode()
    return Draft(head, b'"v":1}', f"id-{number:08d}", labels or ("subject:any",), once, openings)


_ASKED: Final[dict[str, Callable[[Store], Any]]] = {
    "head": lambda store: store.head(),
    "entries": read_all,
    "labels": lambda store: store.labels(),
    "entries by label": lambda store: {
        label: [one.position for one in read_all(store, ((label,),))] for label in store.labels()
    },
    "hashes": lambda store: store.hashes(0, store.head().size),
    "roots of tiles": lambda store: store.tile_roots(0, 0, store.head().size),
    "entries of a key": lambda store: store.once("key"),
}


def held(store: Store) -> dict[str, Any]:
    """What a store holds, as far as another can be held against it; of keys that of ``key``."""
    return {what: ask(store) for what, ask in _ASKED.items()}


def alike(which: str, before: dict[str, Any], store: Store) -> None:
    """
    Ask a store what :func:`held` asked, one question at a time.

    Args:
        which: What the store is, for the message.
        before: What was held.
        store: The store that must hold it.

    Raises:
        AssertionError: It answers something otherwise.
    """
    for what, ask in _ASKED.items():
        differing(f"{what} of {which}", before[what], ask(store))


def uses(store: Store) -> dict[str, Callable[[], object]]:
    """Every use of a store of one entry, by the name of the method."""
    return {
        "append": lambda: store.append([made_up()]),
        "read": lambda: store.read(EVERYTHING),
        "entry": lambda: store.entry("id"),
        "once": lambda: store.once("key"),
        "openings": lambda: store.openings(0),
        "labels": lambda: store.labels(),
        "tile": lambda: store.tile(0, 0),
        "tile_roots": lambda: store.tile_roots(0, 0, 1),
        "hashes": lambda: store.hashes(0, 1),
        "erase": lambda: store.erase(0, b"{opening}", None, made_up()),
        "leftovers": lambda: store.leftovers([b"words"]),
        "head": lambda: store.head(),
        "watch": lambda: store.watch(),
    }


def in_a_fork(work: Callable[[], list[str]]) -> list[str]:
    """What a piece of work gives in a fork of this process, which ends with it; texts without blanks."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, " ".join(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        found = said.read().split()
    os.waitpid(child, 0)
    return found


class StoreClauses(ABC):
    """Where a contract's stores come from; a subclass says how one is made, and how one is opened again."""

    trace: Trace

    @abstractmethod
    def make(self, clock: Clock) -> Store:
        """A new, empty store, apart from all that were made before."""

    def reopen(self, store: Store, clock: Clock) -> Store:
        """
        A store that outlives its object, closed and opened again; one that does not is given back as it is.

        Args:
            store: What :meth:`make` or this gave.
            clock: The clock from now on.
        """
        return store

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """The store that a clause is about."""
        with self.afresh() as store:
            yield store

    @contextmanager
    def afresh(self, clock: Clock | None = None) -> Iterator[Store]:
        """The first store of a clause: a new one, with no history."""
        self.trace = Trace()
        with self.opened(clock) as store:
            yield store

    @contextmanager
    def opened(self, clock: Clock | None = None) -> Iterator[Store]:
        """Another new store, whose calls are noted, and which is closed at the end."""
        made = self.make(ticking() if clock is None else clock)
        traced = self.trace.over(made)
        try:
            yield traced
        finally:
            made.close()
