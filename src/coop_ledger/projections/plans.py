"""
Rule D5: what was planned for a milestone, as it was said over time. Knows no outcome.

A plan that overlaps the current target restates it, and the narrower stands. A disjoint plan that was surely
said later revises it; one that was not is a conflict among plans, and D6 shows which of them stands. Of place,
level, host and every other field the newest plan that says anything stands; what it changed is listed. What is
planned never votes on what occurred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from coop_ledger.domain import Days, Effective, Ruling, Value, order_key, stated_bounds
from coop_ledger.projections.compared import values_of
from coop_ledger.projections.refinement import Dating
from coop_ledger.projections.voices import read_values

__all__ = ["Plan", "PlanChange", "Target", "walk_plans"]


@attrs.frozen(eq=False, repr=False)
class PlanChange(Value):
    """
    One field of a plan that was said otherwise than before.

    Args:
        field: The field: ``when``, ``where.place``, ``level``, ``host`` …
        before: What was planned until then.
        after: What is planned from then on.
        entry: Position of the entry that changed it.
    """

    field: str
    before: Any
    after: Any
    entry: int


@attrs.frozen(eq=False, repr=False)
class Target(Value):
    """
    One target of a plan.

    Args:
        when: When it is to happen, narrowed by all who restated it; None: no time was said.
        claims: The claims that set or restated it, in D2's order.
        slip: Days from the target before to this one, as an interval; None for the first.
        values: What else is planned, by field: the newest plan that says anything of a field stands.
        changes: What its claims changed, in their order; a new day (``when``) first.
        against: Claims that give another time and were not surely said later: a conflict among plans.
        ruling: The Resolution that decided between them.
    """

    when: Dating | None
    claims: tuple[Effective, ...]
    slip: Days | None = None
    values: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    changes: tuple[PlanChange, ...] = ()
    against: tuple[Effective, ...] = ()
    ruling: Ruling | None = None


@attrs.frozen(eq=False, repr=False)
class Plan(Value):
    """
    The targets of one milestone.

    Args:
        targets: One after the other; the last is the current one.
    """

    targets: tuple[Target, ...]

    @property
    def conflicting(self) -> tuple[Effective, ...]:
        """Claims that gave another time than a target that stood then, and were not surely said later."""
        return tuple(effective for target in self.targets for effective in target.against)

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

    @property
    def slip(self) -> Days | None:
        """Days from the first target to the last one, as an interval; None where it was never put off."""
        return _slip(self.targets[0].when, self.current.when) if self.revisions else None

    @property
    def changes(self) -> tuple[PlanChange, ...]:
        """Every change of a field over time: day, place, level, host and whatever else can be compared."""
        return tuple(change for target in self.targets for change in target.changes)


def _slip(old: Dating | None, new: Dating | None) -> Days | None:
    return None if old is None or new is None else old.slip_to(new)


def _said_later(effective: Effective, target: Target) -> bool:
    """Whether a claim was surely said after every claim of a target."""
    new = stated_bounds(effective.claim).earliest
    latest = [stated_bounds(claim.claim).latest for claim in target.claims]
    return new is not None and all(day is not None and new > day for day in latest)


def _joined(target: Target, when: Dating | None, effective: Effective) -> Target:
    """A target with one more claim: what it says of other fields stands from now on."""
    said = values_of(effective.claim)
    changes = tuple(
        PlanChange(field, target.values[field], value, effective.position)
        for field, value in said.items()
        if target.values.get(field, value) != value
    )
    return attrs.evolve(
        target,
        when=when,
        claims=(*target.claims, effective),
        values={**target.values, **said},
        changes=(*target.changes, *changes),
    )


def _revised(before: Target, old: Dating, new: Dating, effective: Effective) -> Target:
    """The target that a claim puts in the place of another."""
    moved = PlanChange("when", old, new, effective.position)
    return _joined(Target(new, (), _slip(old, new), before.values, (moved,)), new, effective)


def walk_plans(planned: Iterable[Effective]) -> Plan | None:
    """
    The plan that PLANNED claims of one milestone give together.

    Args:
        planned: The claims in D2's order, that is, by when they were said.

    Returns:
        The plan, or None where there is no claim.
    """
    targets: list[Target] = []
    for effective in planned:
        when = effective.claim.when
        dating = None if when is None else Dating.of(when)
        if not targets:
            targets.append(_joined(Target(dating, ()), dating, effective))
            continue
        current = targets[-1]
        if dating is None or current.when is None:
            targets[-1] = _joined(current, current.when or dating, effective)
        elif (narrowed := current.when.narrow(dating)) is not None:
            slip = _slip(targets[-2].when, narrowed) if len(targets) > 1 else None
            targets[-1] = _joined(attrs.evolve(current, slip=slip), narrowed, effective)
        elif _said_later(effective, current):
            targets.append(_revised(current, current.when, dating, effective))
        else:
            targets = _contested(targets, effective)
    return Plan(tuple(targets)) if targets else None


def _restated(target: Target, claims: Iterable[Effective]) -> Target:
    """A target with more claims that fit it, narrowed by each that names a time."""
    for claim in claims:
        mine = None if claim.claim.when is None else Dating.of(claim.claim.when)
        narrowed = target.when.narrow(mine) if target.when is not None and mine is not None else mine
        target = _joined(target, narrowed or target.when, claim)
    return target


def _contested(targets: Sequence[Target], effective: Effective) -> list[Target]:
    """
    The targets with the last one as D6 shows it of plans that conflict: the chosen one, else that of most voices, and
    so on. What is shown and fits the target before goes on with that: a plan that comes back is no other plan.
    """
    *rest, current = targets
    dated = [(claim, current.when) for claim in current.claims]  # what restated a target stands or falls with it
    dated += [
        (claim, Dating.of(when)) for claim in (*current.against, effective) if (when := claim.claim.when) is not None
    ]
    dated.sort(key=lambda pair: order_key(pair[0]))
    reading = read_values(dated, lambda a, b: a is not None and b is not None and a.agrees(b))
    assert reading is not None  # the newest has a time
    stand, against = reading.claims, reading.against
    found = _restated(Target(None, (), values=rest[-1].values if rest else {}), stand)
    old = rest[-1].when if rest else None
    if old is not None and found.when is not None and old.agrees(found.when):
        before = rest.pop()
        found, against = _restated(before, stand), (*before.against, *against)
    elif old is not None and found.when is not None:
        moved = PlanChange("when", old, found.when, found.claims[0].position)
        found = attrs.evolve(found, changes=(moved, *found.changes))
    slip = _slip(rest[-1].when, found.when) if rest else None
    return [*rest, attrs.evolve(found, slip=slip, against=against, ruling=reading.resolution)]
