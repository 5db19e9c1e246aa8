"""
The state of an initiative: what was announced, what began, what was delivered to whom, with what money.

An announcement never delivers, and a re-announcement never adds an initiative (P6).
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import cached_property
from typing import Final

import attrs

from coop_ledger.domain import (
    IATI_STATUS,
    YES,
    ActivityStatus,
    Answer,
    Party,
    Role,
    SectorVocabulary,
    Status,
    SubjectKind,
    TransactionType,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections.lasting import lasting
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.state import Collected, of_kind, projection_of

__all__ = ["INITIATIVE", "Delivery", "Funds", "InitiativeState", "Sector"]

_EXACT: Final = Context(prec=400)
"""Sums of decimals of at most 38 digits never round here."""

_WORKERS: Final = (Role.IMPLEMENTING, Role.FUNDING, Role.ACCOUNTABLE, Role.EXTENDING)


@attrs.frozen
class Sector:
    """
    One sector of an initiative.

    Args:
        vocabulary: IATI sector vocabulary.
        code: The code in it.
        percentage: Its share, where the source gives one.
    """

    vocabulary: SectorVocabulary
    code: str
    percentage: Decimal | None


@attrs.frozen
class Delivery:
    """
    What became of one output for one beneficiary.

    Args:
        output: The output; "" for the whole.
        beneficiary: Country code or subject id; None where no claim names one.
        promised: Whether a plan names it.
        delivered: Whether it was delivered; UNDECIDED where no claim says.
    """

    output: str
    beneficiary: str | None
    promised: bool
    delivered: Answer


@attrs.frozen
class Funds:
    """
    The sum of one kind of transaction in one currency, exact.

    Args:
        transaction: IATI transaction type.
        currency: ISO 4217 code.
        amount: The sum.
    """

    transaction: TransactionType
    currency: str
    amount: Decimal


def _in_role(milestone: Milestone, role: Role, *, planned: bool) -> set[str]:
    claims = milestone.planned if planned else milestone.occurred
    return {party.party for effective in claims for party in effective.claim.parties if party.role is role}


@attrs.frozen(slots=False)
class InitiativeState(Collected):
    """What is known of one initiative; every field follows from its milestones."""

    shown = ("names", "status", "iati_status", "target", "parties", "sectors", "deliveries", "funds", "partners")

    @property
    def _moving(self) -> tuple[Milestone, ...]:
        """Its milestones; a delivery that leaves something to deliver is progress and finishes nothing."""
        outputs = {milestone.id.key[0] for milestone in self.own(ev.InitiativeDelivered) if milestone.plan is not None}
        done = {m.id.key[0] for m in self.own(ev.InitiativeDelivered) if m.has_happened is YES and not _partial(m)}
        complete = "" in done or outputs <= done
        return tuple(
            attrs.evolve(milestone, id=attrs.evolve(milestone.id, event=ev.InitiativeProgressed))
            if milestone.id.event is ev.InitiativeDelivered and not (complete and not _partial(milestone))
            else milestone
            for milestone in super()._moving
        )

    @property
    def status(self) -> Status | None:
        """Where it stands; None where dates do not decide."""
        return self.course.status

    @property
    def iati_status(self) -> ActivityStatus | None:
        """IATI ActivityStatus 1 to 6; None where it is undecided or nothing is recorded."""
        return None if self.status is None else IATI_STATUS.get(self.status)

    @cached_property
    def target(self) -> Milestone | None:
        """The milestone that the reader waits for: the delivery planned last, else the start."""
        planned = [m for m in self.own(ev.InitiativeDelivered, ev.InitiativeStarted) if m.plan is not None]
        deliveries = [milestone for milestone in planned if milestone.id.event is ev.InitiativeDelivered]
        return next(iter(reversed(deliveries or planned)), None)

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """All parties of its claims with their roles, each once."""
        return tuple(dict.fromkeys(party for effective in self.claims for party in effective.claim.parties))

    @property
    def owners(self) -> tuple[str, ...]:
        """Who owns its promises: the parties in IATI roles, else all parties."""
        working = [party.party for party in self.parties if party.role in _WORKERS]
        return tuple(dict.fromkeys(working or [party.party for party in self.parties]))

    @cached_property
    def sectors(self) -> tuple[Sector, ...]:
        """Its sectors, as the claim that D6 shows classifies them, vocabulary by vocabulary."""
        found = []
        for milestone in self.own(ev.SectorsClassified):
            reading = milestone.reading("sectors")
            for share in () if reading is None else reading.value:
                found.append(Sector(SectorVocabulary(milestone.id.key[0]), share.code, share.percentage))
        return tuple(found)

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What became of each output for each beneficiary: met in part where some are still pending (D4)."""
        found = []
        for milestone in self.own(ev.InitiativeDelivered):
            promised = _in_role(milestone, Role.BENEFICIARY, planned=True)
            reached = _in_role(milestone, Role.BENEFICIARY, planned=False)
            output = milestone.id.key[0]
            for beneficiary in sorted(promised | reached):
                delivered = milestone.has_happened if beneficiary in reached else Answer.UNDECIDED
                found.append(Delivery(output, beneficiary, beneficiary in promised, delivered))
            if not promised | reached:
                found.append(Delivery(output, None, milestone.plan is not None, milestone.has_happened))
        return tuple(found)

    @cached_property
    def funds(self) -> tuple[Funds, ...]:
        """Sums of what was reported, by transaction type and currency; one milestone counts once."""
        sums: dict[tuple[TransactionType, str], Decimal] = {}
        for milestone in self.own(ev.FundsReported):
            reading = milestone.reading("amount")
            if reading is not None:
                key = (TransactionType(milestone.id.key[0]), milestone.id.key[1])
                sums[key] = _EXACT.add(sums.get(key, Decimal(0)), reading.value)
        return tuple(Funds(kind, currency, amount) for (kind, currency), amount in sorted(sums.items()))

    @cached_property
    def partners(self) -> tuple[str, ...]:
        """Parties that joined and did not withdraw since."""
        return lasting(self.own(ev.PartnerJoined), self.own(ev.PartnerWithdrew))


def _partial(milestone: Milestone) -> bool:
    reading = milestone.reading("partial")
    return reading is not None and bool(reading.value)


INITIATIVE: Final[Projection[InitiativeState]] = projection_of(
    InitiativeState, "initiative", of_kind(SubjectKind.INITIATIVE)
)
"""The states of all initiatives."""
