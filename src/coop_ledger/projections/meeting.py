"""
The state of a meeting: when, at what level, by whom attended, what was said and adopted there (D11).
"""

from __future__ import annotations

import enum
from functools import cached_property
from typing import Any, Final

import attrs

from coop_ledger.domain import NO, YES, MeetingMode, Prose, Rank, Role, Status, SubjectKind
from coop_ledger.domain import events as ev
from coop_ledger.projections.figures import Figure
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, of_kind, projection_of
from coop_ledger.projections.statements import Statement, statements_in
from coop_ledger.projections.voices import Reading

__all__ = ["MEETING", "MeetingState", "Participation", "Presence"]

_ATTENDING: Final = (Role.HOST, Role.ORGANISER, Role.PARTICIPANT)


class Presence(enum.StrEnum):
    """Whether a party took part; one that no claim names is unknown, never absent (D11)."""

    ATTENDED = "attended"
    """A delegation is recorded."""
    LISTED = "listed"
    """It stands in a list of participants; its rank is unknown."""
    ABSENT = "absent"
    EXPECTED = "expected"
    """Only plans name it."""


@attrs.frozen
class Participation:
    """
    One party at a meeting.

    Args:
        party: Country code or subject id.
        presence: Whether it took part.
        ranks: Ranks of its head of delegation.
        head: Slug of the head of delegation.
        head_as_written: The head's name as a source writes it; it can be erased.
        mode: How it took part.
        delegation: The milestone behind it, if a delegation is recorded.
    """

    party: str
    presence: Presence
    ranks: tuple[Rank, ...] = ()
    head: str | None = None
    head_as_written: Prose | None = None
    mode: MeetingMode | None = None
    delegation: Milestone | None = None


@attrs.frozen(slots=False)
class MeetingState(Collected):
    """What is known of one meeting; every field follows from its milestones."""

    shown = (
        "names",
        "status",
        "when",
        "level",
        "place",
        "participation",
        "topics",
        "statements",
        "figures",
        "documents",
    )

    @property
    def status(self) -> Status | None:
        """Scheduled, held, or unrecorded; None where dates do not decide."""
        return self.course.status

    @property
    def held(self) -> Milestone | None:
        """That it was held: planned, done, or both."""
        return self.one(ev.MeetingHeld)

    @property
    def when(self) -> Dating | None:
        """When it was held, else when it is to be held."""
        held = self.held
        if held is None:
            return None
        return held.dating if held.dating is not None or held.plan is None else held.plan.current.when

    @property
    def level(self) -> Reading[Rank] | None:
        """Its level as held; a plan's level shows only while nothing was held."""
        return None if self.held is None else self.held.reading("level") or self.held.reading("level", planned=True)

    @property
    def place(self) -> Reading[str] | None:
        """Slug of the place where it was held."""
        return None if self.held is None else self.held.values.get("where.place")

    @cached_property
    def participation(self) -> tuple[Participation, ...]:
        """The parties that claims name, in D2's order."""
        found: dict[str, Participation] = {}
        for milestone in self.own(ev.MeetingHeld):
            for presence, claims in ((Presence.EXPECTED, milestone.planned), (Presence.LISTED, milestone.occurred)):
                for party in (party for effective in claims for party in effective.claim.parties):
                    if party.role in _ATTENDING:
                        found[party.party] = Participation(party.party, presence)
        for milestone in self.own(ev.DelegationAttended):
            party_ref = milestone.id.key[0]
            listed = found.get(party_ref)
            found[party_ref] = _delegation(party_ref, milestone, listed)
        return tuple(found.values())

    @property
    def topics(self) -> tuple[str, ...]:
        """What was discussed."""
        return tuple(milestone.id.key[0] for milestone in self.own(ev.TopicDiscussed) if milestone.has_happened is YES)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """What was stated there."""
        return statements_in(self.of(ev.StatementMade))

    @cached_property
    def figures(self) -> dict[str, Reading[Figure]]:
        """Figures about it, by measure."""
        readings = {m.id.key[0]: m.values.get("value") for m in self.own(ev.FigureReported)}
        return {measure: reading for measure, reading in readings.items() if reading is not None}

    @property
    def documents(self) -> tuple[Milestone, ...]:
        """Texts that were adopted there."""
        return self.of(ev.TextAdopted)


def _delegation(party: str, milestone: Milestone, listed: Participation | None) -> Participation:
    if milestone.has_happened is NO or (milestone.denied and not milestone.occurred):
        presence = Presence.ABSENT
    elif milestone.has_happened is YES:
        presence = Presence.ATTENDED
    else:
        presence = listed.presence if listed is not None else Presence.EXPECTED

    def said(field: str) -> Reading[Any] | None:
        return milestone.reading(field) or milestone.reading(field, planned=True)

    values: dict[str, Any] = {name: reading.value for name in _DELEGATION_FIELDS if (reading := said(name)) is not None}
    return Participation(party, presence, delegation=milestone, **values)


_DELEGATION_FIELDS: Final = ("ranks", "head", "head_as_written", "mode")

MEETING: Final[Projection[MeetingState]] = projection_of(MeetingState, "meeting", of_kind(SubjectKind.MEETING))
"""The states of all meetings."""
