"""A connection that breaks, wherever it does: a call is recorded once or not at all, and nobody is told wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coop_ledger.errors import AppendConflictError, StoreReadOnlyError, StoreUncertainError, StoreUnreachableError
from coop_ledger.log import root_of
from coop_ledger.stores import Condition, Draft, Placed, PostgresStore, Restored
from coop_ledger.testing import ticking
from coop_ledger.testing.store_clauses import made_up
from coop_ledger.testing.twins import read_all
from tests.postgres.databases import execute, fresh, give_back, new_database, opened
from tests.postgres.server import QUICK, new_server
from tests.postgres.support import ORIGIN, adding, socket_folder
from tests.postgres.wire import Wire

psycopg = pytest.importorskip("psycopg")

SENT = b"id-0"  # what a call says and no preparation of it
Work = Callable[[PostgresStore, list[Draft]], Any]

APPEND: Work = lambda store, drafts: store.append(drafts)  # noqa: E731
ERASE: Work = lambda store, drafts: store.erase(0, b"{opening}", b"{}", drafts[0])  # noqa: E731
EXTEND: Work = lambda store, drafts: store.extend(iter(drafts))  # noqa: E731


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[tuple[Wire, PostgresStore, PostgresStore]]:
    """A wire, a store of one entry at its end, and the same without it."""
    address = fresh(ORIGIN)
    folder = socket_folder(address)
    with opened(address, ORIGIN, ticking()) as straight:
        straight.append([made_up("a:1")])
        cut_off = address.replace(folder, str(tmp_path))
        with Wire(tmp_path, folder) as wire, opened(cut_off, ORIGIN, ticking(), timeout_s=2) as store:
            yield wire, store, straight
    give_back(ORIGIN, address)


@pytest.mark.parametrize("passes_on", [True, False], ids=["answer lost", "call lost"])
@pytest.mark.parametrize(
    ("work", "size", "word"),
    [(APPEND, 1, SENT), (APPEND, 3, SENT), (APPEND, 100, b"COMMIT"), (ERASE, 1, SENT)],
)
def test_a_call_is_recorded_once(wire: Any, work: Work, size: int, word: bytes, passes_on: bool) -> None:
    line, store, straight = wire
    drafts = [made_up("b:1", once=("key", at, size)) for at in range(size)]
    line.cut_at(word, passes_on=passes_on)
    result: Placed = work(store, drafts)
    assert line.cuts == 1
    held = read_all(straight)
    assert [one.id for one in held[1:]] == [draft.id for draft in drafts]
    assert result.positions == range(1, 1 + size)
    assert (result.size, result.root) == (1 + size, straight.head().root)
    assert result.root == root_of(straight.hashes(0, result.size))
    assert result.recorded_at == straight.head().recorded_at
    assert straight.openings(0) == (b"{}" if work is ERASE else b"{opening}")
    assert store.append([made_up()]).size == size + 2


@pytest.mark.parametrize("passes_on", [True, False], ids=["answer lost", "call lost"])
def test_a_condition_that_the_call_itself_has_broken_is_no_conflict(wire: Any, passes_on: bool) -> None:
    line, store, straight = wire
    line.cut_at(SENT, passes_on=passes_on)
    condition = Condition((("b:1",),), 1)
    assert store.append([made_up("b:1")], [condition]).size == 2
    line.cut_at(SENT, passes_on=passes_on)
    with pytest.raises(AppendConflictError):
        store.append([made_up("b:1")], [condition])
    assert straight.head().size == 2


@pytest.mark.parametrize(
    ("word", "passes_on", "size"), [(b"COPY labelled", False, 1), (b"COPY labelled", True, 1), (b"COMMIT", True, 6)]
)
def test_what_comes_once_is_recorded_whole_or_not_at_all(wire: Any, word: bytes, passes_on: bool, size: int) -> None:
    line, store, straight = wire
    drafts = [made_up() for _ in range(5)]
    line.cut_at(word, passes_on=passes_on)
    if size == 1:
        with pytest.raises(StoreUnreachableError):
            store.extend(iter(drafts))
    else:
        assert store.extend(iter(drafts)).positions == range(1, 6)
    assert straight.head().size == size
    assert store.extend(iter([made_up()])).size == size + 1


def dawdling(address: str, schema: str, seconds: float) -> None:
    """Have every commit of a ledger take its time."""
    execute(
        address,
        f"SET search_path = {schema}",
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
        f"'BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END'",
        "CREATE CONSTRAINT TRIGGER dawdles AFTER UPDATE ON head DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION dawdle()",
    )


@pytest.mark.parametrize(("work", "word"), [(APPEND, SENT), (EXTEND, b"COMMIT")])
def test_a_ledger_that_is_busy_since_says_nothing_of_the_call(tmp_path: Path, work: Work, word: bytes) -> None:
    """The first try holds the ledger until it has committed: nobody who waits for less may say that it is not there."""
    address = new_database()
    folder = socket_folder(address)
    with opened(address, ORIGIN, ticking()) as straight, Wire(tmp_path, folder) as line:
        dawdling(address, straight.schema, 4)
        with opened(address.replace(folder, str(tmp_path)), ORIGIN, ticking(), timeout_s=0.2) as store:
            line.cut_at(word, passes_on=True, waits=False)
            with pytest.raises(StoreUncertainError):
                work(store, [made_up()])
        until = time.monotonic() + 20
        while straight.head().size == 0:
            assert time.monotonic() < until, "it was not recorded at all"
            time.sleep(0.05)
        assert straight.head().size == 1


def test_a_commit_that_takes_its_time_is_waited_for(tmp_path: Path) -> None:
    address = new_database()
    folder = socket_folder(address)
    with opened(address, ORIGIN, ticking()) as straight, Wire(tmp_path, folder) as line:
        dawdling(address, straight.schema, 0.5)
        with opened(address.replace(folder, str(tmp_path)), ORIGIN, ticking()) as store:
            line.cut_at(b"COMMIT", passes_on=True, waits=False)
            assert store.extend(iter([made_up(), made_up()])).positions == range(2)
            line.cut_at(SENT, passes_on=True, waits=False)
            assert store.append([made_up()]).positions == range(2, 3)
        assert straight.head().size == 3


def test_a_commit_that_never_arrived_is_none(wire: Any) -> None:
    line, store, straight = wire
    line.cut_at(b"COMMIT", passes_on=False)
    with pytest.raises(StoreUnreachableError):
        store.extend(iter([made_up() for _ in range(5)]))
    assert straight.head().size == 1


def test_a_call_of_which_nobody_knows_may_be_made_again_with_its_key(wire: Any) -> None:
    line, store, straight = wire
    line.cut_at(SENT, passes_on=True, refuses=True)
    with pytest.raises(StoreUncertainError) as caught:
        store.append([made_up(once=("key", 0, 1))])
    assert "make the same call again, with its once key" in (caught.value.hint or "")
    assert len(straight.once("key")) == 1


@pytest.mark.parametrize(("work", "word"), [(APPEND, SENT), (EXTEND, b"COMMIT")])
def test_where_the_server_does_not_come_back_nobody_can_tell(wire: Any, work: Work, word: bytes) -> None:
    line, store, straight = wire
    line.cut_at(word, passes_on=True, refuses=True)
    with pytest.raises(StoreUncertainError) as caught:
        work(store, [made_up()])
    assert "look whether it has entry id-" in (caught.value.hint or "")
    assert straight.head().size == 2
    for use in (store.head, lambda: store.append([made_up()])):  # nothing was sent: nothing is uncertain
        with pytest.raises(StoreUnreachableError):
            use()
    line.refuses = False
    assert store.head().size == 2


def test_a_restore_whose_end_is_not_told(tmp_path: Path) -> None:
    address = fresh(ORIGIN)
    folder = socket_folder(address)
    entries = [Restored(b"{}", f"id-{at}", "2016-11-15T09:00:00.000000Z") for at in range(3)]
    with Wire(tmp_path, folder) as line, opened(address.replace(folder, str(tmp_path)), ORIGIN, ticking()) as store:
        line.cut_at(b"COMMIT", passes_on=True)
        assert store.restore(iter(entries)).size == 3
    give_back(ORIGIN, address)


def test_a_session_that_the_server_ends_is_begun_anew() -> None:
    address = fresh(ORIGIN)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coop_ledger'"
    with opened(address, ORIGIN, ticking()) as store:
        store.append([made_up()])
        execute(address, f"{end} AND datname = current_database()")
        assert store.append([made_up()]).size == 2
        execute(address, f"{end} AND datname = current_database()")
        assert store.head().size == 2
        with psycopg.connect(address) as other:  # one that waits for the lock is ended in the middle of its call
            schema = store.schema
            other.execute(f"SELECT * FROM {schema}.head FOR UPDATE")
            told: list[int] = []
            thread = threading.Thread(target=lambda: told.append(store.append([made_up()]).size))
            thread.start()
            waiting = f"{end} AND datname = current_database() AND wait_event_type = 'Lock'"
            while not execute(address, waiting):
                pass
            other.rollback()
            thread.join()
        assert told == [3]
        assert len(read_all(store)) == 3
    give_back(ORIGIN, address)


@pytest.mark.parametrize("ends", ["pg_terminate_backend", "pg_cancel_backend"])
def test_what_no_replica_has_confirmed_is_not_told_as_recorded(ends: str) -> None:
    server = new_server(ends, QUICK)
    server.make()
    server.start()

    def replicas(names: str) -> None:
        words = (f"ALTER SYSTEM SET synchronous_standby_names = '{names}'", "SELECT pg_reload_conf()")
        execute(server.address, "SET synchronous_commit = local", *words)

    waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    deaf = adding(server.address, "options=-c%20client_min_messages%3Derror")
    with opened(deaf, ORIGIN, ticking()) as store:
        for work, size in ((APPEND, 1), (APPEND, 100), (EXTEND, 5)):
            before, told = store.head().size, list[Placed]()
            replicas("nobody")
            while execute(server.address, "SHOW synchronous_standby_names") != [("nobody",)]:
                pass
            drafts = [made_up() for _ in range(size)]
            thread = threading.Thread(target=lambda: told.append(work(store, drafts)))  # noqa: B023
            thread.start()
            while not execute(server.address, f"SELECT pid {waiting}"):
                pass
            execute(server.address, f"SELECT {ends}(pid) {waiting}")
            time.sleep(0.5)
            assert not told
            replicas("")
            thread.join(10)
            assert told[0].positions == range(before, before + size)
            assert [one.id for one in read_all(store)[before:]] == [draft.id for draft in drafts]
    server.stop()


def test_a_replica_reads_and_does_not_write() -> None:
    primary = new_server("primary", QUICK)
    primary.make()
    primary.start()
    replica = new_server("replica", QUICK)
    with opened(primary.address, ORIGIN, ticking()) as store:
        store.append([made_up("a:1"), made_up("b:1")])
        replica.copy_of(primary)
        replica.start()
        with pytest.raises(StoreReadOnlyError) as caught:
            opened(replica.address, ORIGIN, ticking())
        assert "readonly=True" in (caught.value.hint or "")
        with opened(replica.address, ORIGIN, ticking(), readonly=True) as copy:
            assert copy.head() == store.head()
            assert read_all(copy) == read_all(store)
            with pytest.raises(StoreReadOnlyError):
                copy.append([made_up()])
    replica.stop()
    primary.stop()


def test_many_connections_lose_and_double_nothing() -> None:
    address = new_database()
    with opened(address, ORIGIN, ticking()):
        told: list[tuple[int, str]] = []

        def write() -> None:
            with PostgresStore.open(address, origin=ORIGIN) as store:
                for number in range(25):
                    size = 100 if number % 6 == 0 else 1 + number % 3  # by COPY, and by the server's function
                    drafts = [made_up(f"n:{number % 5}") for _ in range(size)]
                    told.extend(zip(store.append(drafts).positions, (draft.id for draft in drafts), strict=True))

        threads = [threading.Thread(target=write) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with PostgresStore.open(address, readonly=True) as store:
        held = read_all(store)
        assert sorted(told) == [(one.position, one.id) for one in held]
        assert [one.position for one in held] == list(range(len(held)))
        assert not any(b"recorded_clamped" in one.leaf for one in held)  # the server's clock, read under the lock
        assert store.head().root == root_of(store.hashes(0, len(held)))
