"""
Rule D14: subjects that the keeper merged read as one under another id. Knows no claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from coop_ledger.domain import Merge, SubjectId, Value
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode

__all__ = ["Merging", "merging_of"]


@attrs.frozen(eq=False, repr=False)
class Merging(Value):
    """
    Merges as they stand in a view.

    Args:
        into: The id under which each merged subject reads.
        steps: What the merge that stands for a subject names as its target; that may be merged in turn.
        anomalies: Merges that disagree; the later one stands.
    """

    into: Mapping[SubjectId, SubjectId]
    steps: Mapping[SubjectId, SubjectId]
    anomalies: tuple[Anomaly, ...] = ()

    def name(self, subject: SubjectId) -> SubjectId:
        """The id under which a subject reads."""
        return self.into.get(subject, subject)

    def members(self, subject: SubjectId) -> tuple[SubjectId, ...]:
        """The subject and all that read under its id, sorted."""
        root = self.name(subject)
        return tuple(sorted({root, *(merged for merged, into in self.into.items() if into == root)}))

    def way(self, subject: SubjectId) -> Iterator[SubjectId]:
        """The subject and those on the way to the id under which it reads, without that id."""
        yield subject
        while (subject := self.steps.get(subject, subject)) in self.steps:
            yield subject


def _root(subject: SubjectId, into: Mapping[SubjectId, SubjectId]) -> SubjectId:
    while subject in into:
        subject = into[subject]
    return subject


def _way(start: SubjectId, end: SubjectId, into: Mapping[SubjectId, SubjectId]) -> SubjectId | None:
    """The subject from which the merges lead to *end* in one step, on the way from *start*; None if they do not."""
    while start in into:
        if into[start] == end:
            return start
        start = into[start]
    return None


def merging_of(merges: Iterable[tuple[int, Merge]]) -> Merging:
    """
    What merges make of subjects.

    Args:
        merges: Position and body of each merge that stands, lowest first.

    Guarantees: total; where two disagree the later wins, and an anomaly names both.
    """
    into: dict[SubjectId, SubjectId] = {}
    by: dict[SubjectId, int] = {}
    anomalies: list[Anomaly] = []

    def overrule(subject: SubjectId, position: int) -> None:
        message = f"{subject} is merged once into {into.pop(subject)} and later otherwise"
        anomalies.append(Anomaly(AnomalyCode.MERGES_DISAGREE, (by[subject], position), message))

    for position, merge in merges:
        target = SubjectId(merge.into)
        for subject in map(SubjectId, merge.subjects):
            back = _way(target, subject, into)
            if back is not None:  # the later one wins: what leads back to the subject is undone
                overrule(back, position)
            if subject in into and _root(subject, into) != _root(target, into):
                overrule(subject, position)
            into[subject], by[subject] = target, position
    return Merging({subject: _root(subject, into) for subject in into}, into, tuple(anomalies))
