"""F01: writers that are killed at any moment lose nothing that they acknowledged, and leave nothing by half."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.faults.harness import Acknowledged, Verdict, judge, record_for_ever
from tests.faults.nest import Nest
from tests.faults.tally import Tally

LONGEST_S = 0.012
"""A writer opens its ledger and makes some calls in this time."""


def killed_rounds(
    nest: Nest, path: Path, rounds: int, *, writers: int = 1, store: str = "ours", seed: int = 0
) -> tuple[Verdict, list[Acknowledged]]:
    """
    Have writers killed at a random moment, again and again, on one file.

    Each begins with the call that its predecessor did not acknowledge, so that this one is made twice if it was
    recorded all the same. Gives the verdict of the first round in which something is wrong, else that of the last.
    """
    moments = random.Random(seed)
    acknowledged = list[Acknowledged]()
    numbers = dict.fromkeys((f"w{at}" for at in range(writers)), 0)
    for _ in range(rounds):
        children = {
            name: nest.start(record_for_ever, str(path), name, number, store) for name, number in numbers.items()
        }
        if moments.random() < 0.7:
            next(iter(children.values())).hear  # noqa: B018
        time.sleep(moments.uniform(0, LONGEST_S))
        for name, child in children.items():
            heard = [Acknowledged.heard(line) for line in child.killed()]
            acknowledged += heard
            numbers[name] += len(heard)
        verdict = judge(path, acknowledged)
        if not verdict.faultless:
            break
    return verdict, acknowledged
