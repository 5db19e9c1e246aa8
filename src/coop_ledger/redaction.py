"""
Carrying a redaction out: what is erased, in one transaction with the act that says so, and what a search then finds.

Knows stores and openings, and no projection. The order of things: the paths are checked before anything is written;
the openings shrink and the act is recorded, or neither; then the store is searched for what is gone.
Source: DESIGN §7, audit.md §4, decision 0011.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coop_ledger.codec import erasure_of, sealed_states
from coop_ledger.domain import Redaction
from coop_ledger.errors import AppendConflictError, InvalidValueError, StoreError
from coop_ledger.recording import no_such_entry
from coop_ledger.stores import Condition, Draft, Placed, Store, Stored

__all__ = ["carry_out", "target_of"]


def target_of(store: Store, act: Redaction) -> Stored:
    """
    The entry in which a redaction erases, if all that it names is sealed there; erased before is no fault.

    Raises:
        EntryNotFoundError: There is no such entry.
        InvalidValueError: A path that leads to no sealed field of it.
    """
    target = store.entry(act.target)
    if target is None:
        raise no_such_entry(act, act.target)
    sealed = sealed_states(target.leaf, None, ())
    wrong = [path for path in act.paths if path not in sealed]
    if wrong:
        raise InvalidValueError(
            "only a sealed text can be erased, and the entry has none there",
            where="paths",
            expected=", ".join(sealed) or "an entry with sealed texts",
            found=", ".join(wrong),
            hint="ledger.sealed(…) tells what an entry has" if sealed else None,
        )
    return target


def carry_out(
    store: Store, act: Redaction, draft: Draft, conditions: Sequence[Condition]
) -> tuple[Placed, tuple[str, ...]]:
    """
    Record a redaction, erase what it names, and look for what may be left of it.

    Args:
        store: Where both happen.
        act: The redaction.
        draft: The redaction's entry.
        conditions: What must still be true of the log.

    Returns:
        Where the redaction stands, and the paths whose words may still be found in the store.

    Raises:
        EntryNotFoundError, InvalidValueError: As :func:`target_of` says; nothing was written.
        AppendConflictError, KeyTakenError, StoreError: As :meth:`Store.erase` says.

    Guarantees: what another redaction erases meanwhile stays erased, and what this one names is erased all the same.
    """
    target = target_of(store, act)
    openings = target.openings
    while True:
        erasure = erasure_of(openings, act.paths)
        try:
            if openings is None or not erasure.pieces:  # nothing is left of it: the act stands all the same
                return store.append([draft], conditions), ()
            placed = store.erase(target.position, openings, erasure.remaining, draft, conditions)
            return placed, _leftovers(store, erasure.pieces)
        except AppendConflictError:
            before, openings = openings, store.openings(target.position)
            if openings == before:
                raise  # a condition; else another redaction of the entry was quicker: look again


def _leftovers(store: Store, pieces: Mapping[str, Sequence[bytes]]) -> tuple[str, ...]:
    """
    The paths of which a piece is still there; all, if the store could not look.

    The redaction is recorded by then: that its words cannot be looked for is no reason to say that it was not.
    """
    try:
        there = set(store.leftovers([piece for some in pieces.values() for piece in some]))
    except StoreError:
        return tuple(pieces)
    return tuple(path for path, some in pieces.items() if not there.isdisjoint(some))
