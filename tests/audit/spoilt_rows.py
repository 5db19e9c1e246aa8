"""Ledger files in which rows, columns and the list of objects were changed: name → statements."""

from __future__ import annotations

from typing import Final

__all__ = ["LONG", "LOOSE", "PLAIN", "ROWS"]

_LABEL: Final = "(SELECT number FROM labels WHERE text = 'institution:office-1')"

ROWS: Final[dict[str, str]] = {
    "nothing": "SELECT 1",
    # keys of calls
    "key gone": "DELETE FROM once WHERE key = 'alone'",
    "key at another place": "UPDATE once SET place = 7 WHERE place = 1",
    "key that leads elsewhere": "UPDATE once SET position = 5 WHERE key = 'alone'",
    "key planted in a call": "INSERT INTO once VALUES ('planted', 0, 3)",
    "key planted beside an entry": "INSERT INTO once VALUES ('planted', 0, 5), ('planted', 1, 5)",
    "keys planted behind the end": "INSERT INTO once VALUES ('planted', 0, 12), ('planted', 1, 99)",
    "keys planted in front": "INSERT INTO once VALUES ('planted', 0, -2), ('planted', 1, -1)",
    "keys gone": "DELETE FROM once",
    # labels
    "no label": "DELETE FROM labelled",
    "no text of a label": "DELETE FROM labels",
    "label gone": "DELETE FROM labelled WHERE position = 3 AND number IN "
    "(SELECT number FROM labels WHERE text = 'type:institution.opened')",
    "labels gone": "DELETE FROM labelled WHERE position = 5",
    "label too many": f"INSERT INTO labelled SELECT number, 3 FROM labels WHERE number = {_LABEL}",
    "labels behind the end": f"INSERT INTO labelled SELECT {_LABEL}, 12 UNION SELECT {_LABEL}, 13",
    "labels in front": f"INSERT INTO labelled SELECT {_LABEL}, -1 UNION SELECT {_LABEL}, -3",
    "label without text": "INSERT INTO labelled VALUES (4711, 3)",
    "labels of nothing": "INSERT INTO labels VALUES (4711, 'institution:office-9'), (4712, 'two words'), (4713, '')",
    "label that is none": "UPDATE labels SET text = 'two words' WHERE text = 'institution:office-0'",
    "label renamed": "UPDATE labels SET text = 'institution:office-9' WHERE text = 'institution:office-0'",
    "label of an act gone": "DELETE FROM labelled WHERE position = 6 AND number IN "
    "(SELECT number FROM labels WHERE text = 'institution:office-0')",
    # columns of entries
    "hash": "UPDATE entries SET hash = zeroblob(32) WHERE position = 3",
    "id": "UPDATE entries SET id = 'another' WHERE position = 5",
    "rows beyond the end": "INSERT INTO entries SELECT 12, hash, 'an id', leaf FROM entries WHERE position = 3; "
    "INSERT INTO openings VALUES (12, x'00')",
    "rows in front": "INSERT INTO entries SELECT -1, hash, 'an id', leaf FROM entries WHERE position = 3; "
    "INSERT INTO openings VALUES (-1, x'00')",
    "two rows deleted": "DELETE FROM entries WHERE position IN (5, 6)",
    "first row deleted": "DELETE FROM entries WHERE position = 0",
    "last rows deleted": "DELETE FROM entries WHERE position > 9",
    "all rows deleted": "DELETE FROM entries",
    "two openings of nobody": "INSERT INTO openings VALUES (12, x'00'), (14, x'00')",
    "openings of nobody for as many as are gone": "DELETE FROM openings WHERE position < 6; "
    "INSERT INTO openings VALUES (12, x'00'), (13, x'00')",
    "openings deleted": "DELETE FROM openings WHERE position = 5",
    "all openings deleted": "DELETE FROM openings",
    "openings emptied": "UPDATE openings SET blob = x'' WHERE position = 5",
    "openings that are none": "UPDATE openings SET blob = x'5b5d' WHERE position = 5",
    # the head
    "head of another origin": "UPDATE head SET origin = 'other.example/1'",
    "head of 13": "UPDATE head SET size = 13, grows_to = 13",
    "head of 11": "UPDATE head SET size = 11, grows_to = 11",
    "head of none": "UPDATE head SET size = 0, grows_to = 0",
    "head that grows": "UPDATE head SET grows_to = 13",
    "head of no time": "UPDATE head SET recorded_at = NULL",
    "head of another time": "UPDATE head SET recorded_at = '2016-11-15T12:00:00.000000Z'",
    "head of another tree": "UPDATE head SET frontier = x''",
    "head twice": "INSERT INTO head SELECT 2, origin, size, grows_to, recorded_at, frontier FROM head",
    "head gone": "DELETE FROM head",
    "head gone and a row in front": "DELETE FROM head; "
    "INSERT INTO entries SELECT -1, hash, 'an id', leaf FROM entries WHERE position = 3",
    "head numbered 2": "UPDATE head SET one = 2",
    "a tile too many": "INSERT INTO tiles VALUES (0, zeroblob(32), zeroblob(8192))",
}
"""Done while triggers and checks are away."""

LOOSE: Final[dict[str, str]] = {
    "leaf a text": "UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE position = 5",
    "leaf a number": "UPDATE entries SET leaf = 7 WHERE position = 5",
    "leaf of an act's target a number": "UPDATE entries SET leaf = 7 WHERE position = 0",
    "leaf of an act's target a text": "UPDATE entries SET leaf = CAST(leaf AS TEXT) WHERE position = 0",
    "leaf of a call a number": "UPDATE entries SET leaf = NULL WHERE position = 3",
    "last leaf a number": "UPDATE entries SET leaf = 7 WHERE position = 11",
    "hash a text": "UPDATE entries SET hash = 'text' WHERE position = 5",
    "hash a text of these bytes": "UPDATE entries SET hash = CAST(hash AS TEXT) WHERE position = 5",
    "hash a number": "UPDATE entries SET hash = 7 WHERE position = 5",
    "hash nothing": "UPDATE entries SET hash = NULL WHERE position = 5",
    "id a blob": "UPDATE entries SET id = x'6964' WHERE position = 5",
    "id a number": "UPDATE entries SET id = 7 WHERE position = 5",
    "id no UTF-8": "UPDATE entries SET id = CAST(x'ff' AS TEXT) WHERE position = 5",
    "id with more behind": "UPDATE entries SET id = 'x' || char(0) || 'more' WHERE position = 5",
    "openings a text": "UPDATE openings SET blob = '{}' WHERE position = 5",
    "openings an empty text": "UPDATE openings SET blob = '' WHERE position = 5",
    "openings a number": "UPDATE openings SET blob = 7 WHERE position = 5",
    "openings zero": "UPDATE openings SET blob = 0 WHERE position = 5",
    "openings nothing": "UPDATE openings SET blob = NULL WHERE position = 5",
    "origin a blob": "UPDATE head SET origin = CAST(origin AS BLOB)",
    "origin a number": "UPDATE head SET origin = 7",
    "origin two words": "UPDATE head SET origin = 'two words'",
    "origin no UTF-8": "UPDATE head SET origin = CAST(x'ff' AS TEXT)",
    "size a text": "UPDATE head SET size = 'many'",
    "size negative": "UPDATE head SET size = -1, grows_to = -1",
    "size a fraction": "UPDATE head SET size = 12.5, grows_to = 12.5",
    "time a blob": "UPDATE head SET recorded_at = x'07'",
    "time a number": "UPDATE head SET recorded_at = 7",
    "frontier a text": "UPDATE head SET frontier = 'text'",
    "frontier a number": "UPDATE head SET frontier = 7",
    "frontier nothing": "UPDATE head SET frontier = NULL",
    "label a blob": "UPDATE labels SET text = CAST(text AS BLOB) WHERE text = 'institution:office-5'",
    "label nothing": "UPDATE labels SET text = NULL WHERE text = 'institution:office-5'",
    "label a number": "UPDATE labels SET text = 7 WHERE text = 'institution:office-5'",
    "label no UTF-8": "UPDATE labels SET text = CAST(x'ff' AS TEXT) WHERE text = 'institution:office-5'",
    "unused label a number": "INSERT INTO labels VALUES (4711, 7), (4712, x'07')",
    "position of a label a text": "INSERT INTO labelled VALUES (4711, 'x')",
    "position of a key a text": "INSERT INTO once VALUES ('planted', 0, 'x'), ('planted', 1, 5)",
    "key a number": "UPDATE once SET key = 7 WHERE key = 'alone'",
    "place a text": "UPDATE once SET place = 'x' WHERE key = 'alone'",
}
"""Done while tables take any value."""

PLAIN: Final[dict[str, str]] = {
    "trigger away": "DROP TRIGGER entries_keep_delete; DROP VIEW entry_text",
    "trigger another": "DROP TRIGGER head_keep; CREATE TRIGGER head_keep BEFORE DELETE ON head BEGIN SELECT 1; END",
    "trigger on another table": "DROP TRIGGER head_keep; "
    "CREATE TRIGGER head_keep BEFORE DELETE ON labels BEGIN SELECT 1; END",
    "table away": "DROP TABLE once",
    "table a view": "DROP TABLE once; CREATE VIEW once AS SELECT 1 AS key, 0 AS place, 0 AS position",
    "table virtual": "DROP TABLE once; CREATE VIRTUAL TABLE once USING fts5(key, place, position)",
    "tiles virtual": "DROP TABLE tiles; CREATE VIRTUAL TABLE tiles USING rtree(place, root, blob)",
    "column more": "ALTER TABLE once ADD COLUMN more TEXT",
    "objects more": "CREATE TABLE helpful (x UNIQUE); CREATE VIEW useful AS SELECT 1; "
    "CREATE TRIGGER kind AFTER INSERT ON entries BEGIN SELECT 1; END; CREATE INDEX quick ON labels (text, number)",
    "object twice": "PRAGMA writable_schema=ON; "
    "INSERT INTO sqlite_schema SELECT * FROM sqlite_schema WHERE name = 'head_keep'",
    "object without a name": "PRAGMA writable_schema=ON; "
    "UPDATE sqlite_schema SET tbl_name = CAST(x'ff' AS TEXT) WHERE name = 'entry_text'",
    "object of a strange name": "CREATE TABLE helpful (x); INSERT INTO helpful VALUES (NULL); "
    "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET name = CAST(x'ff' AS TEXT), tbl_name = CAST(x'ff' AS TEXT), "
    "sql = 'CREATE TABLE \"' || x'ff' || '\" (x NOT NULL)' WHERE name = 'helpful'",
    "list that cannot be read": "PRAGMA writable_schema=ON; "
    "UPDATE sqlite_schema SET sql = 'CREATE NONSENSE' WHERE name = 'labels'",
    "list that can neither be read nor quoted": "PRAGMA writable_schema=ON; "
    "UPDATE sqlite_schema SET sql = 'CREATE NONSENSE', name = CAST(x'ff' AS TEXT) WHERE name = 'labels'",
    "application another": "PRAGMA application_id=1",
    "version another": "PRAGMA user_version=2",
    "journal a log": "PRAGMA journal_mode=WAL",
}
"""Done as the file is, with triggers in place."""

LONG: Final[dict[str, str]] = {
    "long": "SELECT 1",
    "tile altered": "UPDATE tiles SET blob = zeroblob(8192) WHERE place = 0",
    "root of a tile altered": "UPDATE tiles SET root = zeroblob(32) WHERE place = 1",
    "tile gone": "DELETE FROM tiles WHERE place = 1",
    "tile elsewhere": "UPDATE tiles SET place = 5 WHERE place = 1",
    "hash under a tile": "UPDATE entries SET hash = zeroblob(32) WHERE position = 255",
    "row of a tile deleted": "DELETE FROM entries WHERE position = 256",
}
"""The same with a ledger of two full tiles and a little more."""
