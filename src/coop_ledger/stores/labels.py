"""
The label index of a ledger file: numbers of labels, and the SQL of a query over them. Knows no entry.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from coop_ledger.stores.base import PAGE, Query

__all__ = ["LabelNumbers", "matching_sql", "write_labelled"]

_FIND = "SELECT number FROM labels WHERE text = ?"

_ROWS: Final = 64
"""Rows of one statement: with its trigger, a row alone costs three times as much (measured)."""


class LabelNumbers:
    """Numbers of labels, remembered between appends: a label's number never changes."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, connection: sqlite3.Connection, labels: Iterable[str]) -> dict[str, int]:
        """The numbers of *labels*, made where they are new, inside the writing transaction."""
        for label in sorted(set(labels) - self._known.keys()):
            row = connection.execute(_FIND, (label,)).fetchone()
            if row is None:
                row = connection.execute("INSERT INTO labels (text) VALUES (?) RETURNING number", (label,)).fetchone()
            self._known[label] = row[0]
        return self._known

    def forget(self) -> None:
        """Forget all: numbers made in a transaction that was taken back are no one's."""
        self._known = {}


def write_labelled(connection: sqlite3.Connection, labelled: Mapping[int, Sequence[int]]) -> None:
    """Write which positions stand under which number, in the order of the index."""
    values = list(chain.from_iterable((number, at) for number in sorted(labelled) for at in labelled[number]))
    for start in range(0, len(values), 2 * _ROWS):
        some = values[start : start + 2 * _ROWS]
        marks = ", ".join(["(?, ?)"] * (len(some) // 2))
        connection.execute(f"INSERT INTO labelled (number, position) VALUES {marks}", some)


def matching_sql(
    connection: sqlite3.Connection, query: Query, after: int, size: int
) -> tuple[str | None, tuple[int, ...]]:
    """
    The statement that gives the positions of a query without empty groups, unordered; None if nothing can match.

    Each group is driven by its rarest label, so that a pair of countries costs what the rarer one has.
    """
    parts: list[str] = []
    arguments: list[int] = []
    for group in query:
        rows = [connection.execute(_FIND, (label,)).fetchone() for label in group]
        if any(row is None for row in rows):
            continue
        numbers = sorted((row[0] for row in rows), key=lambda number: _rarity(connection, number))
        parts.append(
            "SELECT a.position FROM labelled a WHERE a.number = ? AND a.position > ? AND a.position < ?"
            + " AND EXISTS (SELECT 1 FROM labelled b WHERE b.number = ? AND b.position = a.position)"
            * (len(numbers) - 1)
        )
        arguments.extend((numbers[0], after, size, *numbers[1:]))
    return (" UNION ".join(parts) or None), tuple(arguments)


def _rarity(connection: sqlite3.Connection, number: int) -> int:
    """How often a label stands, counted no further than it matters."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM labelled WHERE number = ? LIMIT ?)"
    row: tuple[int] = connection.execute(sql, (number, 10 * PAGE)).fetchone()
    return row[0]
