"""
A ledger in a PostgreSQL database: for many services on many machines. Needs the extra ``postgres``.

The driver is loaded when a first ledger is opened. Design: ``docs/decisions/0024``.
"""

from __future__ import annotations

from coop_ledger.stores.postgres.founding import Founded, found_postgres
from coop_ledger.stores.postgres.place import Place, is_postgres, place_of, without_password
from coop_ledger.stores.postgres.schema import POSTGRES_SCHEMA_VERSION, schema_of
from coop_ledger.stores.postgres.store import PostgresStore

__all__ = [
    "POSTGRES_SCHEMA_VERSION",
    "Founded",
    "Place",
    "PostgresStore",
    "found_postgres",
    "is_postgres",
    "place_of",
    "schema_of",
    "without_password",
]
