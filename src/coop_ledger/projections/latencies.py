"""
How long after something happened a source said so, and how long after that it was recorded. Knows no kind of subject.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from coop_ledger.domain import Bounds, Days, Effective, Source
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.refinement import Dating

__all__ = ["Latency", "latencies_of"]


@attrs.frozen
class Latency:
    """
    How late one source told of one happening.

    Args:
        milestone: What happened.
        effective: The claim that says so.
        source: The source of the claim.
        published: Days from the happening to the source, as an interval; None for a source without a date.
        recorded: Days from the happening to the day, in UTC, on which the entry was recorded.
    """

    milestone: Milestone
    effective: Effective
    source: Source
    published: Days | None
    recorded: Days


def latencies_of(milestones: Iterable[Milestone]) -> tuple[Latency, ...]:
    """
    For each claim that something happened or was in place, and each of its sources, how late they were.

    What merely was in use (names), and a happening of which no claim gives a time, has no latency: then nobody
    knows since when there was something to tell.

    Args:
        milestones: Milestones of subjects of any kind.
    """
    found = []
    for milestone in milestones:
        dated = any(effective.claim.when is not None for effective in milestone.occurred)
        if milestone.when is None or not dated or milestone.when.value.is_span:
            continue
        for effective in milestone.occurred:
            day = effective.recorded_at.date()
            recorded = milestone.when.value.slip_to(Dating.within(Bounds(day, day)))
            for source in effective.sources:
                out = source.published
                published = None if out is None else milestone.when.value.slip_to(Dating.of(out))
                found.append(Latency(milestone, effective, source, published, recorded))
    return tuple(found)
