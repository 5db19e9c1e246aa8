"""
The tables of a ledger file, their triggers and views, and what identifies such a file. Knows no Python value.

Tables are STRICT; leaves are BLOBs exactly as hashed. Triggers keep accidents out; evidence is the tree, since
who can write a file can drop its triggers (``audit.md`` §7). Views are for people: casts and hex only.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Final, NamedTuple

__all__ = [
    "APPLICATION_ID",
    "SCHEMA",
    "SCHEMA_VERSION",
    "TEXT_ENCODING",
    "SchemaObject",
    "fingerprint",
    "fingerprint_of",
]

APPLICATION_ID: Final = 0x434F4F50
"""Written into the file's header ("COOP"), so that other tools can name it."""

SCHEMA_VERSION: Final = 1
"""``user_version`` of the file."""

TEXT_ENCODING: Final = 1
"""What the file's header says of its texts: UTF-8."""

_TABLES: Final = (
    # the one row that changes: where the log ends, and up to where a writer is about to fill the tables
    """CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  grows_to INTEGER NOT NULL,
  recorded_at TEXT,
  frontier BLOB NOT NULL
) STRICT""",
    # the leaf stands last: hashes are read without its overflow pages
    """CREATE TABLE entries (
  position INTEGER PRIMARY KEY CHECK (position >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  id TEXT NOT NULL UNIQUE,
  leaf BLOB NOT NULL CHECK (length(leaf) <= 65535)
) STRICT""",
    """CREATE TABLE once (
  key TEXT NOT NULL,
  place INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (key, place)
) STRICT, WITHOUT ROWID""",
    # a rowid table, one row an entry: erased values leave no pieces in the file (measured, audit.md §7)
    "CREATE TABLE openings (position INTEGER PRIMARY KEY, blob BLOB NOT NULL) STRICT",
    "CREATE TABLE labels (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE labelled (
  number INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (number, position)
) STRICT, WITHOUT ROWID""",
    # place = level * 2**48 + index; the root stands before the hashes that it is over, to be read without them
    """CREATE TABLE tiles (
  place INTEGER PRIMARY KEY,
  root BLOB NOT NULL CHECK (length(root) = 32),
  blob BLOB NOT NULL CHECK (length(blob) = 8192)
) STRICT""",
)

_APPEND_ONLY: Final = ("entries", "once", "labels", "labelled", "tiles")


def _refusals() -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_keep_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        for table in _APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    )


# A row is taken only where a writer is about to grow the log (``head``): a stray one would stand in the way of the
# entry of that position, and could not be removed. INSERT OR REPLACE deletes what is in its way, so that entries,
# keys and tiles look for it first; of the other tables nothing is in the way of a growing log.
_GROWING: Final = "(SELECT 1 FROM head WHERE size <= NEW.position AND NEW.position < grows_to)"
_INSERTS: Final = (
    f"""CREATE TRIGGER entries_next BEFORE INSERT ON entries
WHEN NOT EXISTS {_GROWING} OR NEW.position IS NOT (SELECT coalesce(max(position) + 1, 0) FROM entries)
BEGIN SELECT RAISE(ABORT, 'entries are append-only: not the next position'); END""",
    """CREATE TRIGGER entries_new BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'entries are append-only: a known id'); END""",
    f"""CREATE TRIGGER once_new BEFORE INSERT ON once
WHEN NOT EXISTS {_GROWING} OR EXISTS (SELECT 1 FROM once WHERE key = NEW.key AND place = NEW.place)
BEGIN SELECT RAISE(ABORT, 'once are append-only'); END""",
    """CREATE TRIGGER labels_new BEFORE INSERT ON labels
WHEN EXISTS (SELECT 1 FROM labels WHERE text = NEW.text OR number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'labels are append-only'); END""",
    f"""CREATE TRIGGER labelled_new BEFORE INSERT ON labelled WHEN NOT EXISTS {_GROWING}
BEGIN SELECT RAISE(ABORT, 'labelled are append-only'); END""",
    # a tile of level l and index i is full at 256**(l + 1) * (i + 1) entries
    """CREATE TRIGGER tiles_new BEFORE INSERT ON tiles
WHEN NOT EXISTS (SELECT 1 FROM head WHERE grows_to >= ((NEW.place & 281474976710655) + 1) << 8 * ((NEW.place >> 48) + 1)
  AND size < ((NEW.place & 281474976710655) + 1) << 8 * ((NEW.place >> 48) + 1))
  OR EXISTS (SELECT 1 FROM tiles WHERE place = NEW.place)
BEGIN SELECT RAISE(ABORT, 'tiles are append-only'); END""",
    f"""CREATE TRIGGER openings_new BEFORE INSERT ON openings WHEN NOT EXISTS {_GROWING}
BEGIN SELECT RAISE(ABORT, 'openings only shrink'); END""",
    """CREATE TRIGGER head_one BEFORE INSERT ON head WHEN EXISTS (SELECT 1 FROM head)
BEGIN SELECT RAISE(ABORT, 'the head is one row'); END""",
)

_CHANGES: Final = (
    """CREATE TRIGGER openings_shrink BEFORE UPDATE ON openings
WHEN NEW.position IS NOT OLD.position OR length(NEW.blob) >= length(OLD.blob)
BEGIN SELECT RAISE(ABORT, 'openings only shrink'); END""",
    """CREATE TRIGGER openings_keep BEFORE DELETE ON openings
BEGIN SELECT RAISE(ABORT, 'openings only shrink'); END""",
    """CREATE TRIGGER head_grows BEFORE UPDATE OF one, origin, size, recorded_at, frontier ON head
WHEN NEW.one IS NOT OLD.one OR NEW.origin IS NOT OLD.origin OR NEW.size <= OLD.size
  OR NEW.size IS NOT (SELECT coalesce(max(position) + 1, 0) FROM entries)
  OR coalesce(NEW.recorded_at < OLD.recorded_at, 0)
BEGIN SELECT RAISE(ABORT, 'the head only grows'); END""",
    "CREATE TRIGGER head_keep BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'the head only grows'); END",
)

_VIEWS: Final = (
    """CREATE VIEW entry_text AS
SELECT position, id, CAST(leaf AS TEXT) AS leaf, lower(hex(hash)) AS hash FROM entries""",
    "CREATE VIEW opening_text AS SELECT position, CAST(blob AS TEXT) AS openings FROM openings",
    """CREATE VIEW label_text AS
SELECT labels.text AS label, labelled.position FROM labels JOIN labelled ON labelled.number = labels.number""",
)

SCHEMA: Final = (*_TABLES, *_refusals(), *_INSERTS, *_CHANGES, *_VIEWS)
"""The statements that make an empty ledger, in order."""


class SchemaObject(NamedTuple):
    """An object of a file: type, name, the table that it belongs to, and exact SQL ("" for automatic indexes)."""

    kind: str
    name: str
    table: str
    sql: str


def fingerprint_of(connection: sqlite3.Connection) -> frozenset[SchemaObject]:
    """Every object of a file."""
    rows = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    return frozenset(SchemaObject(*(str(value) for value in row)) for row in rows)


@cache
def fingerprint() -> frozenset[SchemaObject]:
    """What the objects of a ledger of this schema version must be."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in SCHEMA:
            connection.execute(statement)
        return fingerprint_of(connection)
    finally:
        connection.close()
