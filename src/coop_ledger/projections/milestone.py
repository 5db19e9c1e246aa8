"""
Milestones: claims about one happening, and what follows from them by D3, D5 and D6. Knows no lifecycle.

Which claims are about one happening: ``collecting.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date
from functools import cached_property, reduce
from typing import Any, Final

import attrs

from coop_ledger.domain import (
    EVENT_TYPES,
    NO,
    PLANS,
    UNDECIDED,
    YES,
    Answer,
    Assertion,
    Bounds,
    Effective,
    MilestoneId,
    Prose,
    Role,
    Source,
    Value,
    When,
    claim_bounds,
    order_key,
    sealed_fields,
    stated_bounds,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections.compared import COMPARED
from coop_ledger.projections.figures import Figure, figures_agree
from coop_ledger.projections.plans import Plan, walk_plans
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.voices import Reading, read_values

__all__ = ["Milestone", "beneficiaries_of", "dating_of", "meant"]


_SEALED: Final = {cls: frozenset(sealed_fields(cls)) for cls in EVENT_TYPES}


def dating_of(effective: Effective) -> Dating:
    """When a claim says that it happened; without a time: on or before its last source day."""
    when = effective.claim.when
    return Dating.within(claim_bounds(effective.claim)) if when is None else Dating.of(when)


@attrs.frozen(slots=False, eq=False, repr=False)
class Milestone(Value):
    """
    One happening, with all claims about it.

    Args:
        id: Whose it is, of which event, and its key.
        claims: The claims that feed it, in D2's order.
        day: The day of the world as of which it is read (D2, last step); None: as of all that is known.
    """

    id: MilestoneId
    claims: tuple[Effective, ...]
    day: date | None = None

    def _that(self, assertion: Assertion) -> tuple[Effective, ...]:
        return tuple(effective for effective in self.claims if effective.claim.assertion is assertion)

    def _said(self, assertion: Assertion) -> tuple[Effective, ...]:
        """Claims of a plan or proposal that had surely been said by the day."""
        found = self._that(assertion)
        if self.day is None:
            return found
        return tuple(effective for effective in found if order_key(effective)[0] <= self.day)

    @cached_property
    def proposed(self) -> tuple[Effective, ...]:
        """Claims that suggest it or promise it on a condition."""
        return self._said(Assertion.PROPOSED)

    @cached_property
    def planned(self) -> tuple[Effective, ...]:
        """Claims that it will happen."""
        return self._said(Assertion.PLANNED)

    @cached_property
    def occurred(self) -> tuple[Effective, ...]:
        """Claims that it happened."""
        return self._that(Assertion.OCCURRED)

    @cached_property
    def held(self) -> tuple[Effective, ...]:
        """Claims that what it brings about was seen in place."""
        return self._that(Assertion.HOLDS)

    @cached_property
    def denied(self) -> tuple[Effective, ...]:
        """Claims that it did not or will not happen."""
        return self._that(Assertion.DENIED)

    @cached_property
    def plan(self) -> Plan | None:
        """Its targets over time (D5), if somebody said that it will happen."""
        return walk_plans(self.planned)

    @cached_property
    def when(self) -> Reading[Dating] | None:
        """When it happened: the dates of OCCURRED, narrowing each other (D3) or in conflict (D6)."""
        given = [(effective, dating_of(effective)) for effective in self.occurred]
        reading = read_values(given, Dating.agrees)
        if reading is None:
            return None
        agreeing = {effective.position for effective in reading.claims}
        shared = (dating for effective, dating in given if effective.position in agreeing)
        return attrs.evolve(reading, value=reduce(lambda a, b: a.narrow(b) or a, shared, reading.value))

    @cached_property
    def happened(self) -> Reading[Answer] | None:
        """
        Whether it happened: OCCURRED against DENIED of overlapping times (D6), or what is left of them.

        None where no claim says: a denial of some days says nothing of others. A sighting alone is a YES.
        """
        reached = self.occurred or self.held
        contested = [e for e in self.denied if self._denies(e) and not self._spares(e)]
        sides = [(effective, YES) for effective in reached] + [(effective, NO) for effective in contested]
        return read_values(sides, lambda a, b: a is b)

    def denied_by(self, other: Milestone) -> tuple[Effective, ...]:
        """The denials of something that belongs to it which are of a time at which it happened, or was seen."""
        seen = [dating_of(effective) for effective in self.held] if self.when is None else [self.when.value]
        return tuple(e for e in other.denied if e.claim.when is None or any(map(_touching(e.claim.when), seen)))

    def in_part(self, effective: Effective) -> bool:
        """Whether a denial names beneficiaries, and others than those were promised it or got it."""
        named = _to(effective)
        return bool(named) and bool(beneficiaries_of((*self.planned, *self.occurred, *self.held)).keys() - named)

    def _spares(self, effective: Effective) -> bool:
        """Whether a denial is for some beneficiaries alone, and none of them got it."""
        reached = beneficiaries_of(self.occurred or self.held).keys()
        return self.in_part(effective) and reached.isdisjoint(_to(effective))

    def _denies(self, effective: Effective) -> bool:
        """Whether a denial is of the time at which it happened; of a sighting, of all days up to it."""
        when = effective.claim.when
        if when is None:
            return True
        if self.when is None:
            first = self.dating.latest if self.dating is not None else None
            return when.earliest is None and (when.latest is None or (first is not None and when.latest >= first))
        return _touching(when)(self.when.value)

    @property
    def has_happened(self) -> Answer:
        """
        YES, NO, or UNDECIDED where no claim says: absence of record is no record of absence.

        As of a day: whether it had happened by its end, undecided where the dates do not decide (D3).
        """
        if self.happened is None:
            return UNDECIDED
        known = self.happened.value
        if self.day is None or known is NO or self.dating is None:
            return known
        return self.dating.happened_by(self.day)

    @property
    def called_off(self) -> bool:
        """Whether it is said that it will not happen at all, for anybody, and no plan was surely said later."""
        off = [stated_bounds(e.claim).latest for e in self.missed if e.claim.when is None and not self.in_part(e)]
        plans = [stated_bounds(effective.claim).earliest for effective in self.planned]
        revived = any(day is not None and all(end is not None and day > end for end in off) for day in plans)
        return bool(off) and not revived

    @property
    def missed(self) -> tuple[Effective, ...]:
        """The denials that count: as of a day, those of a time that had come, or without one that had been said."""
        if self.day is None:
            return self.denied
        return tuple(effective for effective in self.denied if meant(effective).happened_by(self.day) is YES)

    @property
    def dating(self) -> Dating | None:
        """When it happened; for something only seen in place: not after its first sighting."""
        if self.when is not None:
            return self.when.value
        latest = [when.latest for effective in self.held if (when := dating_of(effective).first).latest is not None]
        return Dating.within(Bounds(None, min(latest, default=None))) if self.held else None

    @property
    def ahead(self) -> bool:
        """Whether its date surely lies after the day as of which it is read."""
        return self.day is not None and self.dating is not None and self.dating.happened_by(self.day) is NO

    @property
    def to_come(self) -> bool:
        """Whether all that claims say of it lies after the day as of which it is read."""
        told = self.planned or self.proposed or self.missed
        return self.day is not None and not told and (self.ahead or not (self.occurred or self.held))

    @property
    def happens(self) -> Dating | None:
        """When it happened, else, also where that still lies ahead, when it is to happen."""
        if self.dating is not None and not self.ahead:
            return self.dating
        return None if self.plan is None else self.plan.current.when

    @cached_property
    def values(self) -> Mapping[str, Reading[Any]]:
        """What OCCURRED claims say of the event's fields and of where, by field; unsaid ones are left out."""
        found = {name: self.reading(name) for name in COMPARED[self.id.event]}
        if self.id.event is ev.FigureReported:
            del found["qualifier"]
            found["value"] = read_values([(e, Figure.of(e.claim.event)) for e in self.occurred], figures_agree)
        for grain in ("country", "place", "meeting"):
            places = [(e, getattr(e.claim.where, grain, None)) for e in self.occurred]
            found[f"where.{grain}"] = read_values([pair for pair in places if pair[1] is not None], lambda a, b: a == b)
        return {name: reading for name, reading in found.items() if reading is not None}

    def reading(self, field: str, *, planned: bool = False) -> Reading[Any] | None:
        """
        What OCCURRED claims say of one field of the event, or of what is PLANNED the newest that says anything (D5).

        Words and sealed texts never disagree (D6): the one that ranks best is shown. None where no claim says anything.
        A sealed text is that of one claim, whoever else writes the same: which one is shown rests on no words, so that
        an erasure never brings another one up.
        """
        claims = self.planned if planned else self.occurred
        given = [(effective, getattr(effective.claim.event, field)) for effective in claims]
        said = [(effective, value) for effective, value in given if value is not None and value != ()]
        if planned:  # D2's order of plans is that in which they were said
            newest = said[-1:]
            return read_values([pair for pair in said if pair[1] == newest[0][1]] if newest else (), lambda a, b: True)
        if field in _SEALED[self.id.event]:
            return _shown(said)
        words = field not in COMPARED[self.id.event]
        return read_values(said, lambda a, b: words or bool(a == b))

    @cached_property
    def readings(self) -> Mapping[str, Reading[Any]]:
        """What claims say of whether and when it happened, and of its values, by field."""
        found: dict[str, Reading[Any] | None] = {"happened": self.happened, "when": self.when, **self.values}
        return {name: reading for name, reading in found.items() if reading is not None}

    @cached_property
    def disputes(self) -> Mapping[str, Reading[Any]]:
        """The readings in which claims disagree and nothing has decided, by field (D6)."""
        return {name: reading for name, reading in self.readings.items() if reading.disputed}

    @property
    def disputed(self) -> bool:
        """Whether any field is disputed."""
        return bool(self.disputes)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources behind it, each once, in D2's order of their claims."""
        return tuple(dict.fromkeys(source for effective in self.claims for source in effective.sources))

    @property
    def positions(self) -> tuple[int, ...]:
        """The entries behind it, lowest first."""
        return tuple(sorted(effective.position for effective in self.claims))


def _shown(said: Sequence[tuple[Effective, Prose]]) -> Reading[Prose] | None:
    """The sealed text of the claim that ranks best, with all that were claimed."""
    one_each = [(effective, (effective.position, text)) for effective, text in said]
    reading = read_values(one_each, lambda a, b: True)
    if reading is None:
        return None
    texts = tuple(dict.fromkeys(text for _, text in reading.values))
    return Reading(texts[0], reading.claims, (), texts)


def beneficiaries_of(claims: Iterable[Effective]) -> dict[str, list[Effective]]:
    """The beneficiaries that claims name, each with its claims."""
    found: dict[str, list[Effective]] = {}
    for effective in claims:
        for party in effective.claim.parties:
            if party.role is Role.BENEFICIARY:
                found.setdefault(party.party, []).append(effective)
    return found


def _to(effective: Effective) -> Set[str]:
    return beneficiaries_of((effective,)).keys()


def _touching(when: When) -> Callable[[Dating], bool]:
    """Whether a time shares a day with another, whatever lasts."""
    days = Bounds(when.earliest, when.latest)
    return lambda dating: days.narrow(Bounds(dating.earliest, dating.latest)) is not None


def meant(effective: Effective) -> Dating:
    """The time that a claim speaks of; of a plan or denial that names none, that of saying so."""
    claim = effective.claim
    if claim.when is None and (claim.assertion in PLANS or claim.assertion is Assertion.DENIED):
        return Dating.within(stated_bounds(claim))
    return dating_of(effective)
