"""
Rule D6 for whole subjects: which claims disagree, of what, and what the keeper decided. Knows no kind of subject.

Conflicts are found in milestones (dates, values, whether it happened at all), among plans of one day (D5),
between states that last and what was seen of them (D7), and in Resolutions that no rule can see.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from coop_ledger.domain import (
    NO,
    YES,
    Answer,
    Effective,
    Event,
    Ruling,
    Source,
    SubjectId,
    Value,
    milestones_of,
    order_key,
)
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.voices import Reading, read_values, ruling_on

__all__ = ["Conflict", "ConflictKind", "between", "milestone_conflicts", "reading_of", "recorded_conflicts"]


class ConflictKind(enum.StrEnum):
    """What disagrees."""

    VALUES = "values"
    """OCCURRED claims of one milestone give disjoint dates or unequal values."""
    DENIAL = "denial"
    """One claim says that it happened, another that it did not, at times that overlap."""
    PLANS = "plans"
    """Plans of one milestone give disjoint targets, and none was surely said later (D5)."""
    SIGHTING = "sighting"
    """What was seen in place is not what the recorded beginnings and ends say of that day (D7)."""
    BEGINNINGS = "beginnings"
    """Two values of a state of which there is one at a time began on days that overlap (D7)."""
    RECORDED = "recorded"
    """The keeper recorded it: no rule sees it."""


@attrs.frozen(eq=False, repr=False)
class Conflict(Value):
    """
    Claims that cannot all be right.

    Args:
        kind: What disagrees.
        subject: Whose claims they are.
        event: The event class of the milestone; None where claims of several events disagree.
        keys: The keys of the milestones concerned: one claim may feed several.
        field: The field that is disputed, like ``when``, ``value``, ``happened``; "" for a recorded one.
        claims: The claims, in D2's order.
        values: The values that they give, the shown one first; empty for a recorded conflict.
        ruling: The Resolution about it: one that decided, or one that keeps it open.
    """

    kind: ConflictKind
    subject: SubjectId
    event: type[Event] | None
    keys: tuple[tuple[str, ...], ...]
    field: str
    claims: tuple[Effective, ...]
    values: tuple[Any, ...] = ()
    ruling: Ruling | None = None

    @property
    def resolved(self) -> bool:
        """Whether a Resolution chose one of the claims and none disagrees since."""
        return self.ruling is not None and self.ruling.chosen is not None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of all sides, each once."""
        return tuple(dict.fromkeys(source for effective in self.claims for source in effective.sources))


def _ordered(claims: Iterable[Effective]) -> tuple[Effective, ...]:
    return tuple(sorted({effective.position: effective for effective in claims}.values(), key=order_key))


def _of_milestone(milestone: Milestone) -> Iterator[Conflict]:
    id_, keys = milestone.id, (milestone.id.key,)
    for field, reading in milestone.readings.items():
        if reading.against:
            kind = ConflictKind.DENIAL if field == "happened" else ConflictKind.VALUES
            claims = _ordered((*reading.claims, *reading.against))
            ruling = reading.resolution or _open(claims)
            yield Conflict(kind, id_.subject, id_.event, keys, field, claims, reading.values, ruling)
    for target in () if milestone.plan is None else milestone.plan.targets:
        if target.against:
            claims = _ordered((*target.claims, *target.against))
            said = (effective.claim.when for effective in (*target.claims, *target.against))
            dates = tuple(dict.fromkeys(when for when in said if when is not None))
            ruling = target.ruling or _open(claims)
            yield Conflict(ConflictKind.PLANS, id_.subject, id_.event, keys, "target", claims, dates, ruling)


def _open(claims: Iterable[Effective]) -> Ruling | None:
    """The last Resolution about claims, if it keeps their conflict open; one that chose was reopened since."""
    ruling = ruling_on(claims)
    return ruling if ruling is not None and ruling.chosen is None else None


def milestone_conflicts(milestones: Iterable[Milestone]) -> tuple[Conflict, ...]:
    """The conflicts within milestones; one that a claim brings into several of them stands once."""
    found: dict[tuple[Any, ...], Conflict] = {}
    for milestone in milestones:
        for conflict in _of_milestone(milestone):
            same = (conflict.subject, conflict.event, conflict.field, tuple(e.position for e in conflict.claims))
            known = found.get(same)
            keys = conflict.keys if known is None else (*known.keys, *conflict.keys)
            found[same] = attrs.evolve(conflict, keys=keys)
    return tuple(found.values())


def reading_of(said: Iterable[Effective], denied: Iterable[Effective]) -> Reading[Answer] | None:
    """What claims of several events say together of whether it was so (D6); None where one side is missing."""
    sides = [*((effective, YES) for effective in said), *((effective, NO) for effective in denied)]
    if len({answer for _, answer in sides}) < 2:
        return None
    return read_values(sorted(sides, key=lambda side: order_key(side[0])), lambda a, b: a is b)


def between(subject: SubjectId, keys: tuple[tuple[str, ...], ...], field: str, reading: Reading[Any]) -> Conflict:
    """The conflict of claims of several events about one field: a denial where the values are answers."""
    claims = _ordered((*reading.claims, *reading.against))
    kind = ConflictKind.DENIAL if isinstance(reading.value, Answer) else ConflictKind.VALUES
    return Conflict(kind, subject, None, keys, field, claims, reading.values, reading.resolution)


def recorded_conflicts(
    subject: SubjectId, claims: Iterable[Effective], seen: Iterable[Conflict]
) -> tuple[Conflict, ...]:
    """
    The conflicts that the keeper recorded and that no rule sees, open or decided by now.

    Args:
        subject: Whose happenings they are about.
        claims: The claims.
        seen: The conflicts that rules see: what was recorded of them stands with them.
    """
    named: dict[str, list[Effective]] = {}
    last: dict[frozenset[str], Ruling] = {}
    for effective in claims:
        own = milestones_of(effective.claim)[0].subject == subject  # a statement's: what it is about, not who speaks
        for ruling in effective.rulings if own else ():
            named.setdefault(ruling.id, []).append(effective)
            among = frozenset(ruling.claims)
            last[among] = max(ruling, last.get(among, ruling), key=lambda ruling: ruling.position)
    known = [{effective.id for effective in conflict.claims} for conflict in seen]
    return tuple(
        Conflict(ConflictKind.RECORDED, subject, None, (), "", _ordered(named[ruling.id]), (), ruling)
        for ruling in sorted(last.values(), key=lambda ruling: ruling.position)
        if all(len(ids.intersection(ruling.claims)) < 2 for ids in known)
    )
