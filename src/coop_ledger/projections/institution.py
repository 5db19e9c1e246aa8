"""
The state of an institution: agreed, proclaimed, open; hosted, seated, staffed, joined.

Only open means working: a ceremony that celebrates "the establishment" opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import attrs

from coop_ledger.domain import NO, YES, Answer, Effective, Event, Role, Status, SubjectKind
from coop_ledger.domain import events as ev
from coop_ledger.projections.collecting import EXCLUSIVE
from coop_ledger.projections.conflicts import Conflict
from coop_ledger.projections.irregular import Findings, institution_findings
from coop_ledger.projections.lasting import Lasting, lasting, periods_of
from coop_ledger.projections.milestone import Milestone, dating_of
from coop_ledger.projections.periods import Mark, Period, in_place, marks_of, sightings_of
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, of_kind, projection_of

__all__ = ["INSTITUTION", "InstitutionState"]

_FOUNDING: Final = (ev.EstablishmentAgreed, ev.InstitutionProclaimed, ev.StatuteAdopted)
"""Events whose parties in the role ``member`` are members from then on."""


@attrs.frozen(slots=False, eq=False, repr=False)
class InstitutionState(Collected):
    """What is known of one institution; every field follows from its milestones."""

    shown = (
        "names", "status", "agreed", "statute", "proclaimed", "opened", "host", "seat", "officers", "members",
        "work_plans", "figures",
    )  # fmt: skip

    @property
    def status(self) -> Status | None:
        """Where it stands; None where dates do not decide."""
        return self.course.status

    @property
    def agreed(self) -> Milestone | None:
        """That it shall exist."""
        return self.one(ev.EstablishmentAgreed)

    @property
    def statute(self) -> Milestone | None:
        """That its rules were adopted."""
        return self.one(ev.StatuteAdopted)

    @property
    def proclaimed(self) -> Milestone | None:
        """That it was proclaimed."""
        return self.one(ev.InstitutionProclaimed)

    @property
    def opened(self) -> Milestone | None:
        """That it began to work: planned, done, or both; its plan holds the target."""
        return self.one(ev.InstitutionOpened)

    @property
    def target(self) -> Dating | None:
        """When it is to open, narrowed by all who restated the plan that stands (D5)."""
        opened = self.opened
        return None if opened is None or opened.plan is None else opened.plan.current.when

    @property
    def host(self) -> Milestone | None:
        """Its host now, or on the day of the state: the designation behind it; before the first one, the last plan."""
        return self._current(ev.HostDesignated, self.hosts)

    @property
    def seat(self) -> Milestone | None:
        """Its seat now, or on the day of the state: what established it; before the first one, the last plan."""
        return self._current(ev.SeatEstablished, self.seats)

    def _current(self, event: type[Event], periods: tuple[Period, ...]) -> Milestone | None:
        found = in_place(periods, self.day)
        if found is not None:
            return found.milestones[0]
        planned = [milestone for milestone in self.own(event) if milestone.planned or milestone.proposed]
        return planned[-1] if planned and not periods else None

    @cached_property
    def hosts(self) -> tuple[Period, ...]:
        """Its hosts one after the other; the value is the host."""
        return self._exclusive(ev.HostDesignated).periods

    @cached_property
    def seats(self) -> tuple[Period, ...]:
        """Its seats one after the other; the value is the place."""
        return self._exclusive(ev.SeatEstablished).periods

    @cached_property
    def officers(self) -> tuple[Period, ...]:
        """Persons in offices, each office for itself; the value is the office as worded and the person."""
        return self._exclusive(ev.OfficeTaken, ev.OfficeLeft).periods

    def _exclusive(self, began: type[Event], *ended: type[Event]) -> Lasting:
        return lasting(self.own(began), self.own(*ended), shared=EXCLUSIVE[began], day=self.day)

    @cached_property
    def _membership(self) -> Lasting:
        admitted = self.own(ev.MemberAdmitted)
        founded = [mark for milestone in self.own(*_FOUNDING) for mark in _named(milestone, milestone.occurred)]
        first: dict[tuple[str, ...], Mark] = {}
        for mark in sorted(founded, key=lambda mark: mark.order):
            first.setdefault(mark.value, mark)  # a statute that names a founder again admits nobody
        sighted = (mark for milestone in self.own(*_FOUNDING) for mark in _named(milestone, milestone.held))
        return periods_of(
            (*first.values(), *marks_of(admitted)),
            (*sighted, *sightings_of(admitted)),
            marks_of(self.own(ev.MemberWithdrew)),
            day=self.day,
        )

    @property
    def members(self) -> tuple[Period, ...]:
        """
        Its members, with their times; the value is the party.

        Admitted, or named as ``member`` where it was founded; a participant list makes nobody a member.
        """
        return self._membership.periods

    def members_on(self, day: date | None = None) -> dict[str, Answer]:
        """Who was surely (YES) or possibly (UNDECIDED) a member on a day; None: by now, as far as is known."""
        found: dict[str, Answer] = {}
        for period in self.members:
            found[period.value[0]] = found.get(period.value[0], NO) | period.on(day)
        return {party: answer for party, answer in found.items() if answer is not NO}

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        exclusive = (self._exclusive(ev.OfficeTaken, ev.OfficeLeft), self._exclusive(ev.HostDesignated))
        kinds = (*exclusive, self._exclusive(ev.SeatEstablished), self._membership)
        return tuple(conflict for kind in kinds for conflict in kind.conflicts)

    def _findings(self, moving: Sequence[Milestone]) -> Findings:
        return institution_findings(moving)

    @property
    def work_plans(self) -> tuple[Milestone, ...]:
        """Its work plans; the key is the period."""
        return tuple(milestone for milestone in self.own(ev.WorkPlanAdopted) if not milestone.to_come)


def _named(milestone: Milestone, claims: tuple[Effective, ...]) -> Iterator[Mark]:
    """The members that claims of a founding name: when it was, or when they were seen to be members."""
    if milestone.happened is None or milestone.happened.value is not YES:
        return
    naming: dict[str, list[Effective]] = {}
    for effective in claims:
        for party in effective.claim.parties:
            if party.role is Role.MEMBER:
                naming.setdefault(party.party, []).append(effective)
    for member, named in naming.items():
        if milestone.when is not None and claims is milestone.occurred:
            yield Mark((member,), milestone.when.value, tuple(named), milestone)
        else:
            yield from (Mark((member,), dating_of(effective), (effective,), milestone) for effective in named)


INSTITUTION: Final[Projection[InstitutionState]] = projection_of(
    InstitutionState, "institution", of_kind(SubjectKind.INSTITUTION)
)
"""The states of all institutions."""
