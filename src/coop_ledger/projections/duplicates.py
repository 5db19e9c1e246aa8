"""
Rule D13: reports that were recorded twice, marked by the keeper or probable. Knows no kind of subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import attrs

from coop_ledger.domain import PLANS, Assertion, Effective, stated_bounds
from coop_ledger.projections.milestone import Milestone, dating_of
from coop_ledger.projections.voices import voices_of

__all__ = ["DuplicatePair", "probable_duplicates"]


@attrs.frozen(order=True)
class DuplicatePair:
    """
    Two entries that are, or may be, one report.

    Args:
        first: Position of the earlier entry.
        later: Position of the later one; where it is marked, it left the fold.
        marked: Whether the keeper marked it; else it is probable, and both count.
    """

    first: int
    later: int
    marked: bool


def _said_together(one: Effective, other: Effective) -> bool:
    """Whether two claims may have been said on one day; what merely occurred is no matter of saying."""
    if one.claim.assertion not in PLANS:
        return True
    return stated_bounds(one.claim).narrow(stated_bounds(other.claim)) is not None


def _of_others(one: Effective, other: Effective) -> bool:
    """Whether two claims speak of other parties in some role, like a statement and the answer to it."""
    roles = {party.role for party in one.claim.parties} & {party.role for party in other.claim.parties}
    sides = (
        [{party.party for party in effective.claim.parties if party.role is role} for effective in (one, other)]
        for role in roles
    )
    return any(mine.isdisjoint(theirs) for mine, theirs in sides)


def probable_duplicates(milestones: Iterable[Milestone]) -> tuple[DuplicatePair, ...]:
    """
    Claims of one milestone with the same assertion, a voice in common, no other parties, and dates that agree.

    A plan told again on another day is a re-announcement, no duplicate.
    """
    found: set[DuplicatePair] = set()
    for milestone in milestones:
        alike: dict[tuple[Assertion, str], list[Effective]] = {}
        for effective in milestone.claims:
            for voice in voices_of(effective):
                alike.setdefault((effective.claim.assertion, voice), []).append(effective)
        for claims in alike.values():
            for one, other in combinations(claims, 2):
                at_once = dating_of(one).agrees(dating_of(other)) and _said_together(one, other)
                if at_once and not _of_others(one, other):
                    first, later = sorted((one.position, other.position))
                    found.add(DuplicatePair(first, later, marked=False))
    return tuple(sorted(found))
