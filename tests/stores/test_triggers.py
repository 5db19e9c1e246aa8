"""What the triggers of a ledger file refuse, and which clause of them refuses it; the views beside them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.errors import StoreDamagedError
from coop_ledger.log import TILE_WIDTH
from coop_ledger.stores import Draft
from tests.stores.support import draft, opened

# The log ends at 257, so that 257 is the next position, and {grow} opens the tables up to 259, as a writer does.
# Each attack says what must refuse it: without that clause it would be taken.
GROW = "UPDATE head SET grows_to = 259; "
TWO_FULL = "UPDATE head SET grows_to = 512; "
ENTRIES = "entries are append-only"
NEXT = "entries are append-only: not the next position"
KNOWN = "entries are append-only: a known id"
ONCE = "once are append-only"
LABELS = "labels are append-only"
LABELLED = "labelled are append-only"
TILES = "tiles are append-only"
OPENINGS = "openings only shrink"
HEAD = "the head only grows"
FILL = "INSERT INTO entries VALUES (257, zeroblob(32), 'new', x'00'); "

ATTACKS = [
    ("UPDATE entries SET leaf = x'00' WHERE position = 0", ENTRIES),
    ("UPDATE entries SET position = 999 WHERE position = 2", ENTRIES),
    ("UPDATE OR REPLACE entries SET position = 0 WHERE position = 1", ENTRIES),
    ("DELETE FROM entries", ENTRIES),
    ("DELETE FROM entries WHERE position = 2", ENTRIES),
    # a stray entry, at the end and elsewhere
    ("INSERT INTO entries VALUES (257, zeroblob(32), 'new', x'7b7d')", NEXT),
    ("INSERT OR REPLACE INTO entries VALUES (257, zeroblob(32), 'new', x'7b7d')", NEXT),
    (GROW + "INSERT OR REPLACE INTO entries VALUES (0, zeroblob(32), 'new', x'00')", NEXT),
    (GROW + "INSERT INTO entries VALUES (258, zeroblob(32), 'new', x'00')", NEXT),
    (GROW + "INSERT INTO entries VALUES (-1, zeroblob(32), 'new', x'00')", NEXT),
    (GROW + FILL + "INSERT OR REPLACE INTO entries VALUES (257, zeroblob(32), 'newer', x'00')", NEXT),
    # by a known id, at the next position
    (GROW + "INSERT OR REPLACE INTO entries VALUES (257, zeroblob(32), 'id-000001', x'00')", KNOWN),
    (GROW + "REPLACE INTO entries VALUES (257, zeroblob(32), 'id-000001', x'00')", KNOWN),
    (GROW + "INSERT INTO entries VALUES (257, zeroblob(32), 'id-000001', x'00') ON CONFLICT (id) "
     "DO UPDATE SET leaf = x'00'", KNOWN),
    (GROW + "INSERT INTO entries VALUES (0, zeroblob(32), 'new', x'00') ON CONFLICT DO UPDATE SET leaf = x'00'", NEXT),
    # the shape of a row
    (GROW + "INSERT INTO entries VALUES (257, zeroblob(31), 'new', x'00')", "length(hash) = 32"),
    (GROW + "INSERT INTO entries VALUES (257, zeroblob(32), 'new', zeroblob(65536))", "length(leaf) <= 65535"),
    (GROW + "INSERT INTO entries VALUES (257, zeroblob(32), 'new', 'text')", "TEXT value in BLOB column"),
    ("UPDATE labels SET text = 'c:1' WHERE text = 'a:1'", LABELS),
    ("DELETE FROM labels", LABELS),
    ("INSERT OR REPLACE INTO labels VALUES (1, 'c:1')", LABELS),
    ("INSERT OR REPLACE INTO labels VALUES (9, 'a:1')", LABELS),
    ("UPDATE labelled SET position = 1", LABELLED),
    ("DELETE FROM labelled", LABELLED),
    ("INSERT INTO labelled VALUES (1, 257)", LABELLED),
    ("INSERT INTO labelled VALUES (3, 0)", LABELLED),
    (GROW + "INSERT INTO labelled VALUES (1, 259)", LABELLED),
    (GROW + "INSERT OR REPLACE INTO labelled VALUES (1, 0)", LABELLED),
    ("UPDATE OR REPLACE labelled SET number = 2 WHERE number = 1", LABELLED),
    (GROW + "INSERT INTO labelled VALUES (1, 0) ON CONFLICT DO UPDATE SET position = 9", LABELLED),
    ("UPDATE once SET key = 'other'", ONCE),
    ("DELETE FROM once", ONCE),
    ("INSERT INTO once VALUES ('future', 0, 257)", ONCE),
    ("INSERT INTO once VALUES ('future', 0, 999)", ONCE),
    (GROW + "INSERT INTO once VALUES ('late', 0, 0)", ONCE),
    (GROW + "INSERT OR REPLACE INTO once VALUES ('key', 0, 257)", ONCE),
    ("UPDATE openings SET blob = x'00112233445566778899aabbccddeeff'", OPENINGS),
    ("UPDATE openings SET blob = x'7b616e206f70656e696e677d'", OPENINGS),
    ("UPDATE openings SET position = 1, blob = x'00' WHERE position = 0", OPENINGS),
    ("DELETE FROM openings", OPENINGS),
    ("INSERT INTO openings VALUES (257, x'00')", OPENINGS),
    (GROW + "INSERT OR REPLACE INTO openings VALUES (0, x'00')", OPENINGS),
    (GROW + "INSERT INTO openings VALUES (1, x'00')", OPENINGS),
    ("UPDATE tiles SET blob = zeroblob(8192)", TILES),
    ("DELETE FROM tiles", TILES),
    ("INSERT OR REPLACE INTO tiles VALUES (0, zeroblob(32), zeroblob(8192))", TILES),
    ("INSERT INTO tiles VALUES (1, zeroblob(32), zeroblob(8192))", TILES),  # full at 512 entries
    (GROW + "INSERT INTO tiles VALUES (1, zeroblob(32), zeroblob(8192))", TILES),
    (GROW + "INSERT INTO tiles VALUES (281474976710656, zeroblob(32), zeroblob(8192))", TILES),  # of level 1
    (GROW + "INSERT INTO tiles VALUES (-1, zeroblob(32), zeroblob(8192))", TILES),
    (TWO_FULL + "INSERT INTO tiles VALUES (1, zeroblob(32), zeroblob(8191))", "length(blob) = 8192"),
    (TWO_FULL + "INSERT INTO tiles VALUES (1, zeroblob(31), zeroblob(8192))", "length(root) = 32"),
    ("UPDATE head SET size = 1", HEAD),
    ("UPDATE head SET size = 257", HEAD),
    (GROW + "UPDATE head SET size = 258", HEAD),
    (GROW + FILL + "UPDATE head SET size = 259", HEAD),
    (GROW + FILL + "UPDATE head SET size = 258, origin = 'other.example/1'", HEAD),
    (GROW + FILL + "UPDATE head SET size = 258, one = 2", HEAD),
    (GROW + FILL + "UPDATE head SET size = 258, recorded_at = '2016-11-15T08:00:00.000000Z'", HEAD),
    ("UPDATE head SET frontier = x'00'", HEAD),
    ("UPDATE head SET origin = 'other.example/1'", HEAD),
    ("DELETE FROM head", HEAD),
    ("INSERT INTO head VALUES (2, 'x', 0, 0, NULL, x'')", "the head is one row"),
    ("INSERT OR REPLACE INTO head VALUES (1, 'x', 0, 0, NULL, x'')", "the head is one row"),
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "filled.db"
    with opened(path) as store:
        store.append([draft(0), draft(1, openings=None)])
        keyed = draft(2)
        store.append([Draft(keyed.head, keyed.tail, keyed.id, keyed.labels, ("key", 0, 1), keyed.openings)])
        store.append([draft(number) for number in range(3, TILE_WIDTH + 1)])
    return path


def attacked(path: Path, attack: str, recursive: str = "ON") -> None:
    """Run an attack in one transaction, as a plain connection does, and take it back if it is refused."""
    *before, last = attack.split("; ")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        connection.execute("BEGIN")
        for statement in before:
            connection.execute(statement)
        connection.execute(last)
        connection.execute("COMMIT")


@pytest.mark.parametrize(("attack", "why"), ATTACKS)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_triggers_hold(filled: Path, tmp_path: Path, attack: str, why: str, recursive: str) -> None:
    """Accidents by any connection, also one that forgot the setting; evidence is the tree (audit.md §7)."""
    path = tmp_path / "copy.db"
    shutil.copy(filled, path)
    with pytest.raises(sqlite3.IntegrityError) as caught:
        attacked(path, attack, recursive)
    assert why in str(caught.value)
    assert path.read_bytes() == filled.read_bytes()


def test_an_attack_is_a_row_away_from_what_a_writer_does(filled: Path, tmp_path: Path) -> None:
    """What the attacks are built from is taken, so that the clause that each names is what refuses it."""
    path = tmp_path / "copy.db"
    shutil.copy(filled, path)
    attacked(path, GROW + FILL + "INSERT INTO openings VALUES (257, x'00'); INSERT INTO labelled VALUES (1, 257); "
             "INSERT INTO once VALUES ('new', 0, 257); UPDATE head SET size = 258")  # fmt: skip


@pytest.mark.parametrize(
    "stray", ["UPDATE head SET grows_to = 9999", "UPDATE openings SET blob = x'' WHERE position = 0"]
)
def test_what_a_stray_statement_may_do_stands_in_no_ones_way(filled: Path, tmp_path: Path, stray: str) -> None:
    path = tmp_path / "copy.db"
    shutil.copy(filled, path)
    attacked(path, stray)
    with opened(path) as store:
        assert store.append([draft(300)]).size == TILE_WIDTH + 2


@pytest.mark.parametrize(
    "leftover",
    [
        "INSERT INTO entries VALUES (257, zeroblob(32), 'new', x'7b7d')",
        "INSERT INTO openings VALUES (257, x'00')",
        "INSERT INTO labelled VALUES (1, 257)",
    ],
)
def test_leftovers_are_named_as_damage(filled: Path, tmp_path: Path, leftover: str) -> None:
    """What no trigger let in, but stands there all the same."""
    path = tmp_path / "copy.db"
    shutil.copy(filled, path)
    attacked(path, GROW + leftover)
    with opened(path) as store:
        for _ in range(2):
            with pytest.raises(StoreDamagedError, match="no writer of ours"):
                store.append([draft(300)])
        assert store.head().size == TILE_WIDTH + 1


def test_views_are_for_people(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        position, entry_id, leaf, digest = connection.execute("SELECT * FROM entry_text").fetchone()
        assert (position, entry_id, leaf[:7], len(digest)) == (0, "id-000000", '{"n":0,', 64)
        assert connection.execute("SELECT * FROM opening_text").fetchone() == (0, "{an opening}")
        assert connection.execute("SELECT count(*) FROM label_text WHERE label = 'a:1'").fetchone() == (TILE_WIDTH + 1,)
