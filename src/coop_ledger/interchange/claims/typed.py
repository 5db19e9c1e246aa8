"""
One claim as a person types it: text by column, without the marks that keep spreadsheets from changing cells.

Knows neither terminal nor file. What the columns of an event are, and what each means, is told from the declarations.
"""

from __future__ import annotations

import csv
import enum
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, get_args, get_type_hints

import attrs

from coop_ledger.domain import ISO_COUNTRIES, Claim, CountryRegistry, FieldSpec, Source, Where, field_specs
from coop_ledger.errors import InvalidValueError
from coop_ledger.interchange.claims.cells import ERASED, guarded, unguarded
from coop_ledger.interchange.claims.columns import (
    CLAIM_COLUMNS,
    EVENTS,
    REQUIRED,
    SOURCE_COLUMNS,
    WHERE_COLUMNS,
    shown,
)
from coop_ledger.interchange.claims.exporting import claim_cells
from coop_ledger.interchange.claims.rows import Row, read_claims

__all__ = ["ClaimColumn", "TypedClaim", "claim_columns", "read_typed", "typed_claim"]


_OF_SOURCES: Final = frozenset(SOURCE_COLUMNS.values())


class ClaimColumn(NamedTuple):
    """
    A column that a claim of some event may fill.

    Args:
        name: Its name, with underscores.
        holder: ``claim``, ``where``, ``source``, or ``event``.
        spec: What the field means, and of which type it is.
        required: Whether it must be filled.
        codes: Of a coded field: the codes.
        several: Whether it holds several, parted by semicolons.
    """

    name: str
    holder: str
    spec: FieldSpec
    required: bool
    codes: tuple[str, ...]
    several: bool


class TypedClaim(NamedTuple):
    """
    A claim as text.

    Args:
        texts: Column → text, of the columns that are filled.
        erased: The columns whose text was erased.
    """

    texts: dict[str, str]
    erased: tuple[str, ...]

    @property
    def sources(self) -> dict[str, str]:
        """The texts of its sources alone."""
        return {name: text for name, text in self.texts.items() if name in _OF_SOURCES or name[-1].isdigit()}


def claim_columns(event: str | None = None) -> tuple[ClaimColumn, ...]:
    """
    The columns of claims of one event, of its first source only; the event's own come first.

    Args:
        event: The wire name of an event; None: only what claims of all events have.

    >>> [column.name for column in claim_columns("meeting.topic-discussed") if column.required]
    ['meeting', 'topic', 'event', 'assertion', 'source']
    """
    own = () if event is None else _columns("event", EVENTS[event], {name: name for name in field_specs(EVENTS[event])})
    claim = _columns("claim", Claim, {name: name for name in ("event", *CLAIM_COLUMNS)})
    where = _columns("where", Where, WHERE_COLUMNS)
    return (*own, *claim, *where, *_columns("source", Source, SOURCE_COLUMNS))


def _columns(holder: str, cls: type[Any], names: Mapping[str, str]) -> Iterator[ClaimColumn]:
    specs, hints = field_specs(cls), get_type_hints(cls)
    required = {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}
    for field, name in names.items():
        is_required = name in REQUIRED if holder != "event" else field in required
        yield ClaimColumn(
            name, holder, specs[field], is_required, tuple(_codes(hints[field])), specs[field].type.endswith(" …")
        )


def _codes(hint: Any) -> Iterator[str]:
    """The codes that a field may hold, through optional types and tuples."""
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        yield from hint
    for part in get_args(hint):
        yield from _codes(part)


def typed_claim(claim: Claim) -> TypedClaim:
    """A claim as the text of its columns; :func:`read_typed` gives it back, but for texts that were erased."""
    cells = claim_cells(claim)
    texts = {name: unguarded(cell) for name, cell in cells.items() if cell != ERASED}
    return TypedClaim(texts, tuple(name for name, cell in cells.items() if cell == ERASED))


def read_typed(texts: Mapping[str, str], *, countries: CountryRegistry = ISO_COUNTRIES, latest: date = date.max) -> Row:
    """
    A claim of the text of its columns, or what is wrong with it.

    Args:
        texts: Column → text, as in a table of claims, but without apostrophes for spreadsheets.
        countries: The registry that knows the countries in use.
        latest: The last day on which something can have happened.

    Raises:
        ClaimFileError: There is no such column; ``problems`` says which.
        InvalidValueError: A name or a text is no text.

    >>> row = read_typed({"event": "meeting.held", "meeting": "kcac/10", "assertion": "occurred", "source": "KBS"})
    >>> row.claim.event.meeting
    'kcac/10'
    """
    if not all(isinstance(part, str) for pair in texts.items() for part in pair):
        raise InvalidValueError("columns and what they hold are texts", where="texts", expected="column → text")
    filled = {**dict.fromkeys(REQUIRED, ""), **texts}
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n", quoting=csv.QUOTE_ALL)  # or a carriage return ends a row
    writer.writerow([" ".join(shown(name).splitlines()) for name in filled])  # a first line is one line
    writer.writerow([guarded(text) for text in filled.values()])
    table.seek(0)
    row, *_ = read_claims(table, format="csv", countries=countries, latest=latest)  # what follows a fault is its rest
    return row
