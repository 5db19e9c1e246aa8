"""
The closed union of event classes, one module a family; see ``docs/reference/events.md`` for the table.

``from coop_ledger import events as ev`` is how callers reach them: ``ev.InstitutionOpened("kcac-secretariat")``.
"""

from __future__ import annotations

from typing import Final, get_args

from coop_ledger.domain.events.agreements import (
    AgreementAmended,
    AgreementEnded,
    AgreementSigned,
    EnteredIntoForce,
    InstrumentDeposited,
    NegotiationConcluded,
    NegotiationOpened,
    OperationResumed,
    OperationSuspended,
    ProvisionalApplicationBegan,
    ProvisionalApplicationEnded,
    ReservationMade,
    ReservationWithdrawn,
    TextAdopted,
    WithdrawalNotified,
    WithdrawalTookEffect,
)
from coop_ledger.domain.events.figures import FigureReported, Qualifier
from coop_ledger.domain.events.identity import NameUsed, PersonNamed
from coop_ledger.domain.events.initiatives import (
    ActivityLinked,
    FundsReported,
    InitiativeAdopted,
    InitiativeCancelled,
    InitiativeClosed,
    InitiativeDelivered,
    InitiativeProgressed,
    InitiativeResumed,
    InitiativeStarted,
    InitiativeSuspended,
    PartnerJoined,
    PartnerWithdrew,
    SectorsClassified,
    SectorShare,
)
from coop_ledger.domain.events.institutions import (
    EstablishmentAgreed,
    HostDesignated,
    InstitutionDissolved,
    InstitutionOpened,
    InstitutionProclaimed,
    InstitutionResumed,
    InstitutionSucceeded,
    InstitutionSuspended,
    MemberAdmitted,
    MemberWithdrew,
    OfficeLeft,
    OfficeTaken,
    SeatEstablished,
    StatuteAdopted,
    WorkPlanAdopted,
)
from coop_ledger.domain.events.meetings import DelegationAttended, MeetingHeld, StatementMade, TopicDiscussed
from coop_ledger.domain.events.relations import (
    AnniversaryMarked,
    LevelDeclared,
    MissionClosed,
    MissionOpened,
    RelationsEstablished,
    RelationsRestored,
    RelationsSevered,
    RelationsSuspended,
    StateRecognised,
    VisitPaid,
)
from coop_ledger.domain.events.spec import EventBase, EventSpec
from coop_ledger.domain.events.unknown import UnknownEvent

Event = (
    InitiativeAdopted
    | InitiativeStarted
    | InitiativeProgressed
    | InitiativeDelivered
    | InitiativeClosed
    | InitiativeSuspended
    | InitiativeResumed
    | InitiativeCancelled
    | PartnerJoined
    | PartnerWithdrew
    | FundsReported
    | SectorsClassified
    | ActivityLinked
    | NegotiationOpened
    | NegotiationConcluded
    | TextAdopted
    | AgreementSigned
    | InstrumentDeposited
    | ReservationMade
    | ReservationWithdrawn
    | ProvisionalApplicationBegan
    | ProvisionalApplicationEnded
    | EnteredIntoForce
    | AgreementAmended
    | OperationSuspended
    | OperationResumed
    | WithdrawalNotified
    | WithdrawalTookEffect
    | AgreementEnded
    | EstablishmentAgreed
    | InstitutionProclaimed
    | StatuteAdopted
    | HostDesignated
    | InstitutionOpened
    | SeatEstablished
    | MemberAdmitted
    | MemberWithdrew
    | OfficeTaken
    | OfficeLeft
    | WorkPlanAdopted
    | InstitutionSuspended
    | InstitutionResumed
    | InstitutionDissolved
    | InstitutionSucceeded
    | MeetingHeld
    | DelegationAttended
    | TopicDiscussed
    | StatementMade
    | StateRecognised
    | RelationsEstablished
    | LevelDeclared
    | RelationsSuspended
    | RelationsSevered
    | RelationsRestored
    | MissionOpened
    | MissionClosed
    | VisitPaid
    | AnniversaryMarked
    | NameUsed
    | PersonNamed
    | FigureReported
)
"""The closed union: every event class that this version knows, in the order of the page."""

EVENT_TYPES: Final[tuple[type[Event], ...]] = get_args(Event)
"""The members of :data:`Event`, in its order."""

__all__ = [
    "EVENT_TYPES",
    "ActivityLinked",
    "AgreementAmended",
    "AgreementEnded",
    "AgreementSigned",
    "AnniversaryMarked",
    "DelegationAttended",
    "EnteredIntoForce",
    "EstablishmentAgreed",
    "Event",
    "EventBase",
    "EventSpec",
    "FigureReported",
    "FundsReported",
    "HostDesignated",
    "InitiativeAdopted",
    "InitiativeCancelled",
    "InitiativeClosed",
    "InitiativeDelivered",
    "InitiativeProgressed",
    "InitiativeResumed",
    "InitiativeStarted",
    "InitiativeSuspended",
    "InstitutionDissolved",
    "InstitutionOpened",
    "InstitutionProclaimed",
    "InstitutionResumed",
    "InstitutionSucceeded",
    "InstitutionSuspended",
    "InstrumentDeposited",
    "LevelDeclared",
    "MeetingHeld",
    "MemberAdmitted",
    "MemberWithdrew",
    "MissionClosed",
    "MissionOpened",
    "NameUsed",
    "NegotiationConcluded",
    "NegotiationOpened",
    "OfficeLeft",
    "OfficeTaken",
    "OperationResumed",
    "OperationSuspended",
    "PartnerJoined",
    "PartnerWithdrew",
    "PersonNamed",
    "ProvisionalApplicationBegan",
    "ProvisionalApplicationEnded",
    "Qualifier",
    "RelationsEstablished",
    "RelationsRestored",
    "RelationsSevered",
    "RelationsSuspended",
    "ReservationMade",
    "ReservationWithdrawn",
    "SeatEstablished",
    "SectorShare",
    "SectorsClassified",
    "StateRecognised",
    "StatementMade",
    "StatuteAdopted",
    "TextAdopted",
    "TopicDiscussed",
    "UnknownEvent",
    "VisitPaid",
    "WithdrawalNotified",
    "WithdrawalTookEffect",
    "WorkPlanAdopted",
]
