"""
States and entries as tables for a terminal. Knows layout and escaping; every value comes from a state.

Texts from a ledger are shown with control characters and marks of direction spelled out, so that a
recorded text can neither steer the terminal nor reorder what stands beside it.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from coop_ledger.codec import wire_name
from coop_ledger.domain import REDACTED, YES, Bounds, Claim, Entry, Party, Source, UnknownEvent, subjects_of
from coop_ledger.ledger import Ledger
from coop_ledger.projections import (
    Anomaly,
    Collected,
    Dating,
    Delivery,
    Funds,
    InitiativeState,
    Milestone,
    Name,
    Participation,
    PartyState,
    Period,
    Reading,
    RelationshipState,
    Sector,
    Session,
    Statement,
    Together,
)
from coop_ledger.projections import Gap as SeriesGap

__all__ = ["demo_tables", "log_table", "safe", "state_table"]

_NOTHING = "–"


def safe(text: str) -> str:
    """
    A text that cannot steer a terminal: control, format and surrogate characters spelled out.

    >>> safe("a\\x1b[31mb\\u202ec")
    'a\\\\x1b[31mb\\\\u202ec'
    """
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else ascii(char)[1:-1]
        for char in text
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=safe(title), title_justify="left", title_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(safe(cell)) for cell in cells))


def _publishers(sources: Iterable[Source]) -> str:
    """Who says so: publishers, with whom they relay."""
    names = (f"{s.publisher} (relays {s.relays})" if s.relays else s.publisher for s in sources)
    return "\n".join(dict.fromkeys(names)) or _NOTHING


def _milestone(milestone: Milestone) -> str:
    key = ", ".join(part for part in milestone.id.key if part)
    said = f"{key}: " if key else ""
    plan = milestone.plan
    if milestone.has_happened is YES:
        said += "done" if milestone.dating is None else f"done {milestone.dating}"
    elif milestone.denied and plan is None:
        said += "denied"
    elif plan is not None:
        said += "planned" if plan.current.when is None else f"planned for {plan.current.when}"
    else:
        said += "proposed"
    return said + (" [disputed]" if milestone.disputed else "")


def _reading(reading: Reading[Any]) -> str:
    others = ", ".join(_text(value) for value in reading.values if value != reading.value)
    return _text(reading.value) + (f" [disputed: {others}]" if reading.disputed else "")


def _period(period: Period) -> str:
    what = ", ".join(part for part in period.value if part)
    since = f"{'since' if period.recorded else 'seen by'} {period.begun}"
    until = "" if period.ended is None else f", until {period.ended}"
    return f"{what}: {since}{until}" + (" [disputed]" if period.disputed else "")


def _record(value: Any) -> str:
    match value:
        case Party():
            return f"{value.party} ({value.role})"
        case Sector():
            share = "" if value.percentage is None else f" {value.percentage}%"
            return f"{value.code}{share}"
        case Delivery():
            to = "" if value.beneficiary is None else f" to {value.beneficiary}"
            return f"{value.output or 'whole'}{to}: {value.delivered.value}"
        case Funds():
            return f"{value.amount:f} {value.currency} (IATI type {value.transaction})"
        case Period():
            return _period(value)
        case Participation():
            ranks = ", ".join(value.ranks)
            return f"{value.party} {value.presence}" + (f", {ranks}" if ranks else "")
        case PartyState():
            return f"{value.party}: {_text(value.status)}"
        case Session():
            when = f", {value.when}" if value.when is not None else ""
            return f"{value.meeting}{when}" + ("" if value.confirmed else " (unconfirmed)")
        case SeriesGap():
            return f"{value.ordinal}, between {_text(value.between)}"
        case Together():
            return str(value.subject) if value.when is None else f"{value.subject} ({_text(value.when)})"
        case Statement():
            speakers = ", ".join(value.speakers) or "the publisher"
            return f"{value.topic} – {speakers}: {_text(value.position)}"
        case Name():
            return _text(value.name)
        case Anomaly():
            return f"{value.code}: {value.message}"
        case _:
            return str(value)


def _text(value: Any) -> str:
    match value:
        case None:
            return _NOTHING
        case _ if value is REDACTED:
            return "redacted"
        case str() | int() | Dating():
            return str(value)
        case enum.Enum():
            return str(value.value)
        case date():
            return value.isoformat()
        case Bounds():
            return f"{_text(value.earliest)} and {_text(value.latest)}"
        case Milestone():
            return _milestone(value)
        case Reading():
            return _reading(value)
        case Mapping():
            return "\n".join(f"{name}: {_text(item)}" for name, item in value.items()) or _NOTHING
        case tuple() | list():
            return "\n".join(_text(item) for item in value) or _NOTHING
        case _:
            return _record(value)


def _initiatives(states: Iterable[InitiativeState]) -> Table:
    table = _table("Initiatives", "Initiative", "IATI status", "Sectors", "Target", "Sources")
    for state in states:
        if state.status is None or not state.course.options or state.iati_status is None:
            continue
        status = f"{state.iati_status} {state.status}"
        target = (
            _NOTHING if state.target is None or state.target.plan is None else _text(state.target.plan.current.when)
        )
        name = state.names[0] if state.names else state.subject
        _row(table, name, status, _text(state.sectors), target, _publishers(state.sources))
    return table


def _fields(title: str, rows: Iterable[tuple[str, Any, Iterable[Source]]]) -> Table:
    table = _table(title, "Field", "Value", "Sources")
    for name, value, sources in rows:
        _row(table, name, _text(value), _publishers(sources))
    return table


def _session(ledger: Ledger) -> Table:
    meeting = ledger.meeting("kcac-forum/10")
    held = () if meeting.held is None else meeting.held.sources
    rows: list[tuple[str, Any, Iterable[Source]]] = [
        ("held", meeting.when, held),
        ("place", meeting.place, () if meeting.place is None else meeting.place.sources),
        ("level", meeting.level, () if meeting.level is None else meeting.level.sources),
    ]
    for part in meeting.participation:
        sources = held if part.delegation is None else part.delegation.sources
        rows.append((f"delegation {part.party}", ", ".join(part.ranks) or part.presence, sources))
    for measure, figure in meeting.figures.items():
        claims = (*figure.claims, *figure.against)
        rows.append((measure, figure, (source for effective in claims for source in effective.sources)))
    return _fields("The tenth session", rows)


def _secretariat(ledger: Ledger) -> Table:
    state = ledger.institution("kcac-secretariat")
    rows: list[tuple[str, Any, Iterable[Source]]] = [("status", state.status, state.sources)]
    milestones = (
        ("statute", state.statute),
        ("proclaimed", state.proclaimed),
        ("opened", state.opened),
        ("host", state.host),
        *(("work plan", plan) for plan in state.work_plans),
    )
    rows.extend((name, milestone, milestone.sources) for name, milestone in milestones if milestone is not None)
    rows.append(("officers", state.officers, ()))
    return _fields("The secretariat", rows)


def _relationships(states: Iterable[RelationshipState]) -> Table:
    table = _table("Relationships", "Pair", "Met at", "Statements", "Anniversaries", "Sources")
    for state in states:
        statements = dict.fromkeys(f"{item.topic} ({', '.join(item.speakers)})" for item in state.statements)
        years = (f"{key[1]} years of {key[0]}" for key in (milestone.id.key for milestone in state.anniversaries))
        met = tuple(item.subject.removeprefix("meeting:") for item in state.meetings)
        _row(
            table, "-".join(state.countries), _text(met), "\n".join(statements), "\n".join(years),
            _publishers(state.sources),
        )  # fmt: skip
    return table


def demo_tables(ledger: Ledger) -> Iterator[Table]:
    """The tables of the demo: session, secretariat, initiatives, and Korea's relationships."""
    yield _session(ledger)
    yield _secretariat(ledger)
    yield _initiatives(ledger.initiatives())
    yield _relationships(state for state in ledger.relationships() if "KR" in state.countries)


def log_table(entries: Iterable[Entry]) -> Table:
    """The entries, one a row."""
    table = _table("Entries", "#", "Recorded", "Says", "About", "When", "Publishers")
    for entry in entries:
        body = entry.body
        recorded = entry.recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if isinstance(body, Claim):
            says = f"{body.assertion} {wire_name(type(body.event))}"
            publishers = ", ".join(source.publisher for source in body.sources)
            _row(
                table,
                str(entry.position),
                recorded,
                says,
                subjects_of(body)[0],
                _text(body.when and body.when.text),
                publishers,
            )
        else:
            says = f"{body.type} v{body.version}" if isinstance(body, UnknownEvent) else wire_name(type(body))
            about = next(iter(subjects_of(body)), _NOTHING)
            _row(table, str(entry.position), recorded, says, about, _NOTHING, _NOTHING)
    return table


def state_table(state: Collected) -> Iterator[Table]:
    """What is known of one subject: its fields, what is disputed, what is irregular, and on what it rests."""
    table = _table(state.subject, "Field", "Value")
    for name in state.shown:
        _row(table, name.replace("_", " "), _text(getattr(state, name)))
    for anomaly in state.anomalies:
        _row(table, "anomaly", _text(anomaly))
    yield table
    if state.disputed:
        disputes = _table("Disputed", "Milestone", "Field", "Shown", "Against it")
        for milestone in state.disputed:
            for field, reading in milestone.disputes.items():
                against = ", ".join(_text(value) for value in reading.values if value != reading.value)
                against += f" ({_publishers(s for e in reading.against for s in e.sources)})"
                shown = f"{_text(reading.value)} ({_publishers(reading.sources)})"
                what = milestone.id.event.__name__ + "".join(f" {part}" for part in milestone.id.key if part)
                _row(disputes, what, field, shown, against)
        yield disputes
    sources = _table("Sources", "Publisher", "Published", "Kind", "Address")
    for source in state.sources:
        relays = f"{source.publisher} (relays {source.relays})" if source.relays else source.publisher
        _row(sources, relays, _text(source.published and source.published.text), source.kind, _text(source.url))
    yield sources
