"""F06: what was acknowledged outlives a power failure, and nothing is left by half; F07: who does not sync is found."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.acts import ACTS, judged
from tests.faults.breaking import copies
from tests.faults.harness import Verdict
from tests.faults.nest import Nest
from tests.faults.power import cuts, written_down
from tests.faults.tally import Tally

OURS = [act for act in ACTS if act != "vacuum"]


MAKING = ("create", "import")
"""Acts that make a ledger: until they are acknowledged, what is left need not be one, and then says so."""


@pytest.fixture
def left() -> Iterator[Path]:
    """Where states are put: in memory, where the system has such a place, since each is synced when it is judged."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="coop-ledger-power-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder) / "left"


def failures(
    nest: Nest, act: str, prepared: Path, left: Path, *, tries: int, how: str = "ours", seed: int = 0
) -> Iterator[tuple[int, Verdict]]:
    """What is left of an act after each power failure, and how many system calls had been made before."""
    folder = next(copies(prepared))
    told = written_down(nest, act, folder, how)
    for cut in cuts(prepared, folder, told, tries=tries, seed=seed):
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir()
        cut.put(left)
        verdict = judged(act, left, cut.said)
        if act in MAKING and not cut.said:
            verdict = verdict._replace(torn=tuple(one for one in verdict.torn if not _no_ledger_yet(one)))
        yield cut.after, verdict


def _no_ledger_yet(sentence: str) -> bool:
    return sentence.startswith("NotALedgerError: ")


@pytest.mark.faults
@pytest.mark.parametrize("act", OURS)
def test_the_power_fails_at_each_system_call(
    nest: Nest, prepared: Path, left: Path, tally: Tally, strace: None, act: str
) -> None:
    for _, verdict in failures(nest, act, prepared, left, tries=0):
        tally.take(verdict)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("act", OURS)
def test_anything_may_have_come_to_rest(
    nest: Nest, prepared: Path, left: Path, tally: Tally, strace: None, act: str, seed: int
) -> None:
    for _, verdict in failures(nest, act, prepared, left, tries=12, seed=seed):
        tally.take(verdict)


@pytest.mark.faults
@pytest.mark.parametrize("act", ["append"])
@pytest.mark.parametrize(("how", "kind"), [("unsynced", "lost"), ("unsynced", "torn"), ("half synced", "lost")])
def test_f07_what_is_broken_is_found(
    nest: Nest, prepared: Path, left: Path, strace: None, act: str, how: str, kind: str
) -> None:
    found = failures(nest, act, prepared, left, tries=4, how=how)
    assert any(getattr(verdict, kind) for _, verdict in found)
