"""Twins of the rules on small points: days as numbers, every possibility tried. Slow and obvious."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product

from coop_ledger.domain import Event, Lifecycle, Status


def possible_days(intervals: Sequence[tuple[int, int]]) -> set[int]:
    """The days that all intervals allow."""
    return set.intersection(*(set(range(low, high + 1)) for low, high in intervals))


def statuses(
    table: Lifecycle, start: Status, happenings: Sequence[tuple[type[Event], tuple[int, int]]]
) -> tuple[set[Status], bool]:
    """
    Statuses that some order of happenings leads to, and whether the lifecycle knows one of these orders.

    Every permutation is tried that no pair of surely ordered happenings forbids; if the lifecycle knows some
    of them, only those count.
    """
    known: set[Status] = set()
    every: set[Status] = set()
    for order in permutations(range(len(happenings))):
        places = {at: place for place, at in enumerate(order)}
        forbidden = any(
            happenings[a][1][1] < happenings[b][1][0] and places[a] > places[b]
            for a, b in product(range(len(happenings)), repeat=2)
        )
        if forbidden:
            continue
        status, regular = start, True
        for at in order:
            status, step = table.step(status, happenings[at][0])
            regular = regular and step
        every.add(status)
        if regular:
            known.add(status)
    return (known, True) if known else (every, False)
