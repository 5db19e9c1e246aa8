"""
State = fold(entries): what follows from claims, by rules that each have their module. The door of floor F1.

    refinement.py  D3    plans.py    D5    voices.py, figures.py  D6    lasting.py  D7
    status.py, irregular.py, treaties.py  D8 D9    series.py  D10    meeting.py  D11    relationship.py  D12

Pure and total: irregular facts become anomalies, disagreement is shown as such; nothing raises.
"""

from __future__ import annotations

from coop_ledger.projections.agreement import AGREEMENT, AgreementState, PartyState, PartyStatus
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.conflicts import Conflict, ConflictKind
from coop_ledger.projections.figures import Figure
from coop_ledger.projections.initiative import INITIATIVE, Delivery, Funds, InitiativeState, Sector
from coop_ledger.projections.institution import INSTITUTION, InstitutionState
from coop_ledger.projections.ladders import Ladder, ladder_anomalies
from coop_ledger.projections.meeting import MEETING, MeetingState, Participation, Presence
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.names import NAMES, Name, NamesState
from coop_ledger.projections.periods import Period
from coop_ledger.projections.plain import as_plain
from coop_ledger.projections.plans import Plan, Target
from coop_ledger.projections.projection import Projection, effective_entries, fold, project, unreadable
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.relationship import RELATIONSHIP, RelationshipState, Together
from coop_ledger.projections.series import SERIES, Gap, SeriesState, Session
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.statements import Statement
from coop_ledger.projections.status import Course
from coop_ledger.projections.visit import VISIT, VisitState
from coop_ledger.projections.voices import Reading

__all__ = [
    "AGREEMENT",
    "INITIATIVE",
    "INSTITUTION",
    "MEETING",
    "NAMES",
    "RELATIONSHIP",
    "SERIES",
    "VISIT",
    "AgreementState",
    "Anomaly",
    "AnomalyCode",
    "Collected",
    "Conflict",
    "ConflictKind",
    "Course",
    "Dating",
    "Delivery",
    "Figure",
    "Funds",
    "Gap",
    "InitiativeState",
    "InstitutionState",
    "Ladder",
    "MeetingState",
    "Milestone",
    "Name",
    "NamesState",
    "Participation",
    "PartyState",
    "PartyStatus",
    "Period",
    "Plan",
    "Presence",
    "Projection",
    "Reading",
    "RelationshipState",
    "Sector",
    "SeriesState",
    "Session",
    "Statement",
    "Target",
    "Together",
    "VisitState",
    "as_plain",
    "effective_entries",
    "fold",
    "ladder_anomalies",
    "project",
    "projection_of",
    "unreadable",
]
