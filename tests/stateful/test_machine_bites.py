"""The machine catches broken stores: one planted fault each, which it must find; the same store without it passes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coop_ledger.testing import BrokenContractError, LedgerMachine
from tests.contract import broken
from tests.contract.broken import Kept, opening

SMALL = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def run(kind: type[Kept], size: settings = SMALL) -> None:
    run_state_machine_as_test(LedgerMachine.of(opening(kind), durable=True), settings=size)


@pytest.mark.parametrize(
    "kind",
    [
        broken.LosesTheLastAppend,
        broken.ForgetsTheLastAppend,
        broken.TruncatesTheTail,
        broken.ReadsBackwards,
        broken.SwapsTwo,
        broken.HalfBatches,
        broken.IgnoresConditions,
        broken.ReusesAPosition,
        broken.RestoresOpenings,
        broken.ForgetsErasures,
        broken.MissesALabel,
        broken.ForgetsKeys,
        broken.GoesBackInTime,
        broken.GivesOtherHashes,
        broken.DropsOpeningsOfRestored,
    ],
)
def test_a_planted_fault_is_found(kind: type[Kept]) -> None:
    with pytest.raises(BrokenContractError) as caught:
        run(kind, settings(SMALL, max_examples=400))  # an erasure must meet a reopening: seldom, and it stops there
    error = caught.value
    assert error.clause
    assert error.history
    for part in (error.clause, "found: ", error.call, error.history[-1]):
        assert part in str(error)


def test_a_sound_store_passes() -> None:
    run(Kept, settings(SMALL, max_examples=8))
