"""The contract catches broken stores: one planted fault each, one test of the contract that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from coop_ledger.errors import AppendConflictError, CoopLedgerError, InvalidValueError
from coop_ledger.stores import Clock, Condition, Draft, MemoryStore, Placed, Query, Store, Stored
from coop_ledger.testing import StoreContract, ticking

ORIGIN = "broken.example/1"


class LosesTheLast(MemoryStore):
    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        result = super().append(drafts, conditions)
        if result.size > 2:
            self._rows.pop()
        return result


class HalfBatches(MemoryStore):
    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        for draft in drafts[:-1]:
            super().append([draft], conditions)
        return super().append(drafts[-1:], conditions)


class IgnoresConditions(MemoryStore):
    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return super().append(drafts)


class ReadsBackwards(MemoryStore):
    def read(self, query: Query, **options: Any) -> list[Stored]:
        return super().read(query, **options)[::-1]


class ForgetsKeys(MemoryStore):
    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._keys.clear()
        return super().append(drafts, conditions)


class BringsOpeningsBack(MemoryStore):
    def openings(self, position: int) -> bytes | None:
        return b"{long opening}" if super().openings(position) else super().openings(position)


class ComparesBeforeKeys(MemoryStore):
    """An erasure that is repeated finds the openings changed by itself, and never gets to its key."""

    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *conditions: Any) -> Placed:
        if self.openings(position) != old:
            raise AppendConflictError("others by now", positions=(position,), since=position)
        return super().erase(position, old, remaining, draft, *conditions)


class IgnoresConditionsOfErasures(MemoryStore):
    def erase(self, position: int, old: bytes, remaining: bytes | None, draft: Draft, *_: Any) -> Placed:
        return super().erase(position, old, remaining, draft)


class LooksForIdsFirst(MemoryStore):
    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if any(draft.id in self._places for draft in drafts):
            raise InvalidValueError("an entry id stands twice")
        return super().append(drafts, conditions)


class KeepsACopy(MemoryStore):
    """What was erased stays where no entry is."""

    def leftovers(self, pieces: Sequence[bytes]) -> list[bytes]:
        return [piece for piece in pieces if b"entry 4" in piece and self.openings(4) == b"{}"]


class NeverCloses(MemoryStore):
    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (LosesTheLast, "test_positions_are_dense_and_leaves_are_head_placed_tail"),
        (HalfBatches, "test_a_batch_is_placed_whole_or_not_at_all"),
        (IgnoresConditions, "test_every_condition_counts"),
        (ReadsBackwards, "test_positions_are_dense_and_leaves_are_head_placed_tail"),
        (ForgetsKeys, "test_keys_are_taken_once"),
        (BringsOpeningsBack, "test_openings_shrink_by_erasure_only"),
        (ComparesBeforeKeys, "test_of_several_reasons_to_refuse_an_erasure_the_first_is_told"),
        (IgnoresConditionsOfErasures, "test_of_several_reasons_to_refuse_an_erasure_the_first_is_told"),
        (LooksForIdsFirst, "test_of_several_reasons_to_refuse_an_append_the_first_is_told"),
        (KeepsACopy, "test_what_was_erased_is_nowhere_any_more"),
        (NeverCloses, "test_closed_is_closed"),
    ],
)
def test_a_planted_fault_is_found(broken: type[MemoryStore], test: str) -> None:
    class Contract(StoreContract):
        def make(self, clock: Clock) -> Store:
            return broken(ORIGIN, clock=clock)

    attempt: Callable[[Store], None] = getattr(Contract(), test)
    with pytest.raises((AssertionError, CoopLedgerError, IndexError, pytest.fail.Exception)):
        attempt(broken(ORIGIN, clock=ticking()))
    sound: Callable[[Store], None] = getattr(Contract(), test)
    sound(MemoryStore(ORIGIN, clock=ticking()))
