"""
Whether a file is built as a ledger: the closed list of its objects, and what the database itself says of its pages.

Knows no entry. Tables, triggers, views and indexes must be exactly those of the schema; an object more is a finding,
and tables are read only where all of them are what they should be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from coop_ledger.audit.findings import Finding, Findings, RefusalError, Verdict
from coop_ledger.audit.opening import Copy, DamageError, Text
from coop_ledger.stores import SchemaObject, fingerprint

__all__ = ["check_pages", "check_schema", "rows_by_position", "text_of", "told"]

_SHOWN: Final = 64
"""Bytes of a value that are shown."""

_MOST_OBJECTS: Final = 1_000
_MOST_FAULTS: Final = 50
"""Faults of pages that the database is asked to list."""

_SCHEMA: Final = f"SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT {_MOST_OBJECTS}"

_PAGES: Final = "*** in database main ***"
"""So the database begins to say what is wrong with the pages themselves."""

_ENDLESS: Final = re.compile("2nd reference to page|out of order")
"""A page that has two places, or rows that stand before each other as its rows then do."""
_OK: Final = "ok"
_FAULT: Final = "the database finds a fault in the file"

_INDEX: Final = re.compile(r"index|PRIMARY KEY")
_TYPE: Final = re.compile(r"NULL value in|non-\w+ value in|CHECK constraint failed|NUMERIC value in|TEXT value in")


def text_of(value: object) -> str | None:
    """A value that must be text, as text; None where it is of another type or no UTF-8."""
    if type(value) is not Text:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def told(value: object) -> str:
    """
    A value of a row for people: what it is, and what of it can be shown.

    >>> told(None), told(7), told(Text(b"zz")), told(b"zz")
    ('NULL', 'the number 7', 'the text zz', 'the blob 7a7a (2 bytes)')
    """
    if value is None:
        return "NULL"
    if isinstance(value, Text):
        return f"the text {value[:_SHOWN].decode(errors='replace')}"
    if isinstance(value, bytes):
        more = "…" if len(value) > _SHOWN else ""
        return f"the blob {value[:_SHOWN].hex()}{more} ({len(value)} bytes)"
    return f"the number {value}"


def rows_by_position(copy: Copy, findings: Findings, sql: str, table: str) -> Iterator[tuple[Any, ...]]:
    """
    The rows of a statement whose first column is a position and gives their order; a row without one is a finding.

    Raises:
        RefusalError, DamageError: As :meth:`Copy.rows`.
    """
    for row in copy.rows(sql):
        if type(row[0]) is int:
            yield row
        else:
            findings.add("T31", "a position is a whole number", field=f"{table}.position", found=told(row[0]))


def check_schema(copy: Copy, findings: Findings) -> bool:
    """
    Compare the objects of a file with those of the schema.

    Returns:
        Whether all tables are what they should be, so that they can be read.

    Raises:
        RefusalError: A table is a view or virtual, or the list cannot be read.
    """
    try:
        rows = list(copy.rows(_SCHEMA))
    except DamageError as error:
        raise _unreadable(str(error)) from error
    found = Counter(SchemaObject(*(_sql(value) for value in row)) for row in rows)
    wanted = fingerprint()
    tables = {one.name: one for one in wanted if one.kind == "table"}
    for one in found:
        if one.name in tables and (one.kind != "table" or _is_virtual(one)):
            what = "a table was replaced by one that computes what it shows"
            raise RefusalError(Finding("T28", what, field=one.name, expected="a table", found=one.sql))
    if len(rows) == _MOST_OBJECTS:  # said first: what follows is more than is listed
        findings.add("T27", f"there are {_MOST_OBJECTS} objects or more", field="sqlite_schema")
    for one in sorted(wanted - found.keys()):
        now = next((other for other in found if (other.kind, other.name) == (one.kind, one.name)), None)
        what = f"the {one.kind} {one.name} is " + ("missing" if now is None else "another one")
        findings.add("T26", what, field=one.name, expected=one.sql, found=None if now is None else now.sql)
    known = {(one.kind, one.name) for one in wanted}
    for one in sorted(found):
        if (one.kind, one.name) not in known or found[one] > 1:
            findings.add("T27", f"no ledger has this {one.kind}", field=one.name, found=one.sql or one.table)
    return all(one in found for one in tables.values())


def _sql(value: object) -> str:
    """A value of the list of objects; what is no text equals nothing that we know."""
    if value is None:
        return ""
    text = text_of(value)
    return told(value) if text is None else text


def _is_virtual(one: SchemaObject) -> bool:
    return one.sql.lstrip().upper().startswith("CREATE VIRTUAL")


def _unreadable(told: str) -> RefusalError:
    what = "the list of tables cannot be read"
    return RefusalError(Finding("T36", what, field="sqlite_schema", found=told, verdict=Verdict.UNREADABLE))


def check_pages(copy: Copy, findings: Findings, *, quick: bool) -> bool:
    """
    Have the database look at its own pages, and, unless *quick*, at its indexes.

    Returns:
        Whether rows can be read to their end: False where a page has two places, so that its rows may have no end.

    Raises:
        RefusalError: It does not come to an end.
    """
    try:
        # what comes behind a fault of pages may read them without end, in one step that no limit of time ends
        (first,) = _faults(copy, "quick_check(1)")
        if first.startswith(_PAGES):
            findings.add(_code_of(first), _FAULT, found=first)
            return not _ENDLESS.search(first)
        if quick and first == _OK:
            return True
        for fault in _faults(copy, f"{'quick_check' if quick else 'integrity_check'}({_MOST_FAULTS})"):
            if fault != _OK:
                findings.add(_code_of(fault), _FAULT, found=fault)
    except DamageError as error:
        findings.add("T36", "the database cannot look through the file", found=str(error))
    return True


def _faults(copy: Copy, check: str) -> list[str]:
    """What the database says of the file: its faults, or that it is well."""
    return [row.decode(errors="replace") for (row,) in copy.rows(f"PRAGMA {check}")]


def _code_of(told: str) -> str:
    if _TYPE.search(told):
        return "T31"
    return "T29" if _INDEX.search(told) else "T36"
