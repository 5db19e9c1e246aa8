"""
The state of an initiative: what was announced, what began, what was delivered to whom, with what money.

An announcement never delivers, and a re-announcement never adds an initiative (P6).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from functools import cached_property, reduce
from typing import Final

import attrs

from coop_ledger.domain import (
    IATI_STATUS,
    NO,
    UNDECIDED,
    YES,
    ActivityStatus,
    Answer,
    Effective,
    Party,
    Role,
    SectorVocabulary,
    Status,
    SubjectKind,
    TransactionType,
    Value,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections.conflicts import Conflict
from coop_ledger.projections.irregular import Findings, initiative_findings, revivals
from coop_ledger.projections.lasting import Lasting, lasting
from coop_ledger.projections.milestone import Milestone, beneficiaries_of, dating_of
from coop_ledger.projections.periods import Period
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.state import Collected, of_kind, projection_of
from coop_ledger.projections.status import may_have

__all__ = ["INITIATIVE", "Delivery", "Funds", "InitiativeState", "Sector"]

_EXACT: Final = Context(prec=400)
"""Sums of decimals of at most 38 digits never round here."""

_WORKERS: Final = (Role.IMPLEMENTING, Role.FUNDING, Role.ACCOUNTABLE, Role.EXTENDING)


@attrs.frozen(eq=False, repr=False)
class Sector(Value):
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


@attrs.frozen(eq=False, repr=False)
class Delivery(Value):
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


@attrs.frozen(eq=False, repr=False)
class Funds(Value):
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


@attrs.frozen(slots=False, eq=False, repr=False)
class InitiativeState(Collected):
    """What is known of one initiative; every field follows from its milestones."""

    shown = (
        "names", "status", "iati_status", "target", "parties", "sectors", "deliveries", "funds", "partners", "figures",
    )  # fmt: skip

    @property
    def _moving(self) -> tuple[Milestone, ...]:
        """Its milestones; a delivery that leaves something to deliver is progress and finishes nothing."""
        deliveries = self.own(ev.InitiativeDelivered)
        outputs = {milestone.id.key[0] for milestone in deliveries if milestone.plan is not None}
        # what may have been delivered by a day finishes the whole if it is all there is: both ways are tried
        counts = [m for m in deliveries if m.has_happened is YES or (len(deliveries) == 1 and may_have(m))]
        done = {milestone.id.key[0] for milestone in counts if not _partial(milestone)}
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
        """All parties of its claims with their roles, each once; as of a day, of claims of what lay not ahead."""
        ahead = {e.position for m in self.milestones if m.to_come for e in m.claims}
        known = (effective for effective in self.claims if effective.position not in ahead)
        return tuple(dict.fromkeys(party for effective in known for party in effective.claim.parties))

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
            reading = None if milestone.to_come else milestone.reading("sectors")
            for share in () if reading is None else reading.value:
                found.append(Sector(SectorVocabulary(milestone.id.key[0]), share.code, share.percentage))
        return tuple(found)

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What became of each output for each beneficiary: met in part where some are still pending (D4)."""
        found = []
        for milestone in self.own(ev.InitiativeDelivered):
            if milestone.to_come:
                continue
            promised = beneficiaries_of(milestone.planned)
            reached = beneficiaries_of((*milestone.occurred, *milestone.held))
            refused = beneficiaries_of(milestone.missed)
            output = milestone.id.key[0]
            for beneficiary in sorted({*promised, *reached, *refused}):
                unreached = NO if beneficiary in refused else UNDECIDED
                delivered = _delivered(milestone, reached.get(beneficiary, []), unreached)
                found.append(Delivery(output, beneficiary, beneficiary in promised, delivered))
            unnamed = [e for e in (*milestone.occurred, *milestone.held) if not beneficiaries_of((e,))]
            if unnamed or (not promised and not reached):
                found.append(Delivery(output, None, milestone.plan is not None, milestone.has_happened))
        return tuple(found)

    @cached_property
    def funds(self) -> tuple[Funds, ...]:
        """Sums of what was reported, by transaction type and currency; one milestone counts once."""
        sums: dict[tuple[TransactionType, str], Decimal] = {}
        for milestone in self.own(ev.FundsReported):
            reading = milestone.reading("amount")
            if reading is not None and milestone.has_happened is YES:
                key = (TransactionType(milestone.id.key[0]), milestone.id.key[1])
                sums[key] = _EXACT.add(sums.get(key, Decimal(0)), reading.value)
        return tuple(Funds(kind, currency, amount) for (kind, currency), amount in sorted(sums.items()))

    @cached_property
    def _partnership(self) -> Lasting:
        return lasting(self.own(ev.PartnerJoined), self.own(ev.PartnerWithdrew), day=self.day)

    @property
    def partners(self) -> tuple[Period, ...]:
        """Its partners, with their times; the value is the party."""
        return self._partnership.periods

    @property
    def revivals(self) -> tuple[Effective, ...]:
        """Plans and proposals surely said after it was given up: each begins a new cycle, linked to the old one."""
        return revivals(self._moving)

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        return self._partnership.conflicts

    def _findings(self, moving: Sequence[Milestone]) -> Findings:
        return initiative_findings(moving)


def _delivered(milestone: Milestone, claims: Sequence[Effective], unreached: Answer) -> Answer:
    """Whether one beneficiary was reached: as its own claims are dated, where they are read as of a day."""
    if not claims or milestone.happened is None or milestone.happened.value is NO or milestone.day is None:
        return milestone.has_happened if claims else unreached
    return reduce(Answer.__or__, (dating_of(effective).happened_by(milestone.day) for effective in claims))


def _partial(milestone: Milestone) -> bool:
    reading = milestone.reading("partial")
    return reading is not None and bool(reading.value)


INITIATIVE: Final[Projection[InitiativeState]] = projection_of(
    InitiativeState, "initiative", of_kind(SubjectKind.INITIATIVE)
)
"""The states of all initiatives."""
