"""
Rule D4: announced against delivered. What was promised, what became of it, and how the two differ.

A commitment is a milestone of a promise event that somebody said will happen; one that was only proposed is a
wish, kept apart. Both are read as their milestones are: as of all that is known, or as of a day. A plan that
differs from the outcome is a shortfall or change, never a conflict. Put off without a new time, a promise stays
open without a target; it is called off only by a denial without ``when`` or by the end of its whole subject, and a
later plan makes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import ClassVar, Final

import attrs

from coop_ledger.domain import (
    NO,
    UNDECIDED,
    YES,
    Answer,
    Bounds,
    Claim,
    Days,
    Effective,
    Event,
    Role,
    SubjectId,
    Value,
    country_parties,
    field_specs,
    stated_bounds,
)
from coop_ledger.projections.compared import Difference, values_of
from coop_ledger.projections.initiative import Delivery
from coop_ledger.projections.milestone import Milestone, beneficiaries_of
from coop_ledger.projections.plans import Plan, PlanChange
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.steps import Step
from coop_ledger.projections.voices import read_values

__all__ = [
    "Commitment",
    "Difference",
]

_OWNERS: Final = frozenset(
    (
        Role.ORGANISER,
        Role.HOST,
        Role.VISITOR,
        Role.IMPLEMENTING,
        Role.FUNDING,
        Role.ACCOUNTABLE,
        Role.EXTENDING,
        Role.SIGNATORY,
    )
)


def _named(claim: Claim) -> list[str]:
    """Parties that the event itself names: its party, or both sides of its relationship."""
    event = claim.event
    own = [getattr(event, name) for name, spec in field_specs(type(event)).items() if spec.type == "party"]
    return [*own, *sorted(country_parties(claim))]


def _any(answers: Iterable[Answer]) -> Answer:
    return reduce(or_, answers, NO)


def _said_later(plan: Effective, over: Dating) -> bool:
    """Whether a plan was surely said after something else, which it so makes anew."""
    return over.surely_before(Dating.within(stated_bounds(plan.claim)))


def _when_said(effective: Effective) -> Dating:
    return Dating.within(stated_bounds(effective.claim))


@attrs.frozen(slots=False, eq=False, repr=False)
class Commitment(Value):
    """
    One promise, or one wish that nobody promised yet, and what became of it.

    Args:
        milestone: What was promised or proposed, with all claims about it.
        steps: The other milestones of its subject that may meet it (D4).
        claims: All claims about its subject, in D2's order.
        ends: The other milestones that may call it off: the end of its whole subject.
        elsewhere: Denials of it that another subject keeps: of a session, those of its whole series (D10).
    """

    shown: ClassVar[tuple[str, ...]] = (
        "subject", "key", "owners", "target", "revisions", "restatements", "slip", "changes",
        "met", "outcome", "late", "days", "differences", "deliveries", "in_part", "called_off",
    )  # fmt: skip
    """The derived fields that plain forms show, in order."""

    milestone: Milestone
    steps: tuple[Step, ...] = ()
    claims: tuple[Effective, ...] = ()
    ends: tuple[Milestone, ...] = ()
    elsewhere: tuple[Effective, ...] = ()

    def on(self, day: date | None) -> Commitment:
        """The same promise, read as of a day of the world: plans surely said and outcomes come by then."""
        steps = (attrs.evolve(step, milestone=attrs.evolve(step.milestone, day=day)) for step in self.steps)
        ends = (attrs.evolve(end, day=day) for end in self.ends)
        milestone = attrs.evolve(self.milestone, day=day)
        return attrs.evolve(self, milestone=milestone, steps=tuple(steps), ends=tuple(ends))

    @property
    def subject(self) -> SubjectId:
        """Whose promise it is."""
        return self.milestone.id.subject

    @property
    def event(self) -> type[Event]:
        """The event that was promised."""
        return self.milestone.id.event

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from other happenings of that event: the output, the party …"""
        return self.milestone.id.key

    @property
    def made(self) -> Dating | None:
        """When it was said first; None where on the day of the view it had not surely been said."""
        said = self.milestone.planned or self.milestone.proposed
        return Dating.within(stated_bounds(said[0].claim)) if said else None

    @cached_property
    def plan(self) -> Plan | None:
        """Its targets over time, each with what it changed (D5); None for a wish."""
        return self.milestone.plan

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """
        Who owes it: parties of its plans in an owner's role, else all of their parties.

        A signature is owed by its signatory, not by the others of the same claim.
        """
        claims = [effective.claim for effective in self.milestone.planned or self.milestone.proposed]
        parties = [party for claim in claims for party in claim.parties]
        own = self.key[0] if self.event.spec.key == ("@signatory",) else ""
        owing = [p.party for p in parties if p.role in _OWNERS and (not own or p.party == own)]
        everybody = [party.party for party in parties]
        everybody += [party for claim in claims for party in _named(claim)]
        return tuple(dict.fromkeys(owing or everybody))

    @property
    def revisions(self) -> int:
        """How often the day was put off or brought forward."""
        return 0 if self.plan is None else self.plan.revisions

    @property
    def restatements(self) -> int:
        """How often it was announced again; that never makes it two."""
        return 0 if self.plan is None else self.plan.restatements

    @property
    def slip(self) -> Days | None:
        """Days from the first target to the last one; None where it was never put off."""
        return None if self.plan is None else self.plan.slip

    @property
    def changes(self) -> tuple[PlanChange, ...]:
        """What plans changed over time: day, place, level, host …"""
        return () if self.plan is None else self.plan.changes

    @cached_property
    def denials(self) -> tuple[Effective, ...]:
        """
        The denials that stand against it: those without ``when``, and those that cover the last target.

        A plan that was surely said later makes the promise anew: of a denied time, one that names it again.
        """
        known = (effective for effective in self.milestone.denied if not self.milestone.in_part(effective))
        return tuple(effective for effective in (*known, *self.elsewhere) if self._stands(effective))

    def _stands(self, denial: Effective) -> bool:
        when = denial.claim.when
        plans = self.milestone.planned if when is None or self.plan is None else self.plan.current.claims
        anew = (plan for plan in plans if when is None or plan.claim.when is not None)
        if any(_said_later(plan, _when_said(denial)) for plan in anew):
            return False
        if when is None:
            return True
        target = self._last_target
        return target is not None and (
            (when.earliest is None or (target.earliest is not None and when.earliest <= target.earliest))
            and (when.latest is None or (target.latest is not None and target.latest <= when.latest))
        )

    def _said(self, denials: Iterable[Effective]) -> Answer:
        day = self.milestone.day
        return _any(YES if day is None else _when_said(denial).happened_by(day) for denial in denials)

    @cached_property
    def denied(self) -> Answer:
        """Whether a denial that stands against it had been said, or its whole subject had ended."""
        return self._said(self.denials) | self._ended

    @cached_property
    def called_off(self) -> Answer:
        """Whether it was called off altogether, and not announced anew since: itself, or with its whole subject."""
        return self._said(denial for denial in self.denials if denial.claim.when is None) | self._ended

    @property
    def _ended(self) -> Answer:
        """Whether its whole subject ended while it was open, and no plan was surely said later."""
        over = [
            end.has_happened
            for end in self.ends
            if (ended := end.dating) is not None
            and not any(_said_later(plan, ended) for plan in self.milestone.planned)
        ]
        return _any(over) & ~_any(answer for _, answer in self._came)

    @property
    def _last_target(self) -> Dating | None:
        return None if self.plan is None else self.plan.current.when

    @property
    def target(self) -> Dating | None:
        """When it is to happen; None where no time was said, or where the last one was denied."""
        return None if self.denied is YES else self._last_target

    @cached_property
    def _came(self) -> tuple[tuple[Step, Answer], ...]:
        """
        The milestones of which claims say that they came, its own first, each with whether it meets the promise.

        What is surely still ahead on the day is left out; but of a later step, the promised one may have come before.
        """
        steps = (Step(self.milestone, YES, True), *self.steps)
        happened = [step for step in steps if (said := step.milestone.happened) is not None and said.value is YES]
        answers = (
            (step, step.meets & (step.milestone.has_happened | (NO if step.same else UNDECIDED))) for step in happened
        )
        return tuple((step, answer) for step, answer in answers if answer is not NO)

    @cached_property
    def met(self) -> Answer:
        """
        Whether it was met, in whole or in part: by its own milestone or by a later step (D4).

        NO where it was called off or surely had not come by the day; UNDECIDED also where no claim says.
        A sighting of what it brings about shows that it came (D7).
        """
        if self._came:
            return _any(answer for _, answer in self._came)
        own = self.milestone.happened
        against = own is not None and (own.value is YES or bool(self.milestone.occurred))
        return NO if against or self.called_off is YES else UNDECIDED

    @cached_property
    def _meeting(self) -> tuple[Step, ...]:
        """The milestones that meet it: its own, else all that surely would, else those that might."""
        steps = [step for step, _ in self._came]
        own = [step for step in steps if step.milestone is self.milestone]
        return tuple(own or [step for step in steps if step.meets is YES] or steps)

    @property
    def met_by(self) -> Milestone | None:
        """The milestone that met it, or that may have: its own, else the promised event itself, else the earliest."""

        def rank(step: Step) -> tuple[bool, date]:
            dating = step.milestone.dating
            return not step.same, (dating and dating.first.latest) or date.max

        return min(self._meeting, key=rank).milestone if self._meeting else None

    @cached_property
    def outcome(self) -> Dating | None:
        """When it came; a later step says only that it was not after that."""
        if not self._meeting:
            return None
        if self._meeting[0].milestone is self.milestone:
            return self.milestone.dating
        firsts = [(step.same, dating.first) for step in self._meeting if (dating := step.milestone.dating) is not None]
        latest = min((first.latest for _, first in firsts if first.latest is not None), default=None)
        began = [first.earliest for same, first in firsts if same]
        known = [day for day in began if day is not None]
        earliest = min(known) if known and len(known) == len(began) else None
        return Dating.within(Bounds(earliest, None).narrow(Bounds(None, latest)) or Bounds(None, latest))

    @cached_property
    def days(self) -> Days | None:
        """Days from the last day of the last target to the first day of the outcome; None where either is unsaid."""
        target, outcome = self._last_target, self.outcome
        if target is None or outcome is None:
            return None
        return Dating.within(target.last).slip_to(Dating.within(outcome.first))

    @property
    def late(self) -> Answer:
        """Whether it came after its target: surely, surely not, or undecided where their bounds overlap (D4)."""
        if self.days is None:
            return UNDECIDED
        least, most = self.days.least, self.days.most
        late = YES if least is not None and least > 0 else NO if most is not None and most <= 0 else UNDECIDED
        return late if self.met is YES else UNDECIDED

    @property
    def in_time(self) -> Answer:
        """Whether it came by the last day that the last target allows, which is what ``overdue`` goes by."""
        target, outcome = self._last_target, self.outcome
        if target is None or target.latest is None or outcome is None:
            return UNDECIDED
        return outcome.happened_by(target.latest) & self.met

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The fields in which the outcome surely is not what was planned last."""
        return tuple(self._differences())

    def _differences(self) -> Iterator[Difference]:
        if self.plan is None or self.met_by is None:
            return
        target, outcome = self._last_target, self.outcome
        if target is not None and outcome is not None and not target.agrees(outcome):
            yield Difference("when", target, outcome)
        if self.met_by.id.event is not self.event:
            return
        actual = [(effective, values_of(effective.claim)) for effective in self.met_by.occurred]
        for field, planned in self.plan.current.values.items():
            given = [(effective, values[field]) for effective, values in actual if field in values]
            reading = read_values(given, lambda a, b: bool(a == b))
            if reading is not None and reading.value != planned:
                yield Difference(field, planned, reading.value)

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What became of it for each beneficiary that a plan or an outcome names; unnamed ones stay pending."""
        if Role.BENEFICIARY not in self.event.spec.roles:
            return ()
        promised, refused = beneficiaries_of(self.milestone.planned), beneficiaries_of(self.milestone.missed)
        reached: dict[str, Answer] = {}
        for step, answer in self._came:
            for party in beneficiaries_of(step.milestone.occurred) if step.same else ():
                reached[party] = reached.get(party, NO) | answer
        return tuple(
            Delivery(self.key[0], party, party in promised, reached.get(party, NO if party in refused else UNDECIDED))
            for party in sorted({*promised, *reached, *refused})
        )

    @property
    def pending(self) -> tuple[str, ...]:
        """The beneficiaries to whom it was promised, and of whom no claim says that it reached them."""
        return tuple(d.beneficiary for d in self.deliveries if d.beneficiary and d.promised and d.delivered is not YES)

    @property
    def in_part(self) -> Answer:
        """
        Whether it was met in part: a source says so, or some beneficiaries got it and others are pending.

        UNDECIDED where it came, and no claim says for whom.
        """
        met_by = self.met_by
        partial = met_by.values.get("partial") if met_by is not None and met_by.id.event is self.event else None
        if partial is not None and partial.value:
            return self.met
        reached = any(delivery.delivered is YES for delivery in self.deliveries)
        return self.met & (NO if not self.pending else YES if reached else UNDECIDED)
