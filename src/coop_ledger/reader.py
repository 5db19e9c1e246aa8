"""
States and entries as a ledger and a view on it give them alike.

Knows which projection answers which question and nothing of how entries are found: a subclass gives the scope,
the part of the log that is read. Reading one subject reads that subject's entries only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Final, TypeVar

import attrs

from coop_ledger.domain import (
    Assertion,
    Effective,
    Entry,
    Event,
    Prose,
    SubjectId,
    SubjectKind,
    check_party,
    check_text,
    full_id,
    party_subject,
    publisher_key,
    relationship_slug,
    subjects_of,
)
from coop_ledger.domain import events as ev
from coop_ledger.errors import EntryNotFoundError, InvalidValueError, repr_of
from coop_ledger.projections import (
    AGREEMENT,
    INITIATIVE,
    INSTITUTION,
    MEETING,
    NAMES,
    RELATIONSHIP,
    SERIES,
    SHIPPED,
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
    fed_by,
    fold,
    project,
)
from coop_ledger.query import Query, about, check_query, everything, labels_of, of_type
from coop_ledger.scope import Scope, subjects_named

__all__ = ["Reader", "claims_of"]

S = TypeVar("S")
C = TypeVar("C", bound=Collected)

_IN_USE: Final = (Assertion.OCCURRED, Assertion.HOLDS)
_NAMING: Final = of_type(ev.NameUsed) | of_type(ev.PersonNamed) | of_type(ev.DelegationAttended)


class Reader(ABC):
    """
    Reads entries and rebuilds states from them.

    Readers of one subject take its slug or its full id, and raise ``EntryNotFoundError`` where no entry is
    about it: a misspelt id never reads as a subject of which nothing is known. A subject that was merged reads
    under the id it was merged into.
    """

    @abstractmethod
    def _scope(self) -> Scope:
        """The part of the log that is read, pinned."""

    def entries(self, query: Query | None = None, *, after: int = -1, size: int | None = None) -> Iterator[Entry]:
        """
        Iterate over entries in the order of their positions, as far as they are known here.

        Args:
            query: Which entries; None for all.
            after: Only positions greater than this.
            size: Only positions below this; None for the size at the first step.

        Raises:
            InvalidValueError: No query, or no whole numbers.

        Guarantees: reads in pages of at most 1,000 entries and holds no transaction between them.
        """
        query = everything() if query is None else query
        check_query(query)
        scope = self._scope()
        if size is not None:
            scope = attrs.evolve(scope, size=_within("size", size, scope.size))
        return scope.entries(query.any_of, _within("after", after, scope.size))

    def entry(self, which: str | int) -> Entry:
        """
        The entry of an id, or at a position.

        Raises:
            EntryNotFoundError: There is none here.
            InvalidValueError: Neither text nor a whole number.
        """
        scope = self._scope()
        if isinstance(which, str):
            check_text("id", which)
            where, found = "id", scope.find(which)
        else:
            where, found = "position", scope.placed(_within("position", which, scope.size))
        known = None if found is None else scope.known(found)
        if known is None:
            raise EntryNotFoundError("there is no such entry", where=where, found=repr_of(which))
        return known

    def claims(self, query: Query | None = None) -> list[Effective]:
        """
        The claims of a query as they count: as corrected and merged, without those taken back or repeated.

        Args:
            query: Which claims, by what they say as they count; None for all.

        Raises:
            InvalidValueError: No query.
        """
        query = everything() if query is None else query
        check_query(query)
        scope, wanted = self._scope(), query.any_of
        gathered = scope.matching(wanted)
        groups = [{gathered.effects.name(SubjectId(label)) for label in group} for group in wanted]
        labelled = ((one, labels_of(one.claim, subjects_of(one.claim))) for _, one in gathered.claims)
        return [effective for effective, labels in labelled if any(group.issubset(labels) for group in groups)]

    def project(self, projection: Projection[S]) -> dict[SubjectId, S]:
        """
        Fold all claims with a projection, also one that a user wrote; the states by subject id.

        Raises:
            InvalidValueError: What was given is no projection.
            ProjectionError: The projection raised, or changed a state that it was given.
        """
        scope = self._scope()
        return project(projection, scope.all_entries(), scope.effects(), scope.day)

    def _state(self, scope: Scope, projection: Projection[S], subject: SubjectId) -> S:
        """The state of one subject; empty where entries are about it and none of them counts here."""
        claims = claims_of(scope, projection, subject)
        if not claims and not scope.is_named(subject):
            raise _unknown(subject, scope.labels(f"{subject.partition(':')[0]}:"))
        return fold(projection, scope.name(subject), claims, scope.day)

    def _one(self, projection: Projection[C], kind: SubjectKind, slug_or_id: str) -> C:
        return self._state(self._scope(), projection, full_id(kind, slug_or_id))

    def _all(self, projection: Projection[C], kind: SubjectKind, party: str | None = None) -> list[C]:
        scope = self._scope()
        wanted = None if party is None else scope.name(_party(party))
        states = (
            fold(projection, subject, claims_of(scope, projection, subject), scope.day)
            for subject in sorted(subjects_named(scope, (f"{kind}:",)))
        )
        return [
            state
            for state in states
            if state.claims
            and (wanted is None or any(wanted in subjects_of(effective.claim) for effective in state.claims))
        ]

    def subjects(
        self, *, kind: SubjectKind | str | None = None, name: str | None = None, part: str | None = None
    ) -> list[SubjectId]:
        """
        The subjects that entries are about, sorted.

        Args:
            kind: Only of this kind: initiative, agreement, institution, meeting, series, person, …
            name: Only those of which this name was used, in whatever spelling of case and width; of persons also
                as heads of delegations were written.
            part: Only those of which a name was used that has this in it, in whatever spelling.

        Raises:
            InvalidValueError: No such kind, or a name or part that is no text.
        """
        if kind is not None and not (isinstance(kind, str) and kind in SubjectKind._value2member_map_):
            raise InvalidValueError("no such kind", where="kind", expected=", ".join(SubjectKind), found=repr_of(kind))
        scope = self._scope()
        found = subjects_named(scope, [f"{one}:" for one in ([kind] if kind is not None else SubjectKind)])
        if name is not None:
            whole = publisher_key(check_text("name", name))
            found &= self._called(lambda used: used == whole)
        if part is not None:
            held = publisher_key(check_text("part", part))
            found &= self._called(lambda used: held in used)
        return sorted(found)

    def _called(self, fits: Callable[[str], bool]) -> set[SubjectId]:
        """The subjects of which a name was used that fits, looked at without regard to case and width."""
        return {
            subject
            for effective in self.claims(_NAMING)
            if effective.claim.assertion in _IN_USE
            for subject, used in _names_in(effective.claim.event)
            if isinstance(used, str) and fits(publisher_key(used))
        }

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
        wanted = None if series is None else self._scope().name(full_id(SubjectKind.SERIES, series))
        return [m for m in found if wanted is None or any(wanted in subjects_of(e.claim) for e in m.claims)]

    def series(self, series: str) -> SeriesState:
        """The state of a series of meetings, by slug or id."""
        return self._one(SERIES, SubjectKind.SERIES, series)

    def visit(self, visit: str) -> VisitState:
        """The state of a visit, by slug or id."""
        return self._one(VISIT, SubjectKind.VISIT, visit)

    def name(self, subject: str) -> NamesState:
        """The names of a subject, by its full id or, for a country, its code; empty where none is recorded."""
        return self._state(self._scope(), NAMES, _party(subject))

    def relationship(self, a: str, b: str) -> RelationshipState:
        """The state of the relations of two countries, by their codes in any order."""
        subject = SubjectId(f"relationship:{relationship_slug(a, b)}")
        return self._state(self._scope(), RELATIONSHIP, subject)

    def relationships(self) -> list[RelationshipState]:
        """The states of all pairs of countries that some claim brings together, sorted by id."""
        return list(self.project(RELATIONSHIP).values())


def claims_of(scope: Scope, projection: Projection[S], subject: SubjectId) -> list[Effective]:
    """
    The claims that feed the state of a subject.

    Shipped projections feed what entries are about: the index gives a subject's own entries. Any other may feed
    what it likes, and is asked of each entry.
    """
    name = scope.name(subject)
    gathered = scope.about(subject) if projection in SHIPPED else scope.everything()
    return [effective for entry, effective in gathered.claims if name in fed_by(projection, entry)]


def _names_in(event: Event) -> Iterator[tuple[SubjectId, Prose | None]]:
    """What an event calls which subject."""
    match event:
        case ev.NameUsed():
            yield SubjectId(event.subject), event.name
        case ev.PersonNamed():
            yield SubjectId(f"person:{event.person}"), event.name
        case ev.DelegationAttended() if event.head is not None:
            yield SubjectId(f"person:{event.head}"), event.head_as_written


def _within(name: str, given: object, size: int) -> int:
    """A number of entries as a caller writes it, brought between -1 and the size of what is read."""
    if not isinstance(given, int) or isinstance(given, bool):
        raise InvalidValueError("this is a whole number", where=name, expected="int", found=repr_of(given)[:80])
    return max(-1, min(given, size))


def _unknown(subject: SubjectId, labels: list[str]) -> EntryNotFoundError:
    near = get_close_matches(subject, labels, 3)
    return EntryNotFoundError(
        "no entry is about this subject",
        where=subject.partition(":")[0],
        found=subject,
        hint=f"did you mean {' or '.join(near)}?" if near else "see subjects() for what there is",
    )


def _party(party: str) -> SubjectId:
    if isinstance(party, str) and ":" in party:
        return SubjectId(about(party).any_of[0][0])
    check_party("party", party)
    return party_subject(party)
