"""
The state of a visit: who paid it to whom, when, at what rank.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from coop_ledger.domain import Rank, Role, Status, SubjectKind, VisitStatus
from coop_ledger.domain import events as ev
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, of_kind, projection_of
from coop_ledger.projections.voices import Reading

__all__ = ["VISIT", "VisitState"]


@attrs.frozen(slots=False, eq=False, repr=False)
class VisitState(Collected):
    """What is known of one visit; every field follows from its milestones."""

    shown = ("names", "status", "when", "visitors", "hosts", "rank", "protocol", "figures")

    @property
    def status(self) -> Status | None:
        """Planned, paid, or unrecorded; None where dates do not decide."""
        return self.course.status

    @property
    def paid(self) -> Milestone | None:
        """That it was paid: planned, done, or both."""
        return self.one(ev.VisitPaid)

    @property
    def when(self) -> Dating | None:
        """When it was paid, else when it is to be paid."""
        return None if self.paid is None else self.paid.happens

    def _in_role(self, role: Role) -> tuple[str, ...]:
        paid = self.paid
        if paid is None or paid.to_come:
            return ()
        known = (*paid.proposed, *paid.planned, *(() if paid.ahead else (*paid.occurred, *paid.held)))
        parties = (party for effective in (*known, *paid.denied) for party in effective.claim.parties)
        return tuple(dict.fromkeys(party.party for party in parties if party.role is role))

    def _said(self, field: str) -> Reading[Any] | None:
        """What is said of it, as it was paid; what was planned shows only while it is ahead."""
        paid = self.paid
        if paid is None:
            return None
        return (None if paid.ahead else paid.reading(field)) or paid.reading(field, planned=True)

    @property
    def visitors(self) -> tuple[str, ...]:
        """Who pays it, as planned while it lies ahead."""
        return self._in_role(Role.VISITOR)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Who receives it, as planned while it lies ahead; a tour has several."""
        return self._in_role(Role.HOST)

    @property
    def rank(self) -> Reading[Rank] | None:
        """Rank of the visitor."""
        return self._said("rank")

    @property
    def protocol(self) -> Reading[VisitStatus] | None:
        """State, official or working visit, as sources say."""
        return self._said("status")


VISIT: Final[Projection[VisitState]] = projection_of(VisitState, "visit", of_kind(SubjectKind.VISIT))
"""The states of all visits."""
