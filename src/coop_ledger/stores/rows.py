"""
Rows of a ledger file as entries, and what they are asked. A damaged file keeps no type and no order: both are checked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from coop_ledger.errors import StoreDamagedError
from coop_ledger.stores.base import Draft, Restored, Stored

__all__ = ["ROWS", "Row", "damaged", "has_known_id", "is_held", "known_key", "page_of", "stored_of"]

ROWS = (  # openings that are damaged to a text that is no UTF-8 would be shown by the error that says so
    "SELECT e.position, e.id, e.leaf, CAST(o.blob AS BLOB) FROM entries e "
    "LEFT JOIN openings o ON o.position = e.position"
)
_HELD = " UNION ALL ".join(
    f"SELECT 1 FROM {table} WHERE instr({column}, :piece)"
    for table, column in (
        ("openings", "blob"),
        ("entries", "leaf"),
        ("once", "CAST(key AS BLOB)"),
        ("labels", "CAST(text AS BLOB)"),
    )
)
Row = tuple[int, str, bytes, bytes | None]


def stored_of(row: Row) -> Stored:
    """
    A row as an entry.

    Raises:
        StoreDamagedError: A value of another type.
    """
    position, entry_id, leaf, blob = row
    whole = isinstance(position, int) and isinstance(entry_id, str) and isinstance(leaf, bytes)
    if not whole or not (blob is None or isinstance(blob, bytes)):
        raise damaged("an entry is no row of a ledger", f"position {position!r}")
    return Stored(position, entry_id, leaf, blob or None)


def damaged(what: str, where: str) -> StoreDamagedError:
    """What is raised for values that no writer of ours left there: a damaged file keeps no type."""
    return StoreDamagedError(what, where=where[:200], hint="restore a backup that verifies")


def has_known_id(connection: sqlite3.Connection, entries: Sequence[Draft | Restored], size: int) -> bool:
    """Whether an id stands twice in a batch, or below the size of the log."""
    ids = {entry.id for entry in entries}
    sql = "SELECT 1 FROM entries WHERE id = ? AND position < ?"
    return len(ids) != len(entries) or any(connection.execute(sql, (one, size)).fetchone() for one in ids)


def known_key(connection: sqlite3.Connection, keyed: Iterable[tuple[str, int, int]], size: int) -> str | None:
    """A key that stands twice for one place in a batch, or below the size of the log."""
    seen = set[tuple[str, int]]()
    sql = "SELECT 1 FROM once WHERE key = ? AND place = ? AND position < ?"
    for key, place, _ in keyed:
        if (key, place) in seen or connection.execute(sql, (key, place, size)).fetchone():
            return key
        seen.add((key, place))
    return None


def is_held(connection: sqlite3.Connection, piece: bytes) -> bool:
    """Whether an entry, or an index that leads to it, holds a byte string: then it is no leftover."""
    return connection.execute(_HELD, {"piece": piece}).fetchone() is not None


def page_of(rows: Iterable[Row], after: int, path: Path) -> list[Stored]:
    """
    Rows as entries; pages of a database that contradict each other must not lead a reader in circles.

    Raises:
        StoreDamagedError: A value of another type, or a position that does not come after the one before.
    """
    page = [stored_of(row) for row in rows]
    for stored in page:
        if stored.position <= after:
            raise StoreDamagedError(
                "entries stand in another order than their positions", where=str(path),
                expected=f"a position after {after}", found=str(stored.position),
                hint="restore a backup that verifies",
            )  # fmt: skip
        after = stored.position
    return page
