"""
States and entries as tables for a terminal. Knows layout and escaping; every value comes from a state.

Texts from a ledger are shown with control characters and marks of direction spelled out, so that a
recorded text can neither steer the terminal nor reorder what stands beside it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from coop_ledger.cli.words import plan_in_words
from coop_ledger.codec import wire_name
from coop_ledger.domain import (
    REDACTED,
    YES,
    Bounds,
    Claim,
    Entry,
    Merge,
    Party,
    Source,
    UnknownEvent,
    safe,
    subjects_of,
    targets_of,
)
from coop_ledger.errors import EntryNotFoundError
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
from coop_ledger.reader import Reader

__all__ = [
    "Sheet",
    "as_value",
    "claim_cells",
    "disputes_sheet",
    "log_lines",
    "log_sheet",
    "publishers",
    "source_sheet",
    "state_sheets",
    "text_of",
]

_NOTHING = "–"

_FOLDS = 30
"""Columns beyond which a word, like an address, may go on in the next line."""


class Sheet(NamedTuple):
    """
    Rows under heads, as a person reads them.

    Args:
        title: What they are.
        columns: Their heads, in words.
        rows: The values of each row, in the order of the columns, of any kind that a state holds; read once.
    """

    title: str
    columns: tuple[str, ...]
    rows: Iterable[Iterable[Any]]

    def fitted(self, width: int) -> Table | None:
        """
        The sheet as a table; where its words do not fit beside each other, as one below the other.

        Args:
            width: Columns of the terminal.

        Returns:
            The table; None where there is no row.
        """
        rows = [[safe(text_of(value)) for value in row] for row in self.rows]
        if not rows:
            return None
        columns = list(zip(self.columns, *rows, strict=True))
        words = [max([1, *(cell_len(word) for cell in column for word in cell.split())]) for column in columns]
        room = width - 3 * len(columns) - 1
        least = words if sum(words) <= room else [min(word, _FOLDS) for word in words]
        if len(columns) > 2 and sum(least) > room:
            below = [pair for row in rows for pair in zip(self.columns, row, strict=True)]
            return _table(Sheet(self.title, ("", ""), ()), below, width, every=len(columns))
        full = [max(cell_len(line) for cell in column for line in cell.split("\n")) for column in columns]
        return _table(self, rows, width, _shared(least, full, room) if sum(least) <= room else None)


def _shared(least: Sequence[int], full: Sequence[int], room: int) -> list[int]:
    """Widths of columns: no word is cut, and what *room* is left goes to the narrowest that still folds."""
    widths = list(least)
    for _ in range(room - sum(least)):
        folded = [at for at, wanted in enumerate(full) if widths[at] < wanted]
        if not folded:
            break
        widths[min(folded, key=lambda at: widths[at])] += 1
    return widths


def _table(
    sheet: Sheet, rows: Iterable[Sequence[str]], width: int, widths: Sequence[int] | None = None, every: int = 0
) -> Table:
    """A table of texts, as wide as its title at least, with a line after *every* so many rows."""
    title = safe(sheet.title)
    table = Table(title=title, title_justify="left", title_style="bold", show_header=not every)
    table.min_width = min(cell_len(title), width)
    for at, column in enumerate(sheet.columns):
        table.add_column(column, overflow="fold", width=None if widths is None else widths[at])
    for at, row in enumerate(rows, 1):
        table.add_row(*map(Text, row), end_section=bool(every) and at % every == 0)
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
    others = ", ".join(text_of(value) for value in reading.values if value != reading.value)
    return text_of(reading.value) + (f" [disputed: {others}]" if reading.disputed else "")


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
            head = "" if value.head_as_written is None else f": {text_of(value.head_as_written)}"
            return f"{value.party} {value.presence}{ranks}{head}"
        case PartyState():
            return f"{value.party}: {text_of(value.status)}"
        case Session():
            when = f", {value.when}" if value.when is not None else ""
            return f"{value.meeting}{when}" + ("" if value.confirmed else " (unconfirmed)")
        case SeriesGap():
            return f"{value.ordinal}, between {text_of(value.between)}"
        case Together():
            return str(value.subject) if value.when is None else f"{value.subject} ({text_of(value.when)})"
        case Statement():
            speakers = ", ".join(value.speakers) or "the publisher"
            return f"{value.topic} – {speakers}: {text_of(value.position)}"
        case Name():
            return text_of(value.name)
        case ReportedFigure():
            of = "".join(f", {part}" for part in (value.scope, value.when) if part is not None)
            return f"{_reading(value.reading)}{of}"
        case Anomaly():
            return f"{value.code}: {value.message}"
        case _:
            return str(value)


def text_of(value: Any) -> str:
    """Any value that a state or an answer holds, as a person reads it; times in UTC with ``Z``."""
    match value:
        case None:
            return _NOTHING
        case _ if value is REDACTED:
            return "redacted"
        case str() | int() | Dating():
            return str(value)
        case enum.Enum():
            return str(value.value)
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case Bounds():
            return f"{text_of(value.earliest)} and {text_of(value.latest)}"
        case Milestone():
            return _milestone(value)
        case Reading():
            return _reading(value)
        case Mapping():
            return "\n".join(f"{name}: {text_of(item)}" for name, item in value.items()) or _NOTHING
        case tuple() | list():
            return "\n".join(text_of(item) for item in value) or _NOTHING
        case _:
            return _record(value)


def as_value(value: Any) -> Any:
    """A plain value as a person reads it: dates by their text, figures by their words."""
    match value:
        case {"text": str(text)}:
            return text
        case {"redacted": True}:
            return "redacted"
        case dict():
            return {name: as_value(part) for name, part in value.items() if part is not None}
        case list():
            return [as_value(part) for part in value]
        case bool():
            return "yes" if value else "no"
        case _:
            return value


_LOG = ("#", "Recorded", "Says", "About", "When", "Publishers")


def claim_cells(claim: Claim) -> tuple[Any, ...]:
    """What is shown of a claim in one row: what it says, about what, when, and who says so."""
    says = f"{claim.assertion} {wire_name(type(claim.event))}"
    about = next(iter(subjects_of(claim)), None)
    return says, about, claim.when, publishers(claim.sources, ", ")


def _cells(ledger: Reader, entry: Entry) -> tuple[Any, ...]:
    """What the log shows of an entry, by the columns of ``_LOG``; of an act also which entries it touches."""
    body = entry.body
    if isinstance(body, Claim):
        return entry.position, entry.recorded_at, *claim_cells(body)
    says = f"{body.type} v{body.version}" if isinstance(body, UnknownEvent) else wire_name(type(body))
    about: str | None = next(iter(subjects_of(body)), None)
    if isinstance(body, Merge):
        about = f"{', '.join(body.subjects)} into {body.into}"
    if touched := [_place(ledger, target) for target in targets_of(body)]:
        told = f"{'entry' if len(touched) == 1 else 'entries'} {', '.join(touched)}"
        about = told if about is None else f"{about} ({told})"
    return entry.position, entry.recorded_at, says, about, None, None


def _place(ledger: Reader, entry: str) -> str:
    try:
        return str(ledger.entry(entry).position)
    except EntryNotFoundError:  # recorded after the view was made that is followed
        return entry


def log_sheet(ledger: Reader, entries: Iterable[Entry], title: str = "Entries") -> Sheet:
    """The entries of a ledger, one a row."""
    return Sheet(title, _LOG, (_cells(ledger, entry) for entry in entries))


def log_lines(ledger: Reader, entries: Iterable[Entry]) -> Iterator[str]:
    """The entries of a ledger, one a line, their cells parted by tabs: for programs and narrow terminals."""
    return ("\t".join(safe(text_of(cell)) for cell in _cells(ledger, entry)) for entry in entries)


def disputes_sheet(milestones: Iterable[Milestone]) -> Sheet:
    """The values that claims disagree about: what is shown, what stands against it, and who says which."""
    rows = []
    for milestone in milestones:
        for field, reading in milestone.disputes.items():
            against = ", ".join(text_of(value) for value in reading.values if value != reading.value)
            against += f" ({publishers((s for e in reading.against for s in e.sources), ', ')})"
            shown = f"{text_of(reading.value)} ({publishers(reading.sources, ', ')})"
            what = milestone.id.event.__name__ + "".join(f" {part}" for part in milestone.id.key if part)
            rows.append((what, field, shown, against))
    return Sheet("Disputed", ("Milestone", "Field", "Shown", "Against it"), rows)


def source_sheet(sources: Iterable[Source]) -> Sheet:
    """On whose word it rests."""
    rows = ((publishers([s]), s.published and s.published.text, s.kind, s.url) for s in sources)
    return Sheet("Sources", ("Publisher", "Published", "Kind", "Address"), rows)


def state_sheets(state: Collected) -> Iterator[Sheet]:
    """What is known of one subject: its fields, what is disputed, what is irregular, and on what it rests."""
    fields = [(name.replace("_", " "), getattr(state, name)) for name in state.shown]
    fields += [("anomaly", anomaly) for anomaly in state.anomalies]
    yield Sheet(state.subject, ("Field", "Value"), fields)
    if state.disputed:
        yield disputes_sheet(state.disputed)
    yield source_sheet(state.sources)
