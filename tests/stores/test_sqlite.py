"""What the contract cannot know of SQLite: settings, triggers, files, limits, forks, threads."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from coop_ledger.errors import (
    CoopLedgerError,
    ForkedProcessError,
    InvalidValueError,
    KeyTakenError,
    NotALedgerError,
    SettingRefusedError,
    StoreBusyError,
    StoreDamagedError,
    StoreFullError,
    StoreMovedError,
    StoreReadOnlyError,
)
from coop_ledger.log import TILE_WIDTH, Frontier
from coop_ledger.stores import SqliteStore
from coop_ledger.stores.connections import Connections, configure, translated
from coop_ledger.stores.labels import write_labelled
from coop_ledger.stores.watches import Polling
from coop_ledger.testing import ticking
from tests.stores.support import ORIGIN, draft, opened


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
                "cell_size_check", "secure_delete", "application_id", "user_version", "mmap_size", "cache_size",
                "busy_timeout", "query_only",
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
        "mmap_size": 0,
        "cache_size": -32768,
        "busy_timeout": 30_000,
        "query_only": 0,
    }


def test_what_is_the_default_here_is_set_all_the_same() -> None:
    """Another build of SQLite may map files into memory unasked."""
    done: list[str] = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.set_trace_callback(done.append)
        configure(connection, readonly=True, timeout_s=0.05)
    assert "PRAGMA mmap_size=0" in done
    assert "PRAGMA busy_timeout=50" in done


def test_a_connection_for_reading_refuses_to_write(path: Path) -> None:
    opened(path).close()
    with opened(path, readonly=True) as store:
        assert store._connections.get().execute("PRAGMA query_only").fetchone() == (1,)


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
from coop_ledger.stores import sqlite as sqlite_store
from coop_ledger.testing import ticking
from tests.stores.support import draft
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


@pytest.mark.parametrize("moment", ["before the first row", "after some rows"])
def test_a_file_that_is_replaced_during_a_write_is_not_committed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    other = tmp_path / "other.db"
    opened(other).close()
    now = ticking()

    def clock() -> datetime:  # is asked inside the transaction
        if moment == "before the first row":
            os.replace(other, path)
        return now()

    def late(connection: sqlite3.Connection, labelled: Mapping[int, Sequence[int]]) -> None:
        write_labelled(connection, labelled)
        if moment == "after some rows":
            os.replace(other, path)

    monkeypatch.setattr("coop_ledger.stores.sqlite.write_labelled", late)
    with SqliteStore.open(path, origin=ORIGIN, clock=clock) as store, pytest.raises(StoreMovedError):
        store.append([draft(0)])
    monkeypatch.undo()
    with opened(path) as store:
        assert store.head().size == 0


def test_numbers_of_labels_that_were_taken_back_are_forgotten(path: Path) -> None:
    """The next label gets the number that the refused one had; the entries of both stay apart."""
    with opened(path) as store:
        store.append([draft(0)])
        with pytest.raises(InvalidValueError, match="twice"):
            store.append([draft(0)._replace(labels=("refused:1",))])
        store.append([draft(1)._replace(labels=("other:1",))])
        store.append([draft(2)._replace(labels=("refused:1",))])
        assert [stored.position for stored in store.read((("refused:1",),))] == [2]
        assert [stored.position for stored in store.read((("other:1",),))] == [1]
        assert store.labels() == ["a:1", "b:1", "other:1", "refused:1"]


def test_an_id_that_stands_twice_is_no_damage(path: Path) -> None:
    with opened(path) as store:
        for batch in ([draft(0), draft(0)], [draft(1), draft(2), draft(1)]):
            with pytest.raises(InvalidValueError, match="twice"):
                store.append(batch)
        assert store.append([draft(0)]).size == 1


def test_the_frontier_of_the_file_counts_and_not_the_remembered_one(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(0)])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            (trigger,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'head_grows'").fetchone()
            connection.execute("DROP TRIGGER head_grows")
            connection.execute("UPDATE head SET frontier = zeroblob(32)")
            connection.execute(trigger)
        assert store.head().root == bytes(32)


def test_a_head_is_of_one_moment(path: Path) -> None:
    """Another thread may put its frontier in the store's place between two looks."""

    class Raced(SqliteStore):
        looks = 0

        @property
        def _frontier(self) -> Frontier:
            self.looks += 1
            return Frontier(1, [bytes(32)]) if self.looks > 1 else self.__dict__.setdefault("own", Frontier())

        @_frontier.setter
        def _frontier(self, frontier: Frontier) -> None:
            self.__dict__["own"] = frontier

    with Raced.open(path, origin=ORIGIN, clock=ticking()) as store:
        assert isinstance(store, Raced)
        placed = store.append([draft(0)])
        store.looks = 0
        assert store.head().root == placed.root


def test_damage_is_named(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(number) for number in range(300)])
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 40] = bytes(4096 * 38)
    path.write_bytes(data)
    with pytest.raises((StoreDamagedError, NotALedgerError)), opened(path) as store:
        store.read(((),))


def test_a_file_in_disorder_leads_no_reader_in_circles(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(number, openings=None) for number in range(3)])
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entries'").fetchone()
    data, page = bytearray(path.read_bytes()), (root - 1) * 4096
    last = page + int.from_bytes(data[page + 12 : page + 14], "big")  # the third pointer to a cell
    number = last + (2 if data[last] & 0x80 else 1)  # after the size of the cell
    assert data[number] == 2
    data[number] = 0
    path.write_bytes(data)
    with opened(path) as store, pytest.raises(StoreDamagedError, match="order"):
        store.read(((),))


def test_damage_is_named_where_the_database_cannot_word_it(path: Path) -> None:
    """What it says of a table whose name is no UTF-8 is no UTF-8 either."""
    opened(path).close()
    data = path.read_bytes()
    spoiled = data.replace(b"tablelabelslabels", b"tablel\xebbelsl\xebbels")
    spoiled = spoiled.replace(b"CREATE TABLE labels", b"CREATE HABIT labels")
    assert len(spoiled) == len(data)
    path.write_bytes(spoiled)
    with pytest.raises(StoreDamagedError, match="damaged") as caught:
        opened(path)
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)


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


def test_a_forked_process_leaves_what_waits_alone(path: Path) -> None:
    with opened(path) as store:
        watch = store.watch()
        assert isinstance(watch, Polling)
        with watch._lock:  # as a thread holds it while it looks
            child = os.fork()
            if child == 0:  # pragma: no cover - in another process
                signal.alarm(10)
                watch.close()
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        watch.close()


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


def test_an_erasure_that_is_repeated_is_known_by_its_key(path: Path) -> None:
    erasure = draft(1)._replace(once=("erase", 0, 1))
    with opened(path) as store:
        store.append([draft(0)])
        store.erase(0, b"{an opening}", None, erasure)
        with pytest.raises(KeyTakenError):
            store.erase(0, b"{an opening}", None, erasure._replace(id="id-000002"))
        assert (store.head().size, store.openings(0)) == (2, None)


def test_two_stores_on_one_file_see_each_other(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        for number in range(0, TILE_WIDTH * 2, 2):
            one.append([draft(number)])
            other.append([draft(number + 1)])
        assert one.head() == other.head()
        assert one.tile(0, 1) == other.tile(0, 1)
        assert one.read((("a:1", "b:1"),), limit=5) == other.read((("b:1",),), limit=5)


def test_other_errors_of_the_database_are_chained(path: Path) -> None:
    connections = Connections(path, readonly=False, timeout_s=1)
    with pytest.raises(CoopLedgerError, match="could not") as caught, translated(path):
        raise sqlite3.ProgrammingError("odd")
    assert isinstance(caught.value.__cause__, sqlite3.ProgrammingError)
    connections.close()
    connections.close()
