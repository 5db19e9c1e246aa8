"""
Rule D7, the words: a period for which a state lasts, and the marks from which periods follow. Knows no event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import attrs

from coop_ledger.domain import NO, UNDECIDED, YES, Answer, Effective, Value
from coop_ledger.projections.milestone import Milestone, dating_of
from coop_ledger.projections.refinement import Dating

__all__ = ["Mark", "Period", "in_place", "marks_of", "sightings_of"]


@attrs.frozen(eq=False, repr=False)
class Period(Value):
    """
    A time for which a state lasts: an office, a membership, a host, a seat, a level, a mission, a name.

    Args:
        value: What lasts, as the key of its milestones has it: office and person, side and level, party …
        begun: When it began; of what was only ever seen: not after its first sighting.
        recorded: Whether a claim records the beginning.
        ended: When it ended, within bounds where only a sighting of another value shows it; None: it lasts.
        through: Whether it still lasted on the day of its end, the last day of a span; else it was over by its end.
        sightings: The claims that it was seen in place, in D2's order.
        milestones: The milestones behind it, in D2's order.
        disputed: Whether claims disagree about it and nothing has decided.
    """

    value: tuple[str, ...]
    begun: Dating
    recorded: bool = False
    ended: Dating | None = None
    through: bool = False
    sightings: tuple[Effective, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    disputed: bool = False

    def on(self, day: date | None = None) -> Answer:
        """Whether it lasts at the end of a day, undecided where the dates do not decide; None: by now, as is known."""
        begun = YES if day is None else self.begun.happened_by(day)
        return begun & ~self._over(day)

    def _over(self, day: date | None) -> Answer:
        if self.ended is None:
            return NO
        if day is None:
            unknown = self.ended.latest is None and (self.through or self.ended.earliest is not None)
            return UNDECIDED if unknown else YES
        if not self.through:
            return self.ended.happened_by(day)
        if self.ended.latest is not None and self.ended.latest < day:
            return YES
        return NO if self.ended.earliest is not None and self.ended.earliest >= day else UNDECIDED


@attrs.frozen(eq=False, repr=False)
class Mark(Value):
    """
    One thing known of a state that lasts: that it began, that it ended, or that it was seen.

    Args:
        value: Of which value.
        dating: When.
        claims: The claims that say so.
        milestone: The milestone that they feed.
    """

    value: tuple[str, ...]
    dating: Dating
    claims: tuple[Effective, ...]
    milestone: Milestone

    @property
    def order(self) -> tuple[date, date, int]:
        """The place in D2's order."""
        return *self.dating.order, min(effective.position for effective in self.claims)


def marks_of(milestones: Iterable[Milestone]) -> tuple[Mark, ...]:
    """What claims record as beginnings (or ends): OCCURRED, unless denials outweigh it; plans are none."""
    return tuple(
        Mark(milestone.id.key, milestone.when.value, milestone.occurred, milestone)
        for milestone in milestones
        if milestone.when is not None and milestone.happened is not None and milestone.happened.value is YES
    )


def sightings_of(milestones: Iterable[Milestone]) -> tuple[Mark, ...]:
    """What claims saw in place: HOLDS, unless denials outweigh it."""
    return tuple(
        Mark(milestone.id.key, dating_of(effective), (effective,), milestone)
        for milestone in milestones
        if milestone.happened is not None and milestone.happened.value is YES
        for effective in milestone.held
    )


def in_place(periods: Iterable[Period], day: date | None) -> Period | None:
    """The period that lasts on a day, of a state of which there is one at a time; None: none, or undecided."""
    found = [period for period in periods if period.on(day) is YES]
    return found[-1] if found else None
