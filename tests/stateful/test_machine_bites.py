"""The machine catches broken stores: one planted fault each, which it must find; the same store without it passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coop_ledger.stores import Clock, Condition, Draft, MemoryStore, Placed, Query, Restored, Stored
from coop_ledger.testing import LedgerMachine

ORIGIN = "broken.example/1"
SMALL = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Kept(MemoryStore):
    """A sound store that can be opened again: what it held is restored from what the folder stands for."""

    def held(self) -> list[Restored]:
        at = self._recorded_at or ""
        return [Restored(row.leaf, row.id, at, tuple(row.labels), row.once, row.openings) for row in self._rows]


class LosesTheLast(Kept):
    """What was acknowledged last is gone after opening again."""

    def held(self) -> list[Restored]:
        return super().held()[:-1]


class ForgetsErasures(Kept):
    """Openings that were erased come back after opening again."""

    def __init__(self, origin: str, *, clock: Clock) -> None:
        super().__init__(origin, clock=clock)
        self.first: dict[str, bytes | None] = {}

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self.first.update({draft.id: draft.openings for draft in drafts})
        return super().append(drafts, conditions)

    def held(self) -> list[Restored]:
        return [entry._replace(openings=self.first.get(entry.id, entry.openings)) for entry in super().held()]


class ReadsBackwards(Kept):
    """Pages come in the wrong order."""

    def read(self, query: Query, **options: Any) -> list[Stored]:
        return super().read(query, **options)[::-1]


class IgnoresConditions(Kept):
    """A stale condition does not stop a call."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        return super().append(drafts)


class MissesALabel(Kept):
    """Of one subject only the first entry is in the index."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        if any("initiative:alpha" in row.labels for row in self._rows):
            drafts = [
                draft._replace(labels=tuple(label for label in draft.labels if label != "initiative:alpha"))
                for draft in drafts
            ]
        return super().append(drafts, conditions)


class ForgetsKeys(Kept):
    """A call under a known key is recorded a second time."""

    def once(self, key: str) -> list[Stored]:
        return []

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._keys.clear()
        return super().append(drafts, conditions)


class GoesBackInTime(Kept):
    """An instant before the last is taken as it is."""

    def append(self, drafts: Sequence[Draft], conditions: Sequence[Condition] = ()) -> Placed:
        self._recorded_at = None
        return super().append(drafts, conditions)


def opening(kind: type[Kept]) -> Callable[[Path, Clock], Kept]:
    """Opens stores of one class; a folder stands for what was opened there before."""
    found: dict[Path, Kept] = {}

    def opened(folder: Path, clock: Clock) -> Kept:
        store = kind(ORIGIN, clock=clock)
        if folder in found:
            store.restore(found[folder].held())
        found[folder] = store
        return store

    return opened


def run(kind: type[Kept], size: settings = SMALL) -> None:
    run_state_machine_as_test(LedgerMachine.of(opening(kind), durable=True), settings=size)


@pytest.mark.parametrize(
    "broken",
    [LosesTheLast, ForgetsErasures, ReadsBackwards, IgnoresConditions, MissesALabel, ForgetsKeys, GoesBackInTime],
)
def test_a_planted_fault_is_found(broken: type[Kept]) -> None:
    with pytest.raises(AssertionError):
        run(broken, settings(SMALL, max_examples=400))  # an erasure must meet a reopening: seldom, and it stops there


def test_a_sound_store_passes() -> None:
    run(Kept, settings(SMALL, max_examples=8))
