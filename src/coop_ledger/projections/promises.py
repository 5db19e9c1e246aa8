"""
The promises of a subject: which of its milestones are commitments and which only wishes, and what may call them off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final

import attrs

from coop_ledger.domain import (
    EVENT_TYPES,
    AgreementEnd,
    Effective,
    Entry,
    Event,
    SubjectId,
    SubjectKind,
    field_specs,
    order_key,
    subject_kind,
    subjects_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections.commitments import Commitment
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.steps import steps_for

__all__ = [
    "COMMITMENTS",
    "CommitmentsState",
    "commitments_of",
    "proposals_of",
    "with_series",
]

_PROMISING: Final = frozenset(
    (SubjectKind.SERIES, *(field_specs(cls)[cls.spec.subject].subject for cls in EVENT_TYPES if cls.spec.promise))
)
"""The kinds of subjects that have promise milestones of their own."""

_ENDS: Final[frozenset[type[Event]]] = frozenset((ev.InitiativeCancelled, ev.AgreementEnded, ev.InstitutionDissolved))
"""The ends of a whole subject: what was promised of it and is still open is called off with it."""


def _read(state: Collected, counts: Callable[[Milestone], bool]) -> tuple[Commitment, ...]:
    elsewhere = state.elsewhere if isinstance(state, CommitmentsState) else ()
    own = [milestone for milestone in state.milestones if milestone.id.subject == state.subject]
    ends = [milestone for milestone in own if milestone.id.event in _ENDS]
    return tuple(
        Commitment(
            milestone,
            steps_for(milestone, own),
            tuple(sorted((*state.claims, *elsewhere), key=order_key)),
            tuple(end for end in ends if milestone.id.event not in (end.id.event, ev.InstitutionSucceeded)),
            elsewhere if milestone.id.event is ev.MeetingHeld else (),
        )
        for milestone in own
        if milestone.id.event.spec.promise and counts(milestone) and not _runs_out(milestone)
    )


def _runs_out(milestone: Milestone) -> bool:
    """Whether it is the term of an agreement, as far as plans say: a day that comes, and nobody's promise."""
    claims = milestone.planned or milestone.proposed
    return milestone.id.event is ev.AgreementEnded and all(
        getattr(effective.claim.event, "how", None) is AgreementEnd.EXPIRED for effective in claims
    )


def commitments_of(state: Collected) -> tuple[Commitment, ...]:
    """
    What was promised of a subject: its own milestones of promise events that somebody said will happen.

    Args:
        state: The claims about the subject, as of a day or as of all that is known.
    """
    return _read(state, lambda milestone: bool(milestone.planned))


def proposals_of(state: Collected) -> tuple[Commitment, ...]:
    """
    What was only proposed of a subject, or promised on a condition: never a commitment, never overdue.

    Args:
        state: The claims about the subject, as of a day or as of all that is known.
    """
    return _read(state, lambda milestone: bool(milestone.proposed) and not milestone.planned)


@attrs.frozen(slots=False, eq=False, repr=False)
class CommitmentsState(Collected):
    """
    What was promised of one subject, of whatever kind, and what became of it.

    Args:
        elsewhere: Denials that another subject keeps: of a session, those of its whole series (D10).
    """

    shown = ("commitments", "proposals")

    elsewhere: tuple[Effective, ...] = ()

    @cached_property
    def series(self) -> tuple[SubjectId, ...]:
        """Of a session, the series that claims say it belongs to."""
        held = (e.claim.event for milestone in self.own(ev.MeetingHeld) for e in milestone.claims)
        named = (event.series for event in held if isinstance(event, ev.MeetingHeld) and event.meeting is not None)
        return tuple(dict.fromkeys(SubjectId(f"series:{series}") for series in named if series is not None))

    @cached_property
    def commitments(self) -> tuple[Commitment, ...]:
        """Its promises, in D2's order of their first claims."""
        return commitments_of(self)

    @cached_property
    def proposals(self) -> tuple[Commitment, ...]:
        """What was only proposed."""
        return proposals_of(self)

    def owned_by(self, party: str) -> tuple[Commitment, ...]:
        """The promises that a party owes: a country code, or the full id of another subject."""
        return tuple(commitment for commitment in self.commitments if party in commitment.owners)


def with_series(states: Iterable[CommitmentsState]) -> tuple[CommitmentsState, ...]:
    """
    The same states, sessions with what is denied of their whole series (D10).

    Args:
        states: States of sessions and of the series that they belong to, in any order; a series that is not among
            them denies nothing.
    """
    given = tuple(states)
    kept = {
        state.subject: tuple(effective for milestone in state.own(ev.MeetingHeld) for effective in milestone.denied)
        for state in given
        if subject_kind(state.subject) is SubjectKind.SERIES
    }
    return tuple(
        attrs.evolve(state, elsewhere=tuple(e for series in state.series for e in kept.get(series, ())))
        for state in given
    )


def _subjects(entry: Entry) -> Iterator[SubjectId]:
    return (subject for subject in subjects_of(entry.body) if subject_kind(subject) in _PROMISING)


COMMITMENTS: Final[Projection[CommitmentsState]] = projection_of(CommitmentsState, "commitments", _subjects)
"""The promises of all subjects that can have any, each with all claims about it."""
