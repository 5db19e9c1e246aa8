"""
State = fold(entries): what follows from claims, by rules that each have their module. The door of floor F1.

    refinement.py  D3    plans.py    D5    voices.py, figures.py  D6    lasting.py  D7
    status.py      D8 D9    series.py  D10    meeting.py  D11    relationship.py  D12

Pure and total: irregular facts become anomalies, disagreement is shown as such; nothing raises.
"""

from __future__ import annotations

from typing import Any, Final

from coop_ledger.projections.acts import Effects, effects_of, known_sources, remains, with_sources
from coop_ledger.projections.agreement import AGREEMENT, AgreementState, PartyState, PartyStatus
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.conflicts import Conflict, ConflictKind
from coop_ledger.projections.duplicates import DuplicatePair, probable_duplicates
from coop_ledger.projections.figures import Figure
from coop_ledger.projections.initiative import INITIATIVE, Delivery, Funds, InitiativeState, Sector
from coop_ledger.projections.institution import INSTITUTION, InstitutionState, Officer
from coop_ledger.projections.meeting import MEETING, MeetingState, Participation, Presence
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.names import NAMES, Name, NamesState
from coop_ledger.projections.overview import CONFLICTS, projection_for
from coop_ledger.projections.plain import as_plain
from coop_ledger.projections.plans import Plan, Target
from coop_ledger.projections.projection import (
    Folded,
    Projection,
    effective_entries,
    fed_by,
    fold,
    project,
    unreadable,
)
from coop_ledger.projections.reasons import Change, Reason, changed_fields, reasons_by_field, reasons_for, value_at
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.relationship import RELATIONSHIP, Level, RelationshipState, Together
from coop_ledger.projections.series import SERIES, Gap, SeriesState, Session
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.statements import Statement
from coop_ledger.projections.status import Course
from coop_ledger.projections.visit import VISIT, VisitState
from coop_ledger.projections.voices import Reading

SHIPPED: Final[tuple[Projection[Any], ...]] = (
    AGREEMENT,
    CONFLICTS,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    NAMES,
    RELATIONSHIP,
    SERIES,
    VISIT,
)
"""All projections that answer for a ledger, by name."""

__all__ = [
    "AGREEMENT",
    "CONFLICTS",
    "INITIATIVE",
    "INSTITUTION",
    "MEETING",
    "NAMES",
    "RELATIONSHIP",
    "SERIES",
    "SHIPPED",
    "VISIT",
    "AgreementState",
    "Anomaly",
    "AnomalyCode",
    "Change",
    "Collected",
    "Conflict",
    "ConflictKind",
    "Course",
    "Dating",
    "Delivery",
    "DuplicatePair",
    "Effects",
    "Figure",
    "Folded",
    "Funds",
    "Gap",
    "InitiativeState",
    "InstitutionState",
    "Level",
    "MeetingState",
    "Milestone",
    "Name",
    "NamesState",
    "Officer",
    "Participation",
    "PartyState",
    "PartyStatus",
    "Plan",
    "Presence",
    "Projection",
    "Reading",
    "Reason",
    "RelationshipState",
    "Sector",
    "SeriesState",
    "Session",
    "Statement",
    "Target",
    "Together",
    "VisitState",
    "as_plain",
    "changed_fields",
    "effective_entries",
    "effects_of",
    "fed_by",
    "fold",
    "known_sources",
    "probable_duplicates",
    "project",
    "projection_for",
    "projection_of",
    "reasons_by_field",
    "reasons_for",
    "remains",
    "unreadable",
    "value_at",
    "with_sources",
]
