"""The contract of stores, run on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from coop_ledger.stores import Clock, MemoryStore, PostgresStore, SqliteStore, Store
from coop_ledger.testing import StoreContract
from tests.postgres.databases import fresh, give_back, opened
from tests.postgres.server import server_address

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


class TestPostgresStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _databases(self) -> Iterator[None]:
        server_address()
        self.made: dict[str, PostgresStore] = {}
        yield
        self._reclaim()

    def _reclaim(self) -> None:
        """Databases whose stores were closed serve the next example of a property."""
        for address, store in list(self.made.items()):
            if store._connections.closed:
                del self.made[address]
                give_back(ORIGIN, address)

    def make(self, clock: Clock) -> Store:
        self._reclaim()
        address = fresh(ORIGIN)
        self.made[address] = opened(address, ORIGIN, clock)
        return self.made[address]

    def reopen(self, store: Store, clock: Clock) -> Store:
        assert isinstance(store, PostgresStore)
        store.close()
        address = next(address for address, one in self.made.items() if one is store)
        self.made[address] = opened(address, ORIGIN, clock)
        return self.made[address]
