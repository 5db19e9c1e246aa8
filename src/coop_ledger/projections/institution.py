"""
The state of an institution: agreed, proclaimed, open; hosted, seated, staffed, joined.

Only open means working: a ceremony that celebrates "the establishment" opens nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import attrs

from coop_ledger.domain import YES, Answer, Role, Status, SubjectKind
from coop_ledger.domain import events as ev
from coop_ledger.projections.lasting import lasting
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, of_kind, projection_of

__all__ = ["INSTITUTION", "InstitutionState", "Officer"]


@attrs.frozen
class Officer:
    """
    A person in an office.

    Args:
        office: The office as worded.
        person: Slug of the person.
        taken: Whether the taking is recorded; a sighting alone leaves the beginning unknown.
        since: When it was taken, or the first sighting, which only bounds it from above.
        left: Whether the leaving is recorded.
    """

    office: str
    person: str
    taken: bool
    since: Dating | None
    left: Answer


@attrs.frozen(slots=False)
class InstitutionState(Collected):
    """What is known of one institution; every field follows from its milestones."""

    shown = (
        "names", "status", "agreed", "statute", "proclaimed", "opened", "host", "seat", "officers", "members",
        "work_plans",
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
        """Its host, planned or designated: the designation that came last, else the last plan."""
        return _last(self.own(ev.HostDesignated))

    @property
    def seat(self) -> Milestone | None:
        """Its seat, planned or taken: the one that came last, else the last plan."""
        return _last(self.own(ev.SeatEstablished))

    @cached_property
    def officers(self) -> tuple[Officer, ...]:
        """Persons in offices, in D2's order."""
        left = {milestone.id.key: milestone for milestone in self.own(ev.OfficeLeft)}
        found = []
        for milestone in self.own(ev.OfficeTaken):
            if milestone.has_happened is YES:
                end = left.get(milestone.id.key)
                office, person = milestone.id.key
                ended = Answer.UNDECIDED if end is None else end.has_happened
                found.append(Officer(office, person, bool(milestone.occurred), milestone.dating, ended))
        return tuple(found)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Its members: admitted, or founding parties in the role ``member``; a participant list makes none."""
        founding = (
            party.party
            for milestone in self.own(ev.EstablishmentAgreed, ev.InstitutionProclaimed, ev.StatuteAdopted)
            for effective in milestone.occurred
            for party in effective.claim.parties
            if party.role is Role.MEMBER
        )
        gone = {m.id.key[0] for m in self.own(ev.MemberWithdrew) if m.has_happened is YES}
        admitted = lasting(self.own(ev.MemberAdmitted), self.own(ev.MemberWithdrew))
        return tuple(dict.fromkeys([*(party for party in founding if party not in gone), *admitted]))

    @property
    def work_plans(self) -> tuple[Milestone, ...]:
        """Its work plans; the key is the period."""
        return self.own(ev.WorkPlanAdopted)


def _last(milestones: tuple[Milestone, ...]) -> Milestone | None:
    done = [milestone for milestone in milestones if milestone.has_happened is YES]
    return next(iter(reversed(done or list(milestones))), None)


INSTITUTION: Final[Projection[InstitutionState]] = projection_of(
    InstitutionState, "institution", of_kind(SubjectKind.INSTITUTION)
)
"""The states of all institutions."""
