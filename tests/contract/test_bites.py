"""The contract catches broken stores: one planted fault each, one test of the contract that fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

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
        (NeverCloses, "test_closed_is_closed"),
    ],
)
def test_a_planted_fault_is_found(broken: type[MemoryStore], test: str) -> None:
    class Contract(StoreContract):
        def make(self, clock: Clock) -> Store:
            return broken(ORIGIN, clock=clock)

    attempt: Callable[[Store], None] = getattr(Contract(), test)
    with pytest.raises((AssertionError, IndexError, pytest.fail.Exception)):
        attempt(broken(ORIGIN, clock=ticking()))
    sound: Callable[[Store], None] = getattr(Contract(), test)
    sound(MemoryStore(ORIGIN, clock=ticking()))
