"""
Which wire name and version stand for which class: written by hand, never derived from a name in the code.

A class may be renamed; a wire name and its meaning never change. A new shape of an event gets a new version
and a step in ``upcast.py``. Missing, doubled or unknown classes fail at import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from coop_ledger.codec.problems import told
from coop_ledger.domain import (
    ACT_TYPES,
    EVENT_TYPES,
    Act,
    Correction,
    Duplicate,
    Event,
    Merge,
    Redaction,
    Resolution,
    Retraction,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import UnknownEventTypeError, repr_of

__all__ = ["REGISTRY", "VERSIONS", "check_registry", "class_of", "wire_name"]

REGISTRY: Final[dict[str, tuple[type[Event] | type[Act], int]]] = {
    "initiative.adopted": (ev.InitiativeAdopted, 1),
    "initiative.started": (ev.InitiativeStarted, 1),
    "initiative.progressed": (ev.InitiativeProgressed, 1),
    "initiative.delivered": (ev.InitiativeDelivered, 1),
    "initiative.closed": (ev.InitiativeClosed, 1),
    "initiative.suspended": (ev.InitiativeSuspended, 1),
    "initiative.resumed": (ev.InitiativeResumed, 1),
    "initiative.cancelled": (ev.InitiativeCancelled, 1),
    "initiative.partner-joined": (ev.PartnerJoined, 1),
    "initiative.partner-withdrew": (ev.PartnerWithdrew, 1),
    "initiative.funds-reported": (ev.FundsReported, 1),
    "initiative.sectors-classified": (ev.SectorsClassified, 1),
    "initiative.activity-linked": (ev.ActivityLinked, 1),
    "agreement.negotiation-opened": (ev.NegotiationOpened, 1),
    "agreement.negotiation-concluded": (ev.NegotiationConcluded, 1),
    "agreement.text-adopted": (ev.TextAdopted, 1),
    "agreement.signed": (ev.AgreementSigned, 1),
    "agreement.instrument-deposited": (ev.InstrumentDeposited, 1),
    "agreement.reservation-made": (ev.ReservationMade, 1),
    "agreement.reservation-withdrawn": (ev.ReservationWithdrawn, 1),
    "agreement.provisional-application-began": (ev.ProvisionalApplicationBegan, 1),
    "agreement.provisional-application-ended": (ev.ProvisionalApplicationEnded, 1),
    "agreement.entered-into-force": (ev.EnteredIntoForce, 1),
    "agreement.amended": (ev.AgreementAmended, 1),
    "agreement.operation-suspended": (ev.OperationSuspended, 1),
    "agreement.operation-resumed": (ev.OperationResumed, 1),
    "agreement.withdrawal-notified": (ev.WithdrawalNotified, 1),
    "agreement.withdrawal-took-effect": (ev.WithdrawalTookEffect, 1),
    "agreement.ended": (ev.AgreementEnded, 1),
    "institution.establishment-agreed": (ev.EstablishmentAgreed, 1),
    "institution.proclaimed": (ev.InstitutionProclaimed, 1),
    "institution.statute-adopted": (ev.StatuteAdopted, 1),
    "institution.host-designated": (ev.HostDesignated, 1),
    "institution.opened": (ev.InstitutionOpened, 1),
    "institution.seat-established": (ev.SeatEstablished, 1),
    "institution.member-admitted": (ev.MemberAdmitted, 1),
    "institution.member-withdrew": (ev.MemberWithdrew, 1),
    "institution.office-taken": (ev.OfficeTaken, 1),
    "institution.office-left": (ev.OfficeLeft, 1),
    "institution.work-plan-adopted": (ev.WorkPlanAdopted, 1),
    "institution.suspended": (ev.InstitutionSuspended, 1),
    "institution.resumed": (ev.InstitutionResumed, 1),
    "institution.dissolved": (ev.InstitutionDissolved, 1),
    "institution.succeeded": (ev.InstitutionSucceeded, 1),
    "meeting.held": (ev.MeetingHeld, 1),
    "meeting.delegation-attended": (ev.DelegationAttended, 1),
    "meeting.topic-discussed": (ev.TopicDiscussed, 1),
    "meeting.statement-made": (ev.StatementMade, 1),
    "relations.state-recognised": (ev.StateRecognised, 1),
    "relations.established": (ev.RelationsEstablished, 1),
    "relations.level-declared": (ev.LevelDeclared, 1),
    "relations.suspended": (ev.RelationsSuspended, 1),
    "relations.severed": (ev.RelationsSevered, 1),
    "relations.restored": (ev.RelationsRestored, 1),
    "relations.mission-opened": (ev.MissionOpened, 1),
    "relations.mission-closed": (ev.MissionClosed, 1),
    "relations.visit-paid": (ev.VisitPaid, 1),
    "relations.anniversary-marked": (ev.AnniversaryMarked, 1),
    "identity.name-used": (ev.NameUsed, 1),
    "identity.person-named": (ev.PersonNamed, 1),
    "figures.reported": (ev.FigureReported, 1),
    "act.correction": (Correction, 1),
    "act.retraction": (Retraction, 1),
    "act.duplicate": (Duplicate, 1),
    "act.merge": (Merge, 1),
    "act.resolution": (Resolution, 1),
    "act.redaction": (Redaction, 1),
}
"""Wire name → class and its newest version."""

VERSIONS: Final = {name: version for name, (_, version) in REGISTRY.items()}
"""Wire name → newest version."""


def check_registry(registry: Mapping[str, tuple[type, int]], classes: Iterable[type]) -> None:
    """
    Refuse a registry that does not hold each class exactly once, at a version from 1 on.

    Raises:
        RuntimeError: A class is missing, doubled or strange, or a version is none.
    """
    held = [cls for cls, _ in registry.values()]
    strays = {cls for cls in held if held.count(cls) > 1} | (set(held) ^ set(classes))
    if strays:
        listed = ", ".join(sorted(cls.__name__ for cls in strays))
        raise RuntimeError(f"the registry does not hold each class once: {listed}")
    for name, (_, version) in registry.items():
        if version < 1:
            raise RuntimeError(f"versions count from 1: {name}")


check_registry(REGISTRY, (*EVENT_TYPES, *ACT_TYPES))
_NAMES: Final[Mapping[type, str]] = {cls: name for name, (cls, _) in REGISTRY.items()}


def wire_name(cls: object) -> str:
    """
    The wire name of an event or act class.

    Raises:
        UnknownEventTypeError: Not a class of the registry.

    >>> wire_name(ev.InstitutionOpened)
    'institution.opened'
    """
    name = _NAMES.get(cls) if isinstance(cls, type) else None
    if name is None:
        raise UnknownEventTypeError("this class is no event and no act", found=repr_of(cls)[:80])
    return name


def class_of(name: object) -> type[Event] | type[Act]:
    """
    The class of a wire name.

    Raises:
        UnknownEventTypeError: No such name; the hint gives the nearest one.

    >>> class_of("act.merge").__name__
    'Merge'
    """
    if not isinstance(name, str) or name not in REGISTRY:
        near = get_close_matches(str(name), REGISTRY, 1)
        raise UnknownEventTypeError(
            "no such event or act", where="type", found=told(name), hint=f"write {near[0]!r}" if near else None
        )
    return REGISTRY[name][0]
