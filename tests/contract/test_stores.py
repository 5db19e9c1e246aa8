"""The contract of stores, run on each of them."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from coop_ledger.stores import Clock, MemoryStore, SqliteStore, Store
from coop_ledger.testing import StoreContract

ORIGIN = "contract.example/1"


class TestMemoryStore(StoreContract):
    def make(self, clock: Clock) -> Store:
        return MemoryStore(ORIGIN, clock=clock)


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.numbers = count()

    def make(self, clock: Clock) -> Store:
        return SqliteStore.open(self.folder / f"{next(self.numbers)}.db", origin=ORIGIN, clock=clock)

    def reopen(self, store: Store, clock: Clock) -> Store:
        assert isinstance(store, SqliteStore)
        store.close()
        return SqliteStore.open(store.path, clock=clock)
