"""
Two ledgers in step: one over the model in memory, one over the store under test, and what they answer.

Knows which questions tell two ledgers apart, and draws nothing. Both are given the same instants and the same
random bytes, however often each asks, so that equal calls must give equal ids, leaves and roots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

import attrs

from coop_ledger.analyst import Analyst
from coop_ledger.domain import SubjectId, SubjectKind
from coop_ledger.errors import CoopLedgerError
from coop_ledger.ledger import Ledger
from coop_ledger.projections import SHIPPED, as_plain
from coop_ledger.stores import MemoryStore, Query, Store, Stored
from coop_ledger.testing.clauses import differing
from coop_ledger.view import View

__all__ = ["EVERYTHING", "Pin", "Pulse", "Twins", "answers", "read_all", "state_of"]

T = TypeVar("T")

EVERYTHING: Final[Query] = ((),)
START: Final = datetime(2031, 1, 1, tzinfo=UTC)
"""Later than what stories tell of: it can have occurred."""

_FACTS: Final = ("positions", "since", "key", "fields", "anomalies", "subject", "projection")
"""What an error tells a program; its sentences may differ from store to store."""


class Pulse:
    """The instant and the random bytes of each step, the same for every ledger that asks."""

    def __init__(self) -> None:
        self._now = START
        self._step = 0
        self._late = timedelta()

    def beat(self, late_s: int = 0) -> None:
        """
        Go on to the next step.

        Args:
            late_s: By how many seconds the clock stands behind during the step.
        """
        self._step += 1
        self._now += timedelta(seconds=7)
        self._late = timedelta(seconds=late_s)

    def clock(self) -> datetime:
        """The instant of the step."""
        return self._now - self._late

    def draws(self) -> Callable[[int], bytes]:
        """A stream of random bytes for one ledger; it begins anew with each step."""
        step = count = 0

        def draw(size: int) -> bytes:
            nonlocal step, count
            step, count = self._step, count + 1 if step == self._step else 0
            return hashlib.shake_256(f"{step} {count}".encode()).digest(size)

        return draw


@attrs.frozen
class Pin:
    """
    A view that was made once, and what it answered.

    Args:
        size: Entries of the view.
        published: Its day of publication.
        day: Its day of the world.
        answers: What it answered.
    """

    size: int
    published: date | None
    day: date | None
    answers: dict[str, Any]


class Twins:
    """
    The two ledgers.

    Args:
        pulse: What gives both their instants and random bytes.
        store: The store under test, empty.
    """

    def __init__(self, pulse: Pulse, store: Store) -> None:
        self._pulse = pulse
        self.stores: tuple[Store, Store] = (MemoryStore(store.origin, clock=pulse.clock), store)
        self.ledgers: tuple[Ledger, Ledger] = (self._over(self.stores[0]), self._over(store))

    def _over(self, store: Store) -> Ledger:
        return Ledger(store, recorder="machine", clock=self._pulse.clock, draw=self._pulse.draws())

    def moved(self, store: Store) -> Store:
        """Go on with another store under test, which holds what the one before held; that one is given back."""
        before, self.stores = self.stores[1], (self.stores[0], store)
        self.ledgers = (self.ledgers[0], self._over(store))
        return before

    @property
    def model(self) -> Ledger:
        """The ledger in memory, which is believed."""
        return self.ledgers[0]

    def ask(self, what: str, call: Callable[[Ledger], T]) -> T | CoopLedgerError:
        """
        One call on both ledgers: equal answers, or errors that say the same; the model's is given back.

        Args:
            what: What is done, for the message.
            call: The call; what it gives is compared.
        """
        return _compared(what, *(_outcome(call, ledger) for ledger in self.ledgers))

    def ask_stores(self, what: str, call: Callable[[Store], T]) -> T | CoopLedgerError:
        """The same on both stores."""
        return _compared(what, *(_outcome(call, store) for store in self.stores))

    def view(self, ledger: Ledger, pin: Pin) -> View:
        """A view of one of the ledgers, made anew."""
        view = ledger.at(published=pin.published, size=pin.size)
        return view if pin.day is None else view.on(pin.day)


def _outcome(call: Callable[[Any], T], given: Any) -> T | CoopLedgerError:
    try:
        return call(given)
    except CoopLedgerError as error:
        return error


def _facts(outcome: Any) -> Any:
    if not isinstance(outcome, CoopLedgerError):
        return outcome
    return type(outcome), {name: getattr(outcome, name) for name in _FACTS if hasattr(outcome, name)}


def _compared(what: str, expected: T, found: T) -> T:
    differing(what, _facts(expected), _facts(found))
    return expected


def read_all(store: Store, query: Query = EVERYTHING) -> list[Stored]:
    """All entries that match, page by page."""
    found: list[Stored] = []
    while page := store.read(query, after=found[-1].position if found else -1):
        if found and page[0].position <= found[-1].position:
            raise AssertionError(f"a page after position {found[-1].position} begins at {page[0].position}")
        found.extend(page)
    return found


_READERS: Final = frozenset(projection.name for projection in SHIPPED) & frozenset(SubjectKind)


def state_of(view: Analyst, subject: SubjectId) -> Any:
    """The state of a subject as its reader gives it, as plain data; of one that has no reader, its names."""
    kind, _, slug = subject.partition(":")
    if kind == SubjectKind.RELATIONSHIP:
        return as_plain(view.relationship(*slug.split("-")))
    if kind in _READERS:
        return as_plain(getattr(view, kind)(slug))
    return as_plain(view.name(slug if kind == SubjectKind.COUNTRY else subject))


def answers(view: Analyst) -> dict[str, Any]:
    """What tells two ledgers apart: the states of all subjects, and what is irregular."""
    subjects = [*view.subjects(), *(state.subject for state in view.relationships())]
    return {
        "subjects": subjects,
        "conflicts": view.conflicts(),
        "anomalies": view.anomalies(),
        "duplicates": view.duplicates(),
        **{subject: state_of(view, subject) for subject in subjects},
    }
