"""
All subjects at once, each with its own happenings: where conflicts, anomalies and duplicates of a whole log come from.

Knows which kind of subject has which state, and no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from coop_ledger.domain import Claim, Entry, SubjectId, SubjectKind, milestones_of, subject_kind, subjects_of
from coop_ledger.projections.agreement import AGREEMENT
from coop_ledger.projections.initiative import INITIATIVE
from coop_ledger.projections.institution import INSTITUTION
from coop_ledger.projections.meeting import MEETING
from coop_ledger.projections.names import NAMES
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.relationship import RELATIONSHIP
from coop_ledger.projections.series import SERIES
from coop_ledger.projections.state import Collected, projection_of
from coop_ledger.projections.visit import VISIT

__all__ = ["CONFLICTS", "projection_for"]

_BY_KIND: Final[Mapping[SubjectKind, Projection[Any]]] = {
    SubjectKind.INITIATIVE: INITIATIVE,
    SubjectKind.AGREEMENT: AGREEMENT,
    SubjectKind.INSTITUTION: INSTITUTION,
    SubjectKind.MEETING: MEETING,
    SubjectKind.SERIES: SERIES,
    SubjectKind.VISIT: VISIT,
    SubjectKind.RELATIONSHIP: RELATIONSHIP,
}


def projection_for(subject: SubjectId) -> Projection[Any]:
    """The shipped projection that answers for a subject; names, for a kind that has nothing else."""
    return _BY_KIND.get(subject_kind(subject), NAMES)


def _own(entry: Entry) -> Iterable[SubjectId]:
    """The subjects to which a claim happens, and the series of a session."""
    if not isinstance(entry.body, Claim):
        return ()
    own = [milestone.subject for milestone in milestones_of(entry.body)]
    series = [subject for subject in subjects_of(entry.body) if subject.startswith("series:")]
    return dict.fromkeys((*own, *series))


def _initial(subject: SubjectId) -> Collected:
    state: Collected = projection_for(subject).initial(subject)
    return state


_COLLECTED: Final = projection_of(Collected, "conflicts", _own)

CONFLICTS: Final[Projection[Collected]] = Projection(
    _COLLECTED.name, _COLLECTED.version, _own, _initial, _COLLECTED.evolve, _COLLECTED.gather, _COLLECTED.as_of
)
"""The states of all subjects by their own happenings: their conflicts, anomalies and duplicates."""
