"""
From one version of the schema to the next, without touching a leaf: every leaf is read again before it is committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from coop_ledger.errors import StoreDamagedError
from coop_ledger.log import Frontier, leaf_hash
from coop_ledger.stores.base import PAGE
from coop_ledger.stores.postgres.batches import locked
from coop_ledger.stores.postgres.schema import MARK, POSTGRES_SCHEMA_VERSION

if TYPE_CHECKING:
    import psycopg

__all__ = ["MIGRATIONS", "migrate"]

MIGRATIONS: Final[Mapping[int, Sequence[str]]] = {}
"""Version → the statements that lead from it to the next one; version 1 is the first."""


def migrate(
    connection: psycopg.Connection[Any],
    version: int,
    migrations: Mapping[int, Sequence[str]] = MIGRATIONS,
    to: int = POSTGRES_SCHEMA_VERSION,
) -> None:
    """
    Bring a ledger up to a version of the schema, in one transaction, while nobody writes.

    Args:
        connection: Of the owner, in the ledger's schema.
        version: The version that it has.
        migrations: The way from each version to the next.
        to: The version that it gets.

    Raises:
        StoreDamagedError: The leaves would give another root; nothing was changed.
    """
    with connection.transaction():
        before = locked(connection).frontier
        for step in range(version, to):
            for statement in migrations[step]:
                connection.execute(statement)
        connection.execute(f"UPDATE {MARK} SET version = %s", (to,))
        after = _leaves(connection)
        if (after.size, after.root()) != (before.size, before.root()):
            raise StoreDamagedError(
                "the leaves do not give the ledger's root", where="migration", expected=before.root().hex(),
                found=after.root().hex(), hint="verify the ledger, or restore a backup that verifies",
            )  # fmt: skip


def _leaves(connection: psycopg.Connection[Any]) -> Frontier:
    """The tree over the leaves, each hashed again."""
    found = Frontier()
    with connection.cursor("leaves", binary=True) as cursor:
        cursor.itersize = PAGE
        cursor.execute("SELECT leaf FROM entries ORDER BY position")
        found.extend(leaf_hash(leaf) for (leaf,) in cursor)
    return found
