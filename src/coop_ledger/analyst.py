"""
The questions that go beyond one state: reasons, changes, conflicts, duplicates, anomalies, promises and silence.

Knows which projection answers which question; every rule lives in a projection. Questions about one subject read
its entries; those about all subjects read the scope once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from coop_ledger.domain import Effective, SubjectId, SubjectKind, check_subject, relationship_slug
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections import (
    CONFLICTS,
    Anomaly,
    Change,
    Collected,
    Conflict,
    DuplicatePair,
    Projection,
    Reason,
    changed_fields,
    fold,
    probable_duplicates,
    project,
    projection_for,
    reasons_by_field,
    reasons_for,
    unreadable,
)
from coop_ledger.reader import Reader, claims_of
from coop_ledger.scope import Scope, subjects_named

__all__ = ["Analyst"]

S = TypeVar("S")


def _subject(given: str) -> SubjectId:
    """A full id, or a pair of countries written without its kind."""
    check_subject("subject", given)
    if given.startswith("relationship:"):
        return SubjectId(f"relationship:{relationship_slug(*given[13:].split('-'))}")
    return SubjectId(given)


class Analyst(Reader):
    """Asks more of entries than states: why, since when, what contradicts, what is missing."""

    def why(self, subject: str, field: str, projection: Projection[Any] | None = None) -> tuple[Reason, ...]:
        """
        The claims behind one field of a state, in D2's order, each with its sources and the acts that shaped it.

        Args:
            subject: Full id of the subject.
            field: A field of its state, parts joined by dots: ``opened.when``, ``figures.attendance.value``.
            projection: Whose state; None for the shipped one of the subject's kind.

        Raises:
            EntryNotFoundError: No entry is about the subject.
            InvalidValueError: No such field.
            ProjectionError: The projection raised, or changed a state that it was given.

        Source: DESIGN §4, P7.

        >>> from coop_ledger import Ledger, Source, announced, events as ev
        >>> ledger = Ledger.in_memory()
        >>> opening = ev.InstitutionOpened("kcac-secretariat")
        >>> receipt = ledger.record(announced(opening, when="2017", sources=Source("Korea.net")))
        >>> [reason.sources[0].publisher for reason in ledger.why("institution:kcac-secretariat", "opened.when")]
        []
        >>> [reason.sources[0].publisher for reason in ledger.why("institution:kcac-secretariat", "target")]
        ['Korea.net']
        """
        scope, about = self._scope(), _subject(subject)
        wanted: Projection[Any] = projection_for(about) if projection is None else projection
        self._state(scope, wanted, about)
        return reasons_for(wanted, scope.name(about), claims_of(scope, wanted, about), field, scope.day)

    def conflicts(self, subject: str | None = None) -> list[Conflict]:
        """
        What sources contradict each other in: open conflicts and resolved ones, with claims and rationale (D6).

        Args:
            subject: Only those of one subject, by its full id.
        """
        return [conflict for state in self._overview(subject) for conflict in state.conflicts]

    def anomalies(self, subject: str | None = None) -> list[Anomaly]:
        """
        What is irregular: steps that no lifecycle knows, acts without effect, entries of a newer writer (D8, D9).

        Args:
            subject: Only those of one subject, by its full id.
        """
        scope = self._scope()
        if subject is not None:
            found = scope.about(scope.name(_subject(subject))).effects.anomalies
        else:
            found = (*scope.effects().anomalies, *unreadable(scope.entries(((),))))
        return [*(anomaly for state in self._overview(subject) for anomaly in state.anomalies), *found]

    def duplicates(self, subject: str | None = None) -> list[DuplicatePair]:
        """
        Reports that were recorded twice: those marked, and those that probably were (D13).

        Args:
            subject: Only those of one subject, by its full id.
        """
        scope = self._scope()
        effects = scope.effects() if subject is None else scope.about(_subject(subject)).effects
        place = {entry_id: entry.position for entry_id, entry in effects.named.items()}
        marked = {DuplicatePair(place[first], place[later], marked=True) for later, first in effects.repeats.items()}
        own = (m for state in self._overview(subject) for m in state.milestones if m.id.subject == state.subject)
        return sorted({*marked, *probable_duplicates(own)})

    def _overview(self, subject: str | None) -> list[Collected]:
        """The states that conflicts and anomalies are read from."""
        scope = self._scope()
        if subject is not None:
            about = _subject(subject)
            wanted: Projection[Collected] = projection_for(about)
            return [self._state(scope, wanted, about)]
        states = project(CONFLICTS, scope.all_entries(), scope.effects(), scope.day)
        return list(states.values())

    def diff(self, before: Analyst, after: Analyst, subject: str | None = None) -> list[Change]:
        """
        The fields that two views show differently, each with the entries that make the difference.

        Args:
            before: A view of this ledger, or the ledger itself for all that it knows now.
            after: Another.
            subject: Only of one subject, by its full id; None for all.

        Raises:
            EntryNotFoundError: Neither view has an entry about the subject.
            InvalidValueError: The views are of two ledgers.
        """
        one, other = before._scope(), after._scope()
        if one.store.origin != other.store.origin:
            raise InvalidValueError(
                "the views are of two ledgers", where="diff", found=f"{one.store.origin} and {other.store.origin}"
            )
        if subject is None:
            kinds = [f"{kind}:" for kind in SubjectKind]
            subjects = sorted({*subjects_named(one, kinds), *subjects_named(other, kinds)})
        else:
            wider = before if one.size >= other.size else after
            wider._state(wider._scope(), projection_for(_subject(subject)), _subject(subject))
            subjects = [_subject(subject)]
        return [change for about in subjects for change in _changes(one, other, about)]


def _feeding(scope: Scope, projection: Projection[Any], subject: SubjectId) -> dict[int, Effective]:
    return {effective.position: effective for effective in claims_of(scope, projection, subject)}


def _changes(one: Scope, other: Scope, subject: SubjectId) -> Iterator[Change]:
    projection = projection_for(subject)
    fed = [_feeding(scope, projection, subject) for scope in (one, other)]
    if fed[0] == fed[1] and one.day == other.day:
        return
    states = [
        fold(projection, subject, claims.values(), scope.day) for scope, claims in zip((one, other), fed, strict=True)
    ]
    acts = _acts_between(one, other, subject)
    sides = [
        reasons_by_field(projection, subject, claims.values(), scope.day)
        for scope, claims in zip((one, other), fed, strict=True)
    ]
    for field, before, after in changed_fields(*states):
        reasons = {position for side in sides for position in side.get(field, ())}
        yield Change(subject, field, before, after, _blame(reasons, fed, acts))


def _acts_between(one: Scope, other: Scope, subject: SubjectId) -> dict[int, set[int]]:
    """For each entry, the acts on it that one of the scopes knows and the other does not."""
    found: dict[int, set[int]] = {}
    effects = [scope.about(subject).effects for scope in (one, other)]
    for mine, theirs in (effects, effects[::-1]):
        for entry_id, entry in mine.named.items():
            known = {act.position for act in theirs.acts_on(entry_id)}
            found.setdefault(entry.position, set()).update(
                act.position for act in mine.acts_on(entry_id) if act.position not in known
            )
    return found


def _blame(reasons: set[int], fed: list[dict[int, Effective]], acts: dict[int, set[int]]) -> tuple[int, ...]:
    """The entries behind a change: reasons that one side lacks or has otherwise, else all reasons of both."""
    differing = {at for at in reasons if fed[0].get(at) != fed[1].get(at)}
    return tuple(sorted({*(differing or reasons), *(act for at in differing for act in acts.get(at, ()))}))
