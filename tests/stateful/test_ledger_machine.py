"""Every store keeps step with the model in memory, through the ledger that people use."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from coop_ledger.stores import MemoryStore, SqliteStore
from coop_ledger.testing import LedgerMachine

ORIGIN = "machine.example/1"

TestMemory = LedgerMachine.of(lambda folder, clock: MemoryStore(ORIGIN, clock=clock)).TestCase
TestSqlite = LedgerMachine.of(
    lambda folder, clock: SqliteStore.open(folder / "ledger.db", origin=ORIGIN, clock=clock), durable=True
).TestCase

TestMemory.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSqlite.settings = settings(TestMemory.settings, max_examples=15, stateful_step_count=20)
