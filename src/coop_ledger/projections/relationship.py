"""
The state of a relationship: an unordered pair of countries, and all that they take part in together (D12).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Final

import attrs

from coop_ledger.domain import (
    YES,
    Claim,
    Effective,
    Entry,
    Event,
    Status,
    SubjectId,
    Value,
    country_parties,
    milestones_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections.collecting import EXCLUSIVE
from coop_ledger.projections.conflicts import Conflict
from coop_ledger.projections.irregular import Findings, relationship_findings
from coop_ledger.projections.lasting import Lasting, lasting, periods_of
from coop_ledger.projections.milestone import Milestone, dating_of
from coop_ledger.projections.periods import Mark, Period, marks_of, sightings_of
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.statements import Statement, statements_in

__all__ = ["RELATIONSHIP", "RelationshipState", "Together"]


@attrs.frozen(eq=False, repr=False)
class Together(Value):
    """
    Something in which both countries take part, as far as the claims that name both of them say (D12).

    What other claims say of it is in its own state.

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
        happened = milestone.has_happened is YES
        known = found.get(milestone.id.subject)
        if not milestone.to_come and (known is None or (happened and not known.happened)):
            found[milestone.id.subject] = Together(milestone.id.subject, milestone.happens, happened)
    return tuple(found.values())


@attrs.frozen(slots=False, eq=False, repr=False)
class RelationshipState(Collected):
    """What is known of the relations of two countries; every field follows from the milestones of both."""

    shown = (
        "status", "recognised", "established", "levels", "missions", "visits", "meetings", "statements",
        "anniversaries", "agreements", "institutions", "initiatives", "figures", "last_contact",
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

    @property
    def relations(self) -> tuple[Period, ...]:
        """The times of diplomatic relations: from their establishment, until they were suspended or severed."""
        return self._relations.periods

    @cached_property
    def _relations(self) -> Lasting:
        began = self.own(ev.RelationsEstablished, ev.RelationsRestored)
        return lasting(began, self.own(ev.RelationsSuspended, ev.RelationsSevered), day=self.day)

    @property
    def levels(self) -> tuple[Period, ...]:
        """
        Levels as worded, each side for itself; the value is the side and the words.

        A side's declaration lasts until its next one. A third party's wording is a sighting, by the side that it
        quotes (``stated_by``), else by both (D12).
        """
        return self._levels.periods

    @cached_property
    def _levels(self) -> Lasting:
        milestones = self.own(ev.LevelDeclared)
        declared = [milestone for milestone in milestones if milestone.id.key[0] in self.countries]
        quoted = [
            attrs.evolve(mark, value=(side, mark.value[1]))
            for milestone in milestones
            if milestone.id.key[0] not in self.countries
            for mark in (*_each(milestone), *sightings_of((milestone,)))
            for side in self._quoted(mark.claims[0])
        ]
        seen = (*sightings_of(declared), *quoted)
        return periods_of(marks_of(declared), seen, shared=EXCLUSIVE[ev.LevelDeclared], day=self.day)

    def _quoted(self, effective: Effective) -> tuple[str, ...]:
        """The sides whose words a third party gives."""
        said = effective.claim.stated_by
        return (said,) if said in self.countries else self.countries

    @property
    def missions(self) -> tuple[Period, ...]:
        """Missions of one with the other; the value is sender, receiver, kind and place."""
        return self._missions.periods

    @cached_property
    def _missions(self) -> Lasting:
        return lasting(self.own(ev.MissionOpened), self.own(ev.MissionClosed), day=self.day)

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        kinds = (self._relations, self._levels, self._missions)
        return tuple(conflict for kind in kinds for conflict in kind.conflicts)

    def _findings(self, moving: Sequence[Milestone]) -> Findings:
        return relationship_findings(moving)

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
        return statements_in(m for m in self.of(ev.StatementMade) if not m.to_come)

    @cached_property
    def topics(self) -> Mapping[str, tuple[Statement, ...]]:
        """The statements by topic, each in the order in which they were made: how a position changed."""
        found: dict[str, list[Statement]] = {}
        for statement in sorted(self.statements, key=lambda said: (said.order, said.entry)):
            found.setdefault(statement.topic, []).append(statement)
        return {topic: tuple(said) for topic, said in found.items()}

    @property
    def anniversaries(self) -> tuple[Milestone, ...]:
        """Anniversaries of the two; the key is of what, and how many years."""
        return tuple(milestone for milestone in self.of(ev.AnniversaryMarked) if not milestone.to_come)

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


def _each(milestone: Milestone) -> Iterator[Mark]:
    """What claims say that somebody declared, each for itself."""
    for mark in marks_of((milestone,)):
        yield from (attrs.evolve(mark, dating=dating_of(e), claims=(e,)) for e in mark.claims)


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
