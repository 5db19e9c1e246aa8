"""
The state of a meeting: when, at what level, by whom attended, what was said and adopted there (D11).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, cast

import attrs

from coop_ledger.domain import (
    NO,
    YES,
    Answer,
    Effective,
    MeetingMode,
    Prose,
    Rank,
    Role,
    Status,
    SubjectKind,
    Value,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections.conflicts import Conflict, between, reading_of
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, of_kind, projection_of
from coop_ledger.projections.statements import Statement, statements_in
from coop_ledger.projections.status import may_have
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
    """Only plans name it, and no claim says that the meeting was held."""
    UNKNOWN = "unknown"
    """No claim says whether it took part, or whether the meeting was held by then."""


@attrs.frozen(eq=False, repr=False)
class Participation(Value):
    """
    One party at a meeting.

    Args:
        party: Country code or subject id.
        presence: Whether it took part.
        disputed: Whether claims disagree about that, or about its delegation, and nothing has decided.
        readings: What claims say of its delegation, by field: ``ranks``, ``head``, ``mode`` …, disputes included.
        planned: The same, of what was planned.
        delegation: The milestone behind it, if a claim speaks of its delegation.
    """

    party: str
    presence: Presence
    disputed: bool = False
    readings: Mapping[str, Reading[Any]] = attrs.field(factory=dict)
    planned: Mapping[str, Reading[Any]] = attrs.field(factory=dict)
    delegation: Milestone | None = None

    def _shown(self, field: str) -> Any:
        reading = self.readings.get(field) or self.planned.get(field)
        return None if reading is None else reading.value

    @property
    def ranks(self) -> tuple[Rank, ...]:
        """Ranks of its head of delegation; as planned while nothing more is known."""
        return self._shown("ranks") or ()

    @property
    def head(self) -> str | None:
        """Slug of the head of delegation; as planned while nothing more is known."""
        return cast("str | None", self._shown("head"))

    @property
    def head_as_written(self) -> Prose | None:
        """The head's name as a source writes it; it can be erased."""
        return cast("Prose | None", self._shown("head_as_written"))

    @property
    def mode(self) -> MeetingMode | None:
        """How it took part; as planned while nothing more is known."""
        return cast("MeetingMode | None", self._shown("mode"))


@attrs.frozen(slots=False, eq=False, repr=False)
class MeetingState(Collected):
    """What is known of one meeting; every field follows from its milestones."""

    shown = (
        "names",
        "status",
        "when",
        "level",
        "country",
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
        return None if self.held is None else self.held.happens

    def _said(self, field: str, *, planned: bool = False) -> Reading[Any] | None:
        held = self.held
        return None if held is None or (held.ahead and not planned) else held.reading(field, planned=planned)

    @property
    def level(self) -> Reading[Rank] | None:
        """Its level as held; a plan's level shows only while nothing was held."""
        return self._said("level") or self.planned_level

    @property
    def planned_level(self) -> Reading[Rank] | None:
        """Its level as planned, also where it was held at another one: no conflict, but a change (D5)."""
        return self._said("level", planned=True)

    @property
    def mode(self) -> Reading[MeetingMode] | None:
        """In person, by video …: as held; a plan's mode shows only while nothing was held."""
        return self._said("mode") or self.planned_mode

    @property
    def planned_mode(self) -> Reading[MeetingMode] | None:
        """Its mode as planned."""
        return self._said("mode", planned=True)

    @property
    def country(self) -> Reading[str] | None:
        """Code of the country where it was held."""
        return self._where("country")

    @property
    def place(self) -> Reading[str] | None:
        """Slug of the place where it was held; where it is to be held is a value of the plan."""
        return self._where("place")

    def _where(self, grain: str) -> Reading[str] | None:
        return None if self.held is None or self.held.ahead else self.held.values.get(f"where.{grain}")

    @cached_property
    def participation(self) -> tuple[Participation, ...]:
        """
        The parties that claims name, in D2's order.

        A recorded delegation attended; else a party in a list took part; else one whose delegation is denied was
        absent. In a list and denied is a conflict, and D6 decides what is shown. One that only plans name is expected
        until the meeting was held, and unknown from then on; so is a party that no claim names, which is not among
        these: never absent.
        """
        held, found = self.held, {}
        if held is not None:
            told = _attending((*held.occurred, *held.held))
            found = {party: Participation(party, self._awaited) for party in _attending(held.planned)}
            if held.has_happened is YES:
                found |= {party: Participation(party, Presence.LISTED) for party in told}
            elif may_have(held):
                found = {party: Participation(party, Presence.UNKNOWN) for party in told} | found
        for milestone in self.own(ev.DelegationAttended):
            party = milestone.id.key[0]
            if not milestone.to_come:
                found[party] = self._delegation(milestone, found.get(party))
        return tuple(found.values())

    def presence_of(self, party: str) -> Presence:
        """Whether a party took part; UNKNOWN where no claim says (D11)."""
        found = (entry.presence for entry in self.participation if entry.party == party)
        return next(found, Presence.UNKNOWN)

    @property
    def _awaited(self) -> Presence:
        """What a plan alone says of a party: of a meeting that was held, nothing."""
        over = self.held is not None and self.held.has_happened is YES
        return Presence.UNKNOWN if over else Presence.EXPECTED

    def _delegation(self, milestone: Milestone, listed: Participation | None) -> Participation:
        presence, disputed = Presence.UNKNOWN if listed is None else listed.presence, milestone.disputed
        if milestone.has_happened is YES:
            presence = Presence.ATTENDED
        elif self._missed(milestone) and (milestone.happened is None or milestone.happened.value is NO):
            against = self._listed_and_denied(milestone) if presence is Presence.LISTED else None
            presence = Presence.LISTED if against is not None and against.value is YES else Presence.ABSENT
            disputed = disputed or (against is not None and against.disputed)
        elif listed is None and not may_have(milestone):
            presence = self._awaited
        readings = {field: said for field in _DELEGATION if (said := milestone.reading(field)) is not None}
        planned = {f: said for f in _DELEGATION if (said := milestone.reading(f, planned=True)) is not None}
        return Participation(milestone.id.key[0], presence, disputed, readings, planned, milestone)

    def _listed_and_denied(self, milestone: Milestone) -> Reading[Answer] | None:
        """Claims that list a party against claims that deny its delegation; None where either are missing."""
        party, held = milestone.id.key[0], self.held
        listing = () if held is None or milestone.occurred else (*held.occurred, *held.held)
        return reading_of([e for e in listing if party in _attending((e,))], self._missed(milestone))

    def _missed(self, milestone: Milestone) -> tuple[Effective, ...]:
        """The denials of a delegation that count by the day; of a meeting that took place: those of its days."""
        held = self.held
        if held is None or not (held.occurred or held.held):
            return milestone.missed
        return tuple(effective for effective in held.denied_by(milestone) if effective in milestone.missed)

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        """Parties listed and denied (D11), and delegations that attended what was not held."""
        held, found = self.held, []
        cancelled = held is not None and not (held.occurred or held.held)
        for milestone in self.own(ev.DelegationAttended):
            key = milestone.id.key
            listed = self._listed_and_denied(milestone)
            if listed is not None:
                found.append(between(self.subject, (key,), "presence", listed))
            if held is not None and cancelled and milestone.happened is not None and milestone.happened.value is YES:
                denied = (e for e in milestone.denied_by(held) if e.claim.when is not None or held.called_off)
                attended = reading_of(milestone.occurred, denied)
                found += [] if attended is None else [between(self.subject, ((), key), "held", attended)]
        return tuple(found)

    @property
    def topics(self) -> tuple[str, ...]:
        """What was discussed."""
        return tuple(milestone.id.key[0] for milestone in self.own(ev.TopicDiscussed) if milestone.has_happened is YES)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """What was stated there."""
        return statements_in(m for m in self.of(ev.StatementMade) if not m.to_come)

    @property
    def documents(self) -> tuple[Milestone, ...]:
        """Texts that were adopted there."""
        return tuple(milestone for milestone in self.of(ev.TextAdopted) if not milestone.to_come)


def _attending(claims: Iterable[Effective]) -> tuple[str, ...]:
    """The parties that claims list as taking part, each once."""
    parties = (party for effective in claims for party in effective.claim.parties)
    return tuple(dict.fromkeys(party.party for party in parties if party.role in _ATTENDING))


_DELEGATION: Final = ("ranks", "head", "head_as_written", "mode")

MEETING: Final[Projection[MeetingState]] = projection_of(MeetingState, "meeting", of_kind(SubjectKind.MEETING))
"""The states of all meetings."""
