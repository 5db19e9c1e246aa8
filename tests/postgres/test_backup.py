"""A dump of a ledger, restored into another database, is held against the checkpoint that was kept."""

from __future__ import annotations

from itertools import count

import pytest

from coop_ledger import Ledger, Source, announced
from coop_ledger import events as ev
from coop_ledger.errors import StoreDamagedError
from coop_ledger.stores import found_postgres
from coop_ledger.testing import ticking
from tests.postgres.databases import execute, opened
from tests.postgres.server import own_server

ORIGIN = "backup.example/1"
_numbers = count(1)


def databases() -> list[str]:
    """Two empty databases of our own server: the programs that dump and restore are of its version."""
    names = [f"backup_{next(_numbers)}" for _ in range(2)]
    for name in names:
        execute(own_server().address, f"CREATE DATABASE {name}")
    return [own_server().address.replace("/postgres?", f"/{name}?") for name in names]


def record(address: str, *names: str) -> None:
    with Ledger.open(address, origin=ORIGIN) as ledger:
        for name in names:
            claim = announced(ev.InstitutionOpened(name), when="2017", sources=Source("Made-up Gazette"))
            ledger.record(claim, once=name)


def test_a_dump_is_restored_and_held_against_what_was_kept() -> None:
    server, address, restored = own_server(), *databases()
    schema = found_postgres(address, ORIGIN).schema
    record(address, "one", "two")
    with Ledger.open(address, readonly=True) as ledger:
        kept = ledger.at().basis
    record(address, "three")
    server.dump(address, restored, schema)
    with Ledger.open(restored, origin=ORIGIN, recorder="after") as ledger, Ledger.open(address) as lost:
        assert (ledger.size, ledger.root) == (lost.size, lost.root)
        growth = ledger.prove_consistency(kept.size)
        growth.verify(root_old=kept.root, root=ledger.root, size_old=kept.size, size=ledger.size)
    record(restored, "three", "four")  # what was recorded is known by its key
    with Ledger.open(restored, readonly=True) as ledger:
        assert [entry.position for entry in ledger.entries()] == [0, 1, 2, 3]
    with pytest.raises(Exception, match="a ledger only grows"):
        execute(restored, f"DELETE FROM {schema}.entries")
    changed = "UPDATE entries SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'two', 'too'), 'UTF8')"
    execute(restored, "SET session_replication_role = replica", f"SET search_path = {schema}", changed)
    with Ledger.open(restored, readonly=True) as ledger, pytest.raises(StoreDamagedError):
        ledger.prove_consistency(kept.size)


def test_an_empty_ledger_is_restored_too() -> None:
    server, address, restored = own_server(), *databases()
    with opened(address, ORIGIN, ticking()) as store:
        server.dump(address, restored, store.schema)
        with opened(restored, ORIGIN, ticking()) as other:
            assert other.head() == store.head()
