"""What the contract cannot know of SQLite: settings, triggers, files, limits, forks, threads."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.errors import (
    CoopLedgerError,
    ForkedProcessError,
    InvalidValueError,
    LedgerNotFoundError,
    NotALedgerError,
    SchemaVersionError,
    SettingRefusedError,
    StoreBusyError,
    StoreDamagedError,
    StoreFullError,
    StoreMovedError,
    StoreReadOnlyError,
    WrongOriginError,
)
from coop_ledger.log import TILE_WIDTH
from coop_ledger.stores import Draft, SqliteStore
from coop_ledger.stores.connections import Connections, configure, translated
from coop_ledger.testing import ticking

ORIGIN = "test.example/1"


def draft(number: int, **fields: bytes | None) -> Draft:
    openings = fields.get("openings", b"{an opening}")
    return Draft(f'{{"n":{number},'.encode(), b'"v":1}', f"id-{number:06d}", ("a:1", "b:1"), openings=openings)


def opened(path: Path, **options: object) -> SqliteStore:
    return SqliteStore.open(path, origin=ORIGIN, clock=ticking(), **options)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a ledger?#%.db"


def test_settings_are_read_back(path: Path) -> None:
    with opened(path) as store:
        connection = store._connections.get()
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in (
                "journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "trusted_schema",
                "cell_size_check", "secure_delete", "application_id", "user_version",
            )
        }  # fmt: skip
    assert found == {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "secure_delete": 1,
        "application_id": 0x434F4F50,
        "user_version": 1,
    }


def test_a_setting_that_does_not_take_is_refused(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises((SettingRefusedError, StoreBusyError)):
            opened(path, timeout_s=0.05)
        other.rollback()
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_database_that_answers_otherwise_is_refused() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(SettingRefusedError) as caught:
            configure(connection, readonly=False, timeout_s=1)
        assert (caught.value.where, caught.value.expected, caught.value.found) == ("journal_mode", "delete", "memory")


# The log ends at 257, so that 257 is the next position, and {grow} opens the tables up to 259, as a writer does.
# Each attack says what must refuse it: without that clause it would be taken.
GROW = "UPDATE head SET grows_to = 259; "
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
    ("INSERT OR REPLACE INTO tiles VALUES (0, zeroblob(8192))", TILES),
    ("INSERT INTO tiles VALUES (1, zeroblob(8192))", TILES),  # full at 512 entries
    (GROW + "INSERT INTO tiles VALUES (1, zeroblob(8192))", TILES),
    (GROW + "INSERT INTO tiles VALUES (281474976710656, zeroblob(8192))", TILES),  # level 1, full at 65,536
    (GROW + "INSERT INTO tiles VALUES (-1, zeroblob(8192))", TILES),
    ("UPDATE head SET grows_to = 512; INSERT INTO tiles VALUES (1, zeroblob(8191))", "length(blob) = 8192"),
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


# opening


def test_nothing_there(path: Path) -> None:
    with pytest.raises(LedgerNotFoundError, match="origin=") as caught:
        SqliteStore.open(path, clock=ticking())
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(LedgerNotFoundError):
        opened(path, readonly=True)
    with pytest.raises(LedgerNotFoundError, match="folder"):
        opened(path / "deeper" / "x.db")
    assert not path.exists()


@pytest.mark.parametrize("content", [b"a text file, longer than the header of a database " * 20, b"x"])
def test_another_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(NotALedgerError):
        opened(path)
    assert path.read_bytes() == content


def test_other_databases_folders_and_devices(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE x (y)")
    before = path.read_bytes()
    with pytest.raises(NotALedgerError, match="application id"):
        opened(path)
    assert path.read_bytes() == before
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(NotALedgerError):
        SqliteStore.open(empty, clock=ticking())
    with pytest.raises(NotALedgerError, match="folder"):
        opened(tmp_path)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(NotALedgerError, match="regular"):
        opened(fifo)


def test_an_empty_file_is_made_a_ledger(path: Path) -> None:
    path.touch()
    with opened(path) as store:
        assert store.head().size == 0


def test_another_origin(path: Path) -> None:
    opened(path).close()
    with pytest.raises(WrongOriginError) as caught:
        SqliteStore.open(path, origin="other.example/1", clock=ticking())
    assert (caught.value.expected, caught.value.found) == ("other.example/1", ORIGIN)
    with SqliteStore.open(path, clock=ticking()) as store:
        assert store.origin == ORIGIN


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("PRAGMA user_version=2", SchemaVersionError),
        ("PRAGMA application_id=1", NotALedgerError),
        ("DROP TRIGGER entries_next", StoreDamagedError),
        ("CREATE TABLE extra (x)", StoreDamagedError),
        ("DROP VIEW entry_text", StoreDamagedError),
        ("CREATE INDEX more ON entries (hash)", StoreDamagedError),
        ("DROP TRIGGER head_keep; DELETE FROM head; CREATE TRIGGER head_keep BEFORE DELETE ON head "
         "BEGIN SELECT RAISE(ABORT, 'the head only grows'); END", StoreDamagedError),
    ],
)  # fmt: skip
def test_a_changed_schema(path: Path, change: str, error: type[CoopLedgerError]) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(change)
    with pytest.raises(error):
        opened(path)


def test_a_frontier_that_does_not_fit(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(0)])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (trigger,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'head_grows'").fetchone()
        connection.execute("DROP TRIGGER head_grows")
        connection.execute("UPDATE head SET frontier = x'00'")
        connection.execute(trigger)
    with opened(path) as store, pytest.raises(StoreDamagedError, match="frontier"):
        store.head()


def test_reading_only(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(0)])
    with opened(path, readonly=True) as store:
        assert store.head().size == 1
        with pytest.raises(StoreReadOnlyError):
            store.append([draft(1)])
        with pytest.raises(StoreReadOnlyError):
            store.restore([])
        assert store.head().size == 1


AS_NOBODY = """
import os, sys
sys.path[:0] = {paths!r}
from coop_ledger.errors import StoreReadOnlyError
from coop_ledger.stores import SqliteStore
from coop_ledger.testing import ticking
from tests.stores.test_sqlite import draft
SqliteStore.open({warm!r}, origin="test.example/1", clock=ticking()).close()  # imports all that it needs
os.setgid(65534); os.setuid(65534)
for path, kind in {cases!r}:
    try:
        with SqliteStore.open(path, origin="test.example/1", clock=ticking()) as store:
            store.append([draft(7)])
    except StoreReadOnlyError as error:
        print(kind, "refused")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user without rights")
def test_without_rights_nothing_changes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    old, new = folder / "old.db", folder / "new.db"
    opened(old).close()
    before = old.read_bytes()
    for part in [folder, *list(folder.parents)[:4]]:
        part.chmod(0o755)
    code = AS_NOBODY.format(
        paths=sys.path, cases=[(str(old), "old"), (str(new), "new")], warm=str(tmp_path / "warm.db")
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["old", "refused", "new", "refused"]
    assert (old.read_bytes(), new.exists()) == (before, False)


# limits, moves, other users


def test_a_full_file_takes_nothing_and_goes_on_when_there_is_room(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(0)])
        before = store.head()
        connection = store._connections.get()
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StoreFullError, match="no room"):
            store.append([draft(number) for number in range(1, 500)])
        assert store.head() == before
        assert store.append([draft(1)]).size == 2


LIMITED = """
import resource, sys
sys.path[:0] = {paths!r}
from coop_ledger.errors import StoreFullError
from coop_ledger.stores import SqliteStore
from coop_ledger.testing import ticking
from tests.stores.test_sqlite import draft
store = SqliteStore.open({path!r}, origin="test.example/1", clock=ticking())
before = store.append([draft(0)])
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
try:
    store.append([draft(number) for number in range(1, 2000)])
except StoreFullError:
    print("refused")
assert store.head().root == before.root
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.append([draft(1)]).size)
"""


def test_a_limit_of_file_size_takes_nothing(path: Path) -> None:
    opened(path).close()
    code = LIMITED.format(paths=sys.path, path=str(path), limit=path.stat().st_size + 20_000)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused", "2"]


def test_another_writer_is_waited_for_and_then_named(path: Path) -> None:
    with opened(path, timeout_s=0.05) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.append([draft(0)])
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="another writer"):
            store.append([draft(1)])
        other.execute("ROLLBACK")
        assert store.append([draft(1)]).size == 2


def test_a_file_that_was_replaced_is_not_written(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    opened(other).close()
    with opened(path) as store:
        store.append([draft(0)])
        os.replace(other, path)
        with pytest.raises(StoreMovedError):
            store.append([draft(1)])
        path.unlink()
        with pytest.raises(StoreMovedError):
            store.append([draft(1)])


def test_damage_is_named(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(number) for number in range(300)])
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 40] = bytes(4096 * 38)
    path.write_bytes(data)
    with pytest.raises((StoreDamagedError, NotALedgerError)), opened(path) as store:
        store.read(((),))


def test_a_forked_process_must_open_anew(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(0)])
        child = os.fork()
        if child == 0:  # pragma: no cover - in another process
            code = 1
            try:
                store.head()
            except ForkedProcessError:
                store.close()
                code = 0
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.append([draft(1)]).size == 2


def test_threads_share_a_store(path: Path) -> None:
    with opened(path) as store:
        errors: list[BaseException] = []

        def work(first: int) -> None:
            try:
                for number in range(first, first + 10):
                    store.append([draft(number)])
                    store.read(((),))
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(at * 10,)) for at in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert [stored.position for stored in store.read(((),))] == list(range(40))
        again = threading.Thread(target=work, args=(40,))  # takes the place of connections of ended threads
        again.start()
        again.join()
        assert (errors, store.head().size) == ([], 50)


def test_two_stores_on_one_file_see_each_other(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        for number in range(0, TILE_WIDTH * 2, 2):
            one.append([draft(number)])
            other.append([draft(number + 1)])
        assert one.head() == other.head()
        assert one.tile(0, 1) == other.tile(0, 1)
        assert one.read((("a:1", "b:1"),), limit=5) == other.read((("b:1",),), limit=5)


def test_a_backup_is_whole_and_never_overwrites(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    with opened(path) as store:
        store.append([draft(0)])
        assert store.backup(target) == store.head()
        with pytest.raises(InvalidValueError, match="already"):
            store.backup(target)
        store.append([draft(1)])
        with opened(target) as copy:
            assert copy.head().size == 1
            assert copy.append([draft(1)]).size == 2
        assert sorted(found.name for found in tmp_path.iterdir()) == sorted([path.name, target.name])


def test_other_errors_of_the_database_are_chained(path: Path) -> None:
    connections = Connections(path, readonly=False, timeout_s=1)
    with pytest.raises(CoopLedgerError, match="could not") as caught, translated(path):
        raise sqlite3.ProgrammingError("odd")
    assert isinstance(caught.value.__cause__, sqlite3.ProgrammingError)
    connections.close()
    connections.close()
