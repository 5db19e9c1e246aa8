"""A ledger file read beside the database: no lock is lost by it, and what was left behind is found."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.errors import StoreBusyError, StoreError, StoreMovedError
from coop_ledger.stores import SqliteStore, raw
from coop_ledger.testing import ticking
from tests.stores.support import draft, opened

WORDS = b"words of some length that nobody should find again"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a ledger?#%.db"


def another_process_is_kept_out(path: Path) -> bool:
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n    connection.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError:\n    print('kept out')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip() == "kept out"


def test_opening_the_file_again_takes_no_lock_from_a_writer(path: Path) -> None:
    with opened(path) as writer:
        writer.append([draft(0)])

        def meanwhile(_: object) -> None:
            assert another_process_is_kept_out(path)
            with opened(path, readonly=True) as reader:
                assert reader.head().size == 1
                assert another_process_is_kept_out(path)
            assert another_process_is_kept_out(path)

        writer._transact(meanwhile)
        assert not another_process_is_kept_out(path)


def test_searching_the_file_takes_no_lock_from_another_writer(path: Path) -> None:
    with opened(path) as writer, opened(path, timeout_s=0.01) as other:
        writer.append([draft(0)])

        def search(_: object) -> None:
            with pytest.raises(StoreBusyError):
                other.leftovers([WORDS])
            assert another_process_is_kept_out(path)

        def close(_: object) -> None:
            other.close()
            assert another_process_is_kept_out(path)

        writer._transact(search)
        assert other.leftovers([WORDS]) == []
        writer._transact(close)


def test_what_a_file_was_read_with_goes_with_its_last_user(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    with opened(path) as one:
        one.append([draft(0)])
        for _ in range(5):
            with opened(path) as other:
                other.leftovers([WORDS])
        assert raw._IN_USE[one._connections.file.key].users == 1
        key = one._connections.file.key
    assert key not in raw._IN_USE
    assert before in (0, len(os.listdir("/proc/self/fd")))


def test_a_file_that_was_replaced_is_not_searched_for_another(path: Path, tmp_path: Path) -> None:
    with opened(path) as store:
        store.append([draft(0)])
        os.replace(path, tmp_path / "moved.db")
        with opened(path) as other:
            assert other.head().size == 0
            with pytest.raises(StoreMovedError):
                store._connections.file.read(0, 100)


@pytest.fixture
def strewn(path: Path) -> Iterator[tuple[Path, SqliteStore]]:
    """A ledger in whose free pages words are left that another program put there, and removed without overwriting."""
    with opened(path) as store:
        store.append([draft(0, openings=b'{"/note":["salt","' + WORDS + b'"]}'), draft(1)])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete=OFF")
            connection.execute("CREATE TABLE scratch (words BLOB)")
            connection.executemany("INSERT INTO scratch VALUES (?)", [(WORDS * 20,) for _ in range(40)])
            connection.execute("DROP TABLE scratch")
        yield path, store


def test_words_left_in_free_pages_are_found_once_nothing_holds_them(strewn: tuple[Path, SqliteStore]) -> None:
    _, store = strewn
    assert store.leftovers([WORDS, b"never here"]) == []  # an entry still holds them
    old = store.openings(0)
    assert old is not None
    store.erase(0, old, None, draft(2, openings=None))
    assert store.leftovers([b"never here", WORDS]) == [WORDS]


def test_a_vacuum_ends_what_was_left(strewn: tuple[Path, SqliteStore]) -> None:
    path, store = strewn
    old = store.openings(0)
    assert old is not None
    store.erase(0, old, None, draft(2, openings=None))
    root = store.head().root
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
    assert WORDS not in path.read_bytes()
    with opened(path) as again:
        assert (again.leftovers([WORDS]), again.head().root) == ([], root)


def test_pieces_are_found_wherever_two_reads_of_the_file_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "_CHUNK", 16)
    file = tmp_path / "plain"
    for before in range(40):
        file.write_bytes(b"." * before + b"needle and thread" + b"." * 7)
        with raw.using(file) as held:
            assert held.standing([b"needle and thread", b"thread", b"d", b"none", b"needle and thread!"]) == {
                b"needle and thread", b"thread", b"d",
            }  # fmt: skip


def test_a_file_that_cannot_be_read_is_no_clean_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with opened(path) as store:
        store.append([draft(0)])
        monkeypatch.setattr("coop_ledger.stores.raw.os.read", broken)
        with pytest.raises(StoreError, match="could not do it"):
            store.leftovers([WORDS])
        monkeypatch.undo()
        assert store.append([draft(1)]).size == 2


def test_threads_open_close_and_search_one_file(path: Path) -> None:
    opened(path).close()
    errors: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 8):
                with SqliteStore.open(path, clock=ticking()) as store:
                    store.append([draft(number)])
                    assert store.leftovers([WORDS]) == []
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(at * 8,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with opened(path) as store:
        assert store.head().size == 32
