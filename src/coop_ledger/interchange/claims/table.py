"""
Claims in a table: CSV with commas, semicolons or tabs. Knows no claim beyond its plain form.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from coop_ledger.codec import Plain
from coop_ledger.domain import Claim, Source, SubjectKind, Where, field_specs, safe, sealed_fields
from coop_ledger.errors import ClaimFileError, InvalidValueError, RowProblem
from coop_ledger.interchange.claims.cells import MAX_CELL, Reader, reader_of
from coop_ledger.interchange.claims.columns import (
    EVENTS,
    REMARK,
    REQUIRED,
    SOURCE_COLUMNS,
    WHERE_COLUMNS,
    Column,
    column_of,
    meant,
    numbered_column,
    shown,
)
from coop_ledger.interchange.claims.files import Lines, OpenFile, RowFault
from coop_ledger.interchange.claims.given import Given, nowhere, shortened
from coop_ledger.interchange.claims.quick import Quick, claim_reader

__all__ = ["table_rows"]

_DELIMITERS: Final = ",;\t"
_KINDS: Final = frozenset(SubjectKind)
_CLAIM, _EVENT, _WHERE, _NOWHERE, _SOURCES = 0, 1, 2, 3, 4
"""The objects of a row by their places: what goes nowhere are remarks, and fields of an event that is none."""
_SEALED: Final = frozenset(
    (holder, name)
    for holder, classes in (("claim", (Claim,)), ("source", (Source,)), ("event", tuple(EVENTS.values())))
    for cls in classes
    for name in sealed_fields(cls)
)
"""Holder and field of what may be sealed: such words are never shown."""

_MEANINGS: Final = (
    ("new-line", "a carriage return stands within the row", "save the file with line ends of LF or CRLF"),
    ("unexpected end", "a quotation mark is not closed", "close it, or double each one within a cell"),
    ("field larger", f"a cell is longer than {MAX_CELL:,} characters", "look for a quotation mark that is not closed"),
    ("expected after", "something follows the closing quotation mark of a cell", "double each one within a cell"),
)
"""What the reader of CSV says, and what it means."""


class _Slot(NamedTuple):
    """Where a cell goes: which of the row's objects, which field, and how it is read."""

    holder: int
    field: str
    read: Reader


def table_rows(file: OpenFile) -> Iterator[Given]:
    """
    Yield the rows of a table below its first line.

    Raises:
        ClaimFileError: The first line names no columns of claims.
    """
    lines = Lines(file.begin())
    table, delimiter = _header(lines, file.name)
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (RowFault, csv.Error) as error:
            yield Given(lines.first, lines.text, None, (_unread(lines.first, error),), nowhere)
            continue
        given = table.given(cells, lines)
        if given is not None:
            yield given


def _unread(line: int, error: RowFault | csv.Error) -> RowProblem:
    if isinstance(error, RowFault):
        return RowProblem(line, "", None, error.what, error.hint)
    said = str(error)
    what, hint = next((told for begins, *told in _MEANINGS if begins in said), (f"this is no row of CSV: {said}", None))
    return RowProblem(line, "", None, what, hint)


def _header(lines: Lines, name: str) -> tuple[_Table, str]:
    """The table of the first line that is not blank, and what parts its cells."""
    try:
        text = next((text for text in lines if text.strip()), "")
    except RowFault as error:
        raise _refused("the first line cannot be read", name, [_unread(lines.line, error)]) from error
    found: list[tuple[int, str, list[str]]] = []
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True))
        except csv.Error as error:
            failed = _unread(lines.line, error)
            continue
        found.append((sum(column_of(cell) is not None for cell in cells), delimiter, cells))
    if not found:
        raise _refused("the first line cannot be read", name, [failed])
    _, delimiter, cells = max(found, key=lambda one: one[0])
    return _Table(_columns(cells, lines.line, name)), delimiter


def _refused(what: str, name: str, problems: Sequence[RowProblem]) -> ClaimFileError:
    return ClaimFileError(what, where=name, hint="see docs/reference/claims.md", problems=tuple(problems))


def _columns(cells: Sequence[str], line: int, name: str) -> list[Column | None]:
    """The columns that a first line names; None for one without a name."""
    columns = [column_of(cell) for cell in cells]
    problems = []
    for cell, column in zip(cells, columns, strict=True):
        if column is None and cell.strip():
            near = meant(cell)
            hint = (
                f"did you mean {shown(near)!r}?"
                if near
                else f"take it out, or name it 'note' to record it, {REMARK!r} to keep it here"
            )
            problems.append(RowProblem(line, safe(cell.strip()[:80]), None, "there is no such column", hint))
    named = [column.name for column in columns if column is not None]
    for twice in (one for one, count in Counter(named).items() if count > 1):
        problems.append(RowProblem(line, shown(twice), None, "the column stands twice", "keep one of them"))
    for missing in (one for one in REQUIRED if one not in named):
        problems.append(RowProblem(line, shown(missing), None, "the column is missing", "add it to the first line"))
    if problems:
        raise _refused("the first line does not name the columns of claims", name, problems)
    return columns


class _Table:
    """Rows under one first line."""

    def __init__(self, columns: Sequence[Column | None]) -> None:
        self._columns = columns
        self._event_at = next(at for at, one in enumerate(columns) if one is not None and one.name == "event")
        self._width = len(columns)
        self._sources = max(one.number for one in columns if one is not None)
        self._slots: dict[str, list[_Slot | None]] = {}
        self._quick = {event: Quick(columns, event) for event in EVENTS}

    def _slots_of(self, event: str) -> list[_Slot | None]:
        """The slots of the columns for rows of an event; None for a column that such a row leaves empty."""
        slots = self._slots.get(event)
        if slots is None:
            slots = [self._slot(column, event) for column in self._columns]
            if event in EVENTS:  # of others there may be as many as rows
                self._slots[event] = slots
        return slots

    @staticmethod
    def _slot(column: Column | None, event: str) -> _Slot | None:
        if column is None:
            return None
        match column.holder:
            case "claim":
                return _claim_slot(column.field, event)
            case "where":
                return _Slot(_WHERE, column.field, reader_of(field_specs(Where)[column.field]))
            case "source":
                read = reader_of(field_specs(Source)[column.field])
                return _Slot(_SOURCES + column.number - 1, column.field, read)
            case "event" if event in EVENTS:
                spec = field_specs(EVENTS[event]).get(column.field)
                return None if spec is None else _Slot(_EVENT, column.field, reader_of(spec))
        return _Slot(_NOWHERE, column.field, str)

    def given(self, given: list[str], lines: Lines) -> Given | None:
        """A row as plain data; None for an empty one."""
        cells = list(map(str.strip, given))
        if not any(cells):
            return None
        line, text = lines.first, lines.text
        if len(cells) != self._width:
            problem = _wrong_width(line, cells, self._width)
            if problem is not None:
                return Given(line, text, None, (problem,), nowhere)
        # an apostrophe, a bracket or a carriage return may mean more than itself; most rows have none
        is_simple = "'" not in text and "[" not in text and "\r" not in text[:-2] and len(text) <= MAX_CELL
        quick = self._quick.get(cells[self._event_at]) if is_simple else None
        claim = None if quick is None else quick.claim(cells)
        if claim is not None:
            return Given(line, text, None, (), partial(self._place_of, cells), claim)
        return self._slowly(cells, line, text)

    def _slowly(self, cells: list[str], line: int, text: str) -> Given:
        """A row as plain data, with all that is wrong in its cells."""
        event = cells[self._event_at]
        slots = self._slots_of(event)
        holders: list[Plain] = [{}, {"type": event}, {}, *({} for _ in range(self._sources + 1))]
        problems: list[RowProblem] = []
        for at, cell in enumerate(cells):
            if not cell:
                continue
            slot = slots[at]
            if slot is None or len(cell) > MAX_CELL:
                problems.append(self._misplaced(line, at, cell, event))
                continue
            holder, field, read = slot
            try:
                holders[holder][field] = read(cell)
            except InvalidValueError as error:
                problems.append(self._unreadable(line, at, cell, error))
        plain, sources = holders[_CLAIM], [source for source in holders[_SOURCES:] if source]
        plain["event"] = holders[_EVENT]
        if holders[_WHERE]:
            plain["where"] = holders[_WHERE]
        if sources:
            plain["sources"] = sources
        elif not any(one.column.startswith("source") for one in problems):
            problems.append(RowProblem(line, "source", None, "the row names no source", "say who said so"))
        return Given(line, text, plain, tuple(problems), partial(self._place, cells, holders))

    def _name(self, at: int) -> str:
        column = self._columns[at]
        return f"column {at + 1}" if column is None else shown(column.name)

    def _shown(self, at: int, cell: str) -> str:
        column = self._columns[at]
        return shortened(cell.strip(), sealed=column is not None and (column.holder, column.field) in _SEALED)

    def _misplaced(self, line: int, at: int, cell: str, event: str) -> RowProblem:
        column = self._columns[at]
        what, hint = f"a cell has at most {MAX_CELL:,} characters", None
        if len(cell) <= MAX_CELL:
            if column is None:
                what, hint = "the cell stands under no name", "name the column in the first line"
            else:
                what, hint = f"{event} has no such field", "leave the cell empty"
                if column.field in WHERE_COLUMNS:
                    hint = f"where it happened stands under {shown(WHERE_COLUMNS[column.field])!r}"
                if column.field in _KINDS and "subject" in field_specs(EVENTS[event]):
                    also = f"; {hint}" if column.field in WHERE_COLUMNS else ""
                    hint = f"what it is about stands under 'subject', as {column.field}:…{also}"
        return RowProblem(line, self._name(at), self._shown(at, cell), what, hint)

    def _unreadable(self, line: int, at: int, cell: str, error: InvalidValueError) -> RowProblem:
        what = error.what if error.expected is None else f"{error.what}; expected: {error.expected}"
        return RowProblem(line, self._name(at), self._shown(at, cell), what, error.hint)

    def _place_of(self, cells: list[str], path: str) -> tuple[str, str | None, str | None]:
        """As :meth:`_place`, of a row that was read the quick way."""
        return self._slowly(cells, 0, "").place(path)

    def _place(self, cells: list[str], holders: list[Plain], path: str) -> tuple[str, str | None, str | None]:
        """The column of a place in the plain form, and what stands there."""
        column, text = self._column_at(path.split("/")[1:], holders), None
        for at, one in enumerate(self._columns):
            if one is not None and column is not None and one.name == column.name and cells[at]:
                text = cells[at]
                value = self._shown(at, text)
                part = path.split("/")
                if part[1] == "parties" and len(part) > 3 and part[2].isdigit():
                    text = _party(holders[_CLAIM], int(part[2]))
                return shown(column.name), value, text
        return ("" if column is None else shown(column.name)), None, None

    @staticmethod
    def _column_at(parts: list[str], holders: list[Plain]) -> Column | None:
        match parts:
            case ["event"] | ["event", "type" | "version"]:
                return column_of("event")
            case ["event", field, *_]:
                return column_of(field)
            case ["where", field, *_] if field in WHERE_COLUMNS:
                return column_of(WHERE_COLUMNS[field])
            case ["where"]:
                return column_of("country")
            case ["sources", at, *rest] if at.isdigit():
                field = rest[0] if rest and rest[0] in SOURCE_COLUMNS else "publisher"
                numbers = [number for number, source in enumerate(holders[_SOURCES:], 1) if source]
                return numbered_column(field, numbers[int(at)])
            case ["sources"]:
                return column_of("source")
            case [field, *_]:
                return column_of(field)
        return None


def _party(claim: Plain, at: int) -> str | None:
    parties = claim.get("parties", [])
    return str(parties[at].get("party")) if at < len(parties) and isinstance(parties[at], dict) else None


def _claim_slot(field: str, event: str) -> _Slot:
    if field == "event":
        return _Slot(_EVENT, "type", str)
    return _Slot(_CLAIM, field, claim_reader(field, event))


def _wrong_width(line: int, cells: list[str], width: int) -> RowProblem | None:
    """What is wrong with a row of another width; None where only blank cells are too many, which then go."""
    more = next((cell for cell in cells[width:] if cell.strip()), None)
    if more is not None:
        return RowProblem(
            line, "", shortened(more.strip(), sealed=True), f"the row has {len(cells)} cells, the first line {width}",
            "put a cell that holds what parts cells between quotation marks",
        )  # fmt: skip
    if len(cells) < width:
        return RowProblem(
            line, "", None, f"the row has {len(cells)} cells, the first line {width}",
            "fill it up with empty cells; put a cell that holds a line end between quotation marks",
        )  # fmt: skip
    del cells[width:]
    return None
