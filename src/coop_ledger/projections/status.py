"""
Rules D8 and D9: the status of a subject from its milestones and the lifecycle table. Knows no projection.

All orders that the dates allow are tried. If the lifecycle knows one of them, only such orders count; if it
knows none, the milestones stand in an order that cannot be right: an anomaly, and the state moves all the
same. Where the orders that count end in different statuses, the status is undecided. As of a day, a milestone
of which the dates do not say whether it had come by then is tried both ways: a table says nothing of whether.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from coop_ledger.domain import UNDECIDED, YES, Lifecycle, Status, Value
from coop_ledger.projections.anomalies import Anomaly, AnomalyCode
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.refinement import Dating

__all__ = ["Course", "course_of", "may_have"]

_TRIED: Final = 12
"""Up to so many milestones, every order that the dates allow is tried; more are taken in D2's order."""

_Outcome = tuple[Status, bool]
"""A status, and whether the lifecycle knows each step to it."""


@attrs.frozen(eq=False, repr=False)
class Course(Value):
    """
    Where a subject stands.

    Args:
        status: The status; None where the order of milestones is undecided and matters.
        options: All statuses that the orders which count end in.
        anomalies: What is irregular about the order.
    """

    status: Status | None
    options: tuple[Status, ...]
    anomalies: tuple[Anomaly, ...] = ()


def _dated(milestone: Milestone) -> Dating:
    assert milestone.dating is not None  # it has happened, so some claim dates it, if only by its source
    return milestone.dating


def _predecessors(dates: Sequence[Dating]) -> list[int]:
    """For each milestone, the set (as bits) of those that surely come before it."""
    return [sum(1 << at for at, other in enumerate(dates) if other.surely_before(date)) for date in dates]


def _counting(outcomes: set[_Outcome]) -> set[_Outcome]:
    """Of orders of the same milestones, those that the lifecycle knows; all, where it knows none."""
    return {outcome for outcome in outcomes if outcome[1]} or outcomes


def _outcomes(lifecycle: Lifecycle, start: Status, moving: Sequence[Milestone]) -> set[_Outcome]:
    """What the orders that count end in: of every milestone that has surely happened, and any of the others."""
    certain = sum(1 << at for at, milestone in enumerate(moving) if milestone.has_happened is YES)
    dates = [_dated(milestone) for milestone in moving]
    before = _predecessors(dates)
    if len(moving) > _TRIED:  # a total order: each after all that D2 puts before it
        order = sorted(range(len(moving)), key=lambda at: (dates[at].order, moving[at].positions))
        before = [0] * len(moving)
        for place, at in enumerate(order):
            before[at] = sum(1 << other for other in order[:place])
    reached: dict[int, set[_Outcome]] = {0: {(start, True)}}
    found: set[_Outcome] = set() if certain else {(start, True)}
    for _ in moving:
        following: dict[int, set[_Outcome]] = {}
        for done, outcomes in reached.items():
            for at, milestone in enumerate(moving):
                if done >> at & 1 or before[at] & ~done:
                    continue
                for status, regular in outcomes:
                    after, known = lifecycle.step(status, milestone.id.event)
                    following.setdefault(done | 1 << at, set()).add((after, regular and known))
        reached = following
        found.update(*(_counting(outcomes) for done, outcomes in reached.items() if not certain & ~done))
    return found


def may_have(milestone: Milestone) -> bool:
    """Whether a claim says that it happened, and the dates do not say whether by the day."""
    happened = milestone.happened
    return milestone.has_happened is UNDECIDED and happened is not None and happened.value is YES


def course_of(lifecycle: Lifecycle, milestones: Sequence[Milestone], assumed: Status | None = None) -> Course:
    """
    The status that milestones of one subject lead to.

    Args:
        lifecycle: The table of its kind.
        milestones: Its milestones; those that did not happen, or that the table does not know, are passed over.
        assumed: The status to start from, whatever was planned; None: as plans and proposals say.
    """
    ours = [milestone for milestone in milestones if lifecycle.moves_state(milestone.id.event)]
    moving = [milestone for milestone in ours if milestone.has_happened is YES or may_have(milestone)]
    expected = any(m.plan is not None or m.proposed for m in ours)
    start = lifecycle.planned if expected else Status.UNRECORDED
    if not moving and ours and all(milestone.called_off for milestone in ours):
        start = Status.UNRECORDED
    outcomes = _outcomes(lifecycle, assumed or start, moving)
    options = tuple(sorted({status for status, _ in outcomes}))
    anomalies: tuple[Anomaly, ...] = ()
    if not any(known for _, known in outcomes):
        names = ", ".join(dict.fromkeys(milestone.id.event.__name__ for milestone in moving))
        positions = tuple(sorted({position for milestone in moving for position in milestone.positions}))
        message = f"the lifecycle knows no order of {names} that the dates allow"
        anomalies = (Anomaly(AnomalyCode.IRREGULAR_STEP, positions, message),)
    return Course(options[0] if len(options) == 1 else None, options, anomalies)
