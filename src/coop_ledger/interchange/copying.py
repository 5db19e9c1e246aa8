"""
A ledger from one store into another: between files, databases and memory, in any direction. Knows no SQL.

What goes over is what a store keeps: leaves, openings and keys; labels and tree are made anew from them. So positions,
ids and times stay, and every checkpoint that was signed over the one ledger is one over the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from coop_ledger.errors import InvalidValueError, KeyTakenError, StoreDamagedError, WrongOriginError
from coop_ledger.interchange.passing import check_end, check_not_erased_since, opened_for, read_through, take
from coop_ledger.interchange.succession import Succession, survey
from coop_ledger.stores import Head, Restored, Store

if TYPE_CHECKING:
    from coop_ledger.ledger import Ledger

__all__ = ["copy_ledger"]

_ALL = ((),)


def copy_ledger(source: Ledger, target: str | os.PathLike[str] | Store) -> Head:
    """
    Copy a ledger, as it is at one moment, into an empty one.

    Args:
        source: The ledger.
        target: A file, made if it is missing, ``postgresql://…``, or a store; without entries, and of the ledger's
            origin.

    Returns:
        Size, root and last time of both.

    Raises:
        StoreNotEmptyError: *target* holds entries.
        WrongOriginError: *target* is of another origin.
        StoreDamagedError: *source* holds what cannot stand there, or its leaves do not give its root.
        InvalidValueError: Texts were erased in *source* while it was copied: copy again.
        StoreError: *source* could not be read, or *target* not be opened or written.

    Guarantees: equal root, or nothing: no entry in *target*, and what was made for it goes again, unless the process is
    killed or the server gone. Positions, ids, times, openings and keys stay. Each leaf is decoded and hashed again,
    each opening compared with its commitment. Holds one page of entries at a time.
    """
    store = source._store  # what the facade has of its own, it shares with its floor
    head = store.head()
    succession = Succession(store.origin, survey(one.leaf for one in read_through(store, _ALL, head.size)))

    def entries() -> Iterator[Restored]:
        for stored in read_through(store, _ALL, head.size):
            yield take(succession, stored, stored.openings)
        check_end(succession, head.size, head.root)
        check_not_erased_since(store, head.size, "copy again")

    with opened_for(target, store.origin) as other:
        if other.origin != store.origin:
            raise WrongOriginError(
                "the target is another ledger", expected=store.origin, found=other.origin, hint="name an empty target"
            )
        try:
            return other.restore(entries())
        except KeyTakenError as error:
            raise _twice(f"key {error.key!r}") from error
        except InvalidValueError as error:
            if error.where != "id":
                raise
            raise _twice("an id") from error


def _twice(found: str) -> StoreDamagedError:
    return StoreDamagedError("an entry stands twice", where="source", found=found, hint="verify the ledger")
