"""
Rule D7 in its simplest case: what began and has not ended. Knows no event.

Memberships, partnerships, missions: begun by one event, ended by its counterpart of the same key.
"""

from __future__ import annotations

from collections.abc import Iterable

from coop_ledger.domain import YES
from coop_ledger.projections.milestone import Milestone

__all__ = ["lasting"]


def lasting(began: Iterable[Milestone], ended: Iterable[Milestone]) -> tuple[str, ...]:
    """
    The first key parts of what began and was not ended since.

    An end counts unless it lies surely before the last beginning: joined, left and joined again is joined.
    """
    ends = [milestone for milestone in ended if milestone.has_happened is YES]
    found: dict[str, bool] = {}
    for milestone in began:
        if milestone.has_happened is not YES:
            continue
        mine = [end for end in ends if end.id.key == milestone.id.key]
        over = any(not _surely_before(end, milestone) for end in mine)
        found[milestone.id.key[0]] = not over
    return tuple(key for key, stands in found.items() if stands)


def _surely_before(one: Milestone, other: Milestone) -> bool:
    first, second = one.dating, other.dating
    return first is not None and second is not None and first.surely_before(second)
