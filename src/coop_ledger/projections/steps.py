"""
Rule D4: what meets a promise besides its own milestone: a later step of the same lifecycle. Knows no plan.

The lines below are those of ``domain.md`` §4, and ``tests/semantics/test_d04_met.py`` holds them against the
lifecycle tables. The tables alone do not say it: they let an initiative be suspended or called off before it
starts, so those show no start; and they let one close without a delivery, so a closing delivers nothing. A statute
may follow the opening, so an opening adopts none. Establishing relations recognises by implication.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from coop_ledger.domain import NO, PLANS, UNDECIDED, YES, Answer, Event, Value, stated_bounds
from coop_ledger.domain import events as ev
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.refinement import Dating

__all__ = ["LATER_STEPS", "Step", "steps_for"]

_LINES: Final[tuple[tuple[type[Event], ...], ...]] = (
    (ev.InitiativeAdopted, ev.InitiativeStarted, ev.InitiativeProgressed, ev.InitiativeDelivered),
    (ev.InitiativeAdopted, ev.InitiativeStarted, ev.InitiativeProgressed, ev.InitiativeClosed),
    (
        ev.NegotiationOpened,
        ev.NegotiationConcluded,
        ev.TextAdopted,
        ev.AgreementSigned,
        ev.InstrumentDeposited,
        ev.EnteredIntoForce,
    ),
    (ev.WithdrawalNotified, ev.WithdrawalTookEffect),
    (ev.EstablishmentAgreed, ev.StatuteAdopted),
    (ev.EstablishmentAgreed, ev.InstitutionProclaimed, ev.InstitutionOpened),
    (ev.StateRecognised, ev.RelationsEstablished),
)

LATER_STEPS: Final[Mapping[type[Event], frozenset[type[Event]]]] = {
    cls: frozenset(later for line in _LINES if cls in line for later in line[line.index(cls) + 1 :])
    for cls in dict.fromkeys(cls for line in _LINES for cls in line)
}
"""The events whose OCCURRED meets a promise of the event."""


@attrs.frozen(eq=False, repr=False)
class Step(Value):
    """
    Another milestone that may meet a promise.

    Args:
        milestone: The milestone.
        meets: YES, or UNDECIDED: a treaty as a whole was signed, and whether by this party is not said.
        same: Whether it is the promised event itself, so that its day is the day of the outcome; a later step
            only shows that the promised one had come by then.
    """

    milestone: Milestone
    meets: Answer
    same: bool


def _whole(milestone: Milestone) -> bool:
    """Whether it is of a treaty or an initiative as a whole, not of one party or output."""
    return milestone.id.key == ("",)


def _party_step(promised: Milestone, came: Milestone) -> Answer:
    """Steps of agreements are per party: a promise for the whole is met by any, one for a party by its own."""
    if _whole(promised) or promised.id.key == came.id.key:
        return YES
    return UNDECIDED if _whole(came) else NO


def _since(promised: Milestone, came: Milestone) -> Answer:
    """Whether what is reported again and again came after it was first promised: earlier reports meet nothing."""
    said = [Dating.within(stated_bounds(e.claim)) for e in promised.claims if e.claim.assertion in PLANS]
    mine = came.dating
    if mine is None or any(day.surely_before(mine) for day in said):
        return YES
    return NO if said and all(mine.surely_before(day) for day in said) else UNDECIDED


def _meets(promised: Milestone, came: Milestone) -> Answer:
    """Whether what came, not the promised milestone itself, would meet the promise."""
    event, per_party = promised.id.event, promised.id.event.spec.key == ("@signatory",)
    if came.id.event is event:
        if promised.id.key == came.id.key:
            return NO  # the same thing in another cycle is another happening
        if event is ev.InitiativeDelivered:
            partial = came.values.get("partial")
            return NO if not _whole(came) else UNDECIDED if partial is not None and partial.value else YES
        if event is ev.InitiativeProgressed:  # each report has a key of its own, and any of them is progress
            return _since(promised, came)
        return _party_step(promised, came) if per_party else NO
    if came.id.event not in LATER_STEPS.get(event, ()):
        return NO
    return _party_step(promised, came) if per_party else YES


def steps_for(promised: Milestone, milestones: Iterable[Milestone]) -> tuple[Step, ...]:
    """
    The other milestones that may meet a promise, in the order given.

    Args:
        promised: The promised milestone.
        milestones: Milestones of the same subject.
    """

    def steps() -> Iterator[Step]:
        for came in milestones:
            meets = NO if came is promised else _meets(promised, came)
            if meets is not NO:
                yield Step(came, meets, came.id.event is promised.id.event)

    return tuple(steps())
