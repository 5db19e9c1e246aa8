"""What milestones keep, whatever the rule: bounds, assertions, cycles."""

from __future__ import annotations

from datetime import date

from coop_ledger.domain import (
    LIFECYCLES,
    Assertion,
    Bounds,
    Claim,
    Status,
    SubjectKind,
    announced,
    denied,
    observed,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import Dating
from coop_ledger.projections.collecting import collect
from coop_ledger.projections.status import course_of
from tests.projections.support import OPENED, PRESS, UNDATED, effective, milestone


def test_a_sighting_bounds_the_beginning_from_above() -> None:
    found = milestone(
        observed(OPENED, when="2018-05-02", sources=PRESS), observed(OPENED, when="2018-04", sources=PRESS)
    )
    assert found.when is None
    assert found.dating == Dating.within(Bounds(None, date(2018, 4, 30)))
    assert milestone(announced(OPENED, when="2017", sources=PRESS)).dating is None
    assert milestone(observed(OPENED, sources=UNDATED)).dating == Dating.within(Bounds(None, None))


def test_assertions_are_kept_apart() -> None:
    found = milestone(*(Claim(assertion, OPENED, sources=(PRESS,)) for assertion in Assertion))
    for name in ("proposed", "planned", "occurred", "held", "denied"):
        assert len(getattr(found, name)) == 1


def test_disjoint_beginnings_are_two_only_with_an_end_between() -> None:
    joined, left = ev.MemberAdmitted("kcac", "KZ"), ev.MemberWithdrew("kcac", "KZ")
    claims = [
        occurred(joined, when="2010", sources=PRESS),
        occurred(left, when="2012", sources=PRESS),
        occurred(joined, when="2014", sources=PRESS),
    ]

    def happenings(*given: Claim) -> list[str]:
        found = collect(effective(at, claim) for at, claim in enumerate(given))
        return sorted(one.id.event.__name__ + ("!" if one.disputed else "") for one in found)

    assert happenings(*claims) == ["MemberAdmitted", "MemberAdmitted", "MemberWithdrew"]
    assert happenings(claims[0], claims[2]) == ["MemberAdmitted!"]
    assert happenings(*claims, announced(joined, when="2015", sources=PRESS)).count("MemberAdmitted") == 2


def test_p6_plans_lead_to_the_planned_status_and_no_further() -> None:
    table = LIFECYCLES[SubjectKind.INSTITUTION]
    assert course_of(table, [milestone(announced(OPENED, when="2010", sources=PRESS))]).status is Status.PLANNED
    assert course_of(table, []).status is Status.UNRECORDED
    assert course_of(table, [milestone(denied(OPENED, sources=PRESS))]).status is Status.UNRECORDED
