"""
The state of an agreement: as a text, and for each party (Vienna Convention on the Law of Treaties).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from functools import cached_property, reduce
from typing import Final, TypeGuard

import attrs

from coop_ledger.domain import NO, UNDECIDED, YES, Answer, Binding, Event, Status, SubjectKind, Value
from coop_ledger.domain import events as ev
from coop_ledger.projections.conflicts import Conflict, between
from coop_ledger.projections.irregular import Findings, after
from coop_ledger.projections.lasting import lasting
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.state import Collected, of_kind, projection_of
from coop_ledger.projections.status import may_have
from coop_ledger.projections.treaties import agreement_findings, surely_consents
from coop_ledger.projections.voices import Reading, read_values

__all__ = ["AGREEMENT", "AgreementState", "PartyState", "PartyStatus"]


class PartyStatus(enum.StrEnum):
    """Where a party stands towards an agreement; each step includes the ones before it."""

    EXPECTED = "expected"
    """Only plans or proposals name it."""
    SIGNATORY = "signatory"
    CONTRACTING = "contracting"
    """It consented to be bound."""
    PARTY = "party"
    """The agreement is in force for it."""
    WITHDRAWING = "withdrawing"
    FORMER = "former"


@attrs.frozen(eq=False, repr=False)
class PartyState(Value):
    """
    One party of an agreement.

    Args:
        party: Country code or subject id.
        status: Where it stands; None where dates do not decide.
        in_force: Whether the agreement is in force for it; undecided also where no claim says that it consented.
        milestones: Its own milestones, in D2's order.
    """

    party: str
    status: PartyStatus | None
    in_force: Answer
    milestones: tuple[Milestone, ...]


@attrs.frozen(slots=False, eq=False, repr=False)
class AgreementState(Collected):
    """What is known of one agreement; every field follows from its milestones."""

    shown = ("names", "status", "form", "binding", "in_force", "parties", "figures")

    @property
    def status(self) -> Status | None:
        """Where the agreement as a whole stands; None where dates do not decide."""
        return self.course.status

    @cached_property
    def form(self) -> str | None:
        """Its form as titled; the first that was given."""
        return next((form.value for m in self._texts if (form := m.reading("form")) is not None), None)

    @cached_property
    def binding(self) -> Reading[Binding] | None:
        """Whether it binds, as sources say; a title decides nothing, and "unknown" contradicts nobody."""
        said = {e.position: (e, e.claim.event.binding) for m in self._texts for e in m.occurred if _says(e.claim.event)}
        given = [(effective, value) for effective, value in said.values() if value is not None]
        decided = [(effective, value) for effective, value in given if value is not Binding.UNKNOWN]
        return read_values(decided or given, lambda a, b: a is b)

    @property
    def is_binding(self) -> Binding:
        """Whether it binds, in one word: disputed where sources disagree, unknown where none says."""
        if self.binding is None:
            return Binding.UNKNOWN
        return Binding.DISPUTED if self.binding.disputed else self.binding.value

    @property
    def _texts(self) -> tuple[Milestone, ...]:
        return tuple(m for m in self.own(ev.TextAdopted, ev.AgreementSigned) if not m.ahead)

    @cached_property
    def in_force(self) -> Answer:
        """
        Whether it is in force, now or on the day of the state: entered, not suspended as a whole, not ended.

        Undecided also where no claim says that it entered into force.
        """
        return self._entered & self._running("")

    @property
    def _entered(self) -> Answer:
        """Whether it entered into force, as a whole or first for some party."""
        return _any(self.own(ev.EnteredIntoForce))

    def _running(self, party: str) -> Answer:
        """Whether its operation is neither suspended nor ended, for a party or ("") as a whole."""
        stopped = lasting(self.own(ev.OperationSuspended), self.own(ev.OperationResumed), day=self.day).periods
        suspended = [period.on(self.day) for period in stopped if period.value[0] in ("", party)]
        ended = [milestone.has_happened for milestone in self.own(ev.AgreementEnded) if milestone.happened is not None]
        answer = YES
        for over in (*suspended, *ended):
            answer &= ~over
        return answer

    @cached_property
    def parties(self) -> tuple[PartyState, ...]:
        """The parties that claims name as signatories, in D2's order, each with its status."""
        named: dict[str, list[Milestone]] = {}
        for milestone in self.milestones:
            ours = milestone.id.subject == self.subject and milestone.id.event.spec.key == ("@signatory",)
            if ours and milestone.id.key[0]:
                named.setdefault(milestone.id.key[0], []).append(milestone)
        found = []
        for party, milestones in named.items():
            known = tuple(milestone for milestone in milestones if _names(milestone))
            if known:
                found.append(PartyState(party, self._status_of(known), self._in_force_for(party, milestones), known))
        return tuple(found)

    def party(self, party: str) -> PartyState | None:
        """One party; None if no claim names it as a signatory."""
        return next((found for found in self.parties if found.party == party), None)

    def _status_of(self, milestones: Sequence[Milestone]) -> PartyStatus | None:
        surely = [milestone for milestone in milestones if milestone.has_happened is YES]
        perhaps = [milestone for milestone in milestones if milestone.has_happened is YES or may_have(milestone)]
        consents = self.is_binding is not Binding.NO
        entered = [m for m in self.own(ev.EnteredIntoForce) if m.id.key == ("",)]
        in_force = {self._whole is YES, self._whole is YES or any(may_have(milestone) for milestone in entered)}
        options = {
            _status(found, in_force=whole, consents=consents) for found in (surely, perhaps) for whole in in_force
        }
        return options.pop() if len(options) == 1 else None

    @property
    def _whole(self) -> Answer:
        """Whether it entered into force as a whole."""
        return _any(milestone for milestone in self.own(ev.EnteredIntoForce) if milestone.id.key == ("",))

    def _in_force_for(self, party: str, milestones: Sequence[Milestone]) -> Answer:
        """In force for a party by name, or as a whole once it consented; not once its withdrawal took effect."""
        standing = _since_withdrawal(milestones)
        entered = [milestone.has_happened for milestone in standing if milestone.id.event is ev.EnteredIntoForce]
        if any(milestone.id.key == ("",) for milestone in self.own(ev.EnteredIntoForce)) or not entered:
            entered.append(self._whole & _any(milestone for milestone in standing if surely_consents(milestone)))
        left = [m.has_happened for m in standing if m.id.event is ev.WithdrawalTookEffect and m.happened is not None]
        return reduce(Answer.__or__, entered) & self._entered & ~reduce(Answer.__or__, left, NO) & self._running(party)

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        """Texts and signatures of which one says that it binds and another that it does not."""
        reading = self.binding
        if reading is None or not reading.against:
            return ()
        events = {type(effective.claim.event) for effective in (*reading.claims, *reading.against)}
        # of one event it is a conflict of that milestone
        return (between(self.subject, (), "binding", reading),) if len(events) > 1 else ()

    @property
    def _moving(self) -> tuple[Milestone, ...]:
        """Its milestones, without the ends of provisional application while another signatory goes on with it."""
        moving = super()._moving
        begun = {m.id.key for m in moving if m.id.event is ev.ProvisionalApplicationBegan and m.has_happened is YES}
        ended = {m.id.key for m in moving if m.id.event is ev.ProvisionalApplicationEnded and m.has_happened is YES}
        ends = begun <= ended or ("",) in ended
        return tuple(m for m in moving if ends or m.id.event is not ev.ProvisionalApplicationEnded)

    def _findings(self, moving: Sequence[Milestone]) -> Findings:
        return agreement_findings(moving, self.is_binding)


def _says(event: Event) -> TypeGuard[ev.TextAdopted | ev.AgreementSigned]:
    return isinstance(event, ev.TextAdopted | ev.AgreementSigned)


def _names(milestone: Milestone) -> bool:
    """Whether claims name its party as one, by the day of the state; a denial alone does not."""
    known = milestone.planned or milestone.proposed or milestone.occurred or milestone.held
    return bool(known) and not milestone.to_come


def _any(milestones: Iterable[Milestone]) -> Answer:
    """Whether one of some milestones happened; undecided where no claim says."""
    found = [milestone.has_happened for milestone in milestones]
    return reduce(Answer.__or__, found) if found else UNDECIDED


def _since_withdrawal(milestones: Sequence[Milestone]) -> Sequence[Milestone]:
    """A party's milestones since it came back, if it consented anew surely after its withdrawal took effect."""
    for left in reversed([m for m in milestones if m.id.event is ev.WithdrawalTookEffect and m.has_happened is YES]):
        since = [milestone for milestone in milestones if after(milestone, left)]
        if any(milestone.id.event in (ev.InstrumentDeposited, ev.EnteredIntoForce) for milestone in since):
            return since
    return milestones


def _status(milestones: Sequence[Milestone], *, in_force: bool, consents: bool) -> PartyStatus:
    """
    The furthest step that milestones reach.

    Args:
        milestones: What happened, or may have, to the party.
        in_force: Whether the agreement as a whole is taken to have entered into force.
        consents: Whether there is a consent to be bound at all: a text that does not bind knows signature only.
    """
    standing = _since_withdrawal(milestones)
    events = {milestone.id.event for milestone in standing}
    if ev.WithdrawalTookEffect in events:
        return PartyStatus.FORMER
    if ev.WithdrawalNotified in events:
        return PartyStatus.WITHDRAWING
    consented = any(surely_consents(milestone) for milestone in standing)
    if consents and (ev.EnteredIntoForce in events or (in_force and consented)):
        return PartyStatus.PARTY
    if consents and consented:
        return PartyStatus.CONTRACTING
    return PartyStatus.SIGNATORY if ev.AgreementSigned in events else PartyStatus.EXPECTED


AGREEMENT: Final[Projection[AgreementState]] = projection_of(
    AgreementState, "agreement", of_kind(SubjectKind.AGREEMENT)
)
"""The states of all agreements."""
