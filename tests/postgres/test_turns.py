"""Writers of one ledger in PostgreSQL wait in line: first come, first served, few drafts or many."""

from __future__ import annotations

import threading
import time

import pytest

from coop_ledger.stores.postgres.functions import TURN
from coop_ledger.testing.store_clauses import made_up
from tests.postgres.databases import execute
from tests.postgres.support import ledger_store

psycopg = pytest.importorskip("psycopg")
IN_LINE = """SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE c.relname = 'turn' AND NOT l.granted"""


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (1, 100, 1, 100)])
def test_who_comes_first_is_served_first(sizes: tuple[int, ...]) -> None:
    with ledger_store() as (store, address), psycopg.connect(address) as other:
        other.execute(f"SET search_path = {store.schema}")
        other.execute(TURN)
        writers = []
        for at, size in enumerate(sizes):
            drafts = [made_up(f"writer:{at}") for _ in range(size)]
            writers.append(threading.Thread(target=store.append, args=(drafts,)))
            writers[-1].start()
            until = time.monotonic() + 20
            while execute(address, IN_LINE) != [(at + 1,)]:
                assert time.monotonic() < until, f"writer {at} does not stand in line"
        assert store.head().size == 0, "who only reads waits for nobody"
        other.commit()
        for writer in writers:
            writer.join()
        found = [[one.position for one in store.read(((f"writer:{at}",),))] for at in range(len(sizes))]
    assert [position for positions in found for position in positions] == list(range(sum(sizes)))
