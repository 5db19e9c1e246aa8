"""Writers of one file are served in the order in which they come, and nobody who ended is in the way."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from coop_ledger.errors import LedgerClosedError, StoreBusyError
from coop_ledger.stores import Draft, turns
from coop_ledger.stores.turns import Turns
from tests.shared import ROOT
from tests.stores.support import draft, opened

fcntl = pytest.importorskip("fcntl")
pytestmark = pytest.mark.skipif(not turns.PLACES, reason="needs locks of open files, which Linux has")

PLACE = """
import os, sys, time
from pathlib import Path
from coop_ledger.stores.turns import Turns
descriptor = os.open(sys.argv[1], os.O_RDWR)
Turns(Path(sys.argv[1]), 30.0).take(descriptor)
if sys.argv[2] == "forks":
    from coop_ledger.stores import SqliteStore
    from datetime import UTC, datetime
    store = SqliteStore.open(sys.argv[1], clock=lambda: datetime.now(UTC))
    Turns(Path(sys.argv[1]), 0.0).leave(descriptor)
    store._connections.turns.take(store._connections.file.for_locks())
    os.close(descriptor) if (child := os.fork()) else time.sleep(60)
    print(child, flush=True)
else:
    print("there", flush=True)
time.sleep(60)
"""


Start = Callable[[str], tuple[subprocess.Popen[str], str]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opened(tmp_path / "x.db").close()
    return tmp_path / "x.db"


@pytest.fixture
def another(path: Path) -> Iterator[Start]:
    """Starts processes that take a place, and say so; they end with the test."""
    running = list[subprocess.Popen[str]]()

    def start(how: str) -> tuple[subprocess.Popen[str], str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, "-c", PLACE, str(path), how]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        running.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        process.kill()
        process.communicate()


def written(path: Path, how: str = "IMMEDIATE") -> sqlite3.Connection:
    """The file with a transaction that writes, until it is closed."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"BEGIN {how}")
    return connection


def seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def test_who_comes_first_is_served_first(path: Path) -> None:
    served = list[int]()
    descriptors = [os.open(path, os.O_RDWR) for _ in range(6)]

    def wait(number: int) -> None:
        Turns(path, 30.0).take(descriptors[number])
        served.append(number)
        time.sleep(0.005)
        Turns(path, 0.0).leave(descriptors[number])

    with closing(written(path)):
        Turns(path, 30.0).take(descriptors[0])
        waiting = [threading.Thread(target=wait, args=(number,)) for number in range(1, 6)]
        for number, thread in enumerate(waiting, 1):
            thread.start()
            while len(list(turns._held(descriptors[0], turns._FIRST, turns._LAST))) < number:
                time.sleep(0.001)
        assert served == []
        Turns(path, 0.0).leave(descriptors[0])
        for thread in waiting:
            thread.join()
    assert served == [1, 2, 3, 4, 5]
    for descriptor in descriptors:
        os.close(descriptor)


def test_no_writer_is_served_again_and_again(path: Path) -> None:
    """When the first of them is done, all others have come as far, but for the order in which they began."""
    calls, writers = 30, 4
    done = [0] * writers
    seen = list[list[int]]()
    together = threading.Barrier(writers)

    def write(number: int) -> None:
        with opened(path) as store:
            together.wait()
            for call in range(calls):
                store.append([draft(number * 1_000 + call)])
                done[number] += 1
        seen.append(list(done))

    running = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert done == [calls] * writers
    assert min(seen[0]) >= calls // 2, seen


def test_who_was_killed_is_not_in_the_way(path: Path, another: Start) -> None:
    process, _ = another("waits")
    process.kill()
    process.wait()
    with opened(path) as store:
        assert seconds(lambda: store.append([draft(1)])) < turns._PATIENCE_S


def test_nor_is_the_fork_of_who_was_killed(path: Path, another: Start) -> None:
    process, child = another("forks")
    process.kill()
    process.wait()
    try:
        with opened(path) as store:
            assert seconds(lambda: store.append([draft(1)])) < turns._PATIENCE_S
    finally:
        os.kill(int(child), signal.SIGKILL)


def test_who_waits_and_does_not_run_is_passed_once_for_all(path: Path, another: Start) -> None:
    process, _ = another("waits")
    with opened(path) as store:
        assert seconds(lambda: store.append([draft(1)])) >= turns._PATIENCE_S
        assert seconds(lambda: store.append([draft(2)])) < turns._PATIENCE_S
        process.kill()
        process.wait()
        store.append([draft(3)])
        assert not store._connections.turns._passed


def test_who_is_at_work_is_waited_for(path: Path, another: Start) -> None:
    another("waits")
    with closing(written(path)), opened(path, timeout_s=3 * turns._PATIENCE_S) as store:
        with pytest.raises(StoreBusyError, match="another writer holds the ledger"):
            store.append([draft(1)])
        descriptor = store._connections.file.for_locks()
        assert descriptor is not None
        other = os.open(path, os.O_RDWR)  # not closed: that would end locks of this process
        assert len(turns._held(other, turns._FIRST, turns._LAST)) == 1  # who gave up left no place


def test_who_may_not_wait_asks_the_database(path: Path, another: Start) -> None:
    another("waits")
    with opened(path, timeout_s=0) as store:
        store.append([draft(1)])
        with closing(written(path)), pytest.raises(StoreBusyError):
            store.append([draft(2)])


def test_a_reader_comes_in_when_a_commit_ends(path: Path) -> None:
    """And not when the database would look again, which is later the longer it waits."""
    with opened(path) as store, closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        store.head()
        waited = list[float]()
        for _ in range(5):
            other.execute("BEGIN EXCLUSIVE")
            ends = list[float]()

            def end(ends: list[float] = ends) -> None:
                time.sleep(0.06)
                other.execute("ROLLBACK")
                ends.append(time.monotonic())

            thread = threading.Thread(target=end)
            thread.start()
            store.head()
            thread.join()
            waited.append(time.monotonic() - ends[0])
        assert sorted(waited)[2] < 0.01


def test_a_reader_is_told_that_it_waited_in_vain(path: Path) -> None:
    with opened(path, timeout_s=0.05) as store, closing(written(path, "EXCLUSIVE")), pytest.raises(StoreBusyError):
        store.head()


def test_who_writes_reads_what_it_has_written_so_far(path: Path) -> None:
    """Also where that is more than fits into memory, so that it keeps readers out by itself."""
    with opened(path, timeout_s=0.1) as store:
        sizes = list[int]()

        def drafts() -> Iterator[Draft]:
            for number in range(20):
                sizes.append(store.head().size)
                yield draft(number)

        store._connections.get().execute("PRAGMA cache_spill=1")
        store.extend(drafts())
        assert len(sizes) == 20


def test_who_may_only_read_is_in_nobodys_way(path: Path) -> None:
    reader = os.open(path, os.O_RDONLY)
    turns._lock(reader, turns._SET, fcntl.F_RDLCK, turns._FIRST, 0)
    with opened(path, timeout_s=0) as store:
        store.append([draft(1)])
    os.close(reader)


@pytest.mark.parametrize("descriptor", [None, -1])
def test_without_such_locks_there_is_no_order(path: Path, descriptor: int | None) -> None:
    """As on a file system that has none: what cannot be locked is not waited for."""
    if descriptor is not None:
        descriptor = os.open(path, os.O_RDONLY)  # it cannot lock for writing
    Turns(path, 0.0).take(descriptor)
    Turns(path, 0.0).leave(descriptor)


def test_a_file_that_cannot_be_written_gives_no_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    with opened(path) as store:
        monkeypatch.setattr(os, "open", refuse)
        assert store._connections.file.for_locks() is None


def test_threads_that_ended_leave_their_descriptor_to_the_next(path: Path) -> None:
    with opened(path) as store:
        for number in range(5):
            thread = threading.Thread(target=store.append, args=([draft(number)],))
            thread.start()
            thread.join()
        assert len(store._connections.file._for_locks) == 1


def test_a_ledger_that_is_closed_meanwhile_is_closed(path: Path) -> None:
    raised = list[BaseException]()
    store = opened(path)

    def write() -> None:
        try:
            store.append([draft(1)])
        except BaseException as error:
            raised.append(error)

    with closing(written(path)):
        first = os.open(path, os.O_RDWR)
        Turns(path, 0.0).take(first)
        thread = threading.Thread(target=write)
        thread.start()
        while not list(turns._held(first, turns._FIRST, turns._LAST)):
            time.sleep(0.001)
        store.close()
        thread.join()
    os.close(first)
    assert [type(error) for error in raised] == [LedgerClosedError]


def test_nothing_lies_beside_the_file(path: Path) -> None:
    with opened(path) as store:
        store.append([draft(1)])
        assert [file.name for file in path.parent.iterdir()] == ["x.db"]


def test_a_crowd_that_waits_is_seen_whole(path: Path) -> None:
    places = range(turns._FIRST, turns._FIRST + 3000, 2)
    crowd, descriptor = os.open(path, os.O_RDWR), os.open(path, os.O_RDWR)
    try:
        for place in places:
            turns._lock(crowd, turns._SET, turns._WRITE, place, 1)
        assert turns._held(descriptor, turns._FIRST, turns._LAST) == list(places)
    finally:
        os.close(crowd)
        os.close(descriptor)
