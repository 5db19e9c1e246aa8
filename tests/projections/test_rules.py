"""Rule D5 and what milestones keep: properties and examples; the other rules have files of their own in semantics/."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    LIFECYCLES,
    Assertion,
    Bounds,
    Claim,
    Days,
    Status,
    SubjectKind,
    When,
    announced,
    denied,
    observed,
    occurred,
    order_key,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    Dating,
    Milestone,
)
from coop_ledger.projections.milestone import collect
from coop_ledger.projections.status import course_of
from tests.projections.support import (
    KOREA_NET,
    OPENED,
    PRESS,
    REPRINT,
    START_DAY,
    UNDATED,
    effective,
    milestone,
    point,
    small,
)

# D5


def test_d5_an_overlapping_plan_restates_and_narrows() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2017-41", stated="2016-11-16", sources=REPRINT),
        announced(OPENED, when="2017", stated="2016-11-20", sources=KOREA_NET),
    ).plan
    assert plan is not None
    assert str(plan.current.when) == "2017-41"
    assert (plan.revisions, plan.restatements, plan.conflicting) == (0, 2, ())


def test_d5_a_later_disjoint_plan_revises_with_its_slip() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2017-12-01", sources=KOREA_NET),
        announced(OPENED, stated="2018-01-01", sources=KOREA_NET),
    ).plan
    assert plan is not None
    assert [str(target.when) for target in plan.targets] == ["2017", "2018"]
    assert plan.current.slip == Days(1, 729)
    assert (plan.revisions, plan.restatements) == (1, 1)


def test_d5_two_disjoint_plans_of_one_day_conflict() -> None:
    plan = milestone(
        announced(OPENED, when="2017", stated="2016-11-15", sources=KOREA_NET),
        announced(OPENED, when="2018", stated="2016-11-15", sources=PRESS),
        announced(OPENED, when="2019", stated="2016-11", sources=PRESS),
    ).plan
    assert plan is not None
    assert (str(plan.current.when), len(plan.conflicting), plan.revisions) == ("2017", 2, 0)


def test_d5_a_plan_without_a_time_waits_for_one() -> None:
    plan = milestone(
        announced(OPENED, sources=KOREA_NET), announced(OPENED, when="2018", stated="2017", sources=KOREA_NET)
    ).plan
    assert plan is not None
    assert (str(plan.current.when), plan.revisions) == ("2018", 0)
    assert milestone(occurred(OPENED, sources=KOREA_NET)).plan is None


@given(st.lists(st.tuples(small, st.integers(0, 9)), min_size=1, max_size=5))
def test_d5_every_plan_is_somewhere_and_targets_move(said: list[tuple[tuple[int, int], int]]) -> None:
    claims = [
        announced(OPENED, when=point(ends), stated=str(START_DAY + timedelta(days=day)), sources=PRESS)
        for ends, day in said
    ]
    plan = milestone_in_order(claims).plan
    assert plan is not None
    assert len(claims) == sum(len(target.claims) for target in plan.targets) + len(plan.conflicting)
    for old, new in zip(plan.targets, plan.targets[1:], strict=False):
        assert old.when is not None
        assert new.when is not None
        assert not old.when.agrees(Dating.of(new.claims[0].claim.when or When("2016")))


def milestone_in_order(claims: list[Claim]) -> Milestone:
    (found,) = collect(sorted((effective(at, claim) for at, claim in enumerate(claims)), key=order_key))
    return found


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
