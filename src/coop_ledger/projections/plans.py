"""
Rule D5: what was planned for a milestone, as it was said over time. Knows no outcome.

A plan that overlaps the current target restates it, and the narrower stands. A disjoint plan that was surely
said later revises it; one that was not is a conflict among plans. What is planned never votes on what occurred.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from coop_ledger.domain import Days, Effective, stated_bounds
from coop_ledger.projections.refinement import Dating

__all__ = ["Plan", "Target", "walk_plans"]


@attrs.frozen
class Target:
    """
    One target of a plan.

    Args:
        when: When it is to happen, narrowed by all who restated it; None: no time was said.
        claims: The claims that set or restated it, in D2's order.
        slip: Days from the target before to this one, as an interval; None for the first.
    """

    when: Dating | None
    claims: tuple[Effective, ...]
    slip: Days | None = None


@attrs.frozen
class Plan:
    """
    The targets of one milestone.

    Args:
        targets: One after the other; the last is the current one.
        conflicting: Claims that give another target and were not surely said later.
    """

    targets: tuple[Target, ...]
    conflicting: tuple[Effective, ...] = ()

    @property
    def current(self) -> Target:
        """The target that stands."""
        return self.targets[-1]

    @property
    def revisions(self) -> int:
        """How often it was put off or brought forward."""
        return len(self.targets) - 1

    @property
    def restatements(self) -> int:
        """How often a target was said again; a re-announcement never adds an initiative (P6)."""
        return sum(len(target.claims) - 1 for target in self.targets)


def _said_later(effective: Effective, target: Target) -> bool:
    """Whether a claim was surely said after every claim of a target."""
    new = stated_bounds(effective.claim).earliest
    latest = [stated_bounds(claim.claim).latest for claim in target.claims]
    return new is not None and all(day is not None and new > day for day in latest)


def walk_plans(planned: Iterable[Effective]) -> Plan | None:
    """
    The plan that PLANNED claims of one milestone give together.

    Args:
        planned: The claims in D2's order, that is, by when they were said.

    Returns:
        The plan, or None where there is no claim.
    """
    targets: list[Target] = []
    conflicting: list[Effective] = []
    for effective in planned:
        when = effective.claim.when
        dating = None if when is None else Dating.of(when)
        if not targets:
            targets.append(Target(dating, (effective,)))
            continue
        current = targets[-1]
        claims = (*current.claims, effective)
        if dating is None or current.when is None:
            targets[-1] = attrs.evolve(current, when=current.when or dating, claims=claims)
        elif (narrowed := current.when.narrow(dating)) is not None:
            targets[-1] = attrs.evolve(current, when=narrowed, claims=claims)
        elif _said_later(effective, current):
            targets.append(Target(dating, (effective,), current.when.slip_to(dating)))
        else:
            conflicting.append(effective)
    return Plan(tuple(targets), tuple(conflicting)) if targets else None
