"""
The columns of a table of claims, made from the declarations of claims, sources and events. Knows no file.

A column has the name of its field. An event's fields stand under their own names: the row says of which event it
speaks, so no name is ever read two ways, and an event that is added later renames no column (decision 0023). The
claim's own fields, and those of its place and sources, have names that no field of an event has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final, NamedTuple

from coop_ledger.codec import REGISTRY
from coop_ledger.domain import ACT_TYPES, Claim, Event, Source, Where, field_specs

__all__ = [
    "CLAIM_COLUMNS",
    "COLUMNS",
    "EVENTS",
    "EVENT_COLUMNS",
    "REMARK",
    "REQUIRED",
    "SOURCE_COLUMNS",
    "WHERE_COLUMNS",
    "Column",
    "check_columns",
    "column_of",
    "meant",
    "shown",
]

REMARK: Final = "fact"
"""The column, and the key in JSON, that is for who keeps the file, and is never recorded."""

REQUIRED: Final = ("assertion", "event", "source")
"""The columns without which no row can be a claim."""

EVENTS: Final[dict[str, type[Event]]] = {
    name: cls for name, (cls, _) in REGISTRY.items() if cls not in ACT_TYPES and issubclass(cls, Event)
}
"""Wire name → class, of what a claim can be about."""

CLAIM_COLUMNS: Final = tuple(name for name in field_specs(Claim) if name not in ("where", "sources"))
"""The claim's own columns."""

WHERE_COLUMNS: Final = {"country": "country", "place": "where_place", "meeting": "where_meeting"}
"""Field of a place → column."""

SOURCE_COLUMNS: Final = {
    "publisher": "source",
    "published": "published",
    "title": "title",
    "url": "url",
    "author": "author",
    "language": "source_language",
    "quote": "quote",
    "kind": "source_kind",
    "relays": "relays",
    "digest": "digest",
}
"""Field of a source → column; those of a second source end in 2, and so on."""

EVENT_COLUMNS: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(name for cls in EVENTS.values() for name in field_specs(cls))
)
"""The fields of all events, each once."""

_OF_SOURCES: Final = {column: field for field, column in SOURCE_COLUMNS.items()}
_OF_WHERE: Final = {column: field for field, column in WHERE_COLUMNS.items()}
_PARTS: Final = re.compile(r"[\s_-]+")
_NUMBERED: Final = re.compile(r"(.+?)_?([1-9][0-9]{0,3})")


class Column(NamedTuple):
    """
    Where the cells of a column go.

    Args:
        name: Its name in one spelling: small letters, parted by underscores; a source's number at the end.
        holder: ``claim``, ``event``, ``where``, ``source``, or ``remark``, which goes nowhere.
        field: The field of the holder.
        number: Of a source: which, from 1; else 0.
    """

    name: str
    holder: str
    field: str
    number: int = 0


def check_columns(events: Iterable[str]) -> None:
    """
    Refuse a table in which a name would mean two things, or a field has no column.

    Args:
        events: The names of the fields of events.

    Raises:
        RuntimeError: It says which.
    """
    own = [*CLAIM_COLUMNS, *WHERE_COLUMNS.values(), *SOURCE_COLUMNS.values(), REMARK]
    strays = {name for name in own if own.count(name) > 1} | (set(own) & set(events))
    strays |= set(WHERE_COLUMNS) ^ set(field_specs(Where)) | set(SOURCE_COLUMNS) ^ set(field_specs(Source))
    strays |= {name for name in (*own, *events) if _NUMBERED.fullmatch(name)}
    if strays:
        raise RuntimeError(f"columns of claims do not each have one meaning: {', '.join(sorted(strays))}")


check_columns(EVENT_COLUMNS)

COLUMNS: Final = (
    REMARK,
    *CLAIM_COLUMNS[:3],
    *WHERE_COLUMNS.values(),
    *(name for name in CLAIM_COLUMNS[3:] if name != "note"),
    *EVENT_COLUMNS,
    "note",
    *SOURCE_COLUMNS.values(),
)
"""All columns in the order in which we write them; further sources follow."""


def _columns() -> dict[str, Column]:
    found = {REMARK: Column(REMARK, "remark", REMARK)}
    found |= {name: Column(name, "claim", name) for name in CLAIM_COLUMNS}
    found |= {name: Column(name, "where", field) for name, field in _OF_WHERE.items()}
    found |= {name: Column(name, "source", field, 1) for name, field in _OF_SOURCES.items()}
    return found | {name: Column(name, "event", name) for name in EVENT_COLUMNS}


_KNOWN: Final[Mapping[str, Column]] = _columns()


def column_of(header: str) -> Column | None:
    """
    The column that a cell of the first line names; None where there is none.

    Args:
        header: Its text; case, blanks, underscores and hyphens do not matter.

    >>> column_of("Stated-By"), column_of(" source  Kind 2")
    (Column(name='stated_by', holder='claim', field='stated_by', number=0), \
Column(name='source_kind_2', holder='source', field='kind', number=2))
    """
    name = _PARTS.sub("_", header.strip().casefold()).strip("_")
    if name in _KNOWN:
        return _KNOWN[name]
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None or numbered[1] not in _OF_SOURCES:
        return None
    return numbered_column(_OF_SOURCES[numbered[1]], int(numbered[2]))


def numbered_column(field: str, number: int) -> Column:
    """The column of a source's field, for the source of that number, from 1."""
    name = SOURCE_COLUMNS[field]
    return Column(name if number == 1 else f"{name}_{number}", "source", field, number)


def meant(header: str) -> str | None:
    """The column that a header may mean which names none; None where none is near."""
    name = _PARTS.sub("_", header.strip().casefold()).strip("_")
    if name in _MEANT:
        return _MEANT[name]
    near = get_close_matches(name, _KNOWN, 1, 0.7)
    return near[0] if near else None


_MEANT: Final = {
    "publisher": "source",
    "type": "event",
    "date": "when",
    "where": "country",
    "where_country": "country",
    "sources": "source",
    "roles": "parties",
    "participants": "parties",
    **{f"source_{field}": column for field, column in SOURCE_COLUMNS.items() if column != f"source_{field}"},
}
"""Names that people give columns, for the hint only: they are not read."""


def shown(column: str) -> str:
    """How we write a column's name where a person reads it."""
    return column.replace("_", " ")
