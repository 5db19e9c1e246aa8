"""F10: of writers that decide on the same reading of the log one records; the others are told what came between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.nest import Nest
from tests.faults.races import wins
from tests.faults.tally import Tally


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("writers", [2, 4])
def test_exactly_one_wins(nest: Nest, tmp_path: Path, tally: Tally, writers: int, wide: bool) -> None:
    won, verdict = wins(nest, tmp_path / "x.db", 20, writers=writers, wide=wide)
    assert won == [1] * 20
    assert (verdict.size, verdict.acknowledged) == (20, 20)
    tally.take(verdict, rounds=20)


@pytest.mark.parametrize(("store", "rounds"), [("trusting", 3), ("early looking", 40)])
def test_who_does_not_look_is_found(nest: Nest, tmp_path: Path, store: str, rounds: int) -> None:
    """One store never looks at conditions, one looks before its transaction begins: that shows only now and then."""
    races = (wins(nest, tmp_path / f"{number}.db", rounds, writers=4, store=store)[0] for number in range(20))
    assert any(max(won) > 1 for won in races)
