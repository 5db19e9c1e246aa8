"""Waiting for a ledger in a database: told by the server, else by looking, and on a new connection where one breaks."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from coop_ledger.errors import ForkedProcessError, LedgerClosedError
from coop_ledger.stores import PostgresStore, Watch
from coop_ledger.stores.postgres import watching
from coop_ledger.stores.postgres.watching import Listening
from coop_ledger.testing.store_clauses import made_up
from tests.postgres.databases import execute
from tests.postgres.support import ledger_store


@contextmanager
def waiting(watch: Watch, size: int) -> Iterator[list[tuple[bool, float]]]:
    """A thread that waits; what it was told, and when."""
    told: list[tuple[bool, float]] = []
    thread = threading.Thread(target=lambda: told.append((watch.wait(size), time.monotonic())))
    thread.start()
    time.sleep(0.3)
    assert not told
    yield told
    thread.join(10)
    watch.close()
    assert not thread.is_alive()


def appended(store: PostgresStore) -> float:
    began = time.monotonic()
    store.append([made_up()])
    return began


def test_the_server_tells_of_a_commit_long_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_TOLD_S", 60.0)
    with ledger_store() as (store, _), waiting(store.watch(), 0) as told:
        began = appended(store)
    assert told[0][0]
    assert told[0][1] - began < 30


def test_what_is_told_behind_an_answer_is_not_slept_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is read, then a commit comes, and the driver reads of it together with the answer."""
    monkeypatch.setattr(watching, "_TOLD_S", 5.0)
    with ledger_store() as (store, _):
        watch = store.watch()
        assert isinstance(watch, Listening)
        ask = watch._asked

        def asked() -> int:
            size = ask()
            if size == 0:
                store.append([made_up()])
                assert watch._connection is not None
                watch._connection.execute("SELECT 1")
            return size

        monkeypatch.setattr(watch, "_asked", asked)
        began = time.monotonic()
        assert watch.wait(0)
        assert time.monotonic() - began < 3
        watch.close()


def test_where_nobody_tells_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_TOLD_S", 0.5)
    with ledger_store() as (store, address):
        execute(address, f"ALTER TABLE {store.schema}.head DISABLE TRIGGER head_tells")
        with waiting(store.watch(), 0) as told:
            appended(store)
        assert [grown for grown, _ in told] == [True]
        execute(address, f"ALTER TABLE {store.schema}.head ENABLE TRIGGER head_tells")


def test_a_connection_that_breaks_while_it_waits_is_made_anew() -> None:
    with ledger_store() as (store, address):
        with waiting(store.watch(), 0) as told:
            execute(
                address,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database()",
            )
            time.sleep(0.3)
            appended(store)
        assert [grown for grown, _ in told] == [True]


def test_who_waits_is_stopped_by_closing_the_ledger() -> None:
    with ledger_store() as (store, _):
        watch = store.watch()
        with waiting(watch, 0) as told:
            store.close()
        assert [grown for grown, _ in told] == [False]
        with pytest.raises(LedgerClosedError):
            store.watch()
        watch.close()


def test_a_forked_process_leaves_it_alone() -> None:
    """Neither is the connection ended that both have, nor the bell rung, nor a lock waited for that a thread held."""
    with ledger_store() as (store, address):
        store.append([made_up()])
        watch = store.watch()
        assert isinstance(watch, Listening)
        assert watch.wait(0)
        sessions = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'coop_ledger'"
        )
        before = sorted(execute(address, sessions))
        with watch._lock:
            child = os.fork()
            if child == 0:  # pragma: no cover - in another process
                signal.alarm(10)
                try:
                    watch.wait(1)
                except ForkedProcessError:
                    watch.close()
                    os._exit(0)
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert select.select([watch._ear], [], [], 0.1)[0] == []
        assert sorted(execute(address, sessions)) == before
        watch.close()
