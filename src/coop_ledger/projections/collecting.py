"""
Which claims are about one happening: those of the same subject, event class and key (``semantics.md``, keys).

Figures and names of disjoint times are happenings of their own, and so are payments without a value date; so are
two openings with a closing surely between them, and an opening that is planned for after a closing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from coop_ledger.domain import PLANS, Assertion, Effective, Event, MilestoneId, milestones_of, order_key
from coop_ledger.domain import events as ev
from coop_ledger.projections.milestone import Milestone, dating_of, meant
from coop_ledger.projections.refinement import Dating

__all__ = ["EXCLUSIVE", "collect"]

_PERIODS: Final = frozenset((ev.FigureReported, ev.NameUsed, ev.PersonNamed))
"""Events of which disjoint times are other happenings."""

_VALUE_DATE: Final = ev.FundsReported.spec.key.index("value_date")

_PAIRS: Final = (
    (ev.InitiativeAdopted, ev.InitiativeCancelled),
    (ev.InitiativeStarted, ev.InitiativeCancelled),
    (ev.InitiativeSuspended, ev.InitiativeResumed),
    (ev.PartnerJoined, ev.PartnerWithdrew),
    (ev.ReservationMade, ev.ReservationWithdrawn),
    (ev.ProvisionalApplicationBegan, ev.ProvisionalApplicationEnded),
    (ev.OperationSuspended, ev.OperationResumed),
    (ev.InstrumentDeposited, ev.WithdrawalNotified),
    (ev.InstrumentDeposited, ev.WithdrawalTookEffect),
    (ev.EnteredIntoForce, ev.WithdrawalTookEffect),
    (ev.InstitutionOpened, ev.InstitutionDissolved),
    (ev.InstitutionSuspended, ev.InstitutionResumed),
    (ev.MemberAdmitted, ev.MemberWithdrew),
    (ev.OfficeTaken, ev.OfficeLeft),
    (ev.RelationsSuspended, ev.RelationsRestored),
    (ev.RelationsSevered, ev.RelationsRestored),
    (ev.MissionOpened, ev.MissionClosed),
)

_COUNTERPARTS: Final[Mapping[type[Event], frozenset[type[Event]]]] = {
    one: frozenset(b for pair in _PAIRS for a, b in (pair, pair[::-1]) if a is one)
    for one in {cls for pair in _PAIRS for cls in pair}
}

EXCLUSIVE: Final[Mapping[type[Event], int]] = {
    ev.OfficeTaken: 1,
    ev.HostDesignated: 0,
    ev.SeatEstablished: 0,
    ev.LevelDeclared: 1,
}
"""Beginnings of states of which there is one at a time (D7), with how many parts of the key say of what."""


def _payments(claims: Sequence[Effective]) -> list[list[Effective]]:
    """Of money without a value date, payments of disjoint times are several; what else is said joins one it fits."""
    paid = _periods([effective for effective in claims if effective.claim.assertion is Assertion.OCCURRED])
    for effective in claims:
        if effective.claim.assertion is not Assertion.OCCURRED:
            dating = dating_of(effective)
            fitting = (group for group in paid if dating_of(group[0]).agrees(dating))
            group = next(fitting, paid[0] if paid else None)
            if group is None:
                paid.append(group := [])
            group.append(effective)
    return [sorted(group, key=order_key) for group in paid]


def _periods(claims: Sequence[Effective]) -> list[list[Effective]]:
    """Claims whose times agree are one happening; a claim joins the first that it agrees with throughout."""
    found: list[list[Effective]] = []
    for effective in claims:
        dating = dating_of(effective)
        group = next((group for group in found if all(dating_of(other).agrees(dating) for other in group)), None)
        if group is None:
            found.append([effective])
        else:
            group.append(effective)
    return found


def _ended_between(one: Effective, other: Dating, ends: Sequence[Dating]) -> bool:
    """Whether an end surely lies between a beginning and something else."""
    begun = dating_of(one)
    return any(begun.surely_before(end) and end.surely_before(other) for end in ends)


def _cycles(claims: Sequence[Effective], ends: Sequence[Dating]) -> list[list[Effective]]:
    """
    Two beginnings are two happenings only if an end surely lies between; what is no beginning joins the last.

    A plan for surely after that end is of the next happening, and so is what else is said of that time, unless
    nothing plans it: a sighting or denial begins nothing.
    """
    begun: list[list[Effective]] = []
    for effective in claims:
        if effective.claim.assertion is Assertion.OCCURRED:
            if not begun or _ended_between(begun[-1][-1], dating_of(effective), ends):
                begun.append([])
            begun[-1].append(effective)
    placed: dict[int, list[Effective]] = {at: list(group) for at, group in enumerate(begun)}
    others = [effective for effective in claims if effective.claim.assertion is not Assertion.OCCURRED]
    for effective in sorted(others, key=lambda effective: effective.claim.assertion not in PLANS):
        at = max(sum(order_key(group[0]) < order_key(effective) for group in begun) - 1, 0)
        following = at + 1 == len(begun) and at + 1 in placed  # planned, and not begun
        if (effective.claim.assertion in PLANS or following) and at < len(begun):
            earlier = order_key(begun[at][0]) < order_key(effective)
            at += earlier and _ended_between(begun[at][-1], meant(effective), ends)
        placed.setdefault(at, []).append(effective)
    return [sorted(placed[at], key=order_key) for at in sorted(placed)]


def _parts(one: MilestoneId, other: MilestoneId) -> bool:
    """Whether the other, where it lies between two claims of the one, makes two happenings of them."""
    if other.subject != one.subject:
        return False
    if other.event in _COUNTERPARTS.get(one.event, ()):
        return other.key == one.key
    shared = EXCLUSIVE.get(one.event) if other.event is one.event else None
    return shared is not None and other.key != one.key and other.key[:shared] == one.key[:shared]


def collect(claims: Iterable[Effective], day: date | None = None) -> tuple[Milestone, ...]:
    """
    The milestones that claims feed, in the order of their first claims.

    Args:
        claims: Effective entries in D2's order.
        day: The day of the world as of which they are read.
    """
    fed: dict[MilestoneId, list[Effective]] = {}
    for effective in claims:
        for milestone in milestones_of(effective.claim):
            fed.setdefault(milestone, []).append(effective)
    found: list[Milestone] = []
    for milestone, members in fed.items():
        groups = [members]
        if milestone.event in _PERIODS:
            groups = _periods(members)
        elif milestone.event is ev.FundsReported and not milestone.key[_VALUE_DATE]:
            groups = _payments(members)
        elif milestone.event in _COUNTERPARTS or milestone.event in EXCLUSIVE:
            ends = [
                dating_of(effective)
                for other, others in fed.items()
                if _parts(milestone, other)
                for effective in others
                if effective.claim.assertion is Assertion.OCCURRED
            ]
            groups = _cycles(members, ends)
        found.extend(Milestone(milestone, tuple(group), day) for group in groups)
    return tuple(found)
