"""F01: writers that are killed at any moment lose nothing that they acknowledged, and leave nothing by half."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.harness import Acknowledged, Verdict, judge, opened, record_for_ever
from tests.faults.nest import Nest
from tests.faults.tally import Tally

TO_OPEN_S = 0.03
"""A writer opens its ledger in this time."""

CALLS_S = 0.012
"""A writer makes some calls in this time."""


def killed_rounds(
    nest: Nest,
    path: Path,
    rounds: int,
    *,
    writers: int = 1,
    store: str = "ours",
    seed: int = 0,
    until: str = "faultless",
) -> tuple[Verdict, int]:
    """
    Have writers killed at a random moment, again and again, on one file.

    Each begins with the call that its predecessor did not acknowledge, so that this one is made twice if it was
    recorded all the same. Gives the verdict of the last round, or of the first in which something is wrong (of the
    kind *until*, if that is given), and how many rounds there were.
    """
    moments = random.Random(seed)
    acknowledged = list[Acknowledged]()
    numbers = dict.fromkeys((f"w{at}" for at in range(writers)), 0)
    done = 0
    while done < rounds:
        done += 1
        children = {
            name: nest.start(record_for_ever, str(path), name, number, store) for name, number in numbers.items()
        }
        heard = {name: list[str]() for name in children}
        if moments.random() < 0.8:  # else it may be killed while it opens, or makes, the ledger
            first = moments.choice(list(children))
            heard[first].append(children[first].hear())
            time.sleep(moments.uniform(0, CALLS_S))
        else:
            time.sleep(moments.uniform(0, TO_OPEN_S))
        for name, child in children.items():
            lines = [*heard[name], *child.killed()]
            acknowledged += map(Acknowledged.heard, lines)
            numbers[name] += len(lines)
        verdict = judge(path, acknowledged)
        if not verdict.faultless and getattr(verdict, until) != ():
            break
    return verdict, done


def test_some_killed_writers(nest: Nest, tmp_path: Path, tally: Tally) -> None:
    verdict, rounds = killed_rounds(nest, tmp_path / "killed.db", 10)
    tally.take(verdict, rounds=rounds)
    assert verdict.acknowledged >= 8


@pytest.mark.faults
@pytest.mark.parametrize("batch", range(18))
def test_a_writer_is_killed_in_450_rounds(nest: Nest, tmp_path: Path, tally: Tally, batch: int) -> None:
    verdict, rounds = killed_rounds(nest, tmp_path / "killed.db", 25, seed=batch)
    tally.take(verdict, rounds=rounds)


@pytest.mark.faults
@pytest.mark.parametrize("batch", range(6))
def test_three_writers_are_killed_in_60_rounds(nest: Nest, tmp_path: Path, tally: Tally, batch: int) -> None:
    verdict, rounds = killed_rounds(nest, tmp_path / "killed.db", 10, writers=3, seed=batch)
    tally.take(verdict, rounds=rounds)


@pytest.mark.parametrize(("store", "kind"), [("early", "lost"), ("forgetful", "doubled"), ("piecemeal", "torn")])
def test_what_is_broken_is_found(nest: Nest, tmp_path: Path, store: str, kind: str) -> None:
    """Each within rounds that a faultless store survives above."""
    verdict, _ = killed_rounds(nest, tmp_path / "killed.db", 100, store=store, until=kind)
    assert getattr(verdict, kind), verdict


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "memory", "off", "wal"])
def test_there_is_one_journal_mode(nest: Nest, tmp_path: Path, mode: str) -> None:
    """Whatever mode others left a file in: who writes to it with this store uses a rollback journal that is deleted."""
    path = tmp_path / "x.db"
    opened(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
    with opened(path) as ledger:
        connection = ledger._store._connections.get()  # type: ignore[attr-defined]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (3,)
    verdict, _ = killed_rounds(nest, path, 1)
    assert verdict.faultless, verdict
