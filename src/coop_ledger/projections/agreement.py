"""
The state of an agreement: as a text, and for each party (Vienna Convention on the Law of Treaties).
"""

from __future__ import annotations

import enum
from functools import cached_property
from typing import Final

import attrs

from coop_ledger.domain import YES, Binding, Event, SignatureKind, Status, SubjectKind
from coop_ledger.domain import events as ev
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.state import Collected, of_kind, projection_of
from coop_ledger.projections.voices import Reading

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


_STEPS: Final[tuple[tuple[type[Event], PartyStatus], ...]] = (
    (ev.AgreementSigned, PartyStatus.SIGNATORY),
    (ev.InstrumentDeposited, PartyStatus.CONTRACTING),
    (ev.EnteredIntoForce, PartyStatus.PARTY),
    (ev.WithdrawalNotified, PartyStatus.WITHDRAWING),
    (ev.WithdrawalTookEffect, PartyStatus.FORMER),
)


@attrs.frozen
class PartyState:
    """
    One party of an agreement.

    Args:
        party: Country code or subject id.
        status: Where it stands.
        milestones: Its own milestones, in D2's order.
    """

    party: str
    status: PartyStatus
    milestones: tuple[Milestone, ...]


@attrs.frozen(slots=False)
class AgreementState(Collected):
    """What is known of one agreement; every field follows from its milestones."""

    shown = ("names", "status", "form", "binding", "parties")

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
        """Whether it binds, as sources say; a title decides nothing."""
        return next((found for m in self._texts if (found := m.reading("binding")) is not None), None)

    @property
    def _texts(self) -> tuple[Milestone, ...]:
        return self.own(ev.TextAdopted, ev.AgreementSigned)

    @cached_property
    def parties(self) -> tuple[PartyState, ...]:
        """The parties that claims name as signatories, in D2's order, each with its status."""
        named: dict[str, list[Milestone]] = {}
        for milestone in self.milestones:
            if milestone.id.subject == self.subject and milestone.id.event.spec.key == ("@signatory",):
                named.setdefault(milestone.id.key[0], []).append(milestone)
        in_force = self._treaty_in_force
        return tuple(
            PartyState(party, _party_status(found, in_force=in_force), tuple(found))
            for party, found in named.items()
            if party
        )

    @property
    def _treaty_in_force(self) -> bool:
        return any(m.id.key == ("",) and m.has_happened is YES for m in self.own(ev.EnteredIntoForce))


def _party_status(milestones: list[Milestone], *, in_force: bool) -> PartyStatus:
    done = {milestone.id.event for milestone in milestones if milestone.has_happened is YES}
    status = PartyStatus.EXPECTED
    for event, reached in _STEPS:
        if event in done:
            status = reached
    definitive = any(
        reading.value is SignatureKind.DEFINITIVE
        for milestone in milestones
        if milestone.id.event is ev.AgreementSigned and (reading := milestone.reading("signature")) is not None
    )
    if status is PartyStatus.SIGNATORY and definitive:
        status = PartyStatus.CONTRACTING
    return PartyStatus.PARTY if status is PartyStatus.CONTRACTING and in_force else status


AGREEMENT: Final[Projection[AgreementState]] = projection_of(
    AgreementState, "agreement", of_kind(SubjectKind.AGREEMENT)
)
"""The states of all agreements."""
