"""F16: signals and KeyboardInterrupt in the middle of a call; it took place or not, and the same ledger goes on."""

from __future__ import annotations

import itertools
import random
import signal
from pathlib import Path

import pytest

from coop_ledger.errors import StoreError
from tests.faults.harness import Acknowledged, Verdict, judge, opened, record_one, seeded
from tests.faults.nest import Line, Nest
from tests.faults.points import passing
from tests.faults.tally import Tally


def interrupt_everywhere(line: Line, path: str, store: str, step: int) -> None:
    """The work of a writer: call after call, each interrupted one point later than the one before, and made again."""
    with opened(path, store) as ledger:
        for stop in itertools.count(1, step):
            passed, number = 0, 3 * stop + 2  # calls of three claims

            def at(_: str, stop: int = stop) -> None:
                nonlocal passed
                passed += 1
                if passed == stop:
                    raise KeyboardInterrupt

            try:
                passing(lambda number=number: record_one(line, ledger, "w", number), at)  # type: ignore[misc]
            except KeyboardInterrupt:  # made again while what was interrupted still stands in the traceback
                try:
                    record_one(line, ledger, "w", number)
                except StoreError as error:
                    line.say("refused", type(error).__name__, error)
                    return
            else:
                return


def interrupt_at_random(line: Line, path: str, store: str, seed: int, rounds: int) -> None:
    """The work of a writer: calls during which SIGINT comes at a random moment, as Ctrl-C sends it, and made again."""
    moments = random.Random(seed)
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with opened(path, store) as ledger:
        for number in range(rounds):
            try:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(0.0001, 0.006))
                record_one(line, ledger, "w", number)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                record_one(line, ledger, "w", number)


def be_disturbed(line: Line, path: str, rounds: int) -> None:
    """The work of a writer: calls while signals come every half millisecond that are handled and change nothing."""
    signal.signal(signal.SIGALRM, lambda *_: None)
    with opened(path) as ledger:
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for number in range(rounds):
            record_one(line, ledger, "w", number)
        signal.setitimer(signal.ITIMER_REAL, 0)


def after(nest: Nest, path: Path, work: object, *arguments: object, broken: bool = False) -> tuple[Verdict, int]:
    """What is left after a writer has done its work, and how many calls it made."""
    seeded(path, 3)
    said = nest.start(work, str(path), *arguments).finished()  # type: ignore[arg-type]
    assert broken or not any(line.startswith("refused") for line in said), said[-1]
    # a call that was interrupted after its acknowledgement, and made again, was acknowledged twice
    acknowledged = {line.split()[0]: Acknowledged.heard(line) for line in said if not line.startswith("refused")}
    return judge(path, list(acknowledged.values())), len(acknowledged)


def test_interrupted_at_some_points(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    verdict, calls = after(nest, tmp_path / "x.db", interrupt_everywhere, "ours", 41)
    tally.take(verdict, rounds=calls)
    assert calls > 10


@pytest.mark.faults
def test_interrupted_at_each_point(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    verdict, calls = after(nest, tmp_path / "x.db", interrupt_everywhere, "ours", 1)
    tally.take(verdict, rounds=calls)
    assert calls > 400


def test_interrupted_at_random(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    verdict, calls = after(nest, tmp_path / "x.db", interrupt_at_random, "ours", 0, 60)
    tally.take(verdict, rounds=calls)
    assert calls == 60


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(1, 5))
def test_interrupted_at_random_400_times(nest: Nest, tmp_path: Path, tally: Tally, seed: int) -> None:
    verdict, calls = after(nest, tmp_path / "x.db", interrupt_at_random, "ours", seed, 100)
    tally.take(verdict, rounds=calls)
    assert calls == 100


def test_signals_that_change_nothing(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    verdict, calls = after(nest, tmp_path / "x.db", be_disturbed, 50)
    tally.take(verdict, rounds=calls)
    assert (verdict.acknowledged, calls) == (50, 50)


@pytest.mark.faults
@pytest.mark.parametrize(("store", "kind"), [("piecemeal", "torn"), ("forgetful", "doubled")])
def test_what_is_broken_is_found(nest: Nest, tmp_path: Path, store: str, kind: str) -> None:
    verdict, _ = after(nest, tmp_path / "x.db", interrupt_everywhere, store, 5, broken=True)
    assert getattr(verdict, kind), verdict
