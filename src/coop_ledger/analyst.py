"""
The questions that go beyond one state: reasons, changes, conflicts, duplicates, anomalies, promises and silence.

Knows which projection answers which question; every rule lives in a projection. Questions about one subject read
its entries; those about all subjects read the scope once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from coop_ledger.axes import day_of
from coop_ledger.domain import (
    Effective,
    Entry,
    SubjectId,
    SubjectKind,
    brief,
    check_party,
    check_subject,
    relationship_slug,
)
from coop_ledger.errors import InvalidValueError
from coop_ledger.projections import (
    COMMITMENTS,
    CONFLICTS,
    RELATIONSHIP,
    Anomaly,
    Change,
    Collected,
    Commitment,
    CommitmentsState,
    Conflict,
    DuplicatePair,
    Ladder,
    Latency,
    Milestone,
    Overdue,
    Projection,
    Reason,
    SectorOutputs,
    Silence,
    changed_fields,
    fold,
    ladder_anomalies,
    latencies_of,
    outputs_by_sector,
    overdue,
    probable_duplicates,
    project,
    projection_for,
    reasons_by_field,
    reasons_for,
    remains,
    silent,
    unreadable,
    with_series,
)
from coop_ledger.reader import Reader, claims_of
from coop_ledger.scope import Scope, subjects_named

__all__ = ["Analyst"]

S = TypeVar("S")


def _owner(scope: Scope, party: str) -> str:
    """A party as claims refer to it, under the id that it reads as."""
    check_party("party", party)
    return party if ":" not in party else scope.name(SubjectId(party))


def _check(name: str, given: object, kind: type, hint: str) -> None:
    if not isinstance(given, kind):
        raise InvalidValueError(
            "this is something else", where=name, expected=kind.__name__, found=brief(given), hint=hint
        )


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
            field: A field of its state, parts joined by dots: ``opened.when``, ``figures.attendance.0.value``.
            projection: Whose state; None for the shipped one of the subject's kind.

        Raises:
            EntryNotFoundError: No entry is about the subject.
            InvalidValueError: No such field, or no projection.
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
        _check("field", field, str, "write a path like opened.when")
        wanted: Projection[Any] = projection_for(about) if projection is None else projection
        _check("projection", wanted, Projection, "give a Projection, or leave it out")
        self._state(scope, wanted, about)
        return reasons_for(wanted, scope.name(about), claims_of(scope, wanted, about), field, scope.day)

    def conflicts(self, subject: str | None = None) -> list[Conflict]:
        """
        What sources contradict each other in: open conflicts and resolved ones, with claims and rationale (D6).

        Args:
            subject: Only those of one subject, by its full id.
        """
        return [conflict for state in self._overview(subject) for conflict in state.conflicts]

    def anomalies(self, subject: str | None = None, *, ladders: Iterable[Ladder] = ()) -> list[Anomaly]:
        """
        What is irregular: steps that no lifecycle knows, acts without effect, entries of a newer writer (D8, D9).

        Args:
            subject: Only those of one subject, by its full id.
            ladders: In which order a side ranks its levels of relations: with one, a lower level is flagged too.
        """
        scope = self._scope()
        if subject is None:
            acts = (*scope.effects().anomalies, *unreadable(scope.entries(((),))))
        else:
            gathered = scope.about(_subject(subject))
            acts = tuple(one for one in gathered.effects.anomalies if gathered.found.intersection(one.positions))
        states = self._overview(subject)
        found = (anomaly for state in states for anomaly in state.anomalies)
        return list(dict.fromkeys((*found, *self._lowered(states, tuple(ladders)), *acts)))

    def _lowered(self, states: Iterable[Collected], ladders: tuple[Ladder, ...]) -> Iterator[Anomaly]:
        """Levels of relations that stand below the one before, on a ladder of the side that declares them."""
        for ladder in ladders:
            _check("ladders", ladder, Ladder, "give Ladder(side, levels)")
        pairs = (state.subject for state in states if state.subject.startswith("relationship:"))
        for pair in pairs if ladders else ():
            yield from ladder_anomalies(self._state(self._scope(), RELATIONSHIP, pair), ladders)

    def history(self, which: str | int) -> list[Entry]:
        """
        An entry and the acts that decide how it counts, oldest first, also those taken back.

        These are the acts on it, on those acts, and the merges of what it is about.

        Args:
            which: Its id, or its position.

        Raises:
            EntryNotFoundError: There is no such entry here.
        """
        entry = self.entry(which)
        effects = self._scope().shaping(entry)
        return [entry, *(self.entry(position) for position in sorted(effects.shaping(entry)))]

    def latencies(self, subject: str | None = None) -> list[Latency]:
        """
        How long after something happened each source said so, and how long after it was recorded.

        Args:
            subject: Only of one subject, by its full id.
        """
        return list(latencies_of(self._happenings(subject)))

    def sectors(self, *, country: str | None = None) -> list[SectorOutputs]:
        """
        Sectors with the initiatives announced in them, and those of which an output arrived, by country.

        Args:
            country: Only of this country, by its code.
        """
        if country is not None:
            check_party("country", country)
        rows = outputs_by_sector(self.initiatives())
        return [row for row in rows if country is None or row.country == country]

    def duplicates(self, subject: str | None = None) -> list[DuplicatePair]:
        """
        Reports that were recorded twice: those marked, and those that probably were (D13).

        Args:
            subject: Only those of one subject, by its full id.
        """
        scope = self._scope()
        gathered = scope.everything() if subject is None else scope.about(_subject(subject))
        place = {entry_id: entry.position for entry_id, entry in gathered.effects.named.items()}
        marked = {
            DuplicatePair(place[first], place[later], marked=True)
            for later, first in gathered.effects.repeats.items()
            if gathered.found.intersection((place[first], place[later]))
        }
        return sorted({*marked, *probable_duplicates(self._happenings(subject))})

    def commitments(self, *, party: str | None = None, subject: str | None = None) -> list[Commitment]:
        """
        What was promised, how the promise changed, and what became of it (D4, D5).

        Args:
            party: Only what this party owes: a country code or a full id.
            subject: Only of one subject, by its full id.
        """
        scope = self._scope()
        owner = None if party is None else _owner(scope, party)
        return [
            commitment
            for state in self._promised(subject)
            for commitment in state.commitments
            if owner is None or owner in commitment.owners
        ]

    def overdue(self, *, on: date | str) -> list[Overdue]:
        """
        The promises whose latest possible day had passed by a day, unmet, undenied and without a newer target (D4).

        It is asked of the world as of that day: what was delivered in June was overdue in January.

        Args:
            on: The day.

        Raises:
            InvalidValueError: No single day, or the view has a day of its own.
        """
        day = self._free_day("overdue", on)
        return list(overdue((promise for state in self._promised(None) for promise in state.commitments), on=day))

    def silent(self, *, since: date | str, on: date | str) -> list[Silence]:
        """
        The promises and proposals that were still open on a day, and of which nothing was heard for some time.

        Args:
            since: The first day of silence.
            on: The last day of silence, as of which all is read.

        Raises:
            InvalidValueError: No single day, a last day before the first, or the view has a day of its own.
        """
        day, first = self._free_day("silent", on), day_of("since", since)
        if first > day:
            raise InvalidValueError(
                "the silence ends before it begins", where="since", expected=f"a day up to {day}", found=str(first)
            )
        promises = (one for state in self._promised(None) for one in (*state.commitments, *state.proposals))
        return list(silent(promises, since=first, on=day))

    def _free_day(self, question: str, on: date | str) -> date:
        if self._scope().day is not None:
            raise InvalidValueError(
                f"{question} is asked of a day, and the view has one already", where="on", found=str(on),
                hint="ask the view without on(…)",
            )  # fmt: skip
        return day_of("on", on)

    def _promised(self, subject: str | None) -> list[CommitmentsState]:
        scope = self._scope()
        if subject is None:
            return list(with_series(project(COMMITMENTS, scope.all_entries(), scope.effects(), scope.day).values()))
        state = self._state(scope, COMMITMENTS, _subject(subject))
        series = (self._state(scope, COMMITMENTS, one) for one in state.series)
        return [one for one in with_series((state, *series)) if one.subject == state.subject]

    def _happenings(self, subject: str | None) -> Iterator[Milestone]:
        """The milestones of one subject or of all, each under its own."""
        for state in self._overview(subject):
            yield from (milestone for milestone in state.milestones if milestone.id.subject == state.subject)

    def _overview(self, subject: str | None) -> list[Collected]:
        """The states that conflicts and anomalies are read from."""
        scope = self._scope()
        if subject is not None:
            return [self._state(scope, CONFLICTS, _subject(subject))]
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
            InvalidValueError: The views are of two ledgers, or are none.
        """
        for name, view in (("before", before), ("after", after)):
            _check(name, view, Analyst, "give a view, or the ledger itself")
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
    """What reads under an id: where one side has it merged, the state that it was merged into."""
    projection, scopes = projection_for(subject), (one, other)
    fed = [_feeding(scope, projection, subject) for scope in scopes]
    if fed[0] == fed[1] and one.day == other.day:
        return
    names = [scope.name(subject) for scope in scopes]
    states = [
        fold(projection, name, claims.values(), scope.day)
        for scope, name, claims in zip(scopes, names, fed, strict=True)
    ]
    acts = _acts_between(one, other, subject)
    sides = [
        reasons_by_field(projection, name, claims.values(), scope.day)
        for scope, name, claims in zip(scopes, names, fed, strict=True)
    ]
    for field, before, after in changed_fields(*states):
        reasons = {position for side in sides for position in side.get(field, ())}
        yield Change(subject, field, before, after, _blame(reasons, fed, acts))


def _acts_between(one: Scope, other: Scope, subject: SubjectId) -> dict[int, frozenset[int]]:
    """For each entry, the acts that shape it in one of the scopes and do not stand in the other."""
    effects = [scope.about(subject).effects for scope in (one, other)]
    entries = {**effects[0].named, **effects[1].named}.values()
    found: dict[int, frozenset[int]] = {}
    for mine, theirs in zip(effects, (other, one), strict=True):
        alone = frozenset(
            act.position
            for act in mine.acts
            if act.position >= theirs.size or not remains(act, mine.named, theirs.published)
        )
        for entry in entries if alone else ():
            found[entry.position] = found.get(entry.position, frozenset()) | (mine.shaping(entry) & alone)
    return found


def _blame(reasons: set[int], fed: list[dict[int, Effective]], acts: dict[int, frozenset[int]]) -> tuple[int, ...]:
    """The entries behind a change: reasons that one side lacks or has otherwise, else all reasons of both."""
    differing = {at for at in reasons if fed[0].get(at) != fed[1].get(at)}
    return tuple(sorted({*(differing or reasons), *(act for at in differing for act in acts.get(at, ()))}))
