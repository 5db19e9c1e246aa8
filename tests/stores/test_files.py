"""Ledger files as a whole: which are opened, which are made, which are copied, and what no one may change."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.errors import (
    CoopLedgerError,
    InvalidValueError,
    LedgerNotFoundError,
    NotALedgerError,
    SchemaVersionError,
    StoreDamagedError,
    StoreError,
    WrongOriginError,
)
from coop_ledger.stores import SqliteStore
from coop_ledger.testing import ticking
from tests.stores.support import ORIGIN, draft, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a ledger?#%.db"


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


def test_a_ledger_whose_making_was_broken_off_is_made(path: Path) -> None:
    """A killed writer leaves pages, and a journal that leads back to an empty file."""
    journal = path.with_name(f"{path.name}-journal")
    leads_to_nothing = (
        bytes.fromhex("d9d505f920a163d7") + bytes(12) + (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")
    )

    def broken_off() -> None:
        path.unlink(missing_ok=True)
        opened(path).close()
        journal.write_bytes(leads_to_nothing.ljust(512, b"\0"))

    broken_off()
    with pytest.raises(NotALedgerError):
        SqliteStore.open(path, clock=ticking())
    broken_off()
    with opened(path) as store:
        store.append([draft(0)])
    assert not journal.exists()


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


AS_NOBODY = """
import os, sys
sys.path[:0] = {paths!r}
from coop_ledger.errors import StoreReadOnlyError
from coop_ledger.stores import SqliteStore
from coop_ledger.testing import ticking
from tests.stores.support import draft
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
    for part in [folder, *(above for above in folder.parents if "pytest-of-" in str(above))]:
        part.chmod(0o755)
    code = AS_NOBODY.format(
        paths=sys.path, cases=[(str(old), "old"), (str(new), "new")], warm=str(tmp_path / "warm.db")
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["old", "refused", "new", "refused"]
    assert (old.read_bytes(), new.exists()) == (before, False)


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


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("readonly", [False, True])
def test_a_database_of_others_is_not_touched(path: Path, mode: str, readonly: bool) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE x (y)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(NotALedgerError, match="application id"):
        opened(path, readonly=readonly)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_ledger_of_a_later_schema_is_not_touched(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA user_version=2")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(SchemaVersionError):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("wrong", ["a\0b", "", b"x.db", 5, None])
def test_what_is_no_path_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidValueError, match="path"):
        opened(wrong)  # type: ignore[arg-type]


def test_a_name_that_no_system_takes(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="system"):
        opened(tmp_path / ("x" * 300))
    with opened(tmp_path / "x.db") as store, pytest.raises(StoreError, match="system"):
        store.backup(tmp_path / ("x" * 300))
    with pytest.raises(LedgerNotFoundError, match="folder"):
        opened(tmp_path / "x.db" / "y.db")


def test_a_failed_creation_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coop_ledger.stores.files.SCHEMA", ("CREATE NONSENSE",))
    with pytest.raises(StoreError):
        opened(path)
    assert list(path.parent.iterdir()) == []


def test_a_backup_is_for_folders_that_are_there(path: Path, tmp_path: Path) -> None:
    with opened(path) as store:
        with pytest.raises(LedgerNotFoundError, match="folder"):
            store.backup(tmp_path / "deeper" / "backup.db")
        with pytest.raises(InvalidValueError, match="path"):
            store.backup("a\0b")


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE entries SET leaf = x'00' WHERE position = 1",
        "UPDATE entries SET leaf = x'00', hash = zeroblob(32) WHERE position = 1",
        "UPDATE head SET frontier = zeroblob(64)",
        "DELETE FROM entries WHERE position = 2",
    ],
)
def test_a_spoiled_copy_gets_no_name(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str) -> None:
    """The root is recomputed from the copy's leaves and compared with the ledger's own."""
    check = SqliteStore._check_copy

    def spoiled(self: SqliteStore, part: Path) -> object:
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(spoil)
            for _, sql in triggers:
                connection.execute(sql)
        return check(self, part)

    monkeypatch.setattr(SqliteStore, "_check_copy", spoiled)
    with opened(path) as store:
        store.append([draft(number) for number in range(3)])
        with pytest.raises(StoreDamagedError, match="copy"):
            store.backup(tmp_path / "backup.db")
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_backup_is_on_the_disk_before_it_has_its_name(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backup.db"
    steps: list[tuple[str, bool]] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(descriptor: int) -> None:
        steps.append(("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file", target.exists()))
        fsync(descriptor)

    def noted_link(source: Path, name: Path) -> None:
        steps.append(("link", target.exists()))
        link(source, name)

    with opened(path) as store:
        store.append([draft(0)])
        monkeypatch.setattr(os, "fsync", noted_fsync)
        monkeypatch.setattr(os, "link", noted_link)
        store.backup(target)
    assert steps == [("file", False), ("link", False), ("folder", True)]
