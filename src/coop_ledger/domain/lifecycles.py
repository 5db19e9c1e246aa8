"""
The lifecycles of subjects as tables; knows no claims and no dates.

A row says: from these statuses, this event leads to that status. A plan or proposal leads from
``unrecorded`` to the status in ``planned``; it never leads anywhere else (P6). An event that has no row
for the status of the moment still moves it, to the ``to`` of its first row, and is an anomaly (D9).
The diagrams in ``docs/reference/lifecycles.md`` are drawn from these tables. Source: ``domain.md`` §4.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from coop_ledger.domain.codes import ActivityStatus
from coop_ledger.domain.events import (
    AgreementAmended,
    AgreementEnded,
    AgreementSigned,
    EnteredIntoForce,
    EstablishmentAgreed,
    Event,
    InitiativeAdopted,
    InitiativeCancelled,
    InitiativeClosed,
    InitiativeDelivered,
    InitiativeProgressed,
    InitiativeResumed,
    InitiativeStarted,
    InitiativeSuspended,
    InstitutionDissolved,
    InstitutionOpened,
    InstitutionProclaimed,
    InstitutionResumed,
    InstitutionSucceeded,
    InstitutionSuspended,
    MeetingHeld,
    NegotiationConcluded,
    NegotiationOpened,
    OperationResumed,
    OperationSuspended,
    ProvisionalApplicationBegan,
    ProvisionalApplicationEnded,
    RelationsEstablished,
    RelationsRestored,
    RelationsSevered,
    RelationsSuspended,
    StateRecognised,
    StatuteAdopted,
    TextAdopted,
    VisitPaid,
)
from coop_ledger.domain.subjects import SubjectKind
from coop_ledger.domain.value import Value

__all__ = ["IATI_STATUS", "LIFECYCLES", "Lifecycle", "Move", "Status"]


class Status(enum.StrEnum):
    """Where a subject stands in its lifecycle; each lifecycle uses some of them."""

    UNRECORDED = "unrecorded"
    """No claim says anything about its course."""
    PIPELINE = "pipeline"
    IMPLEMENTATION = "implementation"
    FINALISATION = "finalisation"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    PLANNED = "planned"
    AGREED = "agreed"
    PROCLAIMED = "proclaimed"
    OPEN = "open"
    DISSOLVED = "dissolved"
    SUCCEEDED = "succeeded"
    NEGOTIATED = "negotiated"
    CONCLUDED = "concluded"
    ADOPTED = "adopted"
    SIGNED = "signed"
    PROVISIONAL = "provisionally applied"
    IN_FORCE = "in force"
    ENDED = "ended"
    SCHEDULED = "scheduled"
    HELD = "held"
    PAID = "paid"
    RECOGNISED = "recognised"
    ESTABLISHED = "established"
    SEVERED = "severed"


IATI_STATUS: Final[Mapping[Status, ActivityStatus]] = {
    Status.PIPELINE: ActivityStatus.PIPELINE,
    Status.IMPLEMENTATION: ActivityStatus.IMPLEMENTATION,
    Status.FINALISATION: ActivityStatus.FINALISATION,
    Status.CLOSED: ActivityStatus.CLOSED,
    Status.CANCELLED: ActivityStatus.CANCELLED,
    Status.SUSPENDED: ActivityStatus.SUSPENDED,
}
"""An initiative's status as IATI ActivityStatus 1 to 6; an unrecorded one has none."""


@attrs.frozen(eq=False, repr=False)
class Move(Value):
    """
    One row: an event that occurred leads from any of *before* to *after*.

    Args:
        before: Statuses from which the lifecycle knows this event.
        event: The event class.
        after: The status that follows, also where the event is irregular.
    """

    before: tuple[Status, ...]
    event: type[Event]
    after: Status


@attrs.frozen(eq=False, repr=False)
class Lifecycle(Value):
    """
    The table of one kind of subject.

    Args:
        kind: The kind of subject.
        planned: The status of a subject of which there are only plans or proposals.
        moves: The rows.
    """

    kind: SubjectKind
    planned: Status
    moves: tuple[Move, ...]

    def step(self, status: Status, event: type[Event]) -> tuple[Status, bool]:
        """
        The status after an event that occurred, and whether the lifecycle knows that step.

        An event outside the table leaves the status and is regular.
        """
        rows = [move for move in self.moves if move.event is event]
        if not rows:
            return status, True
        known = next((move for move in rows if status in move.before), None)
        return (known.after, True) if known is not None else (rows[0].after, False)

    def moves_state(self, event: type[Event]) -> bool:
        """Whether the table has a row for the event."""
        return any(move.event is event for move in self.moves)


def _table(kind: SubjectKind, planned: Status, *rows: tuple[tuple[Status, ...], type[Event], Status]) -> Lifecycle:
    return Lifecycle(kind, planned, tuple(Move(*row) for row in rows))


_S = Status
_EARLY = (_S.UNRECORDED, _S.PIPELINE)
_FORMING = (_S.UNRECORDED, _S.PLANNED)
_TEXTLESS = (_S.UNRECORDED, _S.PLANNED, _S.NEGOTIATED, _S.CONCLUDED)

LIFECYCLES: Final[Mapping[SubjectKind, Lifecycle]] = {
    table.kind: table
    for table in (
        _table(
            SubjectKind.INITIATIVE,
            _S.PIPELINE,
            ((*_EARLY, _S.CANCELLED), InitiativeAdopted, _S.PIPELINE),
            ((_S.PIPELINE,), InitiativeStarted, _S.IMPLEMENTATION),
            ((_S.PIPELINE, _S.IMPLEMENTATION), InitiativeProgressed, _S.IMPLEMENTATION),
            ((_S.PIPELINE, _S.IMPLEMENTATION, _S.FINALISATION), InitiativeDelivered, _S.FINALISATION),
            ((_S.IMPLEMENTATION, _S.FINALISATION), InitiativeClosed, _S.CLOSED),
            ((_S.PIPELINE, _S.IMPLEMENTATION), InitiativeSuspended, _S.SUSPENDED),
            ((_S.SUSPENDED,), InitiativeResumed, _S.IMPLEMENTATION),
            ((*_EARLY, _S.IMPLEMENTATION, _S.SUSPENDED), InitiativeCancelled, _S.CANCELLED),
        ),
        _table(
            SubjectKind.AGREEMENT,
            _S.PLANNED,
            (_FORMING, NegotiationOpened, _S.NEGOTIATED),
            ((*_FORMING, _S.NEGOTIATED), NegotiationConcluded, _S.CONCLUDED),
            (_TEXTLESS, TextAdopted, _S.ADOPTED),
            ((*_TEXTLESS, _S.ADOPTED, _S.SIGNED), AgreementSigned, _S.SIGNED),
            # what each signatory does for itself leads there again when the next one does it, and a late one
            # leaves the agreement where it is
            ((_S.PROVISIONAL,), AgreementSigned, _S.PROVISIONAL),
            ((_S.IN_FORCE,), AgreementSigned, _S.IN_FORCE),
            ((_S.SUSPENDED,), AgreementSigned, _S.SUSPENDED),
            ((_S.ADOPTED, _S.SIGNED, _S.PROVISIONAL), ProvisionalApplicationBegan, _S.PROVISIONAL),
            ((_S.IN_FORCE,), ProvisionalApplicationBegan, _S.IN_FORCE),
            ((_S.PROVISIONAL, _S.SIGNED), ProvisionalApplicationEnded, _S.SIGNED),
            ((_S.IN_FORCE,), ProvisionalApplicationEnded, _S.IN_FORCE),
            ((_S.ADOPTED, _S.SIGNED, _S.PROVISIONAL, _S.IN_FORCE), EnteredIntoForce, _S.IN_FORCE),
            ((_S.SUSPENDED,), EnteredIntoForce, _S.SUSPENDED),
            ((_S.IN_FORCE,), AgreementAmended, _S.IN_FORCE),
            ((_S.IN_FORCE, _S.SUSPENDED), OperationSuspended, _S.SUSPENDED),
            ((_S.SUSPENDED, _S.IN_FORCE), OperationResumed, _S.IN_FORCE),
            ((_S.ADOPTED, _S.SIGNED, _S.PROVISIONAL, _S.IN_FORCE, _S.SUSPENDED), AgreementEnded, _S.ENDED),
        ),
        _table(
            SubjectKind.INSTITUTION,
            _S.PLANNED,
            (_FORMING, EstablishmentAgreed, _S.AGREED),
            ((*_FORMING, _S.AGREED), StatuteAdopted, _S.AGREED),
            ((_S.PROCLAIMED,), StatuteAdopted, _S.PROCLAIMED),
            ((_S.OPEN,), StatuteAdopted, _S.OPEN),
            ((*_FORMING, _S.AGREED), InstitutionProclaimed, _S.PROCLAIMED),
            ((*_FORMING, _S.AGREED, _S.PROCLAIMED), InstitutionOpened, _S.OPEN),
            ((_S.OPEN,), InstitutionSuspended, _S.SUSPENDED),
            ((_S.SUSPENDED,), InstitutionResumed, _S.OPEN),
            ((_S.AGREED, _S.PROCLAIMED, _S.OPEN, _S.SUSPENDED), InstitutionDissolved, _S.DISSOLVED),
            ((_S.OPEN, _S.SUSPENDED, _S.DISSOLVED), InstitutionSucceeded, _S.SUCCEEDED),
        ),
        _table(SubjectKind.MEETING, _S.SCHEDULED, ((_S.UNRECORDED, _S.SCHEDULED), MeetingHeld, _S.HELD)),
        _table(SubjectKind.VISIT, _S.PLANNED, (_FORMING, VisitPaid, _S.PAID)),
        _table(
            SubjectKind.RELATIONSHIP,
            _S.PLANNED,
            (_FORMING, StateRecognised, _S.RECOGNISED),
            ((_S.ESTABLISHED,), StateRecognised, _S.ESTABLISHED),
            ((*_FORMING, _S.RECOGNISED), RelationsEstablished, _S.ESTABLISHED),
            ((_S.ESTABLISHED,), RelationsSuspended, _S.SUSPENDED),
            ((_S.ESTABLISHED, _S.SUSPENDED), RelationsSevered, _S.SEVERED),
            ((_S.SUSPENDED, _S.SEVERED), RelationsRestored, _S.ESTABLISHED),
        ),
    )
}
"""The tables by kind of subject; a kind without one has no status."""
