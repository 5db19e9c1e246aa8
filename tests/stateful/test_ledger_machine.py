"""Every store keeps step with the model in memory, through the ledger that people use."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings

from coop_ledger.stores import Clock, MemoryStore, PostgresStore, SqliteStore
from coop_ledger.testing import LedgerMachine
from tests.postgres.databases import fresh, give_back, opened

ORIGIN = "machine.example/1"

_in_use: dict[Path, str] = {}


def open_postgres(folder: Path, clock: Clock) -> PostgresStore:
    """The ledger of a folder; a database whose folder is gone serves another one."""
    for gone in [one for one in _in_use if not one.exists()]:
        give_back(ORIGIN, _in_use.pop(gone))
    address = _in_use[folder] = _in_use.get(folder) or fresh(ORIGIN)
    return opened(address, ORIGIN, clock)


TestMemory = LedgerMachine.of(lambda folder, clock: MemoryStore(ORIGIN, clock=clock)).TestCase
TestSqlite = LedgerMachine.of(
    lambda folder, clock: SqliteStore.open(folder / "ledger.db", origin=ORIGIN, clock=clock), durable=True
).TestCase
TestPostgres = LedgerMachine.of(open_postgres, durable=True).TestCase

TestMemory.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSqlite.settings = settings(TestMemory.settings, max_examples=15, stateful_step_count=20)
TestPostgres.settings = settings(TestMemory.settings, max_examples=8, stateful_step_count=15)
