"""
Rule D7: states that last, from their beginnings, ends and sightings. Knows no event.

A recorded beginning lasts until its end or, where there is only one value at a time (*exclusive*), until the
next one begins. A sighting proves the state on its days: it bounds the beginning from above and the end from
below, and never begins or changes what is recorded; where it surely differs it is a conflict. Where only a
sighting of another value shows that a state ended, the time between is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import attrs

from coop_ledger.domain import NO, Value
from coop_ledger.projections.between import Loose, between, gaps_of, not_after, upper_bound
from coop_ledger.projections.conflicts import Conflict, ConflictKind
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.periods import Mark, Period, marks_of, sightings_of
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.terms import Term, contest, latest_of, next_day, point, recorded, same_days, within

__all__ = ["Lasting", "lasting", "periods_of"]


@attrs.frozen(eq=False, repr=False)
class Lasting(Value):
    """
    What is known of states that last.

    Args:
        periods: The periods; those of one state in the order in which they began.
        conflicts: Beginnings and sightings that cannot all be right.
    """

    periods: tuple[Period, ...]
    conflicts: tuple[Conflict, ...]


def lasting(
    began: Iterable[Milestone], ended: Iterable[Milestone] = (), *, shared: int | None = None, day: date | None = None
) -> Lasting:
    """
    The periods that milestones give, their keys being the values.

    Args:
        began: Milestones that begin a state; their sightings are sightings of it.
        ended: Milestones that end it, of the same keys.
        shared: For an exclusive state, how many parts of the key say of what there is one at a time.
        day: The day of the world as of which it is read: what surely began later is left out.
    """
    began = tuple(began)
    return periods_of(marks_of(began), sightings_of(began), marks_of(ended), shared=shared, day=day)


def periods_of(
    began: Iterable[Mark],
    seen: Iterable[Mark],
    ended: Iterable[Mark] = (),
    *,
    shared: int | None = None,
    day: date | None = None,
) -> Lasting:
    """The periods that marks give; see :func:`lasting`."""
    groups: dict[tuple[str, ...], tuple[list[Mark], list[Mark], list[Mark]]] = {}
    placed = [(mark, which) for which, marks in enumerate((began, seen, ended)) for mark in marks]
    for mark, which in sorted(placed, key=lambda pair: pair[0].order):
        key = mark.value if shared is None else mark.value[:shared]
        groups.setdefault(key, ([], [], []))[which].append(mark)
    periods: list[Period] = []
    conflicts: list[Conflict] = []
    for begun, sighted, ends in groups.values():
        terms, contested = recorded(begun, ends)
        terms, loose, strays = _placed(terms, sighted, ends)
        conflicts += [*contested, *strays]
        periods += _read(terms, loose)
    return Lasting(tuple(found for period in periods for found in _as_of(period, day)), tuple(conflicts))


def _as_of(period: Period, day: date | None) -> Iterable[Period]:
    """The period without what surely lies after the day."""
    if day is None:
        return (period,)
    if period.begun.happened_by(day) is NO:
        return ()
    later = period.ended is not None and period.ended.happened_by(day) is NO
    return (attrs.evolve(period, ended=None) if later else period,)


def _placed(
    terms: Sequence[Term], seen: Sequence[Mark], ends: Sequence[Mark]
) -> tuple[list[Term], list[Loose], list[Conflict]]:
    """The terms with their sightings, what belongs to none of them, and the sightings that differ."""
    unbegun = [_unbegun(end, terms) for end in ends if all(_before(end, t) for t in terms if t.value == end.value)]
    homes: list[list[Mark]] = [[] for _ in terms]
    maybe: list[list[Mark]] = [[] for _ in terms]
    free: list[Mark] = []
    loose: list[Loose] = []
    for mark in seen:
        fits = [at for at in range(len(terms)) if _at_home(mark, at, terms, unbegun)]
        if not fits:
            free.append(mark)
        elif gaps := _gaps_before(mark, terms, unbegun):
            loose.append(Loose(mark, gaps, or_home=True))
        else:
            (homes if len(fits) == 1 else maybe)[fits[0]].append(mark)
    placed = [
        attrs.evolve(term, seen=tuple(surely), maybe=tuple(others))
        for term, surely, others in zip(terms, homes, maybe, strict=True)
    ]
    conflicts: list[Conflict] = []
    disputed: list[Mark] = []
    for mark in free:
        against = _against(mark, placed, unbegun)
        if against is None:
            loose.append(Loose(mark, _gaps_before(mark, placed, unbegun) or gaps_of(mark, placed)))
            continue
        conflict = contest(ConflictKind.SIGHTING, against, mark)[0]
        conflicts.append(conflict)
        disputed += [] if conflict.resolved else [against]
    together, rivals = _seen_together(loose)
    unbegun = [attrs.evolve(end, disputed=end.mark in disputed) for end in unbegun]
    placed = [
        attrs.evolve(term, disputed=term.disputed or any(mark in (term.begun, term.end) for mark in disputed))
        for term in placed
    ]
    return placed, [*together, *unbegun], [*conflicts, *rivals]


def _before(end: Mark, term: Term) -> bool:
    return end.dating.surely_before(term.begun.dating)


def _unbegun(end: Mark, terms: Sequence[Term]) -> Loose:
    """An end of what no record began; where there is no room for it, after the terms that surely began before."""
    gaps = gaps_of(end, terms, is_end=True)
    slot = max((at for at, term in enumerate(terms, 1) if term.begun.dating.surely_before(end.dating)), default=0)
    return Loose(end, gaps or (slot,), is_end=True, fits=bool(gaps))


def _at_home(mark: Mark, at: int, terms: Sequence[Term], unbegun: Sequence[Loose]) -> bool:
    """Whether a sighting may fall into a recorded term, until its end or that of another value, or the next term."""
    term = terms[at]
    if term.value != mark.value or mark.dating.surely_before(term.begun.dating):
        return False
    until = [term.end, *(other.begun for other in terms[at + 1 : at + 2] if other.value != term.value)]
    if any(end is not None and end.dating.surely_before(mark.dating) for end in until):
        return False
    return not any(end.fits and end.gaps == (at + 1,) and not_after(end.mark, mark) for end in unbegun)


def _gaps_before(mark: Mark, terms: Sequence[Term], unbegun: Sequence[Loose]) -> tuple[int, ...]:
    """The gaps in which a sighting may fall into a time of its value of which only the end is recorded."""
    ends = [end for end in unbegun if end.mark.value == mark.value and not end.mark.dating.surely_before(mark.dating)]
    last = max((end.gaps[-1] for end in ends), default=-1)
    return tuple(gap for gap in gaps_of(mark, terms) if gap <= last)


def _against(mark: Mark, terms: Sequence[Term], unbegun: Sequence[Loose]) -> Mark | None:
    """The record from which a sighting surely differs; None: there is room for it."""
    own = [term for term in terms if term.value == mark.value]
    ends = [end.mark for end in unbegun if end.mark.value == mark.value]
    if _gaps_before(mark, terms, unbegun) or (not own and not ends and gaps_of(mark, terms)):
        return None
    earlier = [term for term in terms if term.begun.dating.surely_before(mark.dating)]
    if earlier and earlier[-1].value != mark.value:
        there = earlier[-1]
        if there.end is None or not there.end.dating.surely_before(mark.dating):
            return there.begun
    # it was over, or had not begun: a return has to be recorded
    mine = [term for term in earlier if term.value == mark.value]
    if mine and mine[-1].end is None:
        over = [end.mark for end in unbegun if not_after(end.mark, mark)]
        return over[-1] if over else mine[-1].begun
    return mine[-1].end if mine else ends[-1] if ends else own[0].begun


def _seen_together(loose: Sequence[Loose]) -> tuple[list[Loose], list[Conflict]]:
    """Sightings without those that a Resolution did not choose; two values seen on one day are a conflict."""
    kept: list[Loose] = []
    conflicts: list[Conflict] = []
    for item in sorted(loose, key=lambda item: (item.mark.dating.order, item.mark.order)):
        mark = item.mark
        found = (at for at, k in enumerate(kept) if k.mark.value != mark.value and same_days(k.mark, mark))
        at = next(found, None)
        if at is None:
            kept.append(item)
            continue
        conflict, first_stands = contest(ConflictKind.SIGHTING, kept[at].mark, mark)
        conflicts.append(conflict)
        if not conflict.resolved:
            kept[at] = attrs.evolve(kept[at], disputed=True)
            kept.append(attrs.evolve(item, disputed=True))
        elif not first_stands:
            kept[at] = item
    return kept, conflicts


def _read(terms: Sequence[Term], loose: Sequence[Loose]) -> Iterable[Period]:
    for at in range(len(terms) + 1):
        if at:
            yield _recorded_period(terms, at - 1, [item for item in loose if item.fits and at in item.gaps])
        yield from between(loose, at, terms)


def _recorded_period(terms: Sequence[Term], at: int, gap: Sequence[Loose]) -> Period:
    term, after = terms[at], (terms[at + 1] if at + 1 < len(terms) else None)
    first_seen = min((day for m in term.seen if (day := m.dating.first.latest) is not None), default=None)
    marks = sorted(term.marks, key=lambda mark: mark.order)
    return Period(
        term.value,
        term.begun.dating.narrow(within(None, first_seen)) or term.begun.dating,
        True,
        _ended(term, after, gap),
        sightings=tuple(effective for mark in (*term.seen, *term.maybe) for effective in mark.claims),
        milestones=tuple({id(mark.milestone): mark.milestone for mark in marks}.values()),
        disputed=term.disputed or any(mark.milestone.disputed for mark in marks),
    )


def _ended(term: Term, after: Term | None, gap: Sequence[Loose]) -> Dating | None:
    """When a term ended: as recorded, or when the next one began, or when another value may have been seen."""
    if term.end is not None:
        end = point(term.end.dating)
        return end.narrow(within(latest_of(mark.dating.last.earliest for mark in term.seen), None)) or end
    if after is not None:
        return point(after.begun.dating)
    if not gap:
        return None
    return within(next_day(term.known_until), upper_bound(gap, None))
