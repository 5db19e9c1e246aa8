"""
The label index of a ledger file: numbers of labels, and how a query over them is answered. Knows no entry.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from coop_ledger.stores.base import PAGE, Query
from coop_ledger.stores.connections import insert_rows

__all__ = ["LabelNumbers", "matching_positions", "write_labelled"]

_FIND: Final = "SELECT number FROM labels WHERE text = ?"
_COUNT: Final = "SELECT count(*) FROM (SELECT 1 FROM labelled WHERE number = ? LIMIT ?)"
_DRIVEN: Final = "SELECT a.position FROM labelled a WHERE a.number = ? AND a.position > ? AND a.position < ?"
_ALSO: Final = " AND EXISTS (SELECT 1 FROM labelled b WHERE b.number = ? AND b.position = a.position)"
_FIRST: Final = " ORDER BY a.position LIMIT ?"
_FEW, _MANY = 64, 10 * PAGE


class LabelNumbers:
    """Numbers of labels, remembered between appends: a label's number never changes."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, connection: sqlite3.Connection, labels: Iterable[str]) -> dict[str, int]:
        """The numbers of *labels*, made where they are new, inside the writing transaction."""
        for label in sorted({label for label in labels if label not in self._known}):
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
    rows = ((number, at) for number in sorted(labelled) for at in labelled[number])
    insert_rows(connection, "labelled (number, position)", 2, chain.from_iterable(rows))


def matching_positions(connection: sqlite3.Connection, query: Query, after: int, size: int, limit: int) -> list[int]:
    """
    The positions that a query without empty groups matches, lowest first, at most *limit*.

    Each group is driven by its rarest label, so that a pair of countries costs what the rarer one has. Groups are
    asked one by one: a statement has room for 500 of them, and none need be read further than the page.
    """
    found: set[int] = set()
    for group in query:
        rows = [connection.execute(_FIND, (label,)).fetchone() for label in group]
        if any(row is None for row in rows):
            continue
        numbers = _rarest_first(connection, [row[0] for row in rows])
        sql = _DRIVEN + _ALSO * (len(numbers) - 1) + _FIRST
        found.update(at for (at,) in connection.execute(sql, (numbers[0], after, size, *numbers[1:], limit)).fetchall())
    return sorted(found)[:limit]


def _rarest_first(connection: sqlite3.Connection, numbers: Sequence[int]) -> Sequence[int]:
    """Labels counted no further than it matters: first few, then many."""
    for most in (_FEW, _MANY) if len(numbers) > 1 else ():
        counts = {number: connection.execute(_COUNT, (number, most)).fetchone()[0] for number in numbers}
        if min(counts.values()) < most:
            return sorted(numbers, key=counts.__getitem__)
    return numbers
