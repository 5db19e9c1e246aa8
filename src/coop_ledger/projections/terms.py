"""
Rules D6 and D7: the recorded terms of a state that lasts, and the marks that cannot all be right. Knows no event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from coop_ledger.domain import Bounds, Effective, Value, order_key
from coop_ledger.projections.conflicts import Conflict, ConflictKind
from coop_ledger.projections.periods import Mark
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.voices import read_values

__all__ = ["Term", "contest", "latest_of", "next_day", "point", "recorded", "same_days", "within"]


@attrs.frozen(eq=False, repr=False)
class Term(Value):
    """
    A time of which a record says that it began.

    Args:
        value: Of which value.
        begun: The record of its beginning.
        end: Its own end, as a record has it.
        also: Other records of the same beginning.
        seen: Sightings that fall into it.
        maybe: Sightings that may fall into it, or into another time of the same value.
        disputed: Whether records or sightings differ about it and nothing has decided.
    """

    value: tuple[str, ...]
    begun: Mark
    end: Mark | None = None
    also: tuple[Mark, ...] = ()
    seen: tuple[Mark, ...] = ()
    maybe: tuple[Mark, ...] = ()
    disputed: bool = False

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All that is known of it."""
        return (self.begun, *self.also, *self.seen, *self.maybe, *(() if self.end is None else (self.end,)))

    @property
    def known_until(self) -> date | None:
        """The last day on which it is known to be in place: its last sighting, else its beginning at the earliest."""
        return latest_of([self.begun.dating.first.earliest, *(mark.dating.last.earliest for mark in self.seen)])


def _may_lie(end: Mark, before: Mark, after: Mark) -> bool:
    """Whether an end of one value may lie between two beginnings."""
    return not end.dating.surely_before(before.dating) and not after.dating.surely_before(end.dating)


def recorded(begun: Sequence[Mark], ends: Sequence[Mark]) -> tuple[list[Term], list[Conflict]]:
    """The recorded beginnings that stand, each with its own end, and those that cannot all be right (D6)."""
    terms: list[Term] = []
    conflicts: list[Conflict] = []
    for mark in begun:
        last = terms[-1] if terms else None
        if last is None or _follows(last.begun, mark, ends):
            terms.append(Term(mark.value, mark))
            continue
        narrowed = last.begun.dating.narrow(mark.dating) if last.value == mark.value else None
        if narrowed is not None:
            terms[-1] = attrs.evolve(last, begun=attrs.evolve(last.begun, dating=narrowed), also=(*last.also, mark))
            continue
        conflict, first_stands = contest(ConflictKind.BEGINNINGS, last.begun, mark)
        conflicts.append(conflict)
        stands = last if first_stands else Term(mark.value, mark)
        terms[-1] = attrs.evolve(stands, disputed=not conflict.resolved)
    return [_with_end(term, terms[at : at + 1], ends) for at, term in enumerate(terms, 1)], conflicts


def _follows(one: Mark, other: Mark, ends: Sequence[Mark]) -> bool:
    """Whether the other beginning can be the next one: after an end, or another value, surely later."""
    if one.value != other.value and one.dating.surely_before(other.dating):
        return True
    return any(end.value == one.value and _may_lie(end, one, other) for end in ends)


def _with_end(term: Term, following: Sequence[Term], ends: Sequence[Mark]) -> Term:
    """A term with the first end that is not surely before its beginning; one after the next beginning ends nothing."""
    mine = (e for e in ends if e.value == term.value and not e.dating.surely_before(term.begun.dating))
    end = next(mine, None)
    if end is not None and any(after.begun.dating.surely_before(end.dating) for after in following):
        return attrs.evolve(term, also=(*term.also, end))
    return attrs.evolve(term, end=end)


def contest(kind: ConflictKind, one: Mark, other: Mark) -> tuple[Conflict, bool]:
    """The conflict of two marks, and whether D6 shows the first."""
    same = one.value == other.value
    sides = ((one, one.dating if same else one.value), (other, other.dating if same else other.value))
    given = [(effective, value) for mark, value in sides for effective in mark.claims]
    given.sort(key=lambda pair: order_key(pair[0]))
    reading = read_values(given, lambda a, b: bool(a == b))
    assert reading is not None  # every mark has a claim
    values = reading.values if kind is ConflictKind.BEGINNINGS else tuple(value for _, value in sides)
    conflict = _conflict(kind, one, other, values)
    return attrs.evolve(conflict, ruling=reading.resolution), reading.value == sides[0][1]


def _conflict(kind: ConflictKind, one: Mark, other: Mark, values: tuple[Any, ...]) -> Conflict:
    ids = (one.milestone.id, other.milestone.id)
    claims: dict[int, Effective] = {e.position: e for e in (*one.claims, *other.claims)}
    event = ids[0].event if ids[0].event is ids[1].event else None
    keys = tuple(dict.fromkeys(id_.key for id_ in ids))
    ordered = tuple(sorted(claims.values(), key=order_key))
    return Conflict(kind, ids[0].subject, event, keys, "period", ordered, values)


def same_days(one: Mark, other: Mark) -> bool:
    """Whether one was surely seen while the other surely was."""

    def covers(span: Dating, days: Dating) -> bool:
        ends = (span.first.latest, days.earliest, days.latest, span.last.earliest)
        known = [day for day in ends if day is not None]
        return len(known) == len(ends) and known == sorted(known)

    return covers(one.dating, other.dating) or covers(other.dating, one.dating)


def within(earliest: date | None, latest: date | None) -> Dating:
    """A day within bounds; where they cross, what is known from below gives way."""
    crossed = earliest is not None and latest is not None and earliest > latest
    return Dating.within(Bounds(None if crossed else earliest, latest))


def point(dating: Dating) -> Dating:
    """The day on which something happens, of a span its first."""
    return within(*dating.first) if dating.is_span else dating


def next_day(day: date | None) -> date | None:
    """The day after, if there is one."""
    return None if day is None or day == date.max else day + timedelta(days=1)


def latest_of(days: Iterable[date | None]) -> date | None:
    """The last of the days that are known."""
    return max((day for day in days if day is not None), default=None)
