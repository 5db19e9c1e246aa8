"""
The tables of the demo: what follows from the record of November 2016, each line with who says so.

Chooses what to show and in which order; every value comes from a state, and how it reads is the business of
``tables.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from coop_ledger.cli.tables import Sheet, disputes_sheet, publishers
from coop_ledger.cli.words import standing
from coop_ledger.domain import REDACTED, YES, Source, SubjectId
from coop_ledger.domain import events as ev
from coop_ledger.ledger import Ledger
from coop_ledger.projections import (
    NAMES,
    InitiativeState,
    InstitutionState,
    MeetingState,
    Milestone,
    Participation,
    Presence,
    RelationshipState,
)

__all__ = ["demo_sheets"]

SESSION = "kcac-forum/10"
SECRETARIAT = "kcac-secretariat"

_Row = tuple[str, Any, Iterable[Source]]


def said_by(milestone: Milestone) -> tuple[Source, ...]:
    """
    The sources of what a table says of a milestone.

    Of what happened: who says that it did; of what is planned: who gives the target that stands. A paper that
    only announced it is no source of its having happened (P6).
    """
    if milestone.happened is not None and (milestone.has_happened is YES or milestone.plan is None):
        return milestone.happened.sources
    claims = milestone.proposed if milestone.plan is None else standing(milestone.plan)
    return tuple(source for effective in claims for source in effective.sources)


def _fields(title: str, rows: Iterable[_Row]) -> Sheet:
    return Sheet(title, ("Field", "Value", "Sources"), ((name, value, publishers(by)) for name, value, by in rows))


def _delegation(meeting: MeetingState, part: Participation) -> _Row:
    name = f"delegation {part.party}"
    if part.delegation is not None:
        ranks = ", ".join(part.ranks) or part.presence
        head = "redacted" if part.head_as_written is REDACTED else part.head_as_written
        return name, f"{ranks}: {head}" if head else ranks, said_by(part.delegation)
    listed = part.presence is Presence.LISTED
    claims = (e for m in meeting.own(ev.MeetingHeld) for e in ((*m.occurred, *m.held) if listed else m.planned))
    naming = (e for e in claims if any(party.party == part.party for party in e.claim.parties))
    return name, part.presence, (source for effective in naming for source in effective.sources)


def _session(meeting: MeetingState) -> Sheet:
    rows: list[_Row] = [] if meeting.held is None else [("held", meeting.when, said_by(meeting.held))]
    readings = (("place", meeting.place), ("level", meeting.level))
    rows.extend((name, reading.value, reading.sources) for name, reading in readings if reading is not None)
    rows.extend(_delegation(meeting, part) for part in meeting.participation)
    figures = ((measure, figure.reading) for measure, found in meeting.figures.items() for figure in found)
    rows.extend((measure, reading, reading.sources) for measure, reading in figures)
    return _fields("The tenth session", rows)


def _meetings(states: Iterable[MeetingState]) -> Sheet:
    rows = []
    for state in states:
        held = state.held
        if held is not None:
            kind = held.reading("kind") or held.reading("kind", planned=True)
            what = state.subject.removeprefix("meeting:") + (f"\n{kind.value}" if kind is not None else "")
            level = None if state.level is None else state.level.value
            parties = ", ".join(part.party for part in state.participation)
            rows.append((what, state.when, level, parties, publishers(said_by(held))))
    return Sheet("Other meetings", ("Meeting", "When", "Level", "Parties", "Sources"), rows)


def _statements(states: Iterable[MeetingState]) -> Sheet:
    rows: dict[int, tuple[Any, ...]] = {}
    for state in states:
        sources = {effective.position: effective.sources for effective in state.claims}
        for said in state.statements:
            speakers = ", ".join(said.speakers) or "the publisher"
            topic = f"{said.topic}\n{said.about}"
            rows[said.entry] = (topic, speakers, said.position, publishers(sources[said.entry]))
    return Sheet("Statements", ("Topic", "Speakers", "Position", "Sources"), rows.values())


def _secretariat(state: InstitutionState, names: Mapping[SubjectId, tuple[str, tuple[Source, ...]]]) -> Sheet:
    moving = state.own(ev.StatuteAdopted, ev.InstitutionProclaimed, ev.InstitutionOpened)
    happened = [milestone for milestone in moving if milestone.has_happened is YES]
    rows: list[_Row] = [("status", state.status, (s for milestone in happened for s in said_by(milestone)))]
    for name, event in (
        ("statute", ev.StatuteAdopted),
        ("proclaimed", ev.InstitutionProclaimed),
        ("opened", ev.InstitutionOpened),
        ("host", ev.HostDesignated),
        ("work plan", ev.WorkPlanAdopted),
    ):
        rows.extend((name, milestone, said_by(milestone)) for milestone in state.own(event))
    for milestone in state.own(ev.OfficeTaken):
        office, person = milestone.id.key
        written, named_by = names.get(SubjectId(f"person:{person}"), ("", ()))
        who = f"{written} (person:{person})" if written else f"person:{person}"
        rows.append((office, f"{who}, since {milestone.dating}", (*said_by(milestone), *named_by)))
    return _fields("The secretariat", rows)


def _people(ledger: Ledger) -> dict[SubjectId, tuple[str, tuple[Source, ...]]]:
    """What persons are called, with who says so."""
    found = {}
    for subject, state in ledger.project(NAMES).items():
        claims = [effective for milestone in state.own(ev.PersonNamed) for effective in milestone.occurred]
        events = (effective.claim.event for effective in claims)
        written = [event.name for event in events if isinstance(event, ev.PersonNamed)]
        names = ("redacted" if name is REDACTED else str(name) for name in written)
        found[subject] = (" / ".join(dict.fromkeys(names)), tuple(s for e in claims for s in e.sources))
    return found


def _initiatives(states: Iterable[InitiativeState]) -> Sheet:
    rows = []
    for state in states:
        if state.status is None or state.iati_status is None:
            continue
        target = None if state.target is None or state.target.plan is None else state.target.plan.current.when
        name = state.names[0] if state.names else state.subject
        status = f"{state.iati_status} {state.status}"
        rows.append((name, status, state.sectors, target, publishers(state.sources)))
    return Sheet("Initiatives", ("Initiative", "IATI status", "Sectors", "Target", "Sources"), rows)


def _relationships(states: Iterable[RelationshipState]) -> Sheet:
    rows = []
    for state in states:
        statements = dict.fromkeys(f"{item.topic} ({', '.join(item.speakers)})" for item in state.statements)
        years = tuple(f"{m.id.key[1]} years of {m.id.key[0]}" for m in state.anniversaries)
        met = tuple(item.subject.removeprefix("meeting:") for item in state.meetings)
        rows.append(("-".join(state.countries), met, tuple(statements), years, publishers(state.sources)))
    return Sheet("Relationships", ("Pair", "Met at", "Statements", "Anniversaries", "Sources"), rows)


def demo_sheets(ledger: Ledger) -> Iterator[Sheet]:
    """The tables of the demo: meetings and statements, secretariat, initiatives, and Korea's relationships."""
    session = ledger.meeting(SESSION)
    meetings = ledger.meetings()
    yield _session(session)
    if session.disputed:
        yield disputes_sheet(session.disputed)
    yield _meetings(state for state in meetings if state.subject != session.subject)
    yield _statements(meetings)
    yield _secretariat(ledger.institution(SECRETARIAT), _people(ledger))
    yield _initiatives(ledger.initiatives())
    yield _relationships(state for state in ledger.relationships() if "KR" in state.countries)
