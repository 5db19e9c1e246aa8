"""
Where entries are kept: memory, SQLite and PostgreSQL, behind one protocol. The door of floor F4.

Stores know bytes and labels; no event, no projection, no JSON.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from coop_ledger.stores.base import (
    PAGE,
    Clock,
    Condition,
    Draft,
    Head,
    Placed,
    Query,
    Restored,
    Store,
    Stored,
    Watch,
    check_page,
    check_shorter,
    check_since,
    erased_meanwhile,
    hash_rows,
    root_at,
    system_clock,
    tree_reader,
)
from coop_ledger.stores.files import check_path, new_file, system_errors
from coop_ledger.stores.health import OLDEST_SQLITE, FileHealth, health_of, sqlite_version
from coop_ledger.stores.memory import MemoryStore
from coop_ledger.stores.opening import is_there, open_store, take_back
from coop_ledger.stores.postgres.place import Place, is_postgres, place_of, without_password
from coop_ledger.stores.raw import sync
from coop_ledger.stores.schema import APPLICATION_ID, SCHEMA_VERSION, TEXT_ENCODING, SchemaObject, fingerprint
from coop_ledger.stores.sqlite import SqliteStore
from coop_ledger.stores.watches import Polling

if TYPE_CHECKING:
    from coop_ledger.stores.postgres.founding import Founded, found_postgres
    from coop_ledger.stores.postgres.schema import POSTGRES_SCHEMA_VERSION, schema_of
    from coop_ledger.stores.postgres.store import PostgresStore

__all__ = [
    "APPLICATION_ID",
    "OLDEST_SQLITE",
    "PAGE",
    "POSTGRES_SCHEMA_VERSION",
    "SCHEMA_VERSION",
    "TEXT_ENCODING",
    "Clock",
    "Condition",
    "Draft",
    "FileHealth",
    "Founded",
    "Head",
    "MemoryStore",
    "Place",
    "Placed",
    "Polling",
    "PostgresStore",
    "Query",
    "Restored",
    "SchemaObject",
    "SqliteStore",
    "Store",
    "Stored",
    "Watch",
    "check_page",
    "check_path",
    "check_shorter",
    "check_since",
    "erased_meanwhile",
    "fingerprint",
    "found_postgres",
    "hash_rows",
    "health_of",
    "is_postgres",
    "is_there",
    "new_file",
    "open_store",
    "place_of",
    "root_at",
    "schema_of",
    "sqlite_version",
    "sync",
    "system_clock",
    "system_errors",
    "take_back",
    "tree_reader",
    "without_password",
]

_LATER: Final = {
    "POSTGRES_SCHEMA_VERSION": "schema",
    "Founded": "founding",
    "PostgresStore": "store",
    "found_postgres": "founding",
    "schema_of": "schema",
}
"""What is loaded when it is asked for, and where it stands: most ledgers are files."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"{__name__}.postgres.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
