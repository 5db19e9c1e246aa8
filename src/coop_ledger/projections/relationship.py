"""
The state of a relationship: an unordered pair of countries, and all that they take part in together (D12).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import combinations
from typing import Final

import attrs

from coop_ledger.domain import YES, Claim, Entry, Event, Status, SubjectId, country_parties, milestones_of
from coop_ledger.domain import events as ev
from coop_ledger.projections.lasting import lasting
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.statements import Statement, statements_in

__all__ = ["RELATIONSHIP", "Level", "RelationshipState", "Together"]


@attrs.frozen
class Level:
    """
    A level of relations, as a side words it.

    Args:
        side: Who declares it; "" where the claim does not say.
        level: The words.
        since: When it was declared.
    """

    side: str
    level: str
    since: Dating | None


@attrs.frozen
class Together:
    """
    Something in which both countries take part.

    Args:
        subject: What it is.
        when: When it happened, else when it is to happen.
        happened: Whether a claim says that it happened.
    """

    subject: SubjectId
    when: Dating | None
    happened: bool


def _together(milestones: Iterable[Milestone]) -> tuple[Together, ...]:
    found: dict[SubjectId, Together] = {}
    for milestone in milestones:
        plan = milestone.plan
        when = milestone.dating or (None if plan is None else plan.current.when)
        happened = milestone.has_happened is YES
        known = found.get(milestone.id.subject)
        if known is None or (happened and not known.happened):
            found[milestone.id.subject] = Together(milestone.id.subject, when, happened)
    return tuple(found.values())


@attrs.frozen(slots=False)
class RelationshipState(Collected):
    """What is known of the relations of two countries; every field follows from the milestones of both."""

    shown = (
        "status", "established", "levels", "missions", "visits", "meetings", "statements", "anniversaries",
        "agreements", "institutions", "initiatives", "last_contact",
    )  # fmt: skip

    @property
    def countries(self) -> tuple[str, str]:
        """The two codes, in order."""
        return self.subject[13:15], self.subject[16:18]

    @property
    def status(self) -> Status | None:
        """Where relations stand; None where dates do not decide."""
        return self.course.status

    @property
    def recognised(self) -> Milestone | None:
        """Recognition of one state by the other."""
        return self.one(ev.StateRecognised)

    @property
    def established(self) -> Milestone | None:
        """That diplomatic relations were established."""
        return self.one(ev.RelationsEstablished)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Levels as worded, side by side, in D2's order."""
        declared = [milestone for milestone in self.own(ev.LevelDeclared) if milestone.has_happened is YES]
        return tuple(Level(m.id.key[0], m.id.key[1], m.dating) for m in declared)

    @property
    def missions(self) -> tuple[str, ...]:
        """Countries that have a mission with the other."""
        return lasting(self.own(ev.MissionOpened), self.own(ev.MissionClosed))

    @cached_property
    def meetings(self) -> tuple[Together, ...]:
        """Meetings in which both take part."""
        return _together(self.of(ev.MeetingHeld))

    @cached_property
    def visits(self) -> tuple[Together, ...]:
        """Visits of one to the other."""
        return _together(self.of(ev.VisitPaid))

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Statements in which both take part, with the positions and who holds them."""
        return statements_in(self.of(ev.StatementMade))

    @property
    def anniversaries(self) -> tuple[Milestone, ...]:
        """Anniversaries of the two; the key is of what, and how many years."""
        return self.of(ev.AnniversaryMarked)

    def _shared(self, kind: str) -> tuple[Together, ...]:
        named = (milestone for milestone in self.milestones if milestone.id.subject.startswith(kind))
        return _together(milestone for milestone in named if milestone.id.event not in _ABOUT)

    @cached_property
    def agreements(self) -> tuple[Together, ...]:
        """Agreements in which both take part."""
        return self._shared("agreement:")

    @cached_property
    def institutions(self) -> tuple[Together, ...]:
        """Institutions in which both take part."""
        return self._shared("institution:")

    @cached_property
    def initiatives(self) -> tuple[Together, ...]:
        """Initiatives in which both take part."""
        return self._shared("initiative:")

    @cached_property
    def last_contact(self) -> Dating | None:
        """When they last met or visited each other, as far as claims say that it happened."""
        done = [item.when for item in (*self.meetings, *self.visits) if item.happened and item.when is not None]
        return max(done, key=lambda when: when.order, default=None)


_ABOUT: Final[frozenset[type[Event]]] = frozenset(
    (ev.NameUsed, ev.SectorsClassified, ev.ActivityLinked, ev.StatementMade)
)
"""Events that say something of a subject without happening to it."""


def _pairs(entry: Entry) -> Iterable[SubjectId]:
    """The relationships that a claim belongs to: n country parties give n(n-1)/2 of them (D12)."""
    if not isinstance(entry.body, Claim):
        return ()
    codes = sorted(country_parties(entry.body))
    own = {id_.subject for id_ in milestones_of(entry.body) if id_.subject.startswith("relationship:")}
    return dict.fromkeys([*(SubjectId(f"relationship:{a}-{b}") for a, b in combinations(codes, 2)), *sorted(own)])


RELATIONSHIP: Final[Projection[RelationshipState]] = projection_of(RelationshipState, "relationship", _pairs)
"""The states of all pairs of countries that some claim brings together."""
