"""
How long after something happened a source said so, and how long after it was recorded. Knows no kind of subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from coop_ledger.domain import Bounds, Days, Effective, Source, Value
from coop_ledger.domain import events as ev
from coop_ledger.projections.milestone import Milestone
from coop_ledger.projections.refinement import Dating

__all__ = ["Latency", "latencies_of"]

_IN_USE: Final = (ev.NameUsed, ev.PersonNamed)
"""Their time is that of use, which a source may tell of long after it began."""


@attrs.frozen(eq=False, repr=False)
class Latency(Value):
    """
    How late one source told of one happening.

    Args:
        milestone: What happened.
        effective: The claim that says so.
        source: A source of the claim.
        published: Days from the first day of the happening to the source, as an interval; None: it has no date.
        recorded: Days from that first day to the day, in UTC, on which the entry was recorded.
    """

    milestone: Milestone
    effective: Effective
    source: Source
    published: Days | None
    recorded: Days


def latencies_of(milestones: Iterable[Milestone]) -> tuple[Latency, ...]:
    """
    For each claim that something happened, and each of its sources, how late they were.

    A happening of which no claim gives a time is left out, and so are names; a claim that feeds several milestones
    counts once.

    Args:
        milestones: Milestones of subjects of any kind.
    """
    found: dict[tuple[int, Source], Latency] = {}
    for milestone in milestones:
        dated = any(effective.claim.when is not None for effective in milestone.occurred)
        if milestone.when is None or not dated or milestone.id.event in _IN_USE:
            continue
        happened = milestone.when.value
        for effective in milestone.occurred:
            day = effective.recorded_at.date()
            recorded = happened.slip_to(Dating.within(Bounds(day, day)))
            for source in effective.claim.sources:
                published = None if source.published is None else happened.slip_to(Dating.of(source.published))
                latency = Latency(milestone, effective, source, published, recorded)
                found.setdefault((effective.position, source), latency)
    return tuple(found.values())
