"""D8: disagreement about one happening is a conflict, an order that cannot be right an anomaly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    LIFECYCLES,
    Source,
    Status,
    SubjectKind,
    When,
    announced,
    occurred,
)
from coop_ledger.domain import events as ev
from coop_ledger.projections import (
    AnomalyCode,
)
from coop_ledger.projections.collecting import collect
from coop_ledger.projections.status import course_of
from tests.ledger.support import History
from tests.projections.support import (
    LATER,
    OPENED,
    PRESS,
    effective,
    entries,
    point,
    small,
)
from tests.reference.rules import statuses

INSTITUTION_STEPS = (
    ev.EstablishmentAgreed,
    ev.InstitutionProclaimed,
    ev.InstitutionOpened,
    ev.InstitutionSuspended,
    ev.InstitutionResumed,
    ev.InstitutionDissolved,
)


@given(st.lists(st.tuples(st.sampled_from(INSTITUTION_STEPS), small), max_size=4, unique_by=lambda pair: pair[0]))
def test_the_status_is_that_of_every_order_the_dates_allow(given: list[tuple[Any, tuple[int, int]]]) -> None:
    table = LIFECYCLES[SubjectKind.INSTITUTION]
    claims = [occurred(cls("kcac"), when=point(ends), sources=PRESS) for cls, ends in given]
    found = course_of(table, collect(effective(at, claim) for at, claim in enumerate(claims)))
    options, regular = statuses(table, Status.UNRECORDED, given)
    assert set(found.options) == options
    assert found.status == (next(iter(options)) if len(options) == 1 else None)
    assert [anomaly.code for anomaly in found.anomalies] == ([] if regular else [AnomalyCode.IRREGULAR_STEP])


def test_claims_of_one_happening_disagree_and_happenings_stand_in_an_order() -> None:
    conflict = History(
        entries(occurred(OPENED, when="2016", sources=PRESS), occurred(OPENED, when="2017", sources=LATER))
    ).ledger
    assert [one.field for one in conflict.conflicts()] == ["when"]
    assert conflict.anomalies() == []
    anomaly = History(
        entries(
            occurred(ev.InstitutionDissolved("kcac"), when="2016", sources=PRESS),
            occurred(ev.InstitutionSuspended("kcac"), when="2017", sources=LATER),
        )
    ).ledger
    assert anomaly.conflicts() == []
    assert [(one.code, one.positions) for one in anomaly.anomalies()] == [(AnomalyCode.IRREGULAR_STEP, (0, 1))]
    assert anomaly.anomalies("institution:kcac") == anomaly.anomalies()


def test_an_order_that_the_dates_allow_is_no_anomaly() -> None:
    """Suspended in 2017, opened at some time in 2016 or 2017: it may have been open before."""
    ledger = History(
        entries(
            occurred(ev.InstitutionSuspended("kcac"), when="2017-05", sources=LATER),
            occurred(OPENED, when="[2016,2017]", sources=LATER),
        )
    ).ledger
    assert (ledger.anomalies(), ledger.institution("kcac").status) == ([], Status.SUSPENDED)


@pytest.mark.parametrize(
    ("when", "published", "early"),
    [
        ("2016-11-17", ["2016-11-15"], True),
        ("2016-11-16", ["2016-11-15"], False),  # a day for time zones
        ("2016-11", ["2016-11-15"], False),
        ("2016-12", ["2016-11"], False),
        ("2016-12-02", ["2016-11"], True),
        ("2016-11-17", ["2016-11-15", "2016-11-20"], True),  # the same words were out before
        ("2016-11-17", [None], False),
        (None, ["2016-11-15"], False),
    ],
)
def test_done_before_its_day_is_flagged_and_stands(when: str | None, published: list[str | None], early: bool) -> None:
    sources = [Source(f"Paper {at}", None if day is None else When(day)) for at, day in enumerate(published)]
    ledger = History(entries(occurred(OPENED, when=when, sources=sources))).ledger
    assert [one.code for one in ledger.anomalies()] == ([AnomalyCode.EARLY_REPORT] if early else [])
    assert ledger.institution("kcac").status is Status.OPEN
    assert History(entries(announced(OPENED, when=when, sources=sources))).ledger.anomalies() == []


def test_an_anomaly_is_listed_once_whatever_it_feeds() -> None:
    """A session feeds its meeting and its series."""
    held = ev.MeetingHeld("forum/10", series="forum", ordinal=10)
    ledger = History(entries(occurred(held, when="2016-12-15", sources=PRESS))).ledger
    assert [one.positions for one in ledger.anomalies()] == [(0,)]
