"""
Rule D10: a series of sessions, its ordinals, and what is missing between them.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Final

import attrs

from coop_ledger.domain import YES, Bounds, Effective, SubjectId, SubjectKind, Value
from coop_ledger.domain import events as ev
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.conflicts import Conflict, between, reading_of
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.state import Collected, of_kind, projection_of

__all__ = ["SERIES", "Gap", "SeriesState", "Session"]


@attrs.frozen(eq=False, repr=False)
class Session(Value):
    """
    One session of a series.

    Args:
        meeting: Full id of the meeting.
        ordinal: Its number; None where no claim gives one.
        when: When it was held, else when it is to be held.
        confirmed: Whether a claim says that it was held; with plans only it is unconfirmed.
        milestone: The milestone behind it.
    """

    meeting: SubjectId
    ordinal: int | None
    when: Dating | None
    confirmed: bool
    milestone: Milestone


@attrs.frozen(eq=False, repr=False)
class Gap(Value):
    """
    An ordinal between known ones of which no claim speaks.

    Args:
        ordinal: The number.
        between: The days that its neighbours leave for it.
    """

    ordinal: int
    between: Bounds


def _event(effective: Effective) -> ev.MeetingHeld | None:
    event = effective.claim.event
    return event if isinstance(event, ev.MeetingHeld) else None


def _ordinal(milestone: Milestone) -> int | None:
    """The ordinal that D6 shows, else the newest plan's, else one that any claim says, else that of the id."""
    shown = milestone.reading("ordinal") or milestone.reading("ordinal", planned=True)
    numbers = (event.ordinal for effective in milestone.claims if (event := _event(effective)) is not None)
    said = shown.value if shown is not None else next((number for number in numbers if number is not None), None)
    last = milestone.id.subject.rpartition("/")[2]
    return said if said is not None else int(last) if last.isdigit() and len(last) <= 6 else None


@attrs.frozen(slots=False, eq=False, repr=False)
class SeriesState(Collected):
    """What is known of one series of meetings; every field follows from its milestones."""

    shown = ("names", "sessions", "gaps", "denials", "figures")

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Its sessions by ordinal; those without one stand last."""
        found = []
        for milestone in self.of(ev.MeetingHeld):
            if milestone.id.subject == self.subject or milestone.to_come:
                continue
            confirmed = milestone.has_happened is YES
            found.append(Session(milestone.id.subject, _ordinal(milestone), milestone.happens, confirmed, milestone))
        return tuple(sorted(found, key=lambda s: (s.ordinal is None, s.ordinal or 0, s.meeting)))

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """
        Ordinals between known ones with no claim, with the days that their neighbours leave for them.

        Neighbours of which the dates contradict the numbers leave all days, and are an anomaly.
        """
        known = [session for session in self.sessions if session.ordinal is not None]
        found: list[Gap] = []
        for earlier, later in pairwise(known):
            after = None if earlier.when is None else earlier.when.earliest
            until = None if later.when is None else later.when.latest
            if after is not None and until is not None and after > until:
                after = until = None
            missing = range((earlier.ordinal or 0) + 1, min(later.ordinal or 0, (earlier.ordinal or 0) + 1_000))
            found.extend(Gap(ordinal, Bounds(after, until)) for ordinal in missing)
        return tuple(found)

    @property
    def unconfirmed(self) -> tuple[Session, ...]:
        """Sessions that no claim says were held: planned, proposed, in doubt on the day of the state, or denied."""
        return tuple(session for session in self.sessions if not session.confirmed)

    @property
    def denials(self) -> tuple[Milestone, ...]:
        """Claims that no session of the series was held in some time."""
        return tuple(milestone for milestone in self.own(ev.MeetingHeld) if milestone.denied)

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        """Sessions that were held at a time in which, as other claims say, none of the series was."""
        found = []
        for session in self.sessions:
            denied = [effective for denial in self.denials for effective in session.milestone.denied_by(denial)]
            told = (*session.milestone.occurred, *session.milestone.held) if session.confirmed else ()
            reading = reading_of(told, denied)
            found += [] if reading is None else [between(self.subject, ((),), session.meeting, reading)]
        return tuple(found)

    @cached_property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """Sessions whose id says another series than their fields, and those whose dates contradict their numbers."""
        strays = []
        for session in self.sessions:
            head = session.meeting.removeprefix("meeting:").rpartition("/")
            if head[2].isdigit() and head[0] and f"series:{head[0]}" != self.subject:
                strays.append(_mismatch(f"{session.meeting} is recorded as a session of {self.subject}", session))
        for one, other in pairwise(self.sessions):
            if one.ordinal is None or other.ordinal is None:
                continue
            if one.ordinal == other.ordinal:
                strays.append(
                    _mismatch(f"{one.meeting} and {other.meeting} have one number, {one.ordinal}", one, other)
                )
            elif one.when is not None and other.when is not None and other.when.surely_before(one.when):
                message = f"{one.meeting} has the lower number, and {other.meeting} the earlier date"
                strays.append(_mismatch(message, one, other))
        return tuple(strays)


def _mismatch(message: str, *sessions: Session) -> Anomaly:
    positions = {position for session in sessions for position in session.milestone.positions}
    return Anomaly(AnomalyCode.SERIES_MISMATCH, tuple(sorted(positions)), message)


SERIES: Final[Projection[SeriesState]] = projection_of(SeriesState, "series", of_kind(SubjectKind.SERIES))
"""The states of all series of meetings."""
