"""An address that names two servers: one that answers in place of another, and has not yet what that one gave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import StoreUnreachableError
from coop_ledger.stores import root_at
from tests.postgres.databases import execute
from tests.postgres.server import Server, new_server

ORIGIN = "behind.example/1"
EARLY, LATE = 300, 700


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary with a ledger of 700 entries, and a standby that has 300 of them until it is told to go on."""
    first, second = new_server("first"), new_server("second")
    first.make()
    first.start()
    claim = announced(ev.InstitutionOpened("kcac"), when="2017", sources=Source("Korea.net"))
    with Ledger.open(first.address, origin=ORIGIN) as ledger:
        ledger.record(*[claim] * EARLY)
        second.copy_of(first)
        second.start()
        while execute(second.address, "SELECT pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()") != [(True,)]:
            time.sleep(0.05)
        execute(second.address, "SELECT pg_wal_replay_pause()")
        ledger.record(*[claim] * (LATE - EARLY))
        position = execute(first.address, "SELECT pg_current_wal_lsn()")[0][0]
        while execute(second.address, f"SELECT pg_last_wal_receive_lsn() >= '{position}'") != [(True,)]:
            time.sleep(0.05)
    yield first, second
    first.stop()
    second.stop()


def both(*servers: Server) -> str:
    """An address that names them all, in their order."""
    folders = ",".join(parse_qs(urlsplit(server.address).query)["host"][0] for server in servers)
    return f"postgresql://postgres@/postgres?host={folders}&origin={ORIGIN}"


def test_nothing_is_missed_and_no_view_is_half_there(pair: tuple[Server, Server]) -> None:
    first, second = pair
    seen: list[int] = []
    with Ledger.open(both(first, second), readonly=True) as ledger:
        view, store = ledger.at(), ledger._store
        with pytest.raises(StoreUnreachableError, match="behind"), ledger.follow() as entries:  # noqa: PT012
            timer = threading.Timer(20, entries.stop)  # else who misses something would wait for it for ever
            timer.start()
            for entry in entries:
                seen.append(entry.position)
                if len(seen) == 1:
                    first.kill()
        timer.cancel()
        assert seen == list(range(len(seen)))
        assert 0 < len(seen) <= EARLY
        for question in (lambda: list(view.entries()), view.subjects, lambda: root_at(store, LATE)):
            with pytest.raises(StoreUnreachableError, match="behind"):
                question()
        assert ledger.size == EARLY
        execute(second.address, "SELECT pg_wal_replay_resume()")
        while ledger.size < LATE:
            time.sleep(0.05)
        with ledger.follow(after=seen[-1]) as entries:
            for entry in entries:
                seen.append(entry.position)
                if entry.position == LATE - 1:
                    break
        assert seen == list(range(LATE))
        assert len(list(view.entries())) == LATE
        assert root_at(store, LATE) == view.basis.root
