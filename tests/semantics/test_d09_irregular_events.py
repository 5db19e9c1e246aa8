"""D9: irregular events move the state; an order that dates leave open and that matters is undecided."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given

from coop_ledger.domain import (
    LIFECYCLES,
    Claim,
    Event,
    Status,
    SubjectKind,
    announced,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    CONFLICTS,
    AnomalyCode,
    project,
)
from coop_ledger.projections.collecting import collect
from coop_ledger.projections.status import course_of
from coop_ledger.testing import courses, days
from tests.ledger.support import History
from tests.projections.support import (
    LATER,
    PRESS,
    effective,
    entries,
)


def test_many_milestones_are_taken_in_order() -> None:
    pairs = []
    for year in range(2000, 2014, 2):
        pairs.append(occurred(ev.InitiativeSuspended("x"), when=str(year), sources=PRESS))
        pairs.append(occurred(ev.InitiativeResumed("x"), when=str(year + 1), sources=PRESS))
    claims = [
        occurred(ev.InitiativeStarted("x"), when="1999", sources=PRESS),
        announced(ev.InitiativeStarted("x"), sources=PRESS),
        *pairs,
    ]
    found = course_of(LIFECYCLES[SubjectKind.INITIATIVE], collect(effective(at, c) for at, c in enumerate(claims)))
    assert (found.status, found.anomalies) == (Status.IMPLEMENTATION, ())


WATER: list[Event] = [ev.InitiativeAdopted("water"), ev.InitiativeDelivered("water"), ev.InitiativeSuspended("water")]


def water(*dates: str) -> Any:
    bodies = [occurred(event, when=when, sources=LATER) for event, when in zip(WATER, dates, strict=True)]
    return History(entries(*bodies)).ledger


def test_an_irregular_event_moves_the_state_and_is_flagged() -> None:
    ledger = water("2014", "2015", "2016")
    assert ledger.initiative("water").status is Status.SUSPENDED  # delivered, then suspended
    assert [one.code for one in ledger.anomalies()] == [AnomalyCode.IRREGULAR_STEP]


def test_an_order_that_is_open_and_matters_leaves_that_field_alone_undecided() -> None:
    ledger = History(
        entries(
            occurred(ev.InitiativeAdopted("water"), when="2014", sources=LATER),
            occurred(ev.InitiativeStarted("water"), when="2015", sources=LATER),
            occurred(ev.InitiativeSuspended("water"), when="2016", sources=LATER),
            occurred(ev.InitiativeResumed("water"), when="2016", sources=LATER),
            occurred(ev.InitiativeCancelled("water"), when="2016", sources=LATER),
        )
    ).ledger
    state = ledger.initiative("water")
    assert state.status is Status.CANCELLED  # the lifecycle allows only one order
    either = History(
        entries(
            occurred(ev.InitiativeAdopted("water"), when="2014", sources=LATER),
            occurred(ev.InitiativeStarted("water"), when="2016", sources=LATER),
            occurred(ev.InitiativeDelivered("water"), when="2016", sources=LATER),
            occurred(ev.InitiativeProgressed("water"), when="2016", sources=LATER),
        )
    ).ledger
    assert either.initiative("water").status is Status.FINALISATION
    assert either.anomalies() == []


def test_whether_something_had_happened_is_not_decided_by_the_table() -> None:
    """From nothing, a start would be irregular; that does not make it unlikely that it had come."""
    ledger = History(entries(occurred(ev.InitiativeStarted("water"), when="2017", sources=LATER))).ledger
    now = ledger.at()
    assert now.on("2016-12-31").initiative("water").status is Status.UNRECORDED
    assert now.on("2017-06-30").initiative("water").status is None
    assert now.on("2017-12-31").initiative("water").status is Status.IMPLEMENTATION


@given(courses(exact=True), days())
def test_as_of_a_day_a_course_stands_where_its_steps_up_to_that_day_lead(course: list[Claim], day: date) -> None:
    from coop_ledger.domain import subject_kind

    ((subject, state),) = project(CONFLICTS, entries(*course), day=day).items()
    table, status = LIFECYCLES[subject_kind(subject)], Status.UNRECORDED
    for claim in course:
        if claim.when is not None and claim.when.latest is not None and claim.when.latest <= day:
            status, _ = table.step(status, type(claim.event))
    assert state.course.status is status
    assert state.course.anomalies == ()
