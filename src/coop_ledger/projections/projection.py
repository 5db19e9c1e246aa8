"""
What a projection is, and how entries are folded into states; knows no projection in particular.

State = fold(entries): pure and total (DESIGN P3). The claims that feed a subject are ordered by D2 before
they are folded, so that the order in which they were recorded does not matter where dates decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

import attrs

from coop_ledger.domain import Claim, Effective, Entry, SubjectId, UnknownEvent, order_key
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode

__all__ = ["Projection", "effective_entries", "fold", "project", "unreadable"]

S = TypeVar("S")


@attrs.frozen
class Projection(Generic[S]):
    """
    How the state of each subject follows from entries.

    Args:
        name: What it is called; with *version* it names the answers it gives.
        version: Grows when the same entries give another state.
        subjects: Which states an entry feeds.
        initial: The state of a subject of which nothing is known.
        evolve: The next state; pure and total. It sees claims only, as they count, in the order of D2.
        gather: What evolving an initial state by all claims in that order gives, at once; None: one by one.

    Source: DESIGN §5.

    >>> from coop_ledger.domain import subjects_of
    >>> COUNT = Projection("count", 1, lambda e: subjects_of(e.body), lambda subject: 0, lambda n, effective: n + 1)
    >>> project(COUNT, [])
    {}
    """

    name: str
    version: int
    subjects: Callable[[Entry], Iterable[SubjectId]]
    initial: Callable[[SubjectId], S]
    evolve: Callable[[S, Effective], S]
    gather: Callable[[S, tuple[Effective, ...]], S] | None = None


def effective_entries(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Effective]]:
    """Claims as they count, each with its entry; acts and unknown events are passed over."""
    for entry in entries:
        if isinstance(entry.body, Claim):
            yield entry, Effective(entry.position, entry.id, entry.recorded_at, entry.body)


def fold(projection: Projection[S], subject: SubjectId, effective: Iterable[Effective]) -> S:
    """The state of one subject from the claims that feed it, in any order."""
    state, ordered = projection.initial(subject), sorted(effective, key=order_key)
    if projection.gather is not None:
        return projection.gather(state, tuple(ordered))
    for item in ordered:
        state = projection.evolve(state, item)
    return state


def project(projection: Projection[S], entries: Iterable[Entry]) -> dict[SubjectId, S]:
    """
    The states of all subjects that some claim feeds, by subject id.

    Args:
        projection: Which projection.
        entries: Entries, each once, in any order.

    Guarantees: pure; memory for the claims of the states and nothing else.
    """
    fed: dict[SubjectId, list[Effective]] = {}
    for entry, effective in effective_entries(entries):
        for subject in projection.subjects(entry):
            fed.setdefault(subject, []).append(effective)
    return {subject: fold(projection, subject, fed[subject]) for subject in sorted(fed)}


def unreadable(entries: Iterable[Entry]) -> tuple[Anomaly, ...]:
    """One anomaly for each entry of a type or version that this version does not know."""
    return tuple(
        Anomaly(
            AnomalyCode.UNKNOWN_EVENT,
            (entry.position,),
            f"{entry.body.type} version {entry.body.version} is not known to this version",
        )
        for entry in entries
        if isinstance(entry.body, UnknownEvent)
    )
