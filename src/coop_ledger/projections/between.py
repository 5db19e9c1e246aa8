"""
Rule D7: what no record begins: sightings and ends before, between and after the recorded terms. Knows no event.

Each lies in one gap: before the first term, or after one. Where the dates decide the order, one value follows the
other, and it is undecided when between their sightings. Where they leave open the order of two values, or on which
side of a record a sighting lies, each sighting is sure of its own days only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import attrs

from coop_ledger.domain import Value
from coop_ledger.projections.periods import Mark, Period
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.terms import Term, latest_of, next_day, point, same_days, within

__all__ = ["Loose", "between", "gaps_of", "not_after", "upper_bound"]


@attrs.frozen(eq=False, repr=False)
class Loose(Value):
    """
    A sighting, or an end, that belongs to no recorded term.

    Args:
        mark: The mark.
        gaps: In which gaps it may lie: 0 is before the first term, n after the n-th.
        is_end: Whether it is an end.
        fits: Whether there is room for it; an end without any is shown and says nothing of others.
        or_home: Whether it may fall into a recorded term of its value as well.
        disputed: Whether another value was seen on its day and nothing has decided.
    """

    mark: Mark
    gaps: tuple[int, ...]
    is_end: bool = False
    fits: bool = True
    or_home: bool = False
    disputed: bool = False

    @property
    def sure(self) -> bool:
        """Whether there is only one gap for it."""
        return self.fits and not self.or_home and len(self.gaps) == 1


def gaps_of(mark: Mark, terms: Sequence[Term], *, is_end: bool = False) -> tuple[int, ...]:
    """The gaps in which a mark may lie; none: it surely lies in a time of which another value is recorded."""
    ends = (None, *terms), (*terms, None)
    return tuple(at for at, (before, after) in enumerate(zip(*ends, strict=True)) if _fits(mark, is_end, before, after))


def _fits(mark: Mark, is_end: bool, before: Term | None, after: Term | None) -> bool:
    if after is not None and after.begun.dating.surely_before(mark.dating):
        return False
    if before is None:
        return True
    # a term without an end of its own lasts until the next one: beside it there is room on the day of a change only
    closed = before.end is None and after is not None and mark.dating.surely_before(after.begun.dating)
    if closed and before.begun.dating.surely_before(mark.dating):
        return False
    if not_after(mark, before.begun) or (before.end is not None and mark.dating.surely_before(before.end.dating)):
        return False
    return is_end or not any(same_days(mark, other) or not_after(mark, other) for other in before.seen)


def not_after(one: Mark, other: Mark) -> bool:
    """Whether one surely is on the day of the other at the latest."""
    latest, earliest = one.dating.latest, other.dating.earliest
    return latest is not None and earliest is not None and latest <= earliest


def upper_bound(gap: Iterable[Loose], after: Term | None) -> date | None:
    """The day by which something that surely lies in a gap, or the term after it, shows that another value is over."""
    days = [item.mark.dating.first.latest for item in gap if item.sure]
    if not days and after is not None:
        days = [after.begun.dating.first.latest]
    return min((day for day in days if day is not None), default=None)


def between(loose: Sequence[Loose], at: int, terms: Sequence[Term]) -> Iterable[Period]:
    """The periods of what lies in a gap; what may lie in several is shown in the first of them."""
    after = terms[at] if at < len(terms) else None
    parts = _parts([item for item in loose if at in item.gaps])
    known: list[date | None] = []
    for number, part in enumerate(parts):
        later = [item for other in parts[number + 1 :] for item in other]
        if _is_run(part):
            yield _period(part, _since(part, at, terms, known), _run_ended(part, later, after))
        else:
            for item in (item for item in part if item.gaps[0] == at):
                ended = _alone_ended(item, upper_bound(later, after), terms, loose)
                yield _period([item], _since([item], at, terms, known if item.sure else ()), ended)
        known += [_over_after(item) for item in part if item.sure]


def _since(part: Sequence[Loose], at: int, terms: Sequence[Term], known: Iterable[date | None]) -> Dating:
    """When a part of a gap began: after what is known of what lies before it, by its first sighting or its end."""
    latest = min((day for item in part if (day := item.mark.dating.first.latest) is not None), default=None)
    before = terms[at - 1] if at else None
    if before is None:
        return within(latest_of(known), latest)
    over = before.end
    if all(item.is_end for item in part):  # it may lie before what is known of the term: its sightings, its end
        known_before = before.begun.dating.first.earliest
        over = over if over is not None and over.dating.surely_before(part[0].mark.dating) else None
    else:
        known_before = before.known_until
    floor = next_day(known_before) if over is None else over.dating.first.earliest
    return within(latest_of([floor, *known]), latest)


def _over_after(item: Loose) -> date | None:
    """The first day on which what follows can have begun."""
    return item.mark.dating.first.earliest if item.is_end else next_day(item.mark.dating.last.earliest)


def _parts(gap: Sequence[Loose]) -> list[list[Loose]]:
    """What lies in a gap, in parts that surely follow each other; neighbours of one value are one part."""
    parts: list[list[Loose]] = []
    for item in sorted(gap, key=lambda item: (item.mark.dating.latest or date.max, item.mark.order)):
        part = [item]
        while parts and not all(other.mark.dating.surely_before(item.mark.dating) for other in parts[-1]):
            part = parts.pop() + part
        parts.append(part)
    runs: list[list[Loose]] = []
    for part in parts:
        if runs and _is_run([*runs[-1], *part]) and not any(item.is_end for item in runs[-1]):
            runs[-1] += part
        else:
            runs.append(part)
    return runs


def _is_run(part: Sequence[Loose]) -> bool:
    return all(item.sure and item.mark.value == part[0].mark.value for item in part)


def _run_ended(part: Sequence[Loose], later: Sequence[Loose], after: Term | None) -> Dating | None:
    """When a value ended that was seen any number of times in a row, and may have an end."""
    end = next((item.mark for item in part if item.is_end), None)
    seen = latest_of(item.mark.dating.last.earliest for item in part if not item.is_end)
    if end is not None:
        return point(end.dating).narrow(within(seen, None)) or point(end.dating)
    if later:
        changes = () if after is None else (after.begun.dating,)
        return within(_over_from(seen, changes), upper_bound(later, after))
    return None if after is None else point(after.begun.dating)


def _alone_ended(item: Loose, upper: date | None, terms: Sequence[Term], loose: Sequence[Loose]) -> Dating:
    """When a sighting ended, or an end was, whose order among others is open."""
    dating = item.mark.dating
    if item.is_end:
        return point(dating)
    if not item.sure:
        upper = upper_bound((), terms[item.gaps[-1]] if item.gaps[-1] < len(terms) else None)
    known = dating.last.earliest
    over = [term.begun.dating for term in terms]
    over += [other.mark.dating for other in loose if other.is_end and other.mark.value == item.mark.value]
    return within(_over_from(known, over), upper)


def _over_from(seen: date | None, changes: Iterable[Dating]) -> date | None:
    """The first day on which it may be over: that of a change before which it was in place, or the next."""
    if seen is None:
        return None
    days = [max(seen, change.first.earliest or seen) for change in changes]
    return min(days + [day for day in (next_day(seen),) if day is not None], default=None)


def _period(part: Sequence[Loose], begun: Dating, ended: Dating | None) -> Period:
    marks = sorted((item.mark for item in part), key=lambda mark: mark.order)
    return Period(
        part[0].mark.value,
        begun,
        ended=ended,
        sightings=tuple(effective for item in part if not item.is_end for effective in item.mark.claims),
        milestones=tuple({id(mark.milestone): mark.milestone for mark in marks}.values()),
        disputed=any(item.disputed or item.mark.milestone.disputed for item in part),
    )
