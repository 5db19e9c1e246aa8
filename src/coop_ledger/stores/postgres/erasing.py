"""
Whether words that were erased still stand in the files of a table: the table is rewritten, and its pages are searched.

An UPDATE leaves the old row where it was, and VACUUM frees its room without overwriting it. VACUUM FULL writes the
table anew without it, but for rows that an old snapshot still needs; so the pages are looked at, which only a superuser
may. Replicas, the write-ahead log and backups are outside of what can be searched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from coop_ledger.stores.postgres.statements import HELD

if TYPE_CHECKING:
    import psycopg

__all__ = ["standing"]

_FILES: Final = """SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid = 'openings'::regclass
UNION ALL SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = 'openings'::regclass"""
_MAY_LOOK: Final = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
_PIECE: Final = 1 << 24


def standing(connection: psycopg.Connection[Any], pieces: Sequence[bytes]) -> list[bytes]:
    """
    Those of *pieces* that stand in the files of the openings although nothing holds them; all, if nobody may look.

    Args:
        connection: In no transaction.
        pieces: What is looked for.
    """
    if connection.execute(_MAY_LOOK).fetchone() != (True,):
        return list(pieces)
    connection.execute("VACUUM FULL openings")
    connection.execute("CHECKPOINT")
    there = set[bytes]()
    for (path,) in connection.execute(_FILES).fetchall():
        for number in count():  # a file of the server ends at 1 GiB, and goes on in the next
            found = _in_file(connection, f"{path}.{number}" if number else path, pieces)
            if found is None:
                break
            there |= found
    return [
        piece for piece in pieces if piece in there and connection.execute(HELD, {"piece": piece}).fetchone() is None
    ]


def _in_file(connection: psycopg.Connection[Any], path: str, pieces: Sequence[bytes]) -> set[bytes] | None:
    """Those that stand in a file of the server, which is read piece by piece; None where there is no such file."""
    there, at, before = set[bytes](), 0, b""
    longest = max((len(piece) for piece in pieces), default=0)
    while True:
        row = connection.execute("SELECT pg_read_binary_file(%s, %s, %s, true)", (path, at, _PIECE)).fetchone()
        found: bytes | None = None if row is None else row[0]
        if not found:
            return None if found is None else there
        here = before + found
        there.update(piece for piece in pieces if piece in here)
        before = here[len(here) - longest :] if longest else b""
        at += len(found)
