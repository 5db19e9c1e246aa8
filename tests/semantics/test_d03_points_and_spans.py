"""D3: how dates of one happening narrow each other or conflict, and what had happened by a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coop_ledger.domain import (
    NO,
    UNDECIDED,
    YES,
    Answer,
    Bounds,
    Claim,
    Days,
    When,
    announced,
    denied,
    occurred,
)
from coop_ledger.projections import (
    Dating,
)
from coop_ledger.projections.collecting import collect
from coop_ledger.testing import whens
from tests.projections.support import (
    KOREA_NET,
    LATER,
    OPENED,
    PRESS,
    START_DAY,
    effective,
    point,
    small,
)
from tests.reference.rules import possible_days


@given(st.lists(small, min_size=1, max_size=4))
def test_points_that_agree_narrow_to_the_days_all_allow(ends: list[tuple[int, int]]) -> None:
    found: Dating | None = Dating.of(point(ends[0]))
    for more in ends[1:]:
        found = found and found.narrow(Dating.of(point(more)))
    days = possible_days(ends)
    if not days:
        assert found is None
    else:
        assert found is not None
        assert found.first == found.last == Bounds(START_DAY + timedelta(min(days)), START_DAY + timedelta(max(days)))


@given(whens(), whens())
def test_agreement_does_not_depend_on_who_is_asked(one: When, other: When) -> None:
    a, b = Dating.of(one), Dating.of(other)
    assert a.narrow(b) == b.narrow(a)
    assert a.agrees(b) is b.agrees(a)
    assert a.narrow(a) == a
    if a.surely_before(b):
        assert not a.agrees(b)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2017", "2017-41", "2017-41"),
        ("2017-41", "2017", "2017-41"),
        ("2016-05-05/2016-05-07", "2016-05-05/2016-05-08", None),
        ("2016-05-05/2016-05", "2016-05-05/2016-05-08", "2016-05-05/2016-05-08"),
        ("2016-05-05/2016-05-07", "2016-05", "2016-05-05/2016-05-07"),
        ("2016-05", "2016-05-05/2016-05-07", "2016-05-05/2016-05-07"),
        ("2016-05-05/2016-05-07", "2016-06", None),
        ("2016", "2017", None),
        ("2016-11", "[2016-10-20..2016-11-10]", "2016-11-01..2016-11-10"),
    ],
)
def test_examples(one: str, other: str, expected: str | None) -> None:
    found = Dating.of(When(one)).narrow(Dating.of(When(other)))
    assert (None if found is None else str(found)) == expected


def test_datings_are_read_like_days() -> None:
    exact = Dating.within(Bounds(date(2016, 11, 15), date(2016, 11, 15)))
    assert str(exact) == "2016-11-15"
    assert str(Dating.within(Bounds(None, date(2016, 11, 15)))) == "..2016-11-15"
    assert [exact.happened_by(date(2016, 11, day)) for day in (14, 15)] == [NO, YES]
    assert Dating.of(When("2016")).happened_by(date(2016, 5, 1)) is UNDECIDED
    assert Dating.of(When("2016")).slip_to(Dating.of(When("2017-01-01"))) == Days(1, 366)
    assert Dating.of(When("../2016")).slip_to(Dating.of(When("2018/.."))) == Days(366, None)
    assert Dating.of(When("2017")).order == (date(2017, 12, 31), date(2017, 1, 1))


@given(st.lists(small, min_size=2, max_size=2), st.lists(small, min_size=2, max_size=2))
def test_two_spans_narrow_at_both_ends_or_conflict(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    spans = [Dating(*bounds(pair), True) for pair in (one, other)]
    found = spans[0].narrow(spans[1])
    ends = [possible_days(pair) for pair in zip(one, other, strict=True)]
    if not all(ends):
        assert found is None
    else:
        assert found == Dating(*bounds([(min(days), max(days)) for days in ends]), True)


def bounds(ends: list[tuple[int, int]]) -> tuple[Bounds, Bounds]:
    first, last = (Bounds(day(low), day(high)) for low, high in ends)
    return first, last


def day(number: int) -> date:
    return START_DAY + timedelta(days=number)


@given(small, st.integers(-1, 6))
def test_a_point_has_happened_by_a_day_as_all_its_days_have(ends: tuple[int, int], at: int) -> None:
    """The slow twin: each day that it may be."""
    verdicts = {number <= at for number in range(ends[0], ends[1] + 1)}
    expected = UNDECIDED if len(verdicts) == 2 else Answer.of(verdicts.pop())
    assert point(ends).is_on(day(at)) is Dating.of(point(ends)).happened_by(day(at)) is expected
    (found,) = collect([effective(0, occurred(OPENED, when=point(ends), sources=LATER))], day(at))
    assert found.has_happened is expected


def test_a_span_has_begun_and_is_under_way() -> None:
    fair = When("2016-11-14/2016-11-18")
    assert [fair.under_way(date(2016, 11, at)) for at in (13, 14, 18, 19)] == [NO, YES, YES, NO]
    assert [Dating.of(fair).happened_by(date(2016, 11, at)) for at in (13, 14)] == [NO, YES]


def test_a_denial_of_a_time_says_nothing_of_other_days() -> None:
    claims = [denied(OPENED, when="2018", sources=PRESS)]

    def on(*given: Claim, day: date) -> Answer:
        (found,) = collect([effective(at, claim) for at, claim in enumerate(given)], day)
        return found.has_happened

    assert on(*claims, day=date(2017, 12, 31)) is UNDECIDED
    assert on(*claims, day=date(2018, 12, 31)) is UNDECIDED
    assert on(denied(OPENED, sources=PRESS), day=date(2017, 12, 31)) is NO
    assert on(announced(OPENED, when="2017", sources=PRESS), day=date(2018, 1, 1)) is UNDECIDED
    assert (
        on(occurred(OPENED, when="2017", sources=PRESS), denied(OPENED, sources=KOREA_NET), day=date(2018, 1, 1)) is NO
    )
