"""
States and entries as tables for a terminal. Knows layout and escaping; every value comes from a state.

Texts from a ledger are shown with control characters and marks of direction spelled out, so that a
recorded text can neither steer the terminal nor reorder what stands beside it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from coop_ledger.cli.words import plan_in_words
from coop_ledger.codec import wire_name
from coop_ledger.domain import REDACTED, YES, Bounds, Claim, Entry, Party, Source, UnknownEvent, safe, subjects_of
from coop_ledger.projections import (
    Anomaly,
    Collected,
    Dating,
    Delivery,
    Funds,
    Milestone,
    Name,
    Participation,
    PartyState,
    Period,
    Reading,
    ReportedFigure,
    Sector,
    Session,
    Statement,
    Together,
)
from coop_ledger.projections import Gap as SeriesGap

__all__ = ["disputes_table", "log_lines", "log_table", "publishers", "state_table", "table_of"]

_NOTHING = "–"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=safe(title), title_justify="left", title_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*(Text(safe(cell)) for cell in cells))


def table_of(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """
    A table of values of any kind that a state holds.

    Args:
        title: Its title.
        columns: The heads of its columns.
        rows: The values of each row, in the order of the columns; a text stands as it is.
    """
    table = _table(title, *columns)
    for row in rows:
        _row(table, *(_text(value) for value in row))
    return table


def publishers(sources: Iterable[Source], between: str = "\n") -> str:
    """Who says so: publishers, with whom they relay, each once."""
    names = (f"{s.publisher} (relays {s.relays})" if s.relays else s.publisher for s in sources)
    return between.join(dict.fromkeys(names)) or _NOTHING


def _milestone(milestone: Milestone) -> str:
    key = ", ".join(part for part in milestone.id.key if part)
    said = f"{key}: " if key else ""
    plan = milestone.plan
    if milestone.has_happened is YES:
        said += "done" if milestone.dating is None else f"done {milestone.dating}"
    elif milestone.denied and plan is None:
        said += "denied"
    elif plan is not None:
        said += plan_in_words(plan)
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
            ranks = "".join(f", {rank}" for rank in value.ranks)
            head = "" if value.head_as_written is None else f": {_text(value.head_as_written)}"
            return f"{value.party} {value.presence}{ranks}{head}"
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
        case ReportedFigure():
            of = "".join(f", {part}" for part in (value.scope, value.when) if part is not None)
            return f"{_reading(value.reading)}{of}"
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


_LOG = ("#", "Recorded", "Says", "About", "When", "Publishers")


def _cells(entry: Entry) -> tuple[str, ...]:
    """What the log shows of an entry, by the columns of ``_LOG``."""
    body = entry.body
    about = next(iter(subjects_of(body)), _NOTHING)
    when, said_by = _NOTHING, _NOTHING
    if isinstance(body, Claim):
        says = f"{body.assertion} {wire_name(type(body.event))}"
        when, said_by = _text(body.when and body.when.text), publishers(body.sources, ", ")
    else:
        says = f"{body.type} v{body.version}" if isinstance(body, UnknownEvent) else wire_name(type(body))
    return str(entry.position), entry.recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ"), says, about, when, said_by


def log_table(entries: Iterable[Entry], title: str = "Entries") -> Table:
    """The entries, one a row."""
    return table_of(title, _LOG, map(_cells, entries))


def log_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The entries, one a line, their cells parted by tabs: for programs and narrow terminals."""
    return ("\t".join(map(safe, _cells(entry))) for entry in entries)


def disputes_table(milestones: Iterable[Milestone]) -> Table:
    """The values that claims disagree about: what is shown, what stands against it, and who says which."""
    rows = []
    for milestone in milestones:
        for field, reading in milestone.disputes.items():
            against = ", ".join(_text(value) for value in reading.values if value != reading.value)
            against += f" ({publishers((s for e in reading.against for s in e.sources), ', ')})"
            shown = f"{_text(reading.value)} ({publishers(reading.sources, ', ')})"
            what = milestone.id.event.__name__ + "".join(f" {part}" for part in milestone.id.key if part)
            rows.append((what, field, shown, against))
    return table_of("Disputed", ("Milestone", "Field", "Shown", "Against it"), rows)


def state_table(state: Collected) -> Iterator[Table]:
    """What is known of one subject: its fields, what is disputed, what is irregular, and on what it rests."""
    table = _table(state.subject, "Field", "Value")
    for name in state.shown:
        _row(table, name.replace("_", " "), _text(getattr(state, name)))
    for anomaly in state.anomalies:
        _row(table, "anomaly", _text(anomaly))
    yield table
    if state.disputed:
        yield disputes_table(state.disputed)
    columns = ("Publisher", "Published", "Kind", "Address")
    rows = ((publishers([s]), s.published and s.published.text, s.kind, s.url) for s in state.sources)
    yield table_of("Sources", columns, rows)
