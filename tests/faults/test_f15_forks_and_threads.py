"""F15: a ledger that was opened before a fork, and threads that share one: refused and named, or safe as documented."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from coop_ledger import Ledger
from coop_ledger.errors import CoopLedgerError, ForkedProcessError
from tests.faults.harness import Acknowledged, judge, key, opened, record_one, seeded, told
from tests.faults.nest import Line, Nest
from tests.faults.tally import Tally
from tests.shared import ROOT

USES: dict[str, Callable[[Ledger], object]] = {
    "record": lambda ledger: ledger.record(*told("child", 0), once=key("child", 0)),
    "size": lambda ledger: ledger.size,
    "entries": lambda ledger: list(ledger.entries()),
    "state": lambda ledger: ledger.initiative("seed-0-0"),
    "view": lambda ledger: ledger.at(size=1),
    "prove": lambda ledger: ledger.prove(0),
    "backup": lambda ledger: ledger.backup(Path(ledger._store.path).with_name("copy.db")),  # type: ignore[attr-defined]
    "export": lambda ledger: ledger.export(Path(ledger._store.path).with_name("copy.bundle")),  # type: ignore[attr-defined]
}


def _in_a_fork(work: Callable[[], object]) -> int:
    """How a forked process ends that does some work."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            print(f"in the fork: {type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def forking(line: Line, path: str, store: str) -> None:
    """The work of a process that forks with an open ledger, and goes on; the fork says how each use ended."""

    def fork() -> None:
        for name, use in USES.items():
            try:
                use(ledger)
                line.say(name, "done")
            except CoopLedgerError as error:
                line.say(name, type(error).__name__)
        ledger.close()
        with opened(path, recorder="fork") as anew:
            record_one(line, anew, "fork", 0)

    with opened(path, store) as ledger:
        record_one(line, ledger, "w", 0)
        assert _in_a_fork(fork) == 0
        record_one(line, ledger, "w", 1)


def forked(nest: Nest, path: Path, store: str = "ours") -> tuple[set[str], list[Acknowledged]]:
    """How uses of a ledger in a fork ended, and what was acknowledged in both processes."""
    seeded(path, 3)
    said = [line.split() for line in nest.start(forking, str(path), store).finished()]
    return {words[1] for words in said if words[0] in USES}, [
        Acknowledged.heard(" ".join(words)) for words in said if words[0] not in USES
    ]


def test_a_fork_opens_its_own(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    ended, acknowledged = forked(nest, tmp_path / "x.db")
    assert ended == {ForkedProcessError.__name__}
    assert len(acknowledged) == 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.db"]
    tally.take(judge(tmp_path / "x.db", acknowledged, refused=[key("child", 0)]))


def test_a_store_that_does_not_notice_the_fork_is_found(nest: Nest, tmp_path: Path) -> None:
    ended, _ = forked(nest, tmp_path / "x.db", "carried over")
    assert "done" in ended


IN_THE_MIDDLE = """
import os, sys, threading
from datetime import UTC, datetime
from coop_ledger.stores import Restored, SqliteStore
store = SqliteStore.open(sys.argv[1], origin="fork.example/1", clock=lambda: datetime.now(UTC))
there, go = threading.Event(), threading.Event()
def entries():
    for number in range(1_500):
        if number == 1_100:  # the first thousand are written, and nothing is committed
            there.set()
            go.wait()
        yield Restored(b"{}", f"id-{number}", "2016-11-15T09:00:00.000000Z", ("a:1",))
writer = threading.Thread(target=lambda: store.restore(entries()))
writer.start()
there.wait()
child = os.fork()
if child == 0:
    if sys.argv[2] == "closes":
        store.close()
    sys.exit(0)  # as a program ends: all is given back that can be
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), os.path.exists(sys.argv[1] + "-journal"))
go.set()
writer.join()
print(store.head().size)
"""


@pytest.mark.parametrize("ending", ["closes", "ends"])
def test_a_fork_in_the_middle_of_a_call(tmp_path: Path, ending: str) -> None:
    """It takes neither the journal with it nor the locks: the call of the other thread goes on, safe from a kill."""
    path = tmp_path / "x.db"
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", IN_THE_MIDDLE, str(path), ending]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["0", "True", "1500"], done
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def sharing(
    path: Path, threads: int, calls: int, store: str = "ours"
) -> tuple[list[Acknowledged], list[BaseException]]:
    """What threads that share a ledger were acknowledged, and what else was raised in them."""
    acknowledged, raised = list[Acknowledged](), list[BaseException]()
    with opened(path, store) as ledger:

        def work(name: str) -> None:
            try:
                for number in range(calls):
                    receipt = ledger.record(*told(name, number), once=key(name, number))
                    acknowledged.append(Acknowledged(key(name, number), receipt.size, receipt.root.hex()))
                    view = ledger.at(size=receipt.size)
                    assert sum(1 for _ in view.entries()) == receipt.size
            except BaseException as error:
                raised.append(error)

        running = [threading.Thread(target=work, args=(f"t{at}",)) for at in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    return acknowledged, raised


def test_threads_share_a_ledger(tmp_path: Path, tally: Tally) -> None:
    acknowledged, raised = sharing(tmp_path / "x.db", 6, 5)
    assert raised == []
    assert len(acknowledged) == 30
    tally.take(judge(tmp_path / "x.db", acknowledged))


def sharing_a_connection(line: Line, path: str) -> None:
    """The work of a process whose threads share a connection; it says whether that is seen."""
    sys.setswitchinterval(1e-6)  # else one thread may be done before the next one begins
    acknowledged, raised = sharing(Path(path), 6, 20, "one connection")
    line.say(bool(raised) or not judge(Path(path), acknowledged).faultless)


def test_threads_that_share_a_connection_are_found(nest: Nest, tmp_path: Path) -> None:
    """By an error, by what is lost, or because the process dies of it: SQLite's memory is no safer than its turns."""

    def is_found(path: Path) -> bool:
        child = nest.start(sharing_a_connection, str(path))
        return child.rest() == [str(True)] or child.wait() < 0

    assert any(is_found(tmp_path / f"{number}.db") for number in range(30))


def test_a_thread_that_ended_leaves_nothing_open(tmp_path: Path) -> None:
    with opened(tmp_path / "x.db") as ledger:
        for number in range(20):
            thread = threading.Thread(target=ledger.record, args=told("t", number))
            thread.start()
            thread.join()
        store: Any = ledger._store
        assert len(store._connections._all) <= 2
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None, timeout=0)) as alone:
        alone.execute("BEGIN EXCLUSIVE")
