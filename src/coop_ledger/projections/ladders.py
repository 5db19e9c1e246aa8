"""
Ladders: in which order one side ranks its levels of relations. Knows no ladder; callers name theirs.

Levels are not standardised: each state has its own ladder, and may name one relation differently from its
partner. Words are never sorted; only a named table says what stands above what (``domain.md`` §2.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import attrs

from coop_ledger.domain import Value
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.irregular import anomaly
from coop_ledger.projections.relationship import RelationshipState

__all__ = ["Ladder", "ladder_anomalies"]


@attrs.frozen(eq=False, repr=False)
class Ladder(Value):
    """
    One side's levels, from the most distant to the closest.

    Args:
        side: Country code.
        levels: The levels as worded.
    """

    side: str
    levels: tuple[str, ...]


def ladder_anomalies(state: RelationshipState, ladders: Iterable[Ladder]) -> tuple[Anomaly, ...]:
    """
    Declarations of a lower level than the one before, on the ladder of the side that declares.

    Perhaps a downgrade, perhaps other words for the same; a level outside the ladder is passed over. The same words
    again are flagged by the state itself.

    Args:
        state: The relationship.
        ladders: One ladder for each side; sides without one are passed over.
    """
    found = []
    for ladder in ladders:
        mine = [period for period in state.levels if period.value[0] == ladder.side and period.recorded]
        ranked = [period for period in mine if period.value[1] in ladder.levels]
        for earlier, later in pairwise(ranked):
            low, high = (ladder.levels.index(period.value[1]) for period in (later, earlier))
            if low < high:
                message = f"{ladder.side} declared {later.value[1]!r} after the higher {earlier.value[1]!r}"
                both = (*earlier.milestones, *later.milestones)
                found.append(anomaly(AnomalyCode.LEVEL_NOT_RAISED, both, message))
    return tuple(found)
