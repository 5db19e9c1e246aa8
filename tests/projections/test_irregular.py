"""Rule D8 with names: each row of ``domain.md`` §4's table of transitions that cannot be right, and no fact twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from coop_ledger.domain import UNDECIDED, YES, Claim, Status, announced, denied, observed, occurred, proposed
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    INITIATIVE,
    INSTITUTION,
    MEETING,
    RELATIONSHIP,
    AnomalyCode,
    ConflictKind,
    Ladder,
    ladder_anomalies,
    overdue,
    project,
)
from coop_ledger.testing import histories
from tests.projections.support import KOREA_NET, LATER, MINISTRY, all_promises, entries

C = AnomalyCode
Codes = list[tuple[AnomalyCode, tuple[int, ...]]]


def initiative(*claims: Claim) -> Any:
    return project(INITIATIVE, entries(*claims))["initiative:water"]  # type: ignore[index]


def institution(*claims: Claim) -> Any:
    return project(INSTITUTION, entries(*claims))["institution:kcac"]  # type: ignore[index]


def pair(*claims: Claim) -> Any:
    return project(RELATIONSHIP, entries(*claims))["relationship:KR-KZ"]  # type: ignore[index]


def meeting(*claims: Claim) -> Any:
    return project(MEETING, entries(*claims))["meeting:forum/10"]  # type: ignore[index]


def codes(state: Any) -> Codes:
    return [(anomaly.code, anomaly.positions) for anomaly in state.anomalies]


def did(event: Any, when: str | None, maker: Any = occurred, **more: Any) -> Any:
    return maker(event, when=when, sources=LATER, **more)


ADOPTED, STARTED, WENT_ON = (
    ev.InitiativeAdopted("water"),
    ev.InitiativeStarted("water"),
    ev.InitiativeProgressed("water"),
)
DELIVERED, CLOSED, CANCELLED = (
    ev.InitiativeDelivered("water"),
    ev.InitiativeClosed("water"),
    ev.InitiativeCancelled("water"),
)
SUSPENDED, RESUMED = ev.InitiativeSuspended("water"), ev.InitiativeResumed("water")


def plan(event: Any, stated: str, maker: Any = announced) -> Any:
    return did(event, None, maker, stated=stated)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([did(DELIVERED, "2017")], [(C.NEVER_ANNOUNCED, (0,))]),
        ([did(STARTED, "2016"), did(DELIVERED, "2017"), did(CLOSED, "2018")], [(C.NEVER_ANNOUNCED, (0, 1, 2))]),
        ([did(WENT_ON, "2017")], [(C.NEVER_ANNOUNCED, (0,))]),
        ([did(CANCELLED, "2017")], []),
        ([did(ADOPTED, "2015"), did(DELIVERED, "2017")], []),
        ([plan(DELIVERED, "2015", proposed), did(DELIVERED, "2017")], []),
        # never announced, and an order that no announcement would explain
        ([did(CLOSED, "2016"), did(STARTED, "2017")], [(C.NEVER_ANNOUNCED, (0, 1)), (C.IRREGULAR_STEP, (0, 1))]),
        ([plan(STARTED, "2018"), did(STARTED, "2017")], [(C.BEFORE_PROPOSAL, (0, 1))]),
        ([did(ADOPTED, "2018"), did(STARTED, "2017")], [(C.BEFORE_PROPOSAL, (0, 1))]),
        ([did(ADOPTED, "2018"), did(STARTED, "2017"), did(CLOSED, "2019")], [(C.BEFORE_PROPOSAL, (0, 1))]),
        ([plan(STARTED, "2017"), did(STARTED, "2017")], []),
        ([plan(STARTED, "2018"), plan(DELIVERED, "2016"), did(STARTED, "2017")], []),
        ([plan(DELIVERED, "2018"), did(STARTED, "2017")], []),
        ([plan(STARTED, "2015"), did(STARTED, "2016"), did(RESUMED, "2017")], [(C.RESUMED_NOT_SUSPENDED, (2,))]),
        (
            [plan(STARTED, "2015"), did(STARTED, "2016"), did(RESUMED, "2017"), did(SUSPENDED, "2018")],
            [(C.RESUMED_NOT_SUSPENDED, (2,))],
        ),
        ([plan(STARTED, "2015"), did(STARTED, "2016"), did(SUSPENDED, "2017"), did(RESUMED, "2017")], []),
        ([plan(CLOSED, "2015"), did(CANCELLED, "2016"), did(CLOSED, "2017")], [(C.AFTER_CANCELLATION, (1, 2))]),
        (
            [plan(STARTED, "2014"), did(STARTED, "2015"), did(CANCELLED, "2016"), did(CLOSED, "2017")],
            [(C.AFTER_CANCELLATION, (2, 3))],
        ),
        ([did(ADOPTED, "2015"), did(CANCELLED, "2016"), plan(STARTED, "2017"), did(STARTED, "2018")], []),
        ([did(CANCELLED, "2016"), did(ADOPTED, "2017"), did(STARTED, "2018")], []),
        (
            [did(ADOPTED, "2015"), did(CANCELLED, "2016"), did(STARTED, "2017"), plan(DELIVERED, "2018")],
            [(C.AFTER_CANCELLATION, (1, 2))],
        ),
        (
            [
                did(ADOPTED, "2014"), did(CANCELLED, "2015"), did(WENT_ON, "2016"), plan(STARTED, "2017"),
                did(STARTED, "2018"),
            ],
            [(C.AFTER_CANCELLATION, (1, 2))],
        ),
        ([plan(STARTED, "2015"), did(STARTED, "2016"), did(CLOSED, "2017"), did(STARTED, "2018")], []),
    ],
)  # fmt: skip
def test_what_cannot_be_right_about_an_initiative(claims: list[Claim], expected: Codes) -> None:
    assert codes(initiative(*claims)) == expected


def test_a_new_announcement_after_cancellation_starts_a_cycle_that_is_marked() -> None:
    found = initiative(
        did(ADOPTED, "2015"), plan(STARTED, "2015"), did(CANCELLED, "2016"), plan(STARTED, "2017"), did(STARTED, "2018")
    )
    assert [effective.position for effective in found.revivals] == [3]
    assert found.status is Status.IMPLEMENTATION
    assert initiative(did(ADOPTED, "2015"), plan(STARTED, "2017")).revivals == ()


def test_what_is_announced_after_a_cancellation_is_another_promise() -> None:
    first = (
        did(STARTED, "2017-02", announced, stated="2016"),
        did(STARTED, "2017-02-01"),
        did(CANCELLED, "2017-05-01"),
    )
    anew = did(STARTED, "2019", announced, stated="2018-05")
    old, new = all_promises(*first, anew).commitments
    assert [(str(one.target), one.met) for one in (old, new)] == [("2017-02", YES), ("2019", UNDECIDED)]
    assert [one.answer for one in overdue((old, new), on=date(2020, 6, 1))] == [YES]
    again = initiative(*first, anew, did(STARTED, "2019-03-01"))
    assert (again.status, again.conflicts) == (Status.IMPLEMENTATION, ())
    assert [one.met for one in all_promises(*first, anew, did(STARTED, "2019-03-01")).commitments] == [YES, YES]


AGREED, OPENED, ENDED = ev.EstablishmentAgreed("kcac"), ev.InstitutionOpened("kcac"), ev.InstitutionDissolved("kcac")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([did(AGREED, "2018"), did(OPENED, "2017")], [(C.BEFORE_PROPOSAL, (0, 1))]),
        ([plan(OPENED, "2018"), did(OPENED, "2017")], [(C.BEFORE_PROPOSAL, (0, 1))]),
        ([did(OPENED, "2017")], []),
        ([did(OPENED, "2017"), did(ENDED, "2018"), did(OPENED, "2019")], [(C.DISSOLVED_OPENING, (1, 2))]),
        ([did(AGREED, "2016"), did(ENDED, "2018"), did(OPENED, "2019")], [(C.DISSOLVED_OPENING, (1, 2))]),
        ([did(OPENED, "2017"), did(ev.InstitutionResumed("kcac"), "2018")], [(C.RESUMED_NOT_SUSPENDED, (1,))]),
        ([did(ENDED, "2018"), did(ev.InstitutionSuspended("kcac"), "2017")], [(C.IRREGULAR_STEP, (0, 1))]),
    ],
)
def test_what_cannot_be_right_about_an_institution(claims: list[Claim], expected: Codes) -> None:
    assert codes(institution(*claims)) == expected


def test_a_second_opening_is_a_conflict_unless_an_end_lies_between() -> None:
    twice = institution(did(OPENED, "2017"), did(OPENED, "2019"))
    assert [(conflict.kind, conflict.field) for conflict in twice.conflicts] == [(ConflictKind.VALUES, "when")]
    assert twice.anomalies == ()


def test_relations_that_never_stopped_cannot_be_restored() -> None:
    restored = did(ev.RelationsRestored("KR-KZ"), "2000")
    established = did(ev.RelationsEstablished("KR-KZ"), "1992")
    assert codes(pair(established, restored)) == [(C.RESUMED_NOT_SUSPENDED, (1,))]
    assert codes(pair(established, did(ev.RelationsSevered("KR-KZ"), "1999"), restored)) == []


def declared(level: str, when: str, side: str = "KR") -> Claim:
    return occurred(ev.LevelDeclared("KR-KZ", level), when=when, sources=LATER, parties={"declarer": side})


def test_a_level_declared_again_is_flagged_and_a_lower_one_only_on_a_ladder() -> None:
    again = pair(declared("strategic", "2009"), declared("strategic", "2014"))
    assert codes(again) == [(C.LEVEL_NOT_RAISED, (0, 1))]
    between = pair(declared("strategic", "2009"), declared("special", "2012"), declared("strategic", "2014"))
    assert codes(between) == []
    ladder = Ladder("KR", ("strategic", "special"))
    assert [(a.code, a.positions) for a in ladder_anomalies(between, [ladder])] == [(C.LEVEL_NOT_RAISED, (1, 2))]
    other = Ladder("KZ", ladder.levels), Ladder("KR", ("comprehensive",)), Ladder("KR", ("special", "strategic"))
    assert ladder_anomalies(between, other[:2]) == ()
    assert len(ladder_anomalies(between, other[2:])) == 1


ATTENDED = ev.DelegationAttended("forum/10", "KZ")
HELD = ev.MeetingHeld("forum/10")


def test_a_delegation_at_a_cancelled_session_is_a_conflict() -> None:
    off = denied(HELD, when="2016-11", sources=KOREA_NET)
    there = occurred(ATTENDED, when="2016-11-15", sources=MINISTRY)
    found = meeting(off, there)
    assert [(c.kind, c.field, c.keys, len(c.claims)) for c in found.conflicts] == [
        (ConflictKind.DENIAL, "held", ((), ("KZ",)), 2)
    ]
    assert found.anomalies == ()
    assert meeting(off, denied(ATTENDED, sources=MINISTRY), announced(ATTENDED, sources=LATER)).conflicts == ()
    assert meeting(occurred(HELD, when="2016-11", sources=KOREA_NET), there).conflicts == ()
    assert meeting(there).conflicts == ()
    put_off = denied(HELD, when="2016-05-10", sources=KOREA_NET)
    new_day = announced(HELD, when="2016-11-15", stated="2016-05-12", sources=LATER)
    assert meeting(put_off, new_day, there).conflicts == ()
    assert meeting(off, observed(HELD, when="2016-11-15", sources=LATER), there).conflicts == ()
    never = denied(HELD, stated="2016-04", sources=KOREA_NET)
    assert [c.field for c in meeting(never, there).conflicts] == ["held"]
    assert meeting(never, new_day, there).conflicts == ()


@given(histories())
def test_no_fact_is_reported_twice_under_one_code(history: Any) -> None:
    for projection in (INITIATIVE, INSTITUTION, RELATIONSHIP, MEETING):
        states: dict[Any, Any] = project(projection, history)
        for state in states.values():
            told = [(anomaly.code, anomaly.positions, anomaly.message) for anomaly in state.anomalies]
            assert len(told) == len(set(told))
            for anomaly in state.anomalies:
                assert anomaly.positions
                assert set(anomaly.positions) <= set(state.positions)
                assert anomaly.positions == tuple(sorted(anomaly.positions))
