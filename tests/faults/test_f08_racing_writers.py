"""F08: eight writers record at once, are told to try again, make calls twice; each stands once, where it was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.nest import Nest
from tests.faults.races import raced
from tests.faults.tally import Tally


def test_some_calls_of_eight_writers(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    told = raced(nest, tmp_path / "x.db", 8, 8)
    tally.take(told.verdict)
    assert (told.verdict.acknowledged, told.again, told.disordered) == (8 * 8, 8 * 2, ())
    assert told.busy, "nobody had to try again"


@pytest.mark.faults
def test_twenty_thousand_calls_of_eight_writers(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    told = raced(nest, tmp_path / "x.db", 8, 2_500, patience_s=0.01)
    tally.take(told.verdict)
    assert (told.verdict.acknowledged, told.again, told.disordered) == (20_000, 8 * 358, ())
    assert told.busy, "nobody had to try again"


@pytest.mark.parametrize(("store", "kind"), [("deaf", "lost"), ("forgetful", "doubled")])
def test_what_is_broken_is_found(nest: Nest, tmp_path: Path, store: str, kind: str) -> None:
    """One takes "try again" for done, one keeps no keys; the calls are those that a faultless store survives above."""
    told = raced(nest, tmp_path / "x.db", 8, 8, store=store)
    assert getattr(told.verdict, kind), told


def test_receipts_that_were_read_apart_are_found(nest: Nest, tmp_path: Path) -> None:
    """A store without a fault as long as nobody races with it."""
    assert raced(nest, tmp_path / "alone.db", 1, 8, store="hasty").disordered == ()
    told = raced(nest, tmp_path / "x.db", 8, 8, store="hasty")
    assert told.disordered
