"""
What all shipped states share: the claims that feed a subject, and what follows from them for any kind.

A state collects claims and nothing else; every other field is derived from the milestones when it is read
(D2). States are frozen; two are equal if they hold the same claims of the same subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import ClassVar, Self, TypeVar

import attrs

from coop_ledger.domain import (
    LIFECYCLES,
    Assertion,
    Effective,
    Entry,
    Event,
    Source,
    SubjectId,
    SubjectKind,
    Value,
    subject_kind,
    subjects_of,
)
from coop_ledger.domain.events import FigureReported, NameUsed
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.collecting import collect
from coop_ledger.projections.conflicts import Conflict, milestone_conflicts, recorded_conflicts
from coop_ledger.projections.figures import ReportedFigure
from coop_ledger.projections.irregular import Findings, unexplained
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.projection import Projection
from coop_ledger.projections.status import Course, course_of

__all__ = ["Collected", "of_kind", "projection_of"]

C = TypeVar("C", bound="Collected")


@attrs.frozen(slots=False, eq=False, repr=False)
class Collected(Value):
    """
    The claims that feed one subject.

    Args:
        subject: The subject's full id.
        claims: Effective entries, in D2's order.
        day: The day of the world as of which its milestones are read; None: as of all that is known.
    """

    shown: ClassVar[tuple[str, ...]] = ()
    """The derived fields that tables and plain forms show, in order."""

    subject: SubjectId
    claims: tuple[Effective, ...] = ()
    day: date | None = None

    def on(self, day: date | None) -> Self:
        """The same claims, read as of a day of the world (D2, last step)."""
        return attrs.evolve(self, day=day)

    @cached_property
    def milestones(self) -> tuple[Milestone, ...]:
        """All milestones that the claims feed, also those of other subjects."""
        return collect(self.claims, self.day)

    def of(self, *events: type[Event]) -> tuple[Milestone, ...]:
        """Milestones of some events, of any subject, in D2's order of their first claims."""
        return tuple(milestone for milestone in self.milestones if milestone.id.event in events)

    def own(self, *events: type[Event]) -> tuple[Milestone, ...]:
        """The subject's own milestones of some events."""
        return tuple(milestone for milestone in self.of(*events) if milestone.id.subject == self.subject)

    def one(self, event: type[Event]) -> Milestone | None:
        """The subject's own milestone of an event that has no key; the latest, where there were several."""
        found = self.own(event)
        return found[-1] if found else None

    @cached_property
    def course(self) -> Course:
        """Where the subject stands in its lifecycle (D8, D9)."""
        return course_of(LIFECYCLES[subject_kind(self.subject)], self._moving)

    @property
    def _moving(self) -> tuple[Milestone, ...]:
        return tuple(milestone for milestone in self.milestones if milestone.id.subject == self.subject)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in use for the subject, in D2's order; as of a day, those whose use began by then, or may have."""
        used = (milestone for milestone in self.own(NameUsed) if milestone.occurred and not milestone.ahead)
        return tuple(dict.fromkeys(milestone.id.key[0] for milestone in used))

    @cached_property
    def figures(self) -> dict[str, tuple[ReportedFigure, ...]]:
        """Figures about it, by measure: one for each scope, unit and time, in D2's order of their first claims."""
        found: dict[str, list[ReportedFigure]] = {}
        for milestone in self.own(FigureReported):
            reading = None if milestone.to_come else milestone.values.get("value")
            if reading is not None:
                measure, unit, scope = milestone.id.key
                reported = ReportedFigure(scope or None, unit or None, milestone.dating, reading)
                found.setdefault(measure, []).append(reported)
        return {measure: tuple(figures) for measure, figures in found.items()}

    @cached_property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """What is irregular about the subject's claims."""
        moving = self._moving
        findings = self._findings(moving)
        table = LIFECYCLES.get(subject_kind(self.subject))
        course = () if table is None else unexplained(table, moving, findings)
        return (*findings.anomalies, *course, *_early_reports(self.claims))

    def _findings(self, moving: Sequence[Milestone]) -> Findings:
        """What the rules of a kind of subject find irregular, beyond the order of its lifecycle."""
        return Findings()

    @property
    def disputed(self) -> tuple[Milestone, ...]:
        """The milestones in which claims disagree and nothing has decided."""
        return tuple(milestone for milestone in self.milestones if milestone.disputed)

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """All conflicts among the subject's claims, open and resolved ones (D6, D7)."""
        own = tuple(milestone for milestone in self.milestones if milestone.id.subject == self.subject)
        seen = (*milestone_conflicts(own), *self._further_conflicts)
        return (*seen, *recorded_conflicts(self.subject, self.claims, seen))

    @property
    def _further_conflicts(self) -> tuple[Conflict, ...]:
        """Conflicts between milestones that a kind of subject knows: of states that last (D7), of presence (D11)."""
        return ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources behind the state, each once."""
        return tuple(dict.fromkeys(source for effective in self.claims for source in effective.sources))

    @property
    def positions(self) -> tuple[int, ...]:
        """The entries behind the state, lowest first."""
        return tuple(sorted(effective.position for effective in self.claims))


def _early_reports(claims: Iterable[Effective]) -> tuple[Anomaly, ...]:
    """OCCURRED, published more than a day before its earliest day (D8); the day allows for time zones."""
    found = []
    for effective in claims:
        claim = effective.claim
        if claim.assertion is not Assertion.OCCURRED or claim.when is None or claim.when.earliest is None:
            continue
        published = [source.published.latest for source in claim.sources if source.published is not None]
        known = [day for day in published if day is not None]
        if known and (claim.when.earliest - min(known)).days > 1:
            message = f"reported as done by {min(known)}, but dated {claim.when}"
            found.append(Anomaly(AnomalyCode.EARLY_REPORT, (effective.position,), message))
    return tuple(found)


def of_kind(kind: SubjectKind) -> Callable[[Entry], Iterable[SubjectId]]:
    """The selector of a projection over all subjects of one kind."""
    prefix = f"{kind}:"
    return lambda entry: [subject for subject in subjects_of(entry.body) if subject.startswith(prefix)]


def _collect(state: C, effective: Effective) -> C:
    return type(state)(state.subject, (*state.claims, effective))


def _as_of(state: C, day: date) -> C:
    return state.on(day)


def _collect_all(state: C, effective: tuple[Effective, ...]) -> C:
    return type(state)(state.subject, effective)


def projection_of(
    state: type[C], name: str, subjects: Callable[[Entry], Iterable[SubjectId]], version: int = 1
) -> Projection[C]:
    """The projection that collects claims into states of a class."""
    return Projection(name, version, subjects, state, _collect, _collect_all, _as_of)
