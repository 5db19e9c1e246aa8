"""
Every question that can be asked of entries: what a ledger and, later, a view on it have in common.

Knows how to ask and nothing of where entries come from: a subclass gives them by query. States come from
the shipped projections, and reading one subject reads that subject's entries only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TypeVar

from coop_ledger.domain import (
    Claim,
    Entry,
    SubjectId,
    SubjectKind,
    check_party,
    full_id,
    party_subject,
    publisher_key,
    relationship_slug,
    subjects_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import EntryNotFoundError, InvalidValueError
from coop_ledger.projections import (
    AGREEMENT,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    NAMES,
    RELATIONSHIP,
    SERIES,
    VISIT,
    AgreementState,
    Collected,
    InitiativeState,
    InstitutionState,
    MeetingState,
    NamesState,
    Projection,
    RelationshipState,
    SeriesState,
    VisitState,
    effective_entries,
    fold,
    project,
)
from coop_ledger.query import Query, about, of_type

__all__ = ["Reader"]

S = TypeVar("S")
C = TypeVar("C", bound=Collected)


class Reader(ABC):
    """
    Reads entries and rebuilds states from them.

    Readers of one subject take its slug or its full id, and raise ``EntryNotFoundError`` where no entry is
    about it: a misspelt id never reads as a subject of which nothing is known.
    """

    @abstractmethod
    def entries(self, query: Query | None = None, *, after: int = -1, size: int | None = None) -> Iterator[Entry]:
        """
        Iterate over entries in the order of their positions.

        Args:
            query: Which entries; None for all.
            after: Only positions greater than this.
            size: Only positions below this; None for the size at the first step.

        Guarantees: reads in pages of at most 1,000 entries and holds no transaction between them.
        """

    @abstractmethod
    def _labels(self, prefix: str) -> list[str]:
        """The labels that begin with *prefix*."""

    def project(self, projection: Projection[S]) -> dict[SubjectId, S]:
        """
        Fold all entries with a projection, also one that a user wrote; the states by subject id.

        Raises:
            Exception: Whatever the projection raises; a lawful one raises nothing.
        """
        return project(projection, self.entries())

    def _state(self, projection: Projection[C], subject: SubjectId, query: Query) -> C:
        fed = (
            effective
            for entry, effective in effective_entries(self.entries(query))
            if subject in projection.subjects(entry)
        )
        state = fold(projection, subject, fed)
        if not state.claims:
            kind = subject.partition(":")[0]
            near = get_close_matches(subject, self._labels(f"{kind}:"), 3)
            raise EntryNotFoundError(
                "no entry is about this subject",
                where=kind,
                found=subject,
                hint=f"did you mean {' or '.join(near)}?" if near else "see subjects() for what there is",
            )
        return state

    def _one(self, projection: Projection[C], kind: SubjectKind, slug_or_id: str) -> C:
        subject = full_id(kind, slug_or_id)
        return self._state(projection, subject, about(subject))

    def _all(self, projection: Projection[C], kind: SubjectKind, party: str | None = None) -> list[C]:
        wanted = None if party is None else _party(party)
        states = (
            fold(projection, subject, (e for _, e in effective_entries(self.entries(about(subject)))))
            for subject in map(SubjectId, self._labels(f"{kind}:"))
        )
        return [
            state
            for state in states
            if state.claims
            and (wanted is None or any(wanted in subjects_of(effective.claim) for effective in state.claims))
        ]

    def subjects(self, *, kind: SubjectKind | str | None = None, name: str | None = None) -> list[SubjectId]:
        """
        The subjects that entries are about, sorted.

        Args:
            kind: Only of this kind: initiative, agreement, institution, meeting, series, person, …
            name: Only those of which this name was used, whatever its case and width.

        Raises:
            InvalidValueError: No such kind.
        """
        if kind is not None and kind not in SubjectKind._value2member_map_:
            raise InvalidValueError("no such kind", where="kind", expected=", ".join(SubjectKind), found=repr(kind))
        prefixes = [f"{one}:" for one in ([kind] if kind is not None else SubjectKind)]
        found = {SubjectId(label) for prefix in prefixes for label in self._labels(prefix)}
        if name is not None:
            key = publisher_key(name)
            found &= {
                SubjectId(entry.body.event.subject)
                for entry in self.entries(of_type(ev.NameUsed))
                if isinstance(entry.body, Claim)
                and isinstance(entry.body.event, ev.NameUsed)
                and publisher_key(entry.body.event.name) == key
            }
        return sorted(found)

    def initiative(self, initiative: str) -> InitiativeState:
        """The state of an initiative, by slug or id."""
        return self._one(INITIATIVE, SubjectKind.INITIATIVE, initiative)

    def initiatives(self, *, party: str | None = None, sector: str | None = None) -> list[InitiativeState]:
        """
        The states of all initiatives, sorted by id.

        Args:
            party: Only those that a claim connects with this party.
            sector: Only those with this sector code, in any vocabulary.
        """
        found = self._all(INITIATIVE, SubjectKind.INITIATIVE, party)
        return [state for state in found if sector is None or any(one.code == sector for one in state.sectors)]

    def institution(self, institution: str) -> InstitutionState:
        """The state of an institution, by slug or id."""
        return self._one(INSTITUTION, SubjectKind.INSTITUTION, institution)

    def institutions(self) -> list[InstitutionState]:
        """The states of all institutions, sorted by id."""
        return self._all(INSTITUTION, SubjectKind.INSTITUTION)

    def agreement(self, agreement: str) -> AgreementState:
        """The state of an agreement, by slug or id."""
        return self._one(AGREEMENT, SubjectKind.AGREEMENT, agreement)

    def agreements(self, *, party: str | None = None) -> list[AgreementState]:
        """The states of all agreements, sorted by id; with *party*, those that a claim connects with it."""
        return self._all(AGREEMENT, SubjectKind.AGREEMENT, party)

    def meeting(self, meeting: str) -> MeetingState:
        """The state of a meeting, by slug or id."""
        return self._one(MEETING, SubjectKind.MEETING, meeting)

    def meetings(self, *, party: str | None = None, series: str | None = None) -> list[MeetingState]:
        """
        The states of all meetings, sorted by id.

        Args:
            party: Only those that a claim connects with this party.
            series: Only sessions of this series, by slug or id.
        """
        found = self._all(MEETING, SubjectKind.MEETING, party)
        wanted = None if series is None else full_id(SubjectKind.SERIES, series)
        return [m for m in found if wanted is None or any(wanted in subjects_of(e.claim) for e in m.claims)]

    def series(self, series: str) -> SeriesState:
        """The state of a series of meetings, by slug or id."""
        return self._one(SERIES, SubjectKind.SERIES, series)

    def visit(self, visit: str) -> VisitState:
        """The state of a visit, by slug or id."""
        return self._one(VISIT, SubjectKind.VISIT, visit)

    def name(self, subject: str) -> NamesState:
        """The names of a subject, by its full id or, for a country, its code."""
        party = _party(subject)
        return self._state(NAMES, party, about(party))

    def relationship(self, a: str, b: str) -> RelationshipState:
        """The state of the relations of two countries, by their codes in any order."""
        slug = relationship_slug(a, b)
        query = about(a) & about(b)
        return self._state(RELATIONSHIP, SubjectId(f"relationship:{slug}"), query)

    def relationships(self) -> list[RelationshipState]:
        """The states of all pairs of countries that some claim brings together, sorted by id."""
        return list(self.project(RELATIONSHIP).values())


def _party(party: str) -> SubjectId:
    if isinstance(party, str) and ":" in party:
        return SubjectId(about(party).any_of[0][0])
    check_party("party", party)
    return party_subject(party)
