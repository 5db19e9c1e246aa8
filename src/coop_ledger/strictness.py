"""
What a strict call refuses: entries that would make the record irregular. Knows no rule of its own.

It reads the subjects concerned, folds them without and with the new entries, and compares their anomalies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from coop_ledger.domain import (
    Claim,
    Correction,
    Entry,
    Merge,
    MilestoneId,
    SubjectId,
    UnknownEvent,
    milestones_of,
    targets_of,
)
from coop_ledger.projections import CONFLICTS, Anomaly, effects_of, project
from coop_ledger.scope import Scope

__all__ = ["concerned", "new_anomalies"]


def concerned(scope: Scope, entries: Sequence[Entry]) -> tuple[SubjectId, ...]:
    """
    The subjects to whose course the entries would add something, sorted.

    Args:
        scope: What is recorded before them.
        entries: Claims and acts as they would be recorded.
    """
    given = {entry.id: entry for entry in entries}
    waiting, seen, found = list(entries), set[str](), set[SubjectId]()
    while waiting:
        entry = waiting.pop()
        if entry.id in seen:
            continue
        seen.add(entry.id)
        body = entry.body
        if isinstance(body, Merge):
            found.update(map(SubjectId, (*body.subjects, body.into)))
        for claim in (body, body.claim) if isinstance(body, Correction) else (body,):
            if isinstance(claim, Claim):
                found.update(CONFLICTS.subjects(_says(entry, claim)))
        targets = (given.get(target) or scope.find(target) for target in targets_of(body))
        waiting.extend(target for target in targets if target is not None)
    return tuple(sorted(found))


def _says(entry: Entry, claim: Claim) -> Entry:
    return Entry(entry.position, entry.id, entry.recorded_at, entry.clamped, entry.recorder, claim)


def _anomalies(entries: Iterable[Entry]) -> tuple[Anomaly, ...]:
    known = {entry.id: entry for entry in entries}
    acts = [entry for entry in known.values() if not isinstance(entry.body, Claim | UnknownEvent)]
    effects = effects_of(acts, known)
    states = project(CONFLICTS, known.values(), effects).values()
    return (*(anomaly for state in states for anomaly in state.anomalies), *effects.anomalies)


def new_anomalies(scope: Scope, entries: Sequence[Entry], subjects: Iterable[SubjectId]) -> tuple[Anomaly, ...]:
    """
    The anomalies that the entries would bring: of what they say, or of what they leave behind.

    What is irregular already stays so: an anomaly is not new where one of its kind was there before, and all that it
    names besides are further reports of the same happenings.

    Args:
        scope: What is recorded before them.
        entries: Claims and acts as they would be recorded.
        subjects: The subjects concerned.
    """
    recorded: dict[str, Entry] = {}
    for subject in subjects:
        recorded |= scope.recorded_about(subject)
    before = _anomalies(recorded.values())
    told = {e.position: _happenings(e) for e in (*recorded.values(), *entries)}

    def was_there(anomaly: Anomaly) -> bool:
        for known in before:
            if known.code is anomaly.code and not set(known.positions).isdisjoint(anomaly.positions):
                same = set().union(*(told.get(at, frozenset()) for at in known.positions))
                if all(at in known.positions or told.get(at, frozenset()) & same for at in anomaly.positions):
                    return True
        return False

    after = dict.fromkeys(_anomalies((*recorded.values(), *entries)))
    return tuple(anomaly for anomaly in after if not was_there(anomaly))


def _happenings(entry: Entry) -> Set[MilestoneId]:
    """The happenings of which an entry tells."""
    return frozenset(milestones_of(entry.body)) if isinstance(entry.body, Claim) else frozenset()
