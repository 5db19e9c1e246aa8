"""
How entries leave a store for a file or another store, and how the store that takes them is opened. Knows no format.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from coop_ledger.codec import decode, wire_name
from coop_ledger.domain import Redaction
from coop_ledger.errors import CodecError, CommitmentError, InvalidValueError, StoreDamagedError
from coop_ledger.interchange.succession import Succession
from coop_ledger.stores import Query, Restored, Store, Stored, check_path, is_postgres, is_there, open_store, take_back

__all__ = ["REDACTIONS", "check_end", "check_not_erased_since", "opened_for", "read_through", "take"]

REDACTIONS: Final = ((f"type:{wire_name(Redaction)}",),)
"""The query that finds redactions."""


def read_through(store: Store, query: Query, size: int | None, after: int = -1) -> Iterator[Stored]:
    """The entries that a query finds, page by page; *size* and *after* as in ``Store.read``."""
    while page := store.read(query, after=after, size=size):
        yield from page
        after = page[-1].position


def take(succession: Succession, stored: Stored, openings: bytes | None) -> Restored:
    """
    The next entry of a ledger, checked, as an empty store takes it.

    Raises:
        StoreDamagedError: The ledger holds what cannot stand there.
    """
    try:
        return succession.take(stored.leaf, openings)
    except (CodecError, CommitmentError) as error:
        where = f"position {stored.position}" + (f", {error.where}" if error.where else "")
        raise StoreDamagedError(
            f"the ledger holds what no import would take: {error.what}",
            where=where,
            expected=error.expected,
            found=error.found,
            hint="verify the ledger, or restore a backup that verifies",
        ) from error


def check_end(succession: Succession, size: int, root: bytes) -> None:
    """
    Check that a ledger can end here, and that its leaves give its root.

    Raises:
        InvalidValueError: Entries of a call are missing.
        StoreDamagedError: Another root.
    """
    try:
        succession.end()
    except CodecError as error:
        raise InvalidValueError(
            "the size cuts a call of record in two", where="size", found=str(size), hint="give a smaller or larger size"
        ) from error
    if succession.root != root:
        raise StoreDamagedError(
            "the leaves do not give the ledger's root", expected=root.hex(), found=succession.root.hex(),
            hint="verify the ledger, or restore a backup that verifies",
        )  # fmt: skip


def check_not_erased_since(store: Store, size: int, hint: str) -> None:
    """
    Refuse openings of which a redaction that does not go along, or one made meanwhile, has erased some.

    Args:
        store: Where they come from.
        size: Entries that go along.
        hint: What to do then.

    Raises:
        InvalidValueError: As said.
    """
    for stored in read_through(store, REDACTIONS, None, after=size - 1):
        body = decode(stored.leaf, None, trusted=True).body
        target = store.entry(body.target) if isinstance(body, Redaction) else None
        if target is not None and target.position < size:
            raise InvalidValueError(
                "a later redaction has erased texts of these entries",
                where="size",
                expected=f"{stored.position + 1} or more",
                found=str(size),
                hint=hint,
            )


@contextmanager
def opened_for(into: str | os.PathLike[str] | Store, origin: str) -> Iterator[Store]:
    """
    The store of a ledger at a path or address, or *into* itself if it is one.

    Guarantees: what was made for it, a file or the ledger in a database, goes again if anything is raised.
    """
    if not isinstance(into, str | os.PathLike) and hasattr(into, "restore"):
        yield into
        return
    given = cast("str", into)
    path = given if is_postgres(given) else check_path(given)
    is_new = not is_there(path, origin)
    try:
        with open_store(path, origin=origin) as store:
            yield store
    except BaseException:
        if is_new:
            take_back(path, origin)
        raise
