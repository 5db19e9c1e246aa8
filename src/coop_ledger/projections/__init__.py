"""
State = fold(entries): what follows from claims, by rules that each have their module. The door of floor F1.

    collecting.py, milestone.py  keys    refinement.py  D3    steps.py, commitments.py, outstanding.py  D4
    plans.py  D5    voices.py, figures.py  D6
    lasting.py, periods.py  D7    status.py, irregular.py, treaties.py  D8 D9    series.py  D10    meeting.py  D11
    relationship.py  D12    duplicates.py  D13    acts.py  D2    merging.py  D14

Pure and total: irregular facts become anomalies, disagreement is shown as such; nothing raises.
"""

from __future__ import annotations

from typing import Any, Final

from coop_ledger.projections.acts import Effects, effects_of, known_sources, remains, with_sources
from coop_ledger.projections.agreement import AGREEMENT, AgreementState, PartyState, PartyStatus
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.commitments import Commitment
from coop_ledger.projections.compared import Difference
from coop_ledger.projections.conflicts import Conflict, ConflictKind
from coop_ledger.projections.duplicates import DuplicatePair, probable_duplicates
from coop_ledger.projections.figures import Figure, ReportedFigure
from coop_ledger.projections.initiative import INITIATIVE, Delivery, Funds, InitiativeState, Sector
from coop_ledger.projections.institution import INSTITUTION, InstitutionState
from coop_ledger.projections.ladders import Ladder, ladder_anomalies
from coop_ledger.projections.latencies import Latency, latencies_of
from coop_ledger.projections.meeting import MEETING, MeetingState, Participation, Presence
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.names import NAMES, Name, NamesState
from coop_ledger.projections.outputs import SectorOutputs, outputs_by_sector
from coop_ledger.projections.outstanding import Overdue, Silence, overdue, silent
from coop_ledger.projections.overview import CONFLICTS, projection_for
from coop_ledger.projections.periods import Period
from coop_ledger.projections.plain import as_plain
from coop_ledger.projections.plans import Plan, PlanChange, Target
from coop_ledger.projections.projection import (
    Folded,
    Projection,
    check_is_projection,
    effective_entries,
    fed_by,
    fold,
    named_by,
    project,
    unreadable,
)
from coop_ledger.projections.promises import (
    COMMITMENTS,
    CommitmentsState,
    commitments_of,
    proposals_of,
    with_series,
)
from coop_ledger.projections.reasons import Change, Reason, changed_fields, reasons_by_field, reasons_for, value_at
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.relationship import RELATIONSHIP, RelationshipState, Together
from coop_ledger.projections.series import SERIES, Gap, SeriesState, Session
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.statements import Statement
from coop_ledger.projections.status import Course
from coop_ledger.projections.steps import LATER_STEPS, Step
from coop_ledger.projections.visit import VISIT, VisitState
from coop_ledger.projections.voices import Reading

SHIPPED: Final[tuple[Projection[Any], ...]] = (
    AGREEMENT,
    COMMITMENTS,
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
    "COMMITMENTS",
    "CONFLICTS",
    "INITIATIVE",
    "INSTITUTION",
    "LATER_STEPS",
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
    "Commitment",
    "CommitmentsState",
    "Conflict",
    "ConflictKind",
    "Course",
    "Dating",
    "Delivery",
    "Difference",
    "DuplicatePair",
    "Effects",
    "Figure",
    "Folded",
    "Funds",
    "Gap",
    "InitiativeState",
    "InstitutionState",
    "Ladder",
    "Latency",
    "MeetingState",
    "Milestone",
    "Name",
    "NamesState",
    "Overdue",
    "Participation",
    "PartyState",
    "PartyStatus",
    "Period",
    "Plan",
    "PlanChange",
    "Presence",
    "Projection",
    "Reading",
    "Reason",
    "RelationshipState",
    "ReportedFigure",
    "Sector",
    "SectorOutputs",
    "SeriesState",
    "Session",
    "Silence",
    "Statement",
    "Step",
    "Target",
    "Together",
    "VisitState",
    "as_plain",
    "changed_fields",
    "check_is_projection",
    "commitments_of",
    "effective_entries",
    "effects_of",
    "fed_by",
    "fold",
    "known_sources",
    "ladder_anomalies",
    "latencies_of",
    "named_by",
    "outputs_by_sector",
    "overdue",
    "probable_duplicates",
    "project",
    "projection_for",
    "projection_of",
    "proposals_of",
    "reasons_by_field",
    "reasons_for",
    "remains",
    "silent",
    "unreadable",
    "value_at",
    "with_series",
    "with_sources",
]
